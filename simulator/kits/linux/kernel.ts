/**
 * What kernel code takes for granted without naming a header: arithmetic helpers, static keys, words of printk. A unit
 * gets the text when it uses one of its names; a definition of the unit's own goes first.
 * Source of the rules: include/linux/{minmax,math,log2,bitops,mm,pfn,jump_label,kern_levels}.h, 6.12.
 */
export const kernelText = String.raw`#define min3(a, b, c) min(min(a, b), c)
#define max3(a, b, c) max(max(a, b), c)
#define umin(a, b) min((a) + 0u, (b) + 0u)
#define umax(a, b) max((a) + 0u, (b) + 0u)
#define clamp_val(value, lo, hi) clamp_t(typeof(value), value, lo, hi)
#define min_not_zero(a, b) ({ \
	typeof(a) a__ = (a); \
	typeof(b) b__ = (b); \
	a__ == 0 ? b__ : (b__ == 0 ? a__ : min(a__, b__)); \
})
#define abs_diff(a, b) ({ typeof(a) a__ = (a); typeof(b) b__ = (b); a__ > b__ ? a__ - b__ : b__ - a__; })
#define in_range(value, start, len) ((value) - (start) < (len))
#define roundup(x, y) ({ typeof(y) y__ = (y); (((x) + (y__ - 1)) / y__) * y__; })
#define rounddown(x, y) ({ typeof(x) x__ = (x); x__ - (x__ % (y)); })
#define DIV_ROUND_CLOSEST(x, d) ({ typeof(x) x__ = (x); typeof(d) d__ = (d); (x__ + (d__ / 2)) / d__; })
#define DIV_ROUND_UP_ULL(n, d) DIV_ROUND_UP(n, d)
#define DIV_ROUND_DOWN_ULL(n, d) ((n) / (d))
#define mult_frac(x, n, d) ({ typeof(x) x__ = (x); (x__ / (d)) * (n) + (x__ % (d)) * (n) / (d); })
#define upper_32_bits(n) ((u32)0)
#define lower_32_bits(n) ((u32)(n))
#define PTR_ALIGN(p, a) ((typeof(p))ALIGN((unsigned long)(p), (a)))
#define PTR_ALIGN_DOWN(p, a) ((typeof(p))ALIGN_DOWN((unsigned long)(p), (a)))
#define PAGE_ALIGN(addr) ALIGN(addr, PAGE_SIZE)
#define PAGE_ALIGN_DOWN(addr) ALIGN_DOWN(addr, PAGE_SIZE)
#define PAGE_ALIGNED(addr) IS_ALIGNED((unsigned long)(addr), PAGE_SIZE)
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
#define PFN_ALIGN(x) (((unsigned long)(x) + (PAGE_SIZE - 1)) & PAGE_MASK)
#define PFN_UP(x) (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x) ((x) >> PAGE_SHIFT)
#define PFN_PHYS(x) ((phys_addr_t)(x) << PAGE_SHIFT)
#define PHYS_PFN(x) ((unsigned long)((x) >> PAGE_SHIFT))
#define BITS_PER_TYPE(type) (sizeof(type) * BITS_PER_BYTE)
#define BIT_ULL(n) (1ULL << (n))
#define BIT_MASK(nr) (1UL << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr) ((nr) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
#define array_index_nospec(index, size) (index)
#define array_size(n, size) ((n) * (size))
#define size_mul(a, b) ((size_t)(a) * (b))
#define size_add(a, b) ((size_t)(a) + (b))
#define check_add_overflow(a, b, d) ({ \
	typeof(*(d)) a__ = (a), b__ = (b); \
	*(d) = a__ + b__; \
	*(d) < a__; \
})
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
#define BUILD_BUG_ON_NOT_POWER_OF_2(n) BUILD_BUG_ON((n) == 0 || (((n) & ((n) - 1)) != 0))
#define BUILD_BUG() BUILD_BUG_ON(1)
#define __must_be_array(a) 0
#define typecheck(type, x) 1
#define __stringify_1(x...) #x
#define __stringify(x...) __stringify_1(x)
#define __is_defined(x) IS_ENABLED(x)
#define assign_bit(nr, addr, value) ((value) ? set_bit((nr), (addr)) : clear_bit((nr), (addr)))
#define __assign_bit(nr, addr, value) ((value) ? __set_bit((nr), (addr)) : __clear_bit((nr), (addr)))
#define __test_and_set_bit(nr, addr) ({ bool old__ = test_bit(nr, addr); __set_bit(nr, addr); old__; })
#define __test_and_clear_bit(nr, addr) ({ bool old__ = test_bit(nr, addr); __clear_bit(nr, addr); old__; })
#define for_each_set_bit(bit, addr, size) \
	for ((bit) = 0; (bit) < (size); (bit)++) \
		if (!test_bit((bit), (addr))) { } else
#define for_each_clear_bit(bit, addr, size) \
	for ((bit) = 0; (bit) < (size); (bit)++) \
		if (test_bit((bit), (addr))) { } else

static inline bool is_power_of_2(unsigned long n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

static inline unsigned int hweight32(u32 w)
{
	unsigned int n = 0;

	for (; w; w &= w - 1)
		n++;
	return n;
}
#define hweight8(w) hweight32((u8)(w))
#define hweight16(w) hweight32((u16)(w))
#define hweight64(w) hweight32(w)
#define hweight_long(w) hweight32(w)

/* The highest set bit, counted from 1; 0 for none. */
static inline int fls(unsigned int x)
{
	int n = 0;

	for (; x; x >>= 1)
		n++;
	return n;
}
#define fls_long(x) fls(x)
#define fls64(x) fls(x)
#define __fls(x) ((unsigned long)(fls(x) - 1))
#define ilog2(n) (fls(n) - 1)

/* The lowest set bit, counted from 1; 0 for none. */
static inline int ffs(unsigned int x)
{
	return x ? fls(x & -x) : 0;
}
#define __ffs(x) ((unsigned long)(ffs(x) - 1))
#define __ffs64(x) __ffs(x)
#define ffz(x) __ffs(~(x))

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return n < 2 ? 1 : 1UL << fls(n - 1);
}

static inline unsigned long rounddown_pow_of_two(unsigned long n)
{
	return 1UL << (fls(n) - 1);
}

static inline int order_base_2(unsigned long n)
{
	return n > 1 ? fls(n - 1) : 0;
}

static inline int get_order(unsigned long size)
{
	return size <= PAGE_SIZE ? 0 : fls((size - 1) >> PAGE_SHIFT);
}

static inline unsigned long find_next_bit(const unsigned long *addr, unsigned long size, unsigned long offset)
{
	for (; offset < size; offset++)
		if (test_bit(offset, addr))
			break;
	return min(offset, size);
}

static inline unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long size, unsigned long offset)
{
	for (; offset < size; offset++)
		if (!test_bit(offset, addr))
			break;
	return min(offset, size);
}
#define find_first_bit(addr, size) find_next_bit(addr, size, 0)
#define find_first_zero_bit(addr, size) find_next_zero_bit(addr, size, 0)

/* Allocation under other names. */
#define vmalloc(size) kmalloc(size, GFP_KERNEL)
#define vzalloc(size) kzalloc(size, GFP_KERNEL)
#define vfree(p) kfree(p)
#define kmalloc_node(size, flags, node) kmalloc(size, flags)
#define kzalloc_node(size, flags, node) kzalloc(size, flags)
#define kvcalloc(n, size, flags) kcalloc(n, size, flags)
#define kvmalloc_array(n, size, flags) kmalloc_array(n, size, flags)
#define kfree_const(p) kfree(p)
#define kmemdup(p, size, flags) ({ \
	typeof(*(p)) *copy__ = kmalloc(size, flags); \
	if (copy__) \
		memcpy(copy__, p, size); \
	copy__; \
})
#define rcu_dereference_bh(p) rcu_dereference(p)
#define rcu_dereference_sched(p) rcu_dereference(p)

/* Static keys: a key is a cell that is read, marked, where it is asked. */
struct static_key { int enabled; };
struct static_key_true { struct static_key key; };
struct static_key_false { struct static_key key; };
#define DEFINE_STATIC_KEY_TRUE(name) struct static_key_true name = { .key = { 1 } }
#define DEFINE_STATIC_KEY_FALSE(name) struct static_key_false name = { .key = { 0 } }
#define DECLARE_STATIC_KEY_TRUE(name) extern struct static_key_true name
#define DECLARE_STATIC_KEY_FALSE(name) extern struct static_key_false name
#define static_branch_likely(x) (READ_ONCE((x)->key.enabled) > 0)
#define static_branch_unlikely(x) (READ_ONCE((x)->key.enabled) > 0)
#define static_key_enabled(x) (READ_ONCE((x)->key.enabled) > 0)
#define static_branch_enable(x) WRITE_ONCE((x)->key.enabled, 1)
#define static_branch_disable(x) WRITE_ONCE((x)->key.enabled, 0)

/* Words of printk and of modules. */
#define KERN_EMERG "<0>"
#define KERN_ALERT "<1>"
#define KERN_CRIT "<2>"
#define KERN_ERR "<3>"
#define KERN_WARNING "<4>"
#define KERN_NOTICE "<5>"
#define KERN_INFO "<6>"
#define KERN_DEBUG "<7>"
#define KERN_DEFAULT ""
#define KERN_CONT ""
#define KBUILD_MODNAME "scenario"
#define THIS_MODULE ((struct module *)0)
`;

/**
 * <linux/cleanup.h>: DEFINE_FREE, __free, no_free_ptr, DEFINE_CLASS, CLASS, DEFINE_GUARD. The compiler knows
 * `__free(x)` and `__cleanup(f)` behind a local variable: __free_x(&variable) is called when its scope is left.
 */
export const cleanupText = String.raw`#define DEFINE_FREE(_name, _type, _free) \
	static inline void __free_##_name(void *p) { _type _T = *(_type *)p; _free; }

DEFINE_FREE(kfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))
DEFINE_FREE(kvfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))

#define no_free_ptr(p) ({ __auto_type ptr__ = (p); (p) = NULL; ptr__; })
#define retain_and_null_ptr(p) ((void)no_free_ptr(p))
#define return_ptr(p) return no_free_ptr(p)

#define DEFINE_CLASS(_name, _type, _exit, _init, _init_args...) \
	typedef _type class_##_name##_t; \
	static inline void class_##_name##_destructor(_type *p) { _type _T = *p; _exit; } \
	static inline _type class_##_name##_constructor(_init_args) { _type t = _init; return t; }
#define CLASS(_name, var) \
	class_##_name##_t var __cleanup(class_##_name##_destructor) = class_##_name##_constructor
#define DEFINE_GUARD(_name, _type, _lock, _unlock) \
	DEFINE_CLASS(_name, _type, if (_T) { _unlock; }, ({ _lock; _T; }), _type _T)
`;
