/** `<mm/types.h>`: sizes, variants and objects of the mm kit. Lock rules: see docs/mm-kit.md. */
export const typesKit = String.raw`/*
 * Objects of memory management, as far as reverse mapping needs them.
 *
 * Sizes are defines; a scenario sets its own before the first #include.
 * Addresses and page offsets count pages. Everything is as small as it
 * can be while every lock keeps a job.
 */
#ifndef _MM_TYPES_H
#define _MM_TYPES_H

#ifndef NR_FOLIOS
#define NR_FOLIOS 1		/* pages, numbered from 0: a pfn */
#endif
#ifndef NR_MMS
#define NR_MMS 1		/* processes */
#endif
#ifndef NR_VMAS
#define NR_VMAS 2		/* VMAs of a process */
#endif
#ifndef NR_TABLES
#define NR_TABLES 2		/* page tables of a process */
#endif
#ifndef PTRS_PER_TABLE
#define PTRS_PER_TABLE 1	/* pages that a page table maps */
#endif
#ifndef NR_ANON_VMAS
#define NR_ANON_VMAS 2		/* of the slab pool */
#endif
#define NR_PAGES (NR_TABLES * PTRS_PER_TABLE)

/*
 * What may change. The first three stand for hunks of the proposal, the
 * others for what was proposed instead of it.
 */
#ifndef RECHECK_GONE
#define RECHECK_GONE 0		/* no second look at folio->mapping */
#endif
#ifndef LOCK_ALWAYS
#define LOCK_ALWAYS 0		/* each walk holds the folio lock */
#endif
#ifndef MOVE_NO_LOCK
#define MOVE_NO_LOCK 0		/* MOVE without the anon_vma lock */
#endif
#ifndef NO_RMAP_LOCK
#define NO_RMAP_LOCK 0		/* no walk takes the anon_vma lock */
#endif
/*
 * A root that MOVE has touched is marked, and walks of marked roots take
 * the folio lock instead of relying on MOVE's write lock.
 * 1: marked without waiting for walks, the second look stays;
 * 2: the same without the second look;
 * 3: marked under the write lock, and a walk looks again at the mark
 *    when it has the read lock; no second look at the mapping.
 */
#ifndef FLAG
#define FLAG 0
#endif
/*
 * "A marked root never unmarks": the mark is set to 0 by the slab's
 * constructor alone and outlives the root. 1: each new root starts
 * without one.
 */
#ifndef MARK_CLEARED
#define MARK_CLEARED 0
#endif
#define MAPPING_RECHECKED (!RECHECK_GONE && FLAG < 2)

#ifndef FOLIO_INDEX_PLAIN
#define FOLIO_INDEX_PLAIN 0	/* folio->index without __data_racy */
#endif
#ifndef PMD_CAN_CHANGE
#define PMD_CAN_CHANGE 0	/* somebody moves or retracts page tables */
#endif
#ifndef LARGE_FOLIOS
#define LARGE_FOLIOS 0		/* folios of two pages exist */
#endif
#ifndef KSM_PAGES
#define KSM_PAGES 0		/* folios of KSM exist */
#endif
#ifndef FILE_PAGES
#define FILE_PAGES 0		/* folios of the page cache exist */
#endif
#ifndef SWAP_PAGES
#define SWAP_PAGES 0		/* swap entries exist */
#endif

/*
 * The interval tree and the bounds in it belong to the anon_vma lock. A
 * forgotten lock is a data race; where the lock is left out on purpose
 * the walk is judged by what it finds instead.
 */
#if NO_RMAP_LOCK
#define __rmap_locked __data_racy
#else
#define __rmap_locked
#endif

/*
 * A plain field in the kernel, written by MOVE and read by a walk that
 * holds another root's lock. The race as such is reported on demand.
 */
#if FOLIO_INDEX_PLAIN
#define __index_racy
#else
#define __index_racy __data_racy
#endif

struct anon_vma;
struct anon_vma_chain;
struct vm_area_struct;
struct mm_struct;

struct folio {
	folio_lock_t lock;
	void *mapping;			/* tagged; folio lock to change */
	pgoff_t index __index_racy;	/* folio lock to change */
	atomic_t refcount;
	atomic_t mapcount;
	bool swapcache;			/* folio lock */
	bool pinned;			/* folio_maybe_dma_pinned() */
	bool young;			/* page_idle's and DAMON's memory */
	bool idle;
	bool mlocked;
	u8 order;			/* 1: two pages; folio lock */
};

struct anon_vma {
	struct anon_vma *root;		/* its rwsem is the lock of all */
	struct rw_semaphore rwsem;
	atomic_t refcount;
	struct anon_vma *parent;
	int num_children;		/* itself, for a root; root rwsem */
	int num_active_vmas;		/* root rwsem */
	struct anon_vma_chain *rb_root __rmap_locked;
#if FLAG
	bool moved;			/* the mark of FLAG, on the root */
#endif
};

/* The edge of a VMA and an anon_vma. */
struct anon_vma_chain {
	struct vm_area_struct *vma;
	struct anon_vma *anon_vma;
	struct anon_vma_chain *same_vma;		/* mmap_lock W */
	struct anon_vma_chain *rb_next __rmap_locked;	/* root rwsem */
};

#define VM_LOCKED	1
#define VM_DONTCOPY	2

struct vm_area_struct {
	unsigned long vm_start __rmap_locked;	/* mmap_lock W + root W */
	unsigned long vm_end __rmap_locked;
	pgoff_t vm_pgoff __rmap_locked;
	struct mm_struct *vm_mm;		/* never changes */
	vm_flags_t vm_flags;
	struct anon_vma *anon_vma;		/* mmap_lock W */
	struct anon_vma_chain *anon_vma_chain;	/* mmap_lock W */
	struct rw_semaphore vm_lock;
	int vm_lock_seq;
	bool detached;				/* vma write lock */
};

/*
 * A pte is one word: what it is, its bits, and a page number.
 * PTE_EXCLUSIVE is PageAnonExclusive() or the bit of a swap entry: it
 * can only be asked of the one pte of such a page.
 */
typedef unsigned long pte_t;
#define PTE_NONE	0
#define PTE_PRESENT	1
#define PTE_SWAP	2
#define PTE_MIGRATION	3
#define PTE_ZERO	4		/* the zero page */
#define PTE_KIND	7
#define PTE_YOUNG	8
#define PTE_DIRTY	16
#define PTE_WRITE	32
#define PTE_EXCLUSIVE	64
#define PTE_BITS	(PTE_YOUNG | PTE_DIRTY | PTE_WRITE | PTE_EXCLUSIVE)
#define PTE_PFN_SHIFT	8

struct page_table {
	spinlock_t ptl;
	pte_t pte[PTRS_PER_TABLE];	/* ptl */
};

struct mm_struct {
	struct rw_semaphore mmap_lock;
	int mm_lock_seq;			/* see vma_start_write() */
	spinlock_t page_table_lock;		/* here: the pmd lock too */
	struct page_table *pmd[NR_TABLES];
	struct vm_area_struct *vma[NR_VMAS];	/* the maple tree */
};

struct folio folios[NR_FOLIOS];
struct mm_struct mms[NR_MMS];

struct kmem_cache *anon_vma_cachep = KMEM_CACHE(anon_vma, NR_ANON_VMAS, SLAB_TYPESAFE_BY_RCU);

/* Immutable; with one process not worth a step of its own. */
#if NR_MMS == 1
#define vma_mm(vma) (&mms[0])
#else
#define vma_mm(vma) ((vma)->vm_mm)
#endif

#endif
`;
