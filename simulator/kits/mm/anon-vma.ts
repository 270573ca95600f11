/** `<mm/anon_vma.h>`: anon_vma, its tree, its lifetime, and how a walk finds and locks it. */
export const anonVmaKit = String.raw`/*
 * anon_vma, the edges to VMAs, and folio_lock_anon_vma_read().
 *
 * Rules. The root's rwsem is the lock of the whole family: read to walk a
 * tree, write to change one. The memory comes from a slab that is
 * SLAB_TYPESAFE_BY_RCU: inside an RCU section that began before the free
 * it stays an anon_vma, perhaps another one. A reference (refcount) keeps
 * it from being freed; a child keeps its root. One family is locked at a
 * time.
 */
#ifndef _MM_ANON_VMA_H
#define _MM_ANON_VMA_H
#include <mm/folio.h>

/*
 * H1: which incarnation of a slab object this is. The tables are ghosts:
 * a walk compares them and takes no step for it.
 */
ghost struct anon_vma *slab_object[NR_ANON_VMAS];
ghost int slab_generation[NR_ANON_VMAS];
ghost int stale_locks;		/* locks taken of an incarnation that was not meant */

static int slab_slot(struct anon_vma *anon_vma)
{
	for (int nr = 0; nr < NR_ANON_VMAS; nr++)
		if (slab_object[nr] == anon_vma)
			return nr;
	return -1;
}

static int anon_vma_generation(struct anon_vma *anon_vma)
{
	int nr = slab_slot(anon_vma);

	return nr < 0 ? 0 : slab_generation[nr];
}

/*
 * The slab's constructor: once for each object, before it is first handed
 * out. What is freed has an empty tree, so that the tree is ready.
 */
struct anon_vma *constructed[NR_ANON_VMAS];

static void anon_vma_construct(struct anon_vma *anon_vma)
{
	atomic {
		for (int nr = 0; nr < NR_ANON_VMAS; nr++) {
			if (constructed[nr] == anon_vma)
				break;
			if (constructed[nr])
				continue;
			constructed[nr] = anon_vma;
			anon_vma->rb_root = NULL;
#if FLAG
			anon_vma->moved = false;
#endif
			break;
		}
	}
}

/*
 * Freed memory keeps what it has until it is set here. NULL when the pool
 * is empty (a pin still holds one).
 */
static struct anon_vma *anon_vma_alloc(void)
{
	struct anon_vma *anon_vma = kmem_cache_alloc(anon_vma_cachep, GFP_KERNEL);

	if (!anon_vma)
		return NULL;
	ghost {
		int nr = slab_slot(anon_vma);

		for (int free = 0; nr < 0 && free < NR_ANON_VMAS; free++) {
			if (!slab_object[free]) {
				slab_object[free] = anon_vma;
				nr = free;
			}
		}
		slab_generation[nr]++;
	}
	anon_vma_construct(anon_vma);
	atomic_set(&anon_vma->refcount, 1);
#if FAMILIES
	WRITE_ONCE(anon_vma->root, anon_vma);
	anon_vma->parent = anon_vma;
	anon_vma->num_children = 0;
	anon_vma->num_active_vmas = 0;
#endif
#if FLAG && MARK_CLEARED
	WRITE_ONCE(anon_vma->moved, false);
#endif
	return anon_vma;
}

#if FAMILIES
#define anon_vma_root(anon_vma) READ_ONCE((anon_vma)->root)
#else
#define anon_vma_root(anon_vma) (anon_vma)
#endif

static struct rw_semaphore *anon_vma_rwsem(struct anon_vma *anon_vma)
{
	return &anon_vma_root(anon_vma)->rwsem;
}

static void anon_vma_lock_write(struct anon_vma *anon_vma)
{
	down_write(anon_vma_rwsem(anon_vma));
}

static int anon_vma_trylock_write(struct anon_vma *anon_vma)
{
	return down_write_trylock(anon_vma_rwsem(anon_vma));
}

static void anon_vma_unlock_write(struct anon_vma *anon_vma)
{
	up_write(anon_vma_rwsem(anon_vma));
}

static void anon_vma_lock_read(struct anon_vma *anon_vma)
{
	if (!NO_RMAP_LOCK)
		down_read(anon_vma_rwsem(anon_vma));
}

static int anon_vma_trylock_read(struct anon_vma *anon_vma)
{
	return NO_RMAP_LOCK || down_read_trylock(anon_vma_rwsem(anon_vma));
}

static void anon_vma_unlock_read(struct anon_vma *anon_vma)
{
	if (!NO_RMAP_LOCK)
		up_read(anon_vma_rwsem(anon_vma));
}

/*
 * anon_vma_free(): a walk that got at the memory by a stale mapping may
 * have the lock and be about to see its mistake. Wait until it let go.
 */
static void anon_vma_free(struct anon_vma *anon_vma)
{
	might_sleep();
	if (rwsem_is_locked(anon_vma_rwsem(anon_vma))) {
		anon_vma_lock_write(anon_vma);
		anon_vma_unlock_write(anon_vma);
	}
	kmem_cache_free(anon_vma_cachep, anon_vma);
}

static void get_anon_vma(struct anon_vma *anon_vma)
{
	atomic_inc(&anon_vma->refcount);
}

/* After the last reference; gives back the one that it held of its root. */
static void __put_anon_vma(struct anon_vma *anon_vma)
{
	struct anon_vma *root = anon_vma_root(anon_vma);

	anon_vma_free(anon_vma);
	if (root != anon_vma && atomic_dec_and_test(&root->refcount))
		anon_vma_free(root);
}

static void put_anon_vma(struct anon_vma *anon_vma)
{
	if (atomic_dec_and_test(&anon_vma->refcount))
		__put_anon_vma(anon_vma);
}

/*
 * The interval tree, as a list in the order of a walk: by page offset of
 * the VMA's first page, equal ones in the order of insertion.
 */
static void anon_vma_interval_tree_insert(struct anon_vma_chain *avc, struct anon_vma *anon_vma)
{
	struct anon_vma_chain *prev = NULL, *next = anon_vma->rb_root;
	pgoff_t start = avc->vma->vm_pgoff;

	while (next && next->vma->vm_pgoff <= start) {
		prev = next;
		next = next->rb_next;
	}
	avc->rb_next = next;
	if (prev)
		prev->rb_next = avc;
	else
		anon_vma->rb_root = avc;
}

static void anon_vma_interval_tree_remove(struct anon_vma_chain *avc, struct anon_vma *anon_vma)
{
	struct anon_vma_chain *prev, *next = avc->rb_next;

	if (anon_vma->rb_root == avc) {
		anon_vma->rb_root = next;
		return;
	}
	for (prev = anon_vma->rb_root; prev->rb_next != avc; prev = prev->rb_next)
		;
	prev->rb_next = next;
}

/* anon_vma_chain_link(): the root is write-locked, and mmap_lock. */
static void anon_vma_chain_link(struct vm_area_struct *vma, struct anon_vma_chain *avc,
				struct anon_vma *anon_vma)
{
	struct anon_vma_chain *last = vma->anon_vma_chain;

	avc->vma = vma;
	avc->anon_vma = anon_vma;
	avc->same_vma = NULL;
	while (last && last->same_vma)
		last = last->same_vma;
	if (last)
		last->same_vma = avc;
	else
		vma->anon_vma_chain = avc;
	anon_vma_interval_tree_insert(avc, anon_vma);
}

/*
 * anon_vma_clone(): dst gets the edges of src. One write lock of the root
 * for all of them; allocation under it must not sleep (kmalloc does not
 * fail here, so that the way over GFP_KERNEL is left out). A VMA without an
 * anon_vma of its own (fork) takes over an ancestor's that no VMA uses any
 * more and that has one child at most.
 */
static void anon_vma_clone(struct vm_area_struct *dst, struct vm_area_struct *src)
{
	struct anon_vma_chain *pavc, *avc;
	struct anon_vma *root = NULL;

	for (pavc = src->anon_vma_chain; pavc; pavc = pavc->same_vma) {
		avc = kzalloc(sizeof(*avc), GFP_NOWAIT);
		if (!root) {
			root = anon_vma_root(pavc->anon_vma);
			down_write(&root->rwsem);
		}
		anon_vma_chain_link(dst, avc, pavc->anon_vma);
#if FAMILIES
		if (!dst->anon_vma && src->anon_vma && pavc->anon_vma->num_children < 2 &&
		    pavc->anon_vma->num_active_vmas == 0)
			dst->anon_vma = pavc->anon_vma;
#endif
	}
#if FAMILIES
	if (dst->anon_vma)
		dst->anon_vma->num_active_vmas++;
#endif
	if (root)
		up_write(&root->rwsem);
}

/*
 * unlink_anon_vmas(): out of all trees under the root's write lock; an
 * anon_vma whose tree has become empty is put outside of the lock.
 */
static void unlink_anon_vmas(struct vm_area_struct *vma)
{
	struct anon_vma_chain *avc, *next;
	struct anon_vma *root = NULL, *anon_vma;

	for (avc = vma->anon_vma_chain; avc; avc = avc->same_vma) {
		anon_vma = avc->anon_vma;
		if (!root) {
			root = anon_vma_root(anon_vma);
			down_write(&root->rwsem);
		}
		anon_vma_interval_tree_remove(avc, anon_vma);
		if (anon_vma->rb_root) {
			avc->anon_vma = NULL;	/* others use it */
			continue;
		}
#if FAMILIES
		anon_vma->parent->num_children--;
#endif
	}
#if FAMILIES
	if (vma->anon_vma)
		vma->anon_vma->num_active_vmas--;
#endif
	vma->anon_vma = NULL;
	if (root)
		up_write(&root->rwsem);

	avc = vma->anon_vma_chain;
	vma->anon_vma_chain = NULL;
	for (; avc; avc = next) {
		next = avc->same_vma;
		if (avc->anon_vma)
			put_anon_vma(avc->anon_vma);
		kfree(avc);
	}
}

/*
 * anon_vma_prepare(): of a fresh VMA. Left out: sharing a neighbour's
 * anon_vma, and the race of two faults for it.
 */
static bool anon_vma_prepare(struct vm_area_struct *vma)
{
	struct anon_vma *anon_vma = anon_vma_alloc();
	struct anon_vma_chain *avc;

	if (!anon_vma)
		return false;
	avc = kzalloc(sizeof(*avc), GFP_KERNEL);
#if FAMILIES
	anon_vma->num_children++;		/* the root is its own child */
	anon_vma->num_active_vmas++;
#endif
	anon_vma_lock_write(anon_vma);
	vma->anon_vma = anon_vma;
	anon_vma_chain_link(vma, avc, anon_vma);
	anon_vma_unlock_write(anon_vma);
	return true;
}

/*
 * folio_get_anon_vma(): a reference instead of the lock.
 * Steps: RCU; mapping (not anonymous: NULL); mapcount 0: NULL; refcount
 * unless zero; mapcount again, and put if it is 0 now: the count may have
 * come too late and pin a stranger.
 */
static struct anon_vma *folio_get_anon_vma(struct folio *folio)
{
	struct anon_vma *anon_vma = NULL;
	void *mapping;

	rcu_read_lock();
	mapping = READ_ONCE(folio->mapping);
	if (!mapping_is_anon(mapping))
		goto out;
	if (!folio_mapped(folio))
		goto out;
	anon_vma = mapping_anon_vma(mapping);
	if (!atomic_inc_not_zero(&anon_vma->refcount)) {
		anon_vma = NULL;
		goto out;
	}
	if (!folio_mapped(folio)) {
		rcu_read_unlock();
		put_anon_vma(anon_vma);
		return NULL;
	}
out:
	rcu_read_unlock();
	return anon_vma;
}

/* What a walk that looks for its folio's anon_vma is told. */
struct anon_vma_lookup {
	bool try_lock;		/* in: rather give up than sleep */
	bool folio_locked;	/* in: by the caller */
	bool contended;		/* out: given up */
	bool folio_needed;	/* out: a marked root; take the folio lock */
	bool retry;
};

#if FLAG
static bool folio_lock_is_missing(struct anon_vma *anon_vma, struct anon_vma_lookup *lookup)
{
	if (!lookup->folio_locked && READ_ONCE(anon_vma_root(anon_vma)->moved))
		lookup->folio_needed = true;
	return lookup->folio_needed;
}
#endif

/*
 * The slow way: pin the anon_vma, leave RCU, sleep for the lock, look at
 * mapping again. Leaves the RCU section of the caller.
 * Gives the locked anon_vma, or NULL, with lookup->retry to start over.
 */
static struct anon_vma *sleep_for_anon_vma(struct folio *folio, void *mapping,
					   struct anon_vma_lookup *lookup)
{
	struct anon_vma *anon_vma = mapping_anon_vma(mapping);

	if (!atomic_inc_not_zero(&anon_vma->refcount)) {
		rcu_read_unlock();
		return NULL;
	}
	if (!folio_mapped(folio)) {
		rcu_read_unlock();
		put_anon_vma(anon_vma);
		return NULL;
	}
	rcu_read_unlock();
	anon_vma_lock_read(anon_vma);
	if (MAPPING_RECHECKED && READ_ONCE(folio->mapping) != mapping) {
		anon_vma_unlock_read(anon_vma);
		put_anon_vma(anon_vma);
		lookup->retry = true;
		return NULL;
	}
#if FLAG == 3
	if (folio_lock_is_missing(anon_vma, lookup)) {
		anon_vma_unlock_read(anon_vma);
		put_anon_vma(anon_vma);
		return NULL;
	}
#endif
	if (atomic_dec_and_test(&anon_vma->refcount)) {
		/* Ours was the last: the folio is mapped nowhere now. */
		anon_vma_unlock_read(anon_vma);
		__put_anon_vma(anon_vma);
		return NULL;
	}
	return anon_vma;
}

/*
 * folio_lock_anon_vma_read().
 * Steps: RCU; mapping (not anonymous: NULL); mapcount 0: NULL; try the
 * root's lock for reading. Got it: mapping changed: unlock, start over
 * [not with RECHECK_GONE]; mapcount 0: unlock, NULL; out of RCU. Not:
 * with try_lock contended, NULL; else the slow way above.
 */
static struct anon_vma *folio_lock_anon_vma_read(struct folio *folio, struct anon_vma_lookup *lookup)
{
	struct anon_vma *anon_vma;
	void *mapping;
	ghost int generation = 0;

again:
	lookup->retry = false;
	rcu_read_lock();
	mapping = READ_ONCE(folio->mapping);
	if (!mapping_is_anon(mapping) || !folio_mapped(folio)) {
		rcu_read_unlock();
		return NULL;
	}
	anon_vma = mapping_anon_vma(mapping);
	generation = anon_vma_generation(anon_vma);
#if FLAG
	if (folio_lock_is_missing(anon_vma, lookup)) {
		rcu_read_unlock();
		return NULL;
	}
#endif
	if (!anon_vma_trylock_read(anon_vma)) {
		if (lookup->try_lock) {
			rcu_read_unlock();
			lookup->contended = true;
			return NULL;
		}
		anon_vma = sleep_for_anon_vma(folio, mapping, lookup);
		if (lookup->retry)
			goto again;
		ghost {
			if (anon_vma && generation != anon_vma_generation(anon_vma))
				stale_locks++;
		}
		return anon_vma;
	}
	if (MAPPING_RECHECKED && READ_ONCE(folio->mapping) != mapping) {
		anon_vma_unlock_read(anon_vma);
		rcu_read_unlock();
		goto again;
	}
#if FLAG == 3
	if (folio_lock_is_missing(anon_vma, lookup)) {
		anon_vma_unlock_read(anon_vma);
		rcu_read_unlock();
		return NULL;
	}
#endif
	if (!folio_mapped(folio)) {
		anon_vma_unlock_read(anon_vma);
		anon_vma = NULL;
	}
	ghost {
		if (anon_vma && generation != anon_vma_generation(anon_vma))
			stale_locks++;
	}
	rcu_read_unlock();
	return anon_vma;
}

#endif
`;
