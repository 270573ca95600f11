/** The words that the parser must know: C's, the kernel's, the language's own. */

/** C words that make up a type. */
export const typeWords: ReadonlySet<string> = new Set([
  "void",
  "char",
  "short",
  "int",
  "long",
  "signed",
  "unsigned",
  "_Bool",
  "__signed__",
  "float",
  "double",
  "_Complex",
  "__int128",
]);

/** Words that may stand among the specifiers of a declaration. */
export const specifierWords: ReadonlySet<string> = new Set([
  "typedef",
  "extern",
  "static",
  "register",
  "auto",
  "inline",
  "__inline",
  "__inline__",
  "__always_inline",
  "const",
  "__const",
  "volatile",
  "__volatile__",
  "restrict",
  "__restrict",
  "asmlinkage",
  "noinline",
  "noinline_for_stack",
  "notrace",
  "_Thread_local",
  "__thread",
  "_Noreturn",
  "_Atomic",
]);

/** Words that begin a statement or operator and so can never be a name. */
export const reservedWords: ReadonlySet<string> = new Set([
  ...typeWords,
  ..."struct union enum typeof __typeof__ __typeof __auto_type sizeof _Alignof if else while do for switch case default".split(
    " ",
  ),
  ..."goto break continue return typedef extern static register auto inline const volatile restrict asm __asm__ __asm".split(
    " ",
  ),
  ..."_Static_assert _Generic".split(" "),
]);

/** Names of integer types that the kernel has as typedefs: C words they stand for. */
export const integerTypedefs: ReadonlyMap<string, string> = new Map([
  ...[8, 16, 32, 64].flatMap((bits): [string, string][] => [
    [`u${bits}`, `u${bits}`],
    [`s${bits}`, `s${bits}`],
    [`__u${bits}`, `u${bits}`],
    [`__s${bits}`, `s${bits}`],
    [`uint${bits}_t`, `u${bits}`],
    [`int${bits}_t`, `s${bits}`],
    [`u_int${bits}_t`, `u${bits}`],
    [`__le${bits}`, `u${bits}`],
    [`__be${bits}`, `u${bits}`],
  ]),
  ...["bool"].map((name): [string, string] => [name, "bool"]),
  ..."size_t gfp_t slab_flags_t fmode_t uint u_int umode_t vm_fault_t uid_t gid_t blk_opf_t"
    .split(" ")
    .map((name): [string, string] => [name, "u32"]),
  ..."ulong u_long pgoff_t uintptr_t vm_flags_t pgprotval_t pteval_t pmdval_t dma_addr_t phys_addr_t resource_size_t"
    .split(" ")
    .map((name): [string, string] => [name, "ulong"]),
  ..."ssize_t ptrdiff_t intptr_t".split(" ").map((name): [string, string] => [name, "long"]),
  ..."pid_t".split(" ").map((name): [string, string] => [name, "s32"]),
  ..."uchar u_char".split(" ").map((name): [string, string] => [name, "u8"]),
  ..."ushort u_short".split(" ").map((name): [string, string] => [name, "u16"]),
  ..."loff_t ktime_t time64_t".split(" ").map((name): [string, string] => [name, "s64"]),
  ..."sector_t blkcnt_t".split(" ").map((name): [string, string] => [name, "u64"]),
]);

/** Names of object types. */
export const objectTypedefs = {
  spinlock_t: "spinlock",
  raw_spinlock_t: "raw-spinlock",
  rwlock_t: "rwlock",
  folio_lock_t: "folio-lock",
  atomic_t: "atomic",
  atomic_long_t: "atomic-long",
  atomic64_t: "atomic64",
  refcount_t: "refcount",
  wait_queue_head_t: "wait-queue",
  wait_queue_entry_t: "wait-entry",
  seqcount_t: "seqcount",
  seqcount_raw_spinlock_t: "seqcount",
  seqcount_spinlock_t: "seqcount",
  seqcount_rwlock_t: "seqcount",
  seqcount_mutex_t: "seqcount",
  seqcount_latch_t: "seqcount",
  seqlock_t: "seqlock",
  local_lock_t: "local-lock",
} as const;

/** Struct tags that are object types unless the user defines them. */
export const objectTags = {
  mutex: "mutex",
  rw_semaphore: "rwsem",
  semaphore: "semaphore",
  completion: "completion",
  rcu_head: "rcu-head",
  callback_head: "rcu-head",
  wait_queue_head: "wait-queue",
  wait_queue_entry: "wait-entry",
  seqcount: "seqcount",
  srcu_struct: "srcu",
  task_struct: "task",
  percpu_rw_semaphore: "rwsem",
  rt_mutex: "mutex",
  kmem_cache: "kmem-cache",
  lock_class_key: "lock-class-key",
} as const;

/** DEFINE_* macros at declaration places: the object type that each declares. */
export const defineMacros = {
  DEFINE_SPINLOCK: "spinlock",
  DEFINE_RAW_SPINLOCK: "raw-spinlock",
  DEFINE_RWLOCK: "rwlock",
  DEFINE_MUTEX: "mutex",
  DECLARE_RWSEM: "rwsem",
  DEFINE_SEMAPHORE: "semaphore",
  DECLARE_COMPLETION: "completion",
  DECLARE_COMPLETION_ONSTACK: "completion",
  DECLARE_WAIT_QUEUE_HEAD: "wait-queue",
  DECLARE_WAIT_QUEUE_HEAD_ONSTACK: "wait-queue",
  DEFINE_WAIT: "wait-entry",
  DECLARE_WAITQUEUE: "wait-entry",
  DEFINE_SEQLOCK: "seqlock",
  DEFINE_SRCU: "srcu",
  DEFINE_STATIC_SRCU: "srcu",
  DEFINE_RT_MUTEX: "mutex",
  DEFINE_PERCPU_RWSEM: "rwsem",
  DEFINE_STATIC_PERCPU_RWSEM: "rwsem",
} as const;

/** Calls at file scope that say nothing to a model: skipped with their arguments. */
export const ignoredTopLevel: ReadonlySet<string> = new Set([
  ..."EXPORT_SYMBOL EXPORT_SYMBOL_GPL EXPORT_SYMBOL_NS EXPORT_SYMBOL_NS_GPL EXPORT_SYMBOL_FOR_TESTS_ONLY".split(" "),
  ..."MODULE_LICENSE MODULE_AUTHOR MODULE_DESCRIPTION MODULE_PARM_DESC MODULE_ALIAS".split(" "),
  ..."module_init module_exit early_initcall core_initcall subsys_initcall fs_initcall device_initcall late_initcall".split(
    " ",
  ),
]);

/** The language's own words with their signatures; contextual, so that kernel code may use them as names. */
export const ownWords: readonly { readonly name: string; readonly signature: string; readonly doc: string }[] = [
  { name: "init", signature: "init { ... }", doc: "Runs once, alone, before any task." },
  { name: "task", signature: "task NAME[N] { ... }", doc: "N identical tasks; `me` is 0..N-1." },
  { name: "me", signature: "me", doc: "Number of the running task among its N." },
  { name: "always", signature: 'always(EXPR, "text");', doc: "Invariant, checked after init and after every step." },
  {
    name: "sometimes",
    signature: 'sometimes(EXPR, "text");',
    doc: "Must be reachable, else the scenario proves nothing.",
  },
  { name: "finally", signature: 'finally(EXPR, "text");', doc: "Holds when all tasks have ended or are idle." },
  { name: "assert", signature: 'assert(EXPR, "text");', doc: "Must hold where it stands." },
  {
    name: "note",
    signature: 'note(EXPR, "text");',
    doc: "No error: says whether it was reached, with the shortest witness.",
  },
  {
    name: "ghost",
    signature: "ghost int g;",
    doc: "A variable or statement for properties only: never a step, never a race.",
  },
  { name: "choose", signature: "int choose(lo, hi)", doc: "Explore: every value of lo..hi. Simulate: uniform." },
  { name: "await", signature: "await(EXPR);", doc: "One step, enabled when EXPR holds." },
  {
    name: "atomic",
    signature: "atomic { ... }",
    doc: "One indivisible step; the trace says that it was assumed. Also `if (atomic(EXPR))`.",
  },
  { name: "forever", signature: "forever { ... }", doc: "An endless loop; its head is where the task is idle." },
  { name: "work", signature: "work(TIME);", doc: "Simulate: time on the CPU. Explore: no step." },
  {
    name: "sleep",
    signature: "sleep(TIME);",
    doc: "Simulate: time off the CPU. Explore: no step, but it counts as sleeping.",
  },
  { name: "span", signature: 'span("text") { ... }', doc: "Simulate: the latency of the block is measured." },
  { name: "exp", signature: "exp(T)", doc: "Exponentially distributed time of mean T." },
  { name: "uniform", signature: "uniform(A, B)", doc: "Uniformly distributed time." },
  { name: "normal", signature: "normal(M, S)", doc: "Normally distributed time: mean, standard deviation." },
  { name: "lognormal", signature: "lognormal(M, P99)", doc: "Log-normally distributed time: median, 99th percentile." },
  { name: "pareto", signature: "pareto(S, A)", doc: "Pareto distributed time: scale, shape." },
  { name: "guard", signature: "guard(mutex)(&lock);", doc: "Holds the lock to the end of the enclosing block." },
  { name: "scoped_guard", signature: "scoped_guard(mutex, &lock) { ... }", doc: "Holds the lock during the block." },
  {
    name: "__stub",
    signature: "int f(struct x *p) __stub(0, 1);",
    doc: "Declares a function that touches nothing and returns any value of the range (0 without one).",
  },
  { name: "__data_racy", signature: "int __data_racy x;", doc: "Accesses to it never count as a data race." },
];
