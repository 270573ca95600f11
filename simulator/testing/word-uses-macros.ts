/** How a random program uses each built-in macro; a test compares the names with the language's own list. */
import { section, sleeping, statement, type Use } from "./word-uses.ts";

const reading = (read: string): Use =>
  statement(`rcu_read_lock(); o = ${read}; if (o) a = READ_ONCE(o->v) % 3; rcu_read_unlock();`);
const srcuReading = (read: string): Use =>
  statement(`idx = srcu_read_lock(&srcu); o = ${read}; srcu_read_unlock(&srcu, idx);`);
const own = (allocate: string): Use => statement(`o = ${allocate}; kfree(o);`);
const constant = (value: string): Use => statement(`b = ${value};`);
const word = (change: string): Use => statement(`{ unsigned long w = 1; ${change}; b = w & 1; }`);
const copied = (copy: string): Use =>
  statement(`{ struct pair one, two; memset(&one, 0, sizeof(one)); ${copy}; a = two.v; }`);

/** One use of each built-in macro, by name. */
export const macroUses: ReadonlyMap<string, Use> = new Map<string, Use>([
  ["READ_ONCE", statement("a = READ_ONCE(x);")],
  ["WRITE_ONCE", statement("WRITE_ONCE(x, 1);")],
  ["data_race", statement("a = data_race(y);")],
  ["smp_load_acquire", statement("a = smp_load_acquire(&x);")],
  ["smp_store_release", statement("smp_store_release(&x, 1);")],
  ["smp_store_mb", statement("smp_store_mb(y, 1);")],
  ["rcu_dereference", reading("rcu_dereference(head)")],
  ["rcu_dereference_check", reading("rcu_dereference_check(head, 1)")],
  ["rcu_dereference_protected", reading("rcu_dereference_protected(head, 1)")],
  ["rcu_dereference_raw", reading("rcu_dereference_raw(head)")],
  ["rcu_access_pointer", statement("a = rcu_access_pointer(head) != NULL;")],
  ["rcu_assign_pointer", statement("o = kzalloc(sizeof(*o), GFP_ATOMIC); rcu_assign_pointer(head, o);")],
  ["RCU_INIT_POINTER", statement("RCU_INIT_POINTER(head, NULL);")],
  [
    "rcu_replace_pointer",
    statement(
      "spin_lock(&spin); o = rcu_replace_pointer(head, NULL, 1); spin_unlock(&spin); if (o) kfree_rcu(o, rcu);",
    ),
  ],
  ["kfree_rcu", statement("o = xchg(&head, NULL); if (o) kfree_rcu(o, rcu);")],
  ["kvfree_rcu", statement("o = xchg(&head, NULL); if (o) kvfree_rcu(o, rcu);")],
  ["srcu_dereference", srcuReading("srcu_dereference(head, &srcu)")],
  ["srcu_dereference_check", srcuReading("srcu_dereference_check(head, &srcu, 1)")],
  ["container_of", statement("o = READ_ONCE(head); if (o) b = container_of(&o->rcu, struct object, rcu) == o;")],
  [
    "container_of_const",
    statement("o = READ_ONCE(head); if (o) b = container_of_const(&o->rcu, struct object, rcu) == o;"),
  ],
  ["offsetof", constant("offsetof(struct object, rcu) > 0")],
  ["sizeof_field", constant("sizeof_field(struct object, v) > 0")],
  ["ARRAY_SIZE", constant("ARRAY_SIZE(array) == 3")],
  ["BITS_TO_LONGS", constant("BITS_TO_LONGS(33)")],
  ["min", constant("min(a, 1)")],
  ["max", constant("max(a, 1)")],
  ["min_t", constant("min_t(int, a, 1)")],
  ["max_t", constant("max_t(int, a, 1)")],
  ["clamp", constant("clamp(a, 0, 1)")],
  ["clamp_t", constant("clamp_t(int, a, 0, 1)")],
  ["abs", constant("abs(a - 1)")],
  ["swap", statement("swap(a, b);")],
  ["BIT", statement("b = (READ_ONCE(bits) & BIT(1)) != 0;")],
  ["GENMASK", statement("b = (READ_ONCE(bits) & GENMASK(1, 0)) != 0;")],
  ["ALIGN", constant("ALIGN(1, 2)")],
  ["ALIGN_DOWN", constant("ALIGN_DOWN(3, 2)")],
  ["IS_ALIGNED", constant("IS_ALIGNED(a, 2)")],
  ["round_up", constant("round_up(1, 2)")],
  ["round_down", constant("round_down(3, 2)")],
  ["DIV_ROUND_UP", constant("DIV_ROUND_UP(3, 2)")],
  ["likely", section("if (likely(READ_ONCE(x) == 1)) {", "}")],
  ["unlikely", section("if (unlikely(READ_ONCE(x) == 1)) {", "}")],
  ["IS_ERR", statement("o = READ_ONCE(head); b = IS_ERR(o);")],
  ["IS_ERR_OR_NULL", statement("o = READ_ONCE(head); b = IS_ERR_OR_NULL(o);")],
  ["IS_ERR_VALUE", constant("IS_ERR_VALUE((unsigned long)a)")],
  ["PTR_ERR", statement("o = ERR_PTR(-ENOMEM); b = PTR_ERR(o) == -ENOMEM;")],
  ["PTR_ERR_OR_ZERO", statement("o = READ_ONCE(head); b = PTR_ERR_OR_ZERO(o);")],
  ["ERR_PTR", statement("o = ERR_PTR(-EBUSY); b = IS_ERR(o);")],
  ["ERR_CAST", statement("o = ERR_CAST(ERR_PTR(-EAGAIN)); b = IS_ERR(o);")],
  ["kmalloc", own("kmalloc(sizeof(*o), GFP_ATOMIC)")],
  ["kzalloc", own("kzalloc(sizeof(*o), GFP_ATOMIC)")],
  ["kvmalloc", sleeping(own("kvmalloc(sizeof(*o), GFP_KERNEL)"))],
  ["kvzalloc", sleeping(own("kvzalloc(sizeof(*o), GFP_KERNEL)"))],
  ["kmalloc_array", own("kmalloc_array(2, sizeof(*o), GFP_ATOMIC)")],
  ["kcalloc", own("kcalloc(2, sizeof(*o), GFP_ATOMIC)")],
  ["KMEM_CACHE", statement("o = kmem_cache_alloc(cache, GFP_ATOMIC); if (o) kmem_cache_free(cache, o);")],
  ["memset", copied("memset(&two, 0, sizeof(two))")],
  ["memcpy", copied("memcpy(&two, &one, sizeof(two))")],
  ["memmove", copied("memmove(&two, &one, sizeof(two))")],
  ["BUILD_BUG_ON", statement("BUILD_BUG_ON(sizeof(struct pair) == 0);")],
  ["BUILD_BUG_ON_MSG", statement('BUILD_BUG_ON_MSG(sizeof(struct pair) == 0, "empty");')],
  ["BUILD_BUG_ON_ZERO", constant("BUILD_BUG_ON_ZERO(0)")],
  ["__same_type", constant("__same_type(a, b)")],
  ["__builtin_types_compatible_p", constant("__builtin_types_compatible_p(int, unsigned int)")],
  ["struct_size", statement("{ struct row *r = kzalloc(struct_size(r, v, 1), GFP_ATOMIC); kfree(r); }")],
  ["__set_bit", word("__set_bit(1, &w)")],
  ["__clear_bit", word("__clear_bit(0, &w)")],
  ["__change_bit", word("__change_bit(0, &w)")],
  ["__builtin_expect", section("if (__builtin_expect(READ_ONCE(x) == 1, 1)) {", "}")],
  ["__builtin_constant_p", constant("__builtin_constant_p(3)")],
  ["unreachable", statement("if (READ_ONCE(x) > 2) unreachable();")],
  ["__builtin_unreachable", statement("if (READ_ONCE(x) > 2) __builtin_unreachable();")],
]);
