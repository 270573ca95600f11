/** Accesses, sections and hazards that random protocols are made of. */
import fc from "fast-check";

const cellName = fc.constantFrom("x", "y", "z");
const small = fc.integer({ min: 0, max: 2 }).map(String);

/** Accesses; nearly all are marked, so that most programs have no race. */
export const access = fc.oneof(
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

/** Sections in which nothing may sleep. */
export const spinning: readonly (readonly [string, string])[] = [
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

export const sleepingSections: readonly (readonly [string, string])[] = [
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
  ["LABEL: if (!mutex_trylock(&mutex)) goto LABEL;", "mutex_unlock(&mutex);"],
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
export const outer: readonly (readonly [string, string])[] = [
  ["mutex_lock(&outer);", "mutex_unlock(&outer);"],
  ["mutex_lock(&outer);", "mutex_unlock(&outer);"],
  ["if (mutex_trylock(&outer)) {", "mutex_unlock(&outer); }"],
  ["down_read(&sem);", "up_read(&sem);"],
  ["for (i = 0; i < 2; i++) {", "}"],
];

/** What makes programs fail, each rare in itself. */
export const anyHazard = fc.oneof(
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

/** What goes into two places of a program; they meet when the tasks of both do. */
export type Hazard = readonly [here: string, there: string];

export const hazardKinds = [
  "none",
  "any",
  "assertion",
  "deadlock",
  "data-race",
  "use-after-free",
  "lock-leak",
  "livelock",
] as const;
export type HazardKind = (typeof hazardKinds)[number];

const both = (text: string): Hazard => [text, text];
const none: Hazard = ["", ""];

/** Hazards of each kind. They are hazards, no certainties: whether they do harm depends on what is around them. */
export const hazards: Readonly<Record<HazardKind, fc.Arbitrary<Hazard>>> = {
  none: fc.constant(none),
  any: anyHazard.map((text): Hazard => [text, ""]),
  assertion: fc.oneof(
    fc.tuple(cellName, small).map(([name, value]): Hazard => [`assert(READ_ONCE(${name}) != ${value});`, ""]),
    cellName.map((name): Hazard => [
      `b = READ_ONCE(${name}); assert(READ_ONCE(${name}) == b);`,
      `WRITE_ONCE(${name}, 2);`,
    ]),
    cellName.map((name): Hazard =>
      both(`a = READ_ONCE(${name}); WRITE_ONCE(${name}, (a + 1) % 3); assert(READ_ONCE(${name}) != a);`),
    ),
  ),
  deadlock: fc.constantFrom<Hazard>(
    [
      "mutex_lock(&outer); mutex_lock(&other); mutex_unlock(&other); mutex_unlock(&outer);",
      "mutex_lock(&other); mutex_lock(&outer); mutex_unlock(&outer); mutex_unlock(&other);",
    ],
    [
      "mutex_lock(&outer); down_write(&sem); up_write(&sem); mutex_unlock(&outer);",
      "down_read(&sem); mutex_lock(&outer); mutex_unlock(&outer); up_read(&sem);",
    ],
    ["if (READ_ONCE(x) != 1) wait_for_completion(&done);", "if (READ_ONCE(y) != 2) complete(&done);"],
    both("down(&semaphore); down(&semaphore); up(&semaphore); up(&semaphore);"),
    ["wait_event(queue, READ_ONCE(z) == 1);", "WRITE_ONCE(z, 1); wake_up(&queue);"],
    [
      "mutex_lock(&other); synchronize_rcu(); mutex_unlock(&other);",
      "rcu_read_lock(); while (!READ_ONCE(ready)) cpu_relax(); rcu_read_unlock();",
    ],
  ),
  "data-race": cellName.chain((name) =>
    fc.constantFrom<Hazard>(
      [`${name} = (${name} + 1) % 3;`, ""],
      [`${name} = 1;`, `WRITE_ONCE(${name}, 2);`],
      [
        `mutex_lock(&mutex); ${name} = 2; mutex_unlock(&mutex);`,
        `if (mutex_trylock(&other)) { ${name} = 1; mutex_unlock(&other); }`,
      ],
    ),
  ),
  "use-after-free": fc.constantFrom<Hazard>(
    ["o = READ_ONCE(head); if (o) a = READ_ONCE(o->v) % 3;", "o = xchg(&head, NULL); kfree(o);"],
    [
      "o = READ_ONCE(head); if (o) { spin_lock(&o->lock); WRITE_ONCE(o->v, 1); spin_unlock(&o->lock); }",
      "o = xchg(&head, NULL); if (o) { spin_lock(&o->lock); spin_unlock(&o->lock); kfree(o); }",
    ],
    [
      "rcu_read_lock(); o = rcu_dereference(head); rcu_read_unlock(); if (o) a = READ_ONCE(o->v) % 3;",
      "o = xchg(&head, NULL); if (o) { synchronize_rcu(); kfree(o); }",
    ],
    [
      "rcu_read_lock(); o = rcu_dereference(head); rcu_read_unlock(); if (o) a = READ_ONCE(o->v) % 3;",
      "o = xchg(&head, NULL); if (o) kfree_rcu(o, rcu);",
    ],
  ),
  "lock-leak": fc.constantFrom<Hazard>(
    ["mutex_lock(&other); if (READ_ONCE(x) == 1) return; mutex_unlock(&other);", "WRITE_ONCE(x, 1);"],
    ["if (!mutex_trylock(&other) || READ_ONCE(y) == 2) return; mutex_unlock(&other);", "WRITE_ONCE(y, 2);"],
    ["spin_lock(&spin); b = READ_ONCE(z); if (b != 1) spin_unlock(&spin);", "WRITE_ONCE(z, 1);"],
    ["rcu_read_lock(); if (READ_ONCE(z) == 2) return; rcu_read_unlock();", "WRITE_ONCE(z, 2);"],
    [
      "down_read(&sem); if (READ_ONCE(y) == 1) return; up_read(&sem);",
      "down_write(&sem); WRITE_ONCE(y, 1); up_write(&sem);",
    ],
  ),
  livelock: fc.constantFrom<Hazard>(
    [
      "for (;;) { mutex_lock(&outer); if (mutex_trylock(&other)) break; mutex_unlock(&outer); } mutex_unlock(&other); mutex_unlock(&outer);",
      "for (;;) { mutex_lock(&other); if (mutex_trylock(&outer)) break; mutex_unlock(&other); } mutex_unlock(&outer); mutex_unlock(&other);",
    ],
    [
      "for (;;) { spin_lock(&spin); if (spin_trylock(&inner)) break; spin_unlock(&spin); } spin_unlock(&inner); spin_unlock(&spin);",
      "for (;;) { spin_lock(&inner); if (spin_trylock(&spin)) break; spin_unlock(&inner); } spin_unlock(&spin); spin_unlock(&inner);",
    ],
    [
      "do { WRITE_ONCE(turn, 1); a = READ_ONCE(turn); } while (a != 1);",
      "do { WRITE_ONCE(turn, 2); a = READ_ONCE(turn); } while (a != 2);",
    ],
    ["while (cmpxchg(&turn, 0, 1)) cpu_relax();", "while (READ_ONCE(turn) == 1) cpu_relax();"],
    ["while (READ_ONCE(turn) != 2) cpu_relax();", "if (READ_ONCE(x) == 0) WRITE_ONCE(turn, 2);"],
    both("do { a = xchg(&turn, 1 - READ_ONCE(turn)); } while (a == 1);"),
  ),
};

export const property = fc.oneof(
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
