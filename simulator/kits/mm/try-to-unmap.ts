/** `<mm/try_to_unmap.h>`: reclaim takes a folio out of all page tables. */
export const tryToUnmapKit = String.raw`/*
 * try_to_unmap(): each pte of the folio becomes a swap entry.
 * Steps: the caller holds the folio lock and has put the folio into the
 * swap cache; read lock of the root, sleeping for it; in each VMA under
 * the page table lock: clear the pte, put the swap entry, mapcount--, drop
 * the pte's reference. Ends when mapcount is 0.
 * Lock rules: folio lock > root rwsem > page table lock.
 * Leaves out: TLB flushes (also batched ones), TTU_ flags but
 * TTU_RMAP_LOCKED, mlocked VMAs, pinned folios, the swap slots' counts.
 */
#ifndef _MM_TRY_TO_UNMAP_H
#define _MM_TRY_TO_UNMAP_H
#include <mm/rmap.h>

static bool try_to_unmap_one(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address, struct rmap_walk_control *rwc)
{
	struct page_table *table = page_vma_mapped(folio, vma, address, rwc);
	pte_t pte = rwc->pte;

	if (!table)
		return true;
	set_pte(table, address, mk_pte(PTE_SWAP, pte_pfn(pte), pte & PTE_EXCLUSIVE));
	rwc->mapcount = atomic_dec_return(&folio->mapcount);
	folio_put(folio);
	pte_unmap_unlock(table);
	return rwc->mapcount > 0;
}

static void try_to_unmap(struct folio *folio)
{
	struct rmap_walk_control rwc = { .rmap_one = try_to_unmap_one, .folio_locked = true };
	ghost int left;

	rmap_walk(folio, &rwc);
	left = nr_ptes(folio, PTE_PRESENT, 0);
	assert(!left, "H4: try_to_unmap() sees every mapping");
}

/* The part of shrink_folio_list() that comes before: the caller has a reference. */
static bool reclaim_unmap(struct folio *folio)
{
	bool unmapped;

	if (!folio_trylock(folio))
		return false;
	if (folio_test_large(folio) || !folio_mapped(folio)) {
		folio_unlock(folio);
		return false;
	}
	if (!folio->swapcache) {
		folio->swapcache = true;
		folio_get(folio);
	}
	try_to_unmap(folio);
	unmapped = !folio_mapped(folio);
	folio_unlock(folio);
	return unmapped;
}

#endif
`;
