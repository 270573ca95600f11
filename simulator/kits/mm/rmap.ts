/** `<mm/rmap.h>`: walks of an anonymous folio's mappings, and folio_referenced(). */
export const rmapKit = String.raw`/*
 * The reverse map: from a folio to the ptes that map it.
 *
 * Rules. A walk holds the lock of the tree that it walks, for reading: by
 * folio_lock_anon_vma_read(), or because its caller has it. Who wants the
 * folio lock too takes it before. Inside, each VMA's page table lock.
 * Left out: hugetlb, device memory, lockless looks at page tables.
 */
#ifndef _MM_RMAP_H
#define _MM_RMAP_H
#include <mm/vma.h>

struct rmap_walk_control {
	/* Of each VMA that may map the folio there; false ends the walk. */
	bool (*rmap_one)(struct folio *folio, struct vm_area_struct *vma,
			 unsigned long address, struct rmap_walk_control *rwc);
	bool try_lock;			/* give up rather than sleep */
	bool contended;			/* has given up */
	bool folio_locked;		/* by the caller */
	bool folio_needed;		/* FLAG: the caller must lock the folio */
	int mapcount;			/* how many ptes are still to be found */
	pte_t pte;			/* found by page_vma_mapped() */
	int referenced;
	bool clear_young;		/* DAMON's two walks differ in it */
	unsigned long pfn;		/* of migration entries, and their new page */
	unsigned long new_pfn;
};

/*
 * page_vma_mapped_walk(), of one page: the locked page table when the pte
 * there is present and has a page of this folio, else NULL.
 */
static struct page_table *page_vma_mapped(struct folio *folio, struct vm_area_struct *vma,
					  unsigned long address, struct rmap_walk_control *rwc)
{
	struct page_table *table = pte_map_lock(vma_mm(vma), address);

	if (!table)
		return NULL;
	rwc->pte = get_pte(table, address);
	if (pte_present(rwc->pte) && pfn_folio(pte_pfn(rwc->pte)) == folio)
		return table;
	pte_unmap_unlock(table);
	return NULL;
}

/*
 * The part of every walk: folio->index once, then each VMA of the tree
 * that reaches over it, until rmap_one() says stop. The tree is locked.
 * A large folio is looked for at each of its pages.
 */
static void rmap_walk_tree(struct folio *folio, struct anon_vma *anon_vma,
			   struct rmap_walk_control *rwc)
{
	pgoff_t index = folio->index;
	int nr_pages = folio_nr_pages(folio);
	struct anon_vma_chain *avc;
	bool go_on = true;

	for (avc = anon_vma->rb_root; avc && go_on; avc = avc->rb_next) {
		struct vm_area_struct *vma = avc->vma;
		pgoff_t first = vma->vm_pgoff;
		unsigned long start = vma->vm_start;
		unsigned long size = vma->vm_end - start;

		cond_resched();
		for (int page = 0; page < nr_pages && go_on; page++) {
			pgoff_t pgoff = index + page;

			if (pgoff >= first && pgoff < first + size)
				go_on = rwc->rmap_one(folio, vma, start + (pgoff - first), rwc);
		}
	}
	assert(!stale_locks, "H1: no walk of an anon_vma that was freed and is another one now");
}

/* rmap_walk_anon() of a folio that must be mapped for the walk to have sense. */
static void rmap_walk_anon(struct folio *folio, struct rmap_walk_control *rwc)
{
	struct anon_vma_lookup lookup = {
		.try_lock = rwc->try_lock, .folio_locked = rwc->folio_locked,
	};
	struct anon_vma *anon_vma = folio_lock_anon_vma_read(folio, &lookup);

	rwc->contended = lookup.contended;
	rwc->folio_needed = lookup.folio_needed;
	if (!anon_vma)
		return;
	rmap_walk_tree(folio, anon_vma, rwc);
	anon_vma_unlock_read(anon_vma);
}

/*
 * rmap_walk_anon() without folio_lock_anon_vma_read(): the folio is
 * locked, and the caller has a reference of its anon_vma; it may be mapped
 * nowhere (only migration entries).
 */
static void rmap_walk_anon_pinned(struct folio *folio, struct rmap_walk_control *rwc)
{
	struct anon_vma *anon_vma = folio_anon_vma(folio);

	if (!anon_vma)
		return;
	if (!anon_vma_trylock_read(anon_vma))
		anon_vma_lock_read(anon_vma);
	rmap_walk_tree(folio, anon_vma, rwc);
	anon_vma_unlock_read(anon_vma);
}

/* rmap_walk_locked(): the caller has the root's lock. */
static void rmap_walk_anon_locked(struct folio *folio, struct rmap_walk_control *rwc)
{
	struct anon_vma *anon_vma = folio_anon_vma(folio);

	if (anon_vma)
		rmap_walk_tree(folio, anon_vma, rwc);
}

#if KSM_PAGES
#include <mm/rmap_ksm.h>
#endif
#if FILE_PAGES
#include <mm/rmap_file.h>
#endif

/* rmap_walk(): by the kind of folio. */
static void rmap_walk(struct folio *folio, struct rmap_walk_control *rwc)
{
#if KSM_PAGES
	if (folio_test_ksm(folio)) {
		rmap_walk_ksm(folio, rwc);
		return;
	}
#endif
#if FILE_PAGES
	if (!folio_test_anon(folio)) {
		rmap_walk_file(folio, rwc);
		return;
	}
#endif
	rmap_walk_anon(folio, rwc);
}

/*
 * The walks that look at young bits may start without the folio lock. With
 * FLAG they are told after a look at the root that they need it, and start
 * over with it.
 * Gives false when the folio lock was not to be had.
 */
static bool rmap_walk_young(struct folio *folio, struct rmap_walk_control *rwc, bool lock_it)
{
	bool we_locked = false;
	ghost bool missed;

	if (lock_it) {
		if (!folio_trylock(folio))
			return false;
		we_locked = true;
	}
	rwc->folio_locked = rwc->folio_locked || we_locked;
	rmap_walk(folio, rwc);
#if FLAG
	if (rwc->folio_needed) {
		if (!folio_trylock(folio))
			return false;
		we_locked = true;
		rwc->folio_locked = true;
		rmap_walk(folio, rwc);
	}
#endif
	missed = !rwc->contended && !rwc->referenced && nr_ptes(folio, PTE_PRESENT, PTE_YOUNG) > 0;
	note(missed, "S1: a folio in use is reported unreferenced");
	if (we_locked)
		folio_unlock(folio);
	return true;
}

#endif
`;
