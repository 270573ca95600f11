import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import { parseCellOptions } from "../lang/cell-options.ts";
import { renderDiagnostic } from "../source/diagnostic.ts";

const prelude = `struct inner { int k; };
struct node { int v; struct node *next; struct inner in; };
struct apart { int w; };
struct node *a, *b;
struct apart *alone;
void *tagged;
unsigned long word;
u8 hits, bucket[4];
static void sort(struct node *x, struct node *y) { if (x < y) WRITE_ONCE(hits, 1); }
init { a = kzalloc(sizeof(struct node), GFP_KERNEL); b = kzalloc(sizeof(struct node), GFP_KERNEL); }
`;

/** A task that also allocates and frees nodes. */
function isObserved(statements: string, before = ""): boolean {
  const text = `${prelude}${before}task t { struct node *p = kzalloc(sizeof(*p), GFP_ATOMIC), *q = a; struct inner *i; ${statements} kfree(xchg(&a, p)); }\n`;
  const file = { name: "addresses.scn", text, firstLine: 1 };
  const { language } = parseCellOptions(file);
  const outcome = compile({ files: [file], constants: new Map(), options: language });
  if (outcome.kind === "rejected")
    throw new Error(outcome.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic)).join("\n"));
  return outcome.scenario.program.addresses?.observed !== false;
}

describe("addresses are not observed by", () => {
  it.each([
    ["nothing", ""],
    ["equality", "if (p == q || p != b) WRITE_ONCE(hits, 1);"],
    ["a test for NULL", "if (!p || q) WRITE_ONCE(hits, 1);"],
    ["members and back", "i = &q->in; p = container_of(i, struct node, in); q = READ_ONCE(p->next);"],
    [
      "flags in low bits",
      "tagged = (void *)((unsigned long)p | 1); if ((unsigned long)tagged & 3) WRITE_ONCE(hits, 1);",
    ],
    [
      "taking flags off",
      "p = (struct node *)((unsigned long)tagged & ~3UL); q = (struct node *)((unsigned long)tagged - 1);",
    ],
    ["error numbers", "if (IS_ERR(p) || IS_ERR_OR_NULL(q)) WRITE_ONCE(hits, 1); p = ERR_PTR(-12);"],
    ["void pointers", "void *v = p; q = v;"],
    ["the order of what nobody allocates", "if (&bucket[1] < &bucket[2]) WRITE_ONCE(hits, 1);"],
    [
      "the order of what nobody frees",
      "struct apart *w = kzalloc(sizeof(*w), GFP_ATOMIC); if (w < alone) WRITE_ONCE(hits, 1);",
    ],
    ["functions that nobody calls", ""],
  ])("%s", (_, statements) => {
    expect(isObserved(statements)).toBe(false);
  });
});

describe("addresses are observed by", () => {
  it.each([
    ["their order", "if (p < q) WRITE_ONCE(hits, 1);"],
    ["their order in a function", "sort(p, q);"],
    ["their order through a pointer to the function", "void (*f)(struct node *, struct node *) = sort; f(p, q);"],
    ["the order of members", "if (&p->in > &q->in) WRITE_ONCE(hits, 1);"],
    ["min and max", "p = min(p, q);"],
    ["their distance", "WRITE_ONCE(hits, p - q);"],
    ["a number", "WRITE_ONCE(word, (unsigned long)p);"],
    ["higher bits", "if ((unsigned long)p & 16) WRITE_ONCE(hits, 1);"],
    ["a hash", "WRITE_ONCE(bucket[((unsigned long)p >> 4) & 3], 1);"],
    ["a truncated number", "WRITE_ONCE(hits, (u8)(unsigned long)p);"],
    ["numbers in order", "if ((unsigned long)p < (unsigned long)q) WRITE_ONCE(hits, 1);"],
    ["a number made an address", "p = (struct node *)READ_ONCE(word);"],
    ["a constant made an address", "if (p == (struct node *)0x10400) WRITE_ONCE(hits, 1);"],
    ["an index", "p = p + READ_ONCE(hits);"],
    ["steps that add up", "p++;"],
    ["a pointer taken for a number", "unsigned long *n = (unsigned long *)&a; WRITE_ONCE(word, *n);"],
    ["an assertion", "assert(p <= q);"],
  ])("%s", (_, statements) => {
    expect(isObserved(statements)).toBe(true);
  });

  it("an invariant", () => {
    expect(isObserved("", "always(a <= b);\n")).toBe(true);
  });

  it("a union", () => {
    expect(isObserved("", "union both { struct node *p; unsigned long word; };\n")).toBe(true);
  });

  it("a guard's end", () => {
    expect(
      isObserved("{ struct node *c __free(order) = p; }", "DEFINE_FREE(order, struct node *, sort(_T, a))\n"),
    ).toBe(true);
  });
});
