/**
 * Random protocols for the twin tests of the reductions: several tasks of one declaration, locks held over accesses that
 * they protect and over some that they do not, so that movers, symmetry and their exceptions all occur.
 */
import fc from "fast-check";

const cellName = fc.constantFrom("x", "y", "z");
const small = fc.integer({ min: 0, max: 2 }).map(String);

/** Accesses; nearly all are marked, so that most programs have no race. */
const access = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(cellName, small).map(([name, value]) => `WRITE_ONCE(${name}, ${value});`) },
  { weight: 6, arbitrary: cellName.map((name) => `a = READ_ONCE(${name});`) },
  { weight: 3, arbitrary: cellName.map((name) => `WRITE_ONCE(${name}, a);`) },
  { weight: 3, arbitrary: cellName.map((name) => `atomic { ${name} = (${name} + 1) % 3; }`) },
  { weight: 2, arbitrary: cellName.map((name) => `if (READ_ONCE(${name}) == a) b = 1;`) },
  { weight: 2, arbitrary: fc.constant("a = choose(0, 1);") },
  { weight: 2, arbitrary: fc.constant("WRITE_ONCE(array[a], b);") },
  { weight: 1, arbitrary: fc.constant("b = READ_ONCE(array[a]);") },
  { weight: 1, arbitrary: fc.constant("if (cmpxchg(&z, 0, 1) == 0) b = 1;") },
  { weight: 1, arbitrary: fc.constant("a = atomic_inc_return(&count) % 3;") },
  { weight: 1, arbitrary: fc.constant("set_bit(1, &bits); b = test_and_clear_bit(0, &bits);") },
  { weight: 1, arbitrary: fc.constant('note(a == 2, "two");') },
  { weight: 1, arbitrary: fc.constant("seen = a;") },
  { weight: 1, arbitrary: fc.constant("{ int q = 1; int *p = &q; bump(p); a = q % 3; }") },
  { weight: 1, arbitrary: fc.constant("a = spin_is_locked(&spin);") },
  { weight: 1, arbitrary: fc.constant("complete(&done);") },
  { weight: 1, arbitrary: fc.constant("if (!refcount_inc_not_zero(&ref)) b = 1;") },
  {
    weight: 1,
    arbitrary: fc.constant(
      "rcu_read_lock(); o = rcu_dereference(head); if (o) a = READ_ONCE(o->v) % 3; rcu_read_unlock();",
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "wake_up(&queue);",
      "wake_up_all(&queue);",
      "WRITE_ONCE(x, 1); wake_up(&queue);",
      "WRITE_ONCE(thread, current);",
      "if (READ_ONCE(thread)) wake_up_process(thread);",
      "a = waitqueue_active(&queue);",
      "o = xchg(&head, NULL); if (o) call_rcu(&o->rcu, release);",
      "o = xchg(&head, NULL); if (o) kfree_rcu(o, rcu);",
      "a = read_seqcount_begin(&turns) % 3;",
      "o = kmem_cache_alloc(cache, GFP_ATOMIC); if (o) { WRITE_ONCE(o->v, 1); kmem_cache_free(cache, o); }",
      "o = kmem_cache_alloc(cache, GFP_ATOMIC); if (o) { WRITE_ONCE(o->v, 2); kmem_cache_free(cache, xchg(&cached, o)); }",
      "rcu_read_lock(); o = READ_ONCE(cached); if (o) { spin_lock(&o->lock); a = READ_ONCE(o->v) % 3; spin_unlock(&o->lock); } rcu_read_unlock();",
    ),
  },
);

/** What makes programs fail, each rare in itself. */
const hazard = fc.oneof(
  { weight: 3, arbitrary: cellName.map((name) => `${name} = (${name} + 1) % 3;`) },
  { weight: 3, arbitrary: fc.tuple(cellName, small).map(([name, value]) => `assert(READ_ONCE(${name}) != ${value});`) },
  { weight: 2, arbitrary: fc.tuple(cellName, small).map(([name, value]) => `await(${name} == ${value} || y == a);`) },
  {
    weight: 2,
    arbitrary: fc.tuple(cellName, small).map(([name, value]) => `while (READ_ONCE(${name}) == ${value}) cpu_relax();`),
  },
  {
    weight: 7,
    arbitrary: fc.constantFrom(
      "o = xchg(&head, NULL); kfree(o);",
      "o = xchg(&head, NULL); kfree(o);",
      "o = READ_ONCE(head); kfree(o); WRITE_ONCE(head, NULL);",
      "o = xchg(&head, NULL); synchronize_rcu(); kfree(o);",
      "o = READ_ONCE(head); if (o) a = READ_ONCE(o->v) % 3;",
      "o = READ_ONCE(head); if (o) { spin_lock(&o->lock); WRITE_ONCE(o->v, 1); spin_unlock(&o->lock); }",
      "kfree(READ_ONCE(head));",
      "o = kzalloc(sizeof(*o), GFP_ATOMIC); o = xchg(&head, o); kfree(o);",
      "if (refcount_dec_and_test(&ref)) b = 1;",
      "wait_for_completion(&done);",
      "synchronize_rcu();",
      "rcu_barrier();",
      "synchronize_srcu(&srcu);",
      "o = READ_ONCE(head); if (o) kfree_rcu(o, rcu);",
      "o = kzalloc(sizeof(*o), GFP_ATOMIC); p = xchg(&head, o); if (p) call_rcu(&p->rcu, release);",
      "call_rcu(&fixed, settle); rcu_barrier();",
      "wait_event(queue, READ_ONCE(x) == 1);",
      "wait_event_interruptible_exclusive(queue, READ_ONCE(x) == 1);",
      "set_current_state(TASK_INTERRUPTIBLE); if (READ_ONCE(x) != 1) schedule();",
      "a = wait_event_timeout(queue, READ_ONCE(y) == 1, 2) > 0;",
      "idx = srcu_read_lock(&srcu);",
      "local_irq_disable();",
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "spin_lock(&spin);",
      "mutex_lock(&mutex);",
      "spin_unlock(&spin);",
      "folio_lock(&folio);",
      "down_read(&sem);",
      "rcu_read_lock();",
    ),
  },
);

/** Sections in which nothing may sleep. */
const spinning: readonly (readonly [string, string])[] = [
  ["spin_lock(&spin);", "spin_unlock(&spin);"],
  ["read_lock(&rw);", "read_unlock(&rw);"],
  ["write_lock(&rw);", "write_unlock(&rw);"],
  ["rcu_read_lock();", "rcu_read_unlock();"],
  ["if (spin_trylock(&spin)) {", "spin_unlock(&spin); }"],
  ["write_seqlock(&sequence);", "write_sequnlock(&sequence);"],
  ["do { s = read_seqbegin(&sequence);", "} while (read_seqretry(&sequence, s));"],
  ["spin_lock_irq(&spin);", "spin_unlock_irq(&spin);"],
  ["local_irq_disable();", "local_irq_enable();"],
  ["if (refcount_dec_and_lock(&ref, &spin)) {", "spin_unlock(&spin); }"],
];

const sleeping: readonly (readonly [string, string])[] = [
  ["mutex_lock(&mutex);", "mutex_unlock(&mutex);"],
  ["mutex_lock(&mutex);", "mutex_unlock(&mutex);"],
  ["mutex_lock(&other);", "mutex_unlock(&other);"],
  ["down_read(&sem);", "up_read(&sem);"],
  ["down_write(&sem);", "up_write(&sem);"],
  ["down_write(&sem); downgrade_write(&sem);", "up_read(&sem);"],
  ["if (mutex_trylock(&mutex)) {", "mutex_unlock(&mutex); }"],
  ["if (down_write_trylock(&sem)) {", "up_write(&sem); }"],
  ["if (down_read_trylock(&sem)) {", "up_read(&sem); }"],
  ["folio_lock(&folio);", "folio_unlock(&folio);"],
  ["if (folio_trylock(&folio)) {", "folio_unlock(&folio); }"],
  ["atomic { await(!held); held = 1; }", "atomic { held = 0; }"],
  ["atomic { await(!rd && !wr); wr = 1; }", "WRITE_ONCE(wr, 0);"],
  ["atomic { await(!wr); rd++; }", "atomic { rd--; }"],
  ["retry: if (!mutex_trylock(&mutex)) goto retry;", "mutex_unlock(&mutex);"],
  ["down(&semaphore);", "up(&semaphore);"],
  ["for (i = 0; i < 2; i++) {", "}"],
  ["if (a) {", "}"],
  ["idx = srcu_read_lock(&srcu);", "srcu_read_unlock(&srcu, idx);"],
  ["wait_event(queue, !xchg(&taken, 1));", "WRITE_ONCE(taken, 0); wake_up(&queue);"],
  ["wait_event_interruptible_exclusive(queue, !xchg(&taken, 1));", "WRITE_ONCE(taken, 0); wake_up(&queue);"],
  [
    "prepare_to_wait(&queue, &entry, TASK_UNINTERRUPTIBLE); if (READ_ONCE(x) != 1) schedule();",
    "finish_wait(&queue, &entry);",
  ],
  [
    "add_wait_queue(&queue, &entry); set_current_state(TASK_INTERRUPTIBLE); if (READ_ONCE(x) != 1) schedule();",
    "__set_current_state(TASK_RUNNING); remove_wait_queue(&queue, &entry);",
  ],
  ["atomic { await(!held); held = 1; }", "atomic { held = 0; } wake_up_all(&queue);"],
];

/** Locks that go around others; taking one twice is left to chance elsewhere. */
const outer: readonly (readonly [string, string])[] = [
  ["mutex_lock(&outer);", "mutex_unlock(&outer);"],
  ["mutex_lock(&outer);", "mutex_unlock(&outer);"],
  ["if (mutex_trylock(&outer)) {", "mutex_unlock(&outer); }"],
  ["down_read(&sem);", "up_read(&sem);"],
  ["for (i = 0; i < 2; i++) {", "}"],
];

type Piece = { readonly open: string; readonly close: string; readonly inner: readonly string[] };

const accesses = fc.array(access, { minLength: 1, maxLength: 3 });
const section = fc
  .tuple(fc.constantFrom(...spinning, ...sleeping), accesses)
  .map(([[open, close], inner]): Piece => ({ open, close, inner }));
const nested = fc
  .tuple(fc.constantFrom(...outer), section)
  .map(([[open, close], piece]): Piece => ({ open, close, inner: [piece.open, ...piece.inner, piece.close] }));

/** Labels are unique in a task, so the second retry loop of a body gets another name. */
function bodyText(pieces: readonly Piece[], extra: readonly string[]): string {
  const lines = pieces.map((piece) => [piece.open, ...piece.inner, piece.close].join(" "));
  let labels = 0;
  return [...lines, ...extra].join("\n\t").replace(/retry: (.*?) goto retry;/g, (_, test: string) => {
    labels += 1;
    return `retry${String(labels)}: ${test} goto retry${String(labels)};`;
  });
}

const body = fc
  .tuple(
    fc.array(fc.oneof({ weight: 5, arbitrary: section }, { weight: 2, arbitrary: nested }), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.array(access, { maxLength: 2 }),
  )
  .map(([pieces, extra]) => bodyText(pieces, extra));

const property = fc.oneof(
  { weight: 6, arbitrary: fc.constant("") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "always(x < 2 || y < 2);",
      "always(!spin_is_locked(&spin) || x == 0);",
      "finally(x == 0);",
      "finally(!wr && !rd);",
      "sometimes(x == 2);",
      "always(seen < 2 || z == 2);",
      "always(array[0] + array[1] < 4);",
    ),
  },
);

const prelude = `struct object { int v; spinlock_t lock; struct rcu_head rcu; };
struct folio { folio_lock_t lock; };
u8 x, y, z, rd, array[3];
bool wr, held;
ghost int seen;
unsigned long bits;
atomic_t count;
refcount_t ref = REFCOUNT_INIT(1);
struct object *head;
struct folio folio;
spinlock_t spin;
rwlock_t rw;
struct mutex mutex, other, outer;
struct rw_semaphore sem;
struct semaphore semaphore;
struct completion done;
bool taken;
wait_queue_head_t queue;
struct task_struct *thread;
struct srcu_struct srcu;
seqlock_t sequence;
seqcount_t turns;
struct rcu_head fixed;
struct kmem_cache *cache;
struct object *cached;
static void release(struct rcu_head *rcu) { kfree(container_of(rcu, struct object, rcu)); }
static void settle(struct rcu_head *rcu) { WRITE_ONCE(y, 2); }
static void bump(int *p) { *p = *p + 1; }
init { head = kzalloc(sizeof(struct object), GFP_KERNEL); sema_init(&semaphore, 1); cache = KMEM_CACHE(object, 2, SLAB_TYPESAFE_BY_RCU); cached = kmem_cache_alloc(cache, GFP_KERNEL); cached->v = 0; }
`;

function entryOf(text: string): string {
  return text.includes("&entry") ? "\tDEFINE_WAIT(entry);\n" : "";
}

/** What an irq task does, which may not sleep. */
const handler = fc.constantFrom(
  "",
  "",
  "",
  "WRITE_ONCE(x, 1); wake_up(&queue);",
  "spin_lock(&spin); a = READ_ONCE(x); WRITE_ONCE(x, a); spin_unlock(&spin);",
  "if (spin_trylock(&spin)) { WRITE_ONCE(y, 1); spin_unlock(&spin); }",
  "atomic { x = (x + 1) % 3; } complete(&done);",
);

/** Lines above the text; most programs have none. */
const options = fc.constantFrom("", "", "", "", "//| reuse: on\n", "//| lockdep: strict\n", "//| signals: on\n");

/** Two to five tasks of one to four declarations; half have a hazard. */
export const randomProtocol: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom<readonly number[]>([2], [3], [3], [1, 1], [2, 1], [2, 1], [2, 2], [1, 2], [1, 1, 1], [3, 1]),
    fc.array(body, { minLength: 3, maxLength: 3 }),
    fc.oneof({ weight: 1, arbitrary: fc.constant("") }, { weight: 1, arbitrary: hazard }),
    property,
    fc.integer({ min: 0, max: 5 }),
    handler,
    options,
  )
  .map(([counts, bodies, slip, check, forever, interrupt, lines]) => {
    const tasks = counts.map((count, index) => {
      const text = `${bodies[index] ?? ""}${index === 0 && slip !== "" ? `\n\t${slip}` : ""}`;
      const inner = forever === index ? `\tforever {\n\t${text}\n\t}` : `\t${text}`;
      const size = count === 1 ? "" : `[${String(count)}]`;
      return `task t${String(index)}${size} {\n\tint a = 0, b = 0, i, idx = 0, s;\n\tstruct object *o, *p;\n${entryOf(inner)}${inner}\n}\n`;
    });
    const irq = interrupt === "" ? "" : `task interrupt irq {\n\tint a;\n\t${interrupt}\n}\n`;
    return `${lines}${prelude}${tasks.join("")}${irq}${check}\n`;
  });
