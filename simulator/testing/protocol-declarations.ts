/** What random protocols declare, each only where a program names it: states that hold nothing else stay small. */

type Declaration = { readonly names: readonly string[]; readonly text: string };

const one = (name: string, text: string): Declaration => ({ names: [name], text });

/** Later ones may name earlier ones. */
const declarations: readonly Declaration[] = [
  {
    names: ["object", "head", "cache", "release"],
    text: "struct object { int v; spinlock_t lock; struct rcu_head rcu; };",
  },
  one("folio", "struct folio { folio_lock_t lock; } folio;"),
  one("pair", "struct pair { int v, w; };"),
  one("row", "struct row { int n; int v[]; };"),
  ...["x", "y", "z", "rd", "turn"].map((name) => one(name, `u8 ${name};`)),
  one("array", "u8 array[3];"),
  ...["wr", "held", "taken", "ready"].map((name) => one(name, `bool ${name};`)),
  one("seen", "ghost int seen;"),
  one("bits", "unsigned long bits;"),
  one("count", "atomic_t count;"),
  one("count_long", "atomic_long_t count_long;"),
  one("count64", "atomic64_t count64;"),
  one("ref", "refcount_t ref = REFCOUNT_INIT(2);"),
  one("head", "struct object *head;"),
  ...["spin", "inner"].map((name) => one(name, `spinlock_t ${name};`)),
  one("raw", "raw_spinlock_t raw;"),
  one("rw", "rwlock_t rw;"),
  ...["mutex", "other", "outer"].map((name) => one(name, `struct mutex ${name};`)),
  one("sem", "struct rw_semaphore sem;"),
  one("semaphore", "struct semaphore semaphore;"),
  one("done", "struct completion done;"),
  one("queue", "wait_queue_head_t queue;"),
  one("thread", "struct task_struct *thread;"),
  one("srcu", "struct srcu_struct srcu;"),
  one("sequence", "seqlock_t sequence;"),
  one("turns", "seqcount_t turns;"),
  one("latch", "seqcount_latch_t latch;"),
  one("local", "local_lock_t local;"),
  one("fixed", "struct rcu_head fixed;"),
  { names: ["cache", "cached"], text: "struct kmem_cache *cache;" },
  one("cached", "struct object *cached;"),
  one("release", "static void release(struct rcu_head *rcu) { kfree(container_of(rcu, struct object, rcu)); }"),
  one("settle", "static void settle(struct rcu_head *rcu) { WRITE_ONCE(y, 2); }"),
  one("bump", "static void bump(int *p) { *p = *p + 1; }"),
];

const locals: readonly Declaration[] = [
  one("i", "int i;"),
  one("idx", "int idx = 0;"),
  one("s", "unsigned int s;"),
  one("seq", "int seq = 0;"),
  one("old", "int old;"),
  one("old_long", "long old_long;"),
  one("old64", "s64 old64;"),
  one("old8", "u8 old8;"),
  one("flags", "unsigned long flags;"),
  one("o", "struct object *o;"),
  one("p", "struct object *p;"),
  one("entry", "DEFINE_WAIT(entry);"),
];

const inits: readonly Declaration[] = [
  one("head", "head = kzalloc(sizeof(struct object), GFP_KERNEL);"),
  one("semaphore", "sema_init(&semaphore, 1);"),
  { names: ["cache", "cached"], text: "cache = KMEM_CACHE(object, 2, SLAB_TYPESAFE_BY_RCU);" },
  one("cached", "cached = kmem_cache_alloc(cache, GFP_KERNEL); cached->v = 0;"),
];

/** The identifiers of a text. */
export function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.match(/[A-Za-z_]\w*/g));
}

function named(list: readonly Declaration[], words: ReadonlySet<string>): readonly string[] {
  return list.filter(({ names }) => names.some((name) => words.has(name))).map(({ text }) => text);
}

/** Declarations of the locals that the body of a task names. */
export function localsOf(body: string): string {
  return ["int a = 0, b = 0;", ...named(locals, wordsOf(body))].join(" ");
}

/** Everything before the tasks; `inInit` stands in the init block. */
export function preludeOf(tasks: string, inInit: readonly string[]): string {
  const init = [...named(inits, wordsOf(`${tasks} ${inInit.join(" ")}`)), ...inInit].join(" ");
  // Functions name variables, and are named after them.
  const functions = named(
    declarations.filter(({ text }) => text.startsWith("static")),
    wordsOf(`${tasks} ${init}`),
  );
  const words = wordsOf([tasks, init, ...functions].join(" "));
  const block = init === "" ? "" : `init { ${init} }\n`;
  return `${named(declarations, words).join("\n")}\n${block}`;
}
