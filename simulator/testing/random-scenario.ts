/** Random small scenarios for twin tests: text of the language, so that lowering is tested as well. */
import fc from "fast-check";

const shared = ["x", "y"] as const;
const locals = ["a", "b"] as const;

const sharedName = fc.constantFrom(...shared);
const localName = fc.constantFrom(...locals);
const small = fc.integer({ min: 0, max: 2 }).map(String);

const readValue = fc.oneof(
  small,
  localName,
  sharedName.map((name) => `READ_ONCE(${name})`),
  sharedName,
  fc.tuple(sharedName, localName).map(([name, local]) => `(${name} + ${local}) % 3`),
  fc.tuple(localName, sharedName).map(([local, name]) => `(${local} && READ_ONCE(${name}))`),
  fc.tuple(localName, small, sharedName).map(([local, number, name]) => `(${local} == ${number} ? ${name} : me)`),
  sharedName.map((name) => `xchg(&${name}, me + 1)`),
  fc.constant("atomic_add_return(1, &count) % 3"),
  fc.constant("choose(0, 1)"),
);

const simple = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(localName, readValue).map(([local, value]) => `${local} = ${value};`) },
  { weight: 2, arbitrary: fc.tuple(sharedName, readValue).map(([name, value]) => `WRITE_ONCE(${name}, ${value});`) },
  { weight: 1, arbitrary: fc.tuple(sharedName, localName).map(([name, local]) => `${name} = ${local};`) },
  { weight: 1, arbitrary: sharedName.map((name) => `if (${name} < 2) ${name}++;`) },
  {
    weight: 1,
    arbitrary: fc.tuple(sharedName, sharedName).map(([to, from]) => `atomic { ${to} = (${from} + 1) % 3; }`),
  },
  { weight: 1, arbitrary: fc.tuple(sharedName, small).map(([name, number]) => `await(${name} == ${number});`) },
  {
    weight: 1,
    arbitrary: fc.tuple(sharedName, small).map(([name, number]) => `assert(READ_ONCE(${name}) != ${number});`),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(localName, sharedName).map(([local, name]) => `array[${local} % 2] = READ_ONCE(${name});`),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(localName, localName).map(([local, index]) => `${local} = READ_ONCE(array[${index}]);`),
  },
  { weight: 1, arbitrary: localName.map((local) => `bump(&${local});`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "p = READ_ONCE(head);",
      "p = kzalloc(sizeof(struct object), GFP_KERNEL);",
      "p = kmalloc(sizeof(struct object), GFP_ATOMIC); p->v = 0; p->next = head;",
      "WRITE_ONCE(head, p);",
      "if (p) WRITE_ONCE(p->v, 1);",
      "if (p) a = READ_ONCE(p->v);",
      "kfree(p);",
      "p = kmem_cache_alloc(cache, GFP_NOWAIT); if (p) p->v = 1;",
      "if (p) kmem_cache_free(cache, p);",
      "kfree(xchg(&head, NULL)); p = NULL;",
      "p = xchg(&head, NULL); if (p) call_rcu(&p->rcu, release);",
      "if (p) kfree_rcu(p, rcu);",
      "kfree_rcu_mightsleep(p);",
      "call_srcu(&srcu, &fixed, settle);",
    ),
  },
);

/** Waits by event and by hand, and who ends them. */
const waits = [
  "wait_event(queue, READ_ONCE(x) == 1);",
  "a = wait_event_timeout(queue, READ_ONCE(y), 2) > 0;",
  "wait_event_interruptible_exclusive(queue, READ_ONCE(y) == 1);",
  "wake_up(&queue);",
  "wake_up_all(&queue);",
  "wake_up_interruptible(&queue);",
  "prepare_to_wait(&queue, &entry, TASK_INTERRUPTIBLE); if (!READ_ONCE(x)) schedule(); finish_wait(&queue, &entry);",
  "prepare_to_wait_exclusive(&queue, &entry, TASK_UNINTERRUPTIBLE); schedule_timeout(2);",
  "add_wait_queue(&queue, &entry); set_current_state(TASK_INTERRUPTIBLE); if (READ_ONCE(y) == 0) schedule();",
  "remove_wait_queue(&queue, &entry);",
  "__set_current_state(TASK_RUNNING);",
  "b = waitqueue_active(&queue);",
  "WRITE_ONCE(thread, current);",
  "if (READ_ONCE(thread)) wake_up_process(thread);",
  "wake_up_nr(&queue, 2);",
  "a = wait_for_completion_timeout(&done, 1) > 0;",
  "complete(&done);",
] as const;

const pairs: readonly (readonly [string, string])[] = [
  ["spin_lock(&spin);", "spin_unlock(&spin);"],
  ["mutex_lock(&mutex);", "mutex_unlock(&mutex);"],
  ["down_read(&sem);", "up_read(&sem);"],
  ["down_write(&sem);", "up_write(&sem);"],
  ["rcu_read_lock();", "rcu_read_unlock();"],
  ["b = srcu_read_lock(&srcu);", "srcu_read_unlock(&srcu, 0);"],
  ["spin_lock_bh(&spin);", "spin_unlock_bh(&spin);"],
  ["write_seqlock(&sequence);", "write_sequnlock(&sequence);"],
  ["do { a = read_seqbegin(&sequence) % 4;", "} while (read_seqretry(&sequence, a));"],
  ["write_seqcount_begin(&turns);", "write_seqcount_end(&turns);"],
  ["local_lock_irq(&local);", "local_unlock_irq(&local);"],
  ["if (refcount_dec_and_lock(&ref, &spin)) {", "spin_unlock(&spin); }"],
  ["if (down_read_trylock(&sem)) {", "up_read(&sem); }"],
  ["if (mutex_trylock(&mutex)) {", "mutex_unlock(&mutex); }"],
  ["folio_lock(&folio);", "folio_unlock(&folio);"],
  ["down_write(&sem); downgrade_write(&sem);", "up_read(&sem);"],
  ["while (!mutex_trylock(&mutex)) cpu_relax();", "mutex_unlock(&mutex);"],
  ["while (!spin_trylock(&spin)) { b = READ_ONCE(x); if (b == 2) break; }", "if (b != 2) spin_unlock(&spin);"],
  ["if (a) {", "} else { b = 1; }"],
  ["if (a != b) {", "}"],
  ["for (i = 0; i < 2; i++) {", "}"],
  ["{ int inner = a; int *q = &inner; *q += 1;", "b = inner; }"],
];

const statement = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...waits) },
  { weight: 4, arbitrary: simple },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...pairs), fc.array(simple, { maxLength: 2 }))
      .map(([[open, close], inner]) => [open, ...inner, close].join(" ")),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "synchronize_rcu();",
      "spin_unlock(&spin);",
      "mutex_lock(&mutex);",
      "rcu_barrier();",
      "a = smp_cond_load_relaxed(&x, VAL != 0) % 3;",
      "spin_until_cond(y == 1);",
      "b = lockdep_is_held(&spin);",
      "synchronize_srcu(&srcu);",
      "memset(&folio, 0, sizeof(folio));",
      "WRITE_ONCE(frame, &shared_local);",
      "if (READ_ONCE(frame)) WRITE_ONCE(*frame, 1);",
    ),
  },
);

/** Loops that wait for others or fight them: where cycles come from. */
const retries = fc.constantFrom(
  "do { WRITE_ONCE(x, me + 1); a = READ_ONCE(x); } while (a != me + 1);",
  "do { WRITE_ONCE(y, a + 1); b = READ_ONCE(y); } while (b == 1);",
  "while (cmpxchg(&x, 0, 1)) cpu_relax();",
  "for (;;) { mutex_lock(&mutex); if (spin_trylock(&spin)) break; mutex_unlock(&mutex); } spin_unlock(&spin); mutex_unlock(&mutex);",
  "for (;;) { spin_lock(&spin); if (mutex_trylock(&mutex)) break; spin_unlock(&spin); } mutex_unlock(&mutex); spin_unlock(&spin);",
);

const body = fc.array(fc.oneof({ weight: 8, arbitrary: statement }, { weight: 1, arbitrary: retries }), {
  minLength: 1,
  maxLength: 4,
});

const property = fc.constantFrom(
  "",
  "always(x < 3);",
  "always(x + y < 4);",
  "finally(x == y);",
  "sometimes(x == 2);",
  "always(!head || head->v < 2);",
);

const prelude = `struct object { int v; struct object *next; struct rcu_head rcu; };
struct folio { folio_lock_t lock; };
u8 x, y;
int array[2];
int *frame;
atomic_t count;
struct object *head;
struct folio folio;
spinlock_t spin;
struct mutex mutex;
struct rw_semaphore sem;
struct kmem_cache *cache;
wait_queue_head_t queue;
struct task_struct *thread;
struct completion done;
struct srcu_struct srcu;
seqlock_t sequence;
seqcount_t turns;
local_lock_t local;
refcount_t ref = REFCOUNT_INIT(2);
struct rcu_head fixed;
static void bump(int *p) { *p = (*p + 1) % 3; }
static void release(struct rcu_head *rcu) { kfree(container_of(rcu, struct object, rcu)); }
static void settle(struct rcu_head *rcu) { WRITE_ONCE(y, 2); }
`;

/** A scenario of two or three tasks; nearly all are small enough for the naive explorer. */
export const randomScenario: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(body, { minLength: 2, maxLength: 2 }),
    property,
    fc.constantFrom("", "SLAB_TYPESAFE_BY_RCU"),
    fc.boolean(),
    fc.integer({ min: 0, max: 9 }),
  )
  .map(([bodies, check, typesafe, forever, unwritten]) => {
    const first = unwritten === 0 ? "" : " = 0";
    const flags = typesafe === "" ? "" : `, ${typesafe}`;
    const tasks = bodies.map((statements, index) => {
      const waiting = statements.some((line) => line.includes("&entry"));
      const lines = statements.map((line) => `\t${line}`).join("\n");
      const inner = forever && index === 0 ? `\tforever {\n${lines}\n\t}` : lines;
      const irq = unwritten === 1 && index === 1 ? " irq" : "";
      return `task t${String(index)}${irq} {\n\tint a = 0, b${first}, i, shared_local = 0;\n\tstruct object *p = NULL;\n${waiting ? "\tDEFINE_WAIT(entry);\n" : ""}${inner}\n}\n`;
    });
    return `${prelude}init { cache = KMEM_CACHE(object, 1${flags}); }\n${tasks.join("")}${check}\n`;
  });
