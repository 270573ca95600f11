/** `<mm/folio_referenced.h>`: reclaim's question whether a folio is in use. */
export const referencedKit = String.raw`/*
 * folio_referenced(): how many ptes used the folio since the last look.
 * Steps: mapcount 0 or no mapping: 0. Not locked by the caller, and a
 * folio of a file or of KSM [each folio with LOCK_ALWAYS]: try the folio
 * lock; failed: 1, nothing was read. Walk with try_lock; the anon_vma lock
 * is taken: -1. In each VMA under the page table lock: test and clear the
 * young bit. Ends when mapcount ptes were seen. A VMA that is VM_LOCKED:
 * mlock the folio and stop.
 * Leaves out: vm_flags of what was found, memcg, MGLRU's look around.
 * What the caller does with 1 and -1 is its own affair: anonymous folios
 * are deactivated after 1, and stay where they are after -1.
 */
#ifndef _MM_FOLIO_REFERENCED_H
#define _MM_FOLIO_REFERENCED_H
#include <mm/rmap.h>

static bool folio_referenced_one(struct folio *folio, struct vm_area_struct *vma,
				 unsigned long address, struct rmap_walk_control *rwc)
{
	struct page_table *table = page_vma_mapped(folio, vma, address, PTE_PRESENT);
	pte_t pte;

	if (!table)
		return true;
	if (vma->vm_flags & VM_LOCKED) {
		WRITE_ONCE(folio->mlocked, true);
		pte_unmap_unlock(table);
		return false;
	}
	pte = get_pte(table, address);
	if (pte & PTE_YOUNG) {
		set_pte(table, address, pte & ~(pte_t)PTE_YOUNG);
		rwc->referenced++;
	}
	pte_unmap_unlock(table);
	rwc->mapcount--;
	return rwc->mapcount > 0;
}

static int folio_referenced(struct folio *folio, bool is_locked)
{
	struct rmap_walk_control rwc = {
		.rmap_one = folio_referenced_one,
		.mapcount = folio_mapcount(folio),
		.try_lock = true,
		.folio_locked = is_locked,
	};
	bool lock_it;

	if (!rwc.mapcount || !READ_ONCE(folio->mapping))
		return 0;
	lock_it = !is_locked && walk_needs_folio_lock(folio);
	if (!rmap_walk_young(folio, &rwc, lock_it)) {
		note("S2: the folio lock was taken, its references stay unread");
		return 1;
	}
	if (rwc.contended) {
		note("S3: the anon_vma lock was taken, the folio is kept");
		return -1;
	}
	return rwc.referenced;
}

#endif
`;
