/**
 * Random programs of allocation for the twin tests: pointers that outlive their objects, reuse of memory, and code that
 * compares addresses, for equality in all of them and by their order or bits in some.
 */
import fc from "fast-check";

/** What no address can be told by. */
const plain = fc.constantFrom(
  "p = kmalloc(sizeof(*p), GFP_ATOMIC); WRITE_ONCE(p->v, 1);",
  "p = kzalloc(sizeof(*p), GFP_ATOMIC);",
  "q = kzalloc(sizeof(*q), GFP_ATOMIC); WRITE_ONCE(a, q);",
  "w = kzalloc(sizeof(*w), GFP_ATOMIC); WRITE_ONCE(spare, w);",
  "p = xchg(&a, NULL); kfree(p);",
  "p = xchg(&a, NULL); kfree(p); q = kzalloc(sizeof(*q), GFP_ATOMIC); if (p == q) WRITE_ONCE(hits, 1);",
  "q = xchg(&b, p); p = NULL;",
  "q = xchg(&b, NULL); p = q; kfree(q);",
  "kfree(xchg(&spare, NULL));",
  "p = READ_ONCE(a);",
  "q = READ_ONCE(b);",
  "WRITE_ONCE(a, p);",
  "q = p;",
  "p = NULL;",
  'note(p == q, "same");',
  'note(p && p == READ_ONCE(a), "stale or shared");',
  "if (p == READ_ONCE(b)) WRITE_ONCE(hits, READ_ONCE(hits) + 1);",
  "if (p != q) { p = xchg(&a, p); }",
  "i = p ? &p->in : NULL; p = NULL; q = i ? container_of(i, struct node, in) : NULL;",
  "i = q ? &q->in : NULL; q = NULL;",
  "if (i) { p = container_of(i, struct node, in); }",
  "if (!READ_ONCE(a)) WRITE_ONCE(tagged, (void *)((unsigned long)p + 1));",
  "if ((unsigned long)READ_ONCE(tagged) & 1) q = (struct node *)((unsigned long)READ_ONCE(tagged) - 1);",
  "atomic { struct node *old = a; if (old) { a = NULL; kfree(old); b = kzalloc(sizeof(*b), GFP_ATOMIC); } }",
  "o = container_of(&a, struct outer, head); if (i == &o->in) WRITE_ONCE(hits, 2);",
);

/** What tells one address from another. */
const observing = fc.constantFrom(
  "if (p < q) WRITE_ONCE(hits, 1);",
  "if (p < READ_ONCE(a)) WRITE_ONCE(hits, 2); else kfree(xchg(&a, NULL));",
  "if ((unsigned long)p & 32) WRITE_ONCE(hits, READ_ONCE(hits) + 1);",
  "WRITE_ONCE(hits, p - q == 0);",
  "assert(!p || p <= READ_ONCE(a) || !READ_ONCE(a));",
);

/** What can go wrong. */
const hazard = fc.constantFrom(
  "if (q) WRITE_ONCE(q->v, 2);",
  "if (p) assert(READ_ONCE(p->v) != 1);",
  "kfree(p);",
  "assert(READ_ONCE(hits) < 2);",
  "assert(p != q || !p);",
  "if (READ_ONCE(b)) WRITE_ONCE(READ_ONCE(b)->next, p);",
);

const body = (kinds: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(kinds, { minLength: 3, maxLength: 6 }).map((lines) => lines.map((line) => `\t${line}\n`).join(""));

const prelude = `struct inner { int k; };
struct node { int v; struct node *next; struct inner in; };
struct outer { struct inner in; struct node *head; };
struct wide { int w[3]; struct inner in; };
struct node *a, *b;
struct wide *spare;
void *tagged;
u8 hits;
init { a = kzalloc(sizeof(struct node), GFP_KERNEL); }
`;

/** Two or three tasks; `observes` says that some line may tell addresses apart. */
export const randomHeap = (observes: boolean): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom<readonly number[]>([2], [1, 1], [1, 1], [2, 1]),
      fc.array(
        body(
          observes
            ? fc.oneof({ weight: 4, arbitrary: plain }, { weight: 2, arbitrary: observing })
            : fc.oneof({ weight: 9, arbitrary: plain }, { weight: 1, arbitrary: hazard }),
        ),
        { minLength: 2, maxLength: 2 },
      ),
      fc.oneof({ weight: 2, arbitrary: fc.constant("") }, { weight: 1, arbitrary: hazard }),
      fc.constantFrom("", "always(hits < 3);\n", "finally(hits < 2);\n", "sometimes(a == b && a);\n"),
      fc.constantFrom("", "", "", "", "//| reuse: on\n"),
    )
    .map(([counts, bodies, slip, check, line]) => {
      const tasks = counts.map((count, index) => {
        const size = count === 1 ? "" : `[${String(count)}]`;
        const last = index === 0 && slip !== "" ? `\t${slip}\n` : "";
        return `task t${String(index)}${size} {\n\tstruct node *p = NULL, *q = NULL;\n\tstruct inner *i = NULL;\n\tstruct outer *o;\n\tstruct wide *w;\n${bodies[index] ?? ""}${last}}\n`;
      });
      return `${line}${prelude}${tasks.join("")}${check}`;
    });
