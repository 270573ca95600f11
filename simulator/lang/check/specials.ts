/**
 * Built-in macros whose typing needs more than a signature: names, signatures and one line each, for the editor and
 * for did-you-mean. check-special.ts has a check for every row, which a test compares.
 */

export type SpecialRow = { readonly name: string; readonly signature: string; readonly doc: string };

const row = (name: string, signature: string, doc: string): SpecialRow => ({ name, signature, doc });

export const specials: readonly SpecialRow[] = [
  row("READ_ONCE", "T READ_ONCE(T x)", "A marked read."),
  row("WRITE_ONCE", "void WRITE_ONCE(T x, T value)", "A marked write."),
  row("data_race", "T data_race(T expression)", "The accesses inside are not judged as data races."),
  row("smp_load_acquire", "T smp_load_acquire(T *p)", "A marked read with acquire order."),
  row("smp_store_release", "void smp_store_release(T *p, T value)", "A marked write with release order."),
  row("smp_store_mb", "void smp_store_mb(T x, T value)", "A marked write and a barrier."),
  row("rcu_dereference", "T *rcu_dereference(T *p)", "Reads an RCU-protected pointer."),
  row("rcu_dereference_check", "T *rcu_dereference_check(T *p, condition)", "Reads an RCU-protected pointer."),
  row(
    "rcu_dereference_protected",
    "T *rcu_dereference_protected(T *p, condition)",
    "Reads an RCU pointer that a lock protects.",
  ),
  row("rcu_dereference_raw", "T *rcu_dereference_raw(T *p)", "Reads an RCU-protected pointer."),
  row("rcu_access_pointer", "T *rcu_access_pointer(T *p)", "Reads an RCU-protected pointer for its value only."),
  row("rcu_assign_pointer", "void rcu_assign_pointer(T *p, T *value)", "Publishes an RCU-protected pointer."),
  row("RCU_INIT_POINTER", "void RCU_INIT_POINTER(T *p, T *value)", "Sets an RCU-protected pointer."),
  row(
    "rcu_replace_pointer",
    "T *rcu_replace_pointer(T *p, T *value, condition)",
    "Publishes a pointer and yields the old one.",
  ),
  row(
    "kfree_rcu",
    "void kfree_rcu(T *object, rcu_head member)",
    "Frees the object after the read sections open now have ended.",
  ),
  row("kvfree_rcu", "void kvfree_rcu(T *object, rcu_head member)", "kfree_rcu."),
  row("srcu_dereference", "T *srcu_dereference(T *p, struct srcu_struct *domain)", "Reads an SRCU-protected pointer."),
  row(
    "srcu_dereference_check",
    "T *srcu_dereference_check(T *p, struct srcu_struct *domain, condition)",
    "Reads an SRCU-protected pointer.",
  ),
  row("container_of", "T *container_of(M *pointer, T, member)", "The struct around a member."),
  row("container_of_const", "T *container_of_const(M *pointer, T, member)", "The struct around a member."),
  row("offsetof", "size_t offsetof(T, member)", "Offset of a member in the model's layout (multiples of 4)."),
  row("sizeof_field", "size_t sizeof_field(T, member)", "Size of a member."),
  row("ARRAY_SIZE", "size_t ARRAY_SIZE(T array[])", "Number of elements."),
  row("BITS_TO_LONGS", "size_t BITS_TO_LONGS(bits)", "unsigned longs that hold so many bits."),
  row("min", "T min(T a, T b)", "The smaller."),
  row("max", "T max(T a, T b)", "The larger."),
  row("min_t", "T min_t(T, a, b)", "The smaller, in type T."),
  row("max_t", "T max_t(T, a, b)", "The larger, in type T."),
  row("clamp", "T clamp(T value, T lo, T hi)", "The value brought into lo..hi."),
  row("clamp_t", "T clamp_t(T, value, lo, hi)", "The value brought into lo..hi, in type T."),
  row("abs", "int abs(int x)", "The absolute value."),
  row("swap", "void swap(T a, T b)", "Exchanges two variables."),
  row("BIT", "unsigned long BIT(n)", "1UL << n."),
  row("GENMASK", "unsigned long GENMASK(high, low)", "Bits low to high set."),
  row("ALIGN", "T ALIGN(T x, a)", "x rounded up to a multiple of a, a power of two."),
  row("ALIGN_DOWN", "T ALIGN_DOWN(T x, a)", "x rounded down to a multiple of a, a power of two."),
  row("IS_ALIGNED", "bool IS_ALIGNED(x, a)", "Whether x is a multiple of a, a power of two."),
  row("round_up", "T round_up(T x, a)", "x rounded up to a multiple of a, a power of two."),
  row("round_down", "T round_down(T x, a)", "x rounded down to a multiple of a, a power of two."),
  row("DIV_ROUND_UP", "T DIV_ROUND_UP(T n, d)", "n / d, rounded up."),
  row("likely", "bool likely(condition)", "The condition."),
  row("unlikely", "bool unlikely(condition)", "The condition."),
  row("IS_ERR", "bool IS_ERR(const void *p)", "Whether the pointer holds an error number."),
  row("IS_ERR_OR_NULL", "bool IS_ERR_OR_NULL(const void *p)", "Whether it is NULL or holds an error number."),
  row("IS_ERR_VALUE", "bool IS_ERR_VALUE(x)", "Whether the value is an error number."),
  row("PTR_ERR", "long PTR_ERR(const void *p)", "The error number in a pointer."),
  row("PTR_ERR_OR_ZERO", "int PTR_ERR_OR_ZERO(const void *p)", "The error number in a pointer, else 0."),
  row("ERR_PTR", "void *ERR_PTR(long error)", "A pointer that holds an error number."),
  row("ERR_CAST", "void *ERR_CAST(const void *p)", "The same error pointer as void *."),
  row(
    "kmalloc",
    "void *kmalloc(size, gfp)",
    "Allocates; write sizeof(*p) or sizeof(struct x) as size. Cells are uninitialised.",
  ),
  row("kzalloc", "void *kzalloc(size, gfp)", "kmalloc, cleared."),
  row("kvmalloc", "void *kvmalloc(size, gfp)", "kmalloc."),
  row("kvzalloc", "void *kvzalloc(size, gfp)", "kzalloc."),
  row("kmalloc_array", "void *kmalloc_array(n, size, gfp)", "Allocates n elements."),
  row("kcalloc", "void *kcalloc(n, size, gfp)", "Allocates n elements, cleared."),
  row(
    "KMEM_CACHE",
    "struct kmem_cache *KMEM_CACHE(struct x, n[, SLAB_TYPESAFE_BY_RCU])",
    "A pool of n objects of struct x.",
  ),
  row("memset", "void *memset(void *p, int byte, size)", "Sets a whole object, usually to 0."),
  row("memcpy", "void *memcpy(void *to, const void *from, size)", "Copies a whole object."),
  row("memmove", "void *memmove(void *to, const void *from, size)", "Copies a whole object."),
  row("BUILD_BUG_ON", "void BUILD_BUG_ON(condition)", "An error now when the constant condition holds."),
  row(
    "BUILD_BUG_ON_MSG",
    'void BUILD_BUG_ON_MSG(condition, "text")',
    "An error now when the constant condition holds.",
  ),
  row("BUILD_BUG_ON_ZERO", "int BUILD_BUG_ON_ZERO(condition)", "0; an error now when the constant condition holds."),
  row("__same_type", "bool __same_type(a, b)", "Whether two types or expressions have one type."),
  row(
    "__builtin_types_compatible_p",
    "bool __builtin_types_compatible_p(a, b)",
    "Whether two types or expressions have one type.",
  ),
  row("struct_size", "size_t struct_size(T *p, member, n)", "In an allocation: *p with n elements in its last member."),
  row("__set_bit", "void __set_bit(int nr, unsigned long *addr)", "Sets bit nr by a plain read and a plain write."),
  row(
    "__clear_bit",
    "void __clear_bit(int nr, unsigned long *addr)",
    "Clears bit nr by a plain read and a plain write.",
  ),
  row(
    "__change_bit",
    "void __change_bit(int nr, unsigned long *addr)",
    "Flips bit nr by a plain read and a plain write.",
  ),
  row("__builtin_expect", "long __builtin_expect(long x, long expected)", "x."),
  row("__builtin_constant_p", "int __builtin_constant_p(x)", "Whether x is a constant."),
  row("unreachable", "void unreachable(void)", "Reached: violation bug-on."),
  row("__builtin_unreachable", "void __builtin_unreachable(void)", "Reached: violation bug-on."),
];

export const specialNames: ReadonlySet<string> = new Set(specials.map((special) => special.name));

const ignored: ReadonlySet<string> = new Set([
  ..."printk printk_once printk_ratelimited printk_deferred no_printk trace_printk print_hex_dump dump_stack".split(
    " ",
  ),
  ..."dump_page dump_vma dump_mm mutex_destroy destroy_rcu_head init_rcu_head might_fault might_alloc".split(" "),
  ..."lockdep_set_class lockdep_set_class_and_name lockdep_set_subclass lockdep_set_novalidate_class lockdep_init_map".split(
    " ",
  ),
  ..."lockdep_register_key lockdep_unregister_key lockdep_init_map_type lockdep_init_map_wait".split(" "),
  ..."__acquire __release __cond_lock prefetch prefetchw destroy_work_on_stack BUILD_BUG_ON_INVALID".split(" "),
]);

/** Families: printing of all levels, tracing, sanitizers, statistics. */
const ignoredFamilies =
  /^((pr|dev|netdev|netif|net|drm)_(emerg|alert|crit|err|warn|notice|info|dbg|debug|cont|vdbg|devel)(_once|_ratelimited)?|(trace|kasan|kmsan|kcsan|instrument|debug|kmemleak|count_vm|mod_node|page_table_check)_\w+|__?count_\w*events?|lockdep_(on|off)|(rwsem|mutex|spin|lock_map)_(acquire|release)(_read|_nest)?)$/;

/** Calls that mean nothing to the model: their arguments are checked and not evaluated. */
export function isIgnoredCall(name: string): boolean {
  return ignored.has(name) || ignoredFamilies.test(name);
}
