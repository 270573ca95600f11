/**
 * <linux/bit_spinlock.h>, <linux/list_bl.h> and <linux/lockref.h>: locks that live in a bit of a word, and a count that
 * changes in one step while its lock is free. Source of the rules: include/linux/bit_spinlock.h, list_bl.h, rculist_bl.h,
 * lib/lockref.c, 6.12.
 */

/** A bit lock is one step, enabled while the bit is clear, and has no owner: nothing else is known of who holds it. */
export const bitSpinlockText = String.raw`static inline void bit_spin_lock(int bitnum, unsigned long *addr)
{
	preempt_disable();
	atomic {
		await(!(*addr & BIT(bitnum)));
		*addr |= BIT(bitnum);
	}
}

static inline int bit_spin_trylock(int bitnum, unsigned long *addr)
{
	preempt_disable();
	if (test_and_set_bit_lock(bitnum, addr)) {
		preempt_enable();
		return 0;
	}
	return 1;
}

static inline void bit_spin_unlock(int bitnum, unsigned long *addr)
{
	BUG_ON(!test_bit(bitnum, addr));
	clear_bit_unlock(bitnum, addr);
	preempt_enable();
}

static inline void __bit_spin_unlock(int bitnum, unsigned long *addr)
{
	bit_spin_unlock(bitnum, addr);
}

static inline int bit_spin_is_locked(int bitnum, unsigned long *addr)
{
	return test_bit(bitnum, addr);
}
`;

export const hlistBlText = String.raw`/* Hash chains whose lock is bit 0 of the head. */
#include <linux/bit_spinlock.h>

struct hlist_bl_node { struct hlist_bl_node *next, **pprev; };
struct hlist_bl_head { struct hlist_bl_node *first; };

#define LIST_BL_LOCKMASK 1UL
#define INIT_HLIST_BL_HEAD(ptr) ((ptr)->first = NULL)

static inline void INIT_HLIST_BL_NODE(struct hlist_bl_node *h)
{
	h->next = NULL;
	h->pprev = NULL;
}

static inline bool hlist_bl_unhashed(const struct hlist_bl_node *h)
{
	return !h->pprev;
}

static inline struct hlist_bl_node *hlist_bl_first(struct hlist_bl_head *h)
{
	return (struct hlist_bl_node *)((unsigned long)h->first & ~LIST_BL_LOCKMASK);
}

static inline struct hlist_bl_node *hlist_bl_first_rcu(struct hlist_bl_head *h)
{
	return (struct hlist_bl_node *)((unsigned long)rcu_dereference(h->first) & ~LIST_BL_LOCKMASK);
}

static inline void hlist_bl_set_first(struct hlist_bl_head *h, struct hlist_bl_node *n)
{
	h->first = (struct hlist_bl_node *)((unsigned long)n | LIST_BL_LOCKMASK);
}

static inline bool hlist_bl_empty(const struct hlist_bl_head *h)
{
	return !((unsigned long)READ_ONCE(h->first) & ~LIST_BL_LOCKMASK);
}

static inline void hlist_bl_add_head(struct hlist_bl_node *n, struct hlist_bl_head *h)
{
	struct hlist_bl_node *first = hlist_bl_first(h);

	n->next = first;
	if (first)
		first->pprev = &n->next;
	n->pprev = &h->first;
	hlist_bl_set_first(h, n);
}

static inline void hlist_bl_add_head_rcu(struct hlist_bl_node *n, struct hlist_bl_head *h)
{
	struct hlist_bl_node *first = hlist_bl_first(h);

	n->next = first;
	if (first)
		first->pprev = &n->next;
	n->pprev = &h->first;
	rcu_assign_pointer(h->first, (struct hlist_bl_node *)((unsigned long)n | LIST_BL_LOCKMASK));
}

static inline void __hlist_bl_del(struct hlist_bl_node *n)
{
	struct hlist_bl_node *next = n->next;
	struct hlist_bl_node **pprev = n->pprev;

	WRITE_ONCE(*pprev, (struct hlist_bl_node *)((unsigned long)next | ((unsigned long)*pprev & LIST_BL_LOCKMASK)));
	if (next)
		next->pprev = pprev;
}

static inline void hlist_bl_del(struct hlist_bl_node *n)
{
	__hlist_bl_del(n);
	n->next = (void *)0x100;
	n->pprev = (void *)0x122;
}

static inline void hlist_bl_del_rcu(struct hlist_bl_node *n)
{
	__hlist_bl_del(n);
	n->pprev = (void *)0x122;
}

static inline void hlist_bl_del_init(struct hlist_bl_node *n)
{
	if (!hlist_bl_unhashed(n)) {
		__hlist_bl_del(n);
		INIT_HLIST_BL_NODE(n);
	}
}

static inline void hlist_bl_lock(struct hlist_bl_head *b)
{
	bit_spin_lock(0, (unsigned long *)b);
}

static inline void hlist_bl_unlock(struct hlist_bl_head *b)
{
	bit_spin_unlock(0, (unsigned long *)b);
}

static inline bool hlist_bl_is_locked(struct hlist_bl_head *b)
{
	return bit_spin_is_locked(0, (unsigned long *)b);
}

#define hlist_bl_entry(ptr, type, member) container_of(ptr, type, member)
#define hlist_bl_for_each_entry(tpos, pos, head, member) \
	for (pos = hlist_bl_first(head); \
	     pos && ({ tpos = hlist_bl_entry(pos, typeof(*tpos), member); 1; }); pos = pos->next)
#define hlist_bl_for_each_entry_safe(tpos, pos, n, head, member) \
	for (pos = hlist_bl_first(head); \
	     pos && ({ n = pos->next; 1; }) && ({ tpos = hlist_bl_entry(pos, typeof(*tpos), member); 1; }); pos = n)
#define hlist_bl_for_each_entry_rcu(tpos, pos, head, member) \
	for (pos = hlist_bl_first_rcu(head); \
	     pos && ({ tpos = hlist_bl_entry(pos, typeof(*tpos), member); 1; }); pos = rcu_dereference_raw(pos->next))
`;

/** As by cmpxchg of lock and count together: one step, enabled while the lock is free; waiting for it is the slow path. */
export const lockrefText = String.raw`/* A lock and a count; a dead one has a negative count. */
struct lockref { spinlock_t lock; int count; };

static inline void lockref_get(struct lockref *lockref)
{
	atomic {
		await(!spin_is_locked(&lockref->lock));
		lockref->count++;
	}
}

static inline int lockref_get_not_zero(struct lockref *lockref)
{
	atomic {
		await(!spin_is_locked(&lockref->lock));
		if (lockref->count <= 0)
			return 0;
		lockref->count++;
	}
	return 1;
}

static inline int lockref_put_not_zero(struct lockref *lockref)
{
	atomic {
		await(!spin_is_locked(&lockref->lock));
		if (lockref->count <= 1)
			return 0;
		lockref->count--;
	}
	return 1;
}

/* The new count, or -1 when the lock is held or the count is not positive. */
static inline int lockref_put_return(struct lockref *lockref)
{
	atomic {
		if (spin_is_locked(&lockref->lock) || lockref->count <= 0)
			return -1;
		return --lockref->count;
	}
}

/* Returns 1, or 0 with the lock held. */
static inline int lockref_put_or_lock(struct lockref *lockref)
{
	atomic {
		await(!spin_is_locked(&lockref->lock));
		if (lockref->count > 1) {
			lockref->count--;
			return 1;
		}
	}
	spin_lock(&lockref->lock);
	if (lockref->count <= 1)
		return 0;
	lockref->count--;
	spin_unlock(&lockref->lock);
	return 1;
}

static inline void lockref_mark_dead(struct lockref *lockref)
{
	lockdep_assert_held(&lockref->lock);
	lockref->count = -128;
}

static inline int lockref_get_not_dead(struct lockref *lockref)
{
	atomic {
		await(!spin_is_locked(&lockref->lock));
		if (lockref->count < 0)
			return 0;
		lockref->count++;
	}
	return 1;
}

static inline bool __lockref_is_dead(const struct lockref *lockref)
{
	return lockref->count < 0;
}
`;
