/** `<mm/damon.h>` and `<mm/page_idle.h>`: samples of what is in use. */
export const damonKit = String.raw`/*
 * DAMON's two walks: make a folio old, and ask whether it was used since.
 * Steps: a folio of a file or of KSM [each folio with LOCK_ALWAYS]: try the
 * folio lock; failed: the sample is skipped (young: "not accessed"). Walk
 * without try_lock: it may sleep for the root's rwsem, with LOCK_ALWAYS
 * while it holds the folio lock. mkold: clear the young bit, remember it in
 * the folio; young: look, and stop at the first that is.
 * Lock rules: folio lock > root rwsem > page table lock.
 * Leaves out: notifiers (KVM), huge pages, regions.
 */
#ifndef _MM_DAMON_H
#define _MM_DAMON_H
#include <mm/rmap.h>

/* Of both walks: clear_young says which. */
static bool damon_one(struct folio *folio, struct vm_area_struct *vma,
		      unsigned long address, struct rmap_walk_control *rwc)
{
	struct page_table *table = page_vma_mapped(folio, vma, address, rwc);
	pte_t pte = rwc->pte;

	if (!table)
		return true;
	if (pte & PTE_YOUNG) {
		rwc->referenced++;
		if (rwc->clear_young) {
			set_pte(table, address, pte & ~(pte_t)PTE_YOUNG);
			WRITE_ONCE(folio->young, true);
		}
	}
	pte_unmap_unlock(table);
	return rwc->clear_young || !rwc->referenced;
}

static void damon_folio_mkold(struct folio *folio)
{
	struct rmap_walk_control rwc = { .rmap_one = damon_one, .clear_young = true };

	if (!folio_mapped(folio) || !READ_ONCE(folio->mapping))
		return;
	if (!rmap_walk_young(folio, &rwc, walk_needs_folio_lock(folio)))
		note("S2: the folio lock was taken, the sample is skipped");
}

static bool damon_folio_young(struct folio *folio)
{
	struct rmap_walk_control rwc = { .rmap_one = damon_one };

	if (!folio_mapped(folio) || !READ_ONCE(folio->mapping))
		return false;
	if (!rmap_walk_young(folio, &rwc, walk_needs_folio_lock(folio)))
		note("S2: the folio lock was taken, the folio passes for not accessed");
	return rwc.referenced > 0;
}

#endif
`;
export const pageIdleKit = String.raw`/*
 * page_idle: mark a folio as idle, see later whether it still is.
 * Steps: a reference; a folio of a file or of KSM [each folio with
 * LOCK_ALWAYS]: try the folio lock, else leave it out; walk without
 * try_lock: it may sleep for the root's rwsem; clear young bits: somebody
 * used it, so it is not idle; for reclaim's sake remember it in the folio.
 * Lock rules: folio lock > root rwsem > page table lock.
 * Leaves out: huge pages, the bitmap in sysfs.
 */
#ifndef _MM_PAGE_IDLE_H
#define _MM_PAGE_IDLE_H
#include <mm/rmap.h>

static bool page_idle_one(struct folio *folio, struct vm_area_struct *vma,
			  unsigned long address, struct rmap_walk_control *rwc)
{
	struct page_table *table = page_vma_mapped(folio, vma, address, rwc);
	pte_t pte = rwc->pte;

	if (!table)
		return true;
	if (pte & PTE_YOUNG) {
		set_pte(table, address, pte & ~(pte_t)PTE_YOUNG);
		rwc->referenced++;
	}
	pte_unmap_unlock(table);
	return true;
}

/* page_idle_clear_pte_refs(), with the reference that its callers take. */
static void page_idle_clear_pte_refs(struct folio *folio)
{
	struct rmap_walk_control rwc = { .rmap_one = page_idle_one };

	if (!folio_try_get(folio))
		return;
	if (folio_mapped(folio) && READ_ONCE(folio->mapping)) {
		if (!rmap_walk_young(folio, &rwc, walk_needs_folio_lock(folio))) {
			note("S2: the folio lock was taken, the sample is skipped");
		} else if (rwc.referenced) {
			WRITE_ONCE(folio->idle, false);
			WRITE_ONCE(folio->young, true);
		}
	}
	folio_put(folio);
}

#endif
`;
