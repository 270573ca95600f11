/** `<mm/huge.h>`: a large folio is split. */
export const hugeKit = String.raw`/*
 * split_folio(): a folio of two pages becomes two folios. The caller holds
 * its lock and a reference. (Mapped by ptes here, not by a pmd.)
 * Steps: pin the anon_vma, write lock of its root; more references than
 * the ptes' and the caller's: -EAGAIN; each pte becomes a migration entry
 * (a walk under the lock that is held already); freeze the references: no
 * longer exactly one: -EAGAIN; the second page becomes a folio, locked; the
 * entries become ptes again; unlock.
 * Lock rules: folio lock > root rwsem (write) > page table lock.
 * Leaves out: the LRU, the swap cache, deferred splits, unmapped pages.
 */
#ifndef _MM_HUGE_H
#define _MM_HUGE_H
#include <mm/rmap.h>

#if !LARGE_FOLIOS
#error "<mm/huge.h> needs LARGE_FOLIOS defined as 1"
#endif

/* For init: pages pfn and pfn + 1 are one folio, mapped at address and the next. */
static void map_large_folio(struct vm_area_struct *vma, unsigned long address, unsigned long pfn)
{
	folios[pfn].order = 1;
	map_anon_folio(vma, address, pfn);
	map_anon_folio(vma, address + 1, pfn + 1);
}

static bool split_unmap_one(struct folio *folio, struct vm_area_struct *vma,
			    unsigned long address, struct rmap_walk_control *rwc)
{
	struct page_table *table = page_vma_mapped(folio, vma, address, PTE_PRESENT);
	pte_t pte;

	if (!table)
		return true;
	pte = get_pte(table, address);
	set_pte(table, address, mk_pte(PTE_MIGRATION, pte_pfn(pte), pte & PTE_BITS));
	atomic_dec(&folio->mapcount);
	folio_put(folio);
	pte_unmap_unlock(table);
	return true;
}

/* Each entry of the pages of this folio becomes a pte of the folio that its page has now. */
static bool split_remap_one(struct folio *folio, struct vm_area_struct *vma,
			    unsigned long address, struct rmap_walk_control *rwc)
{
	struct page_table *table = page_vma_mapped(folio, vma, address, PTE_MIGRATION);
	pte_t pte;

	if (!table)
		return true;
	pte = get_pte(table, address);
	folio_get(folio);
	atomic_inc(&folio->mapcount);
	set_pte(table, address, mk_pte(PTE_PRESENT, pte_pfn(pte), pte & PTE_BITS));
	pte_unmap_unlock(table);
	return true;
}

static int split_folio(struct folio *folio)
{
	struct rmap_walk_control unmap = { .rmap_one = split_unmap_one, .folio_locked = true };
	struct rmap_walk_control remap = { .rmap_one = split_remap_one, .folio_locked = true };
	struct anon_vma *anon_vma;
	struct folio *tail = NULL;
	int err = -EAGAIN;
	ghost int left;

	if (!folio_test_large(folio))
		return 0;
	anon_vma = folio_get_anon_vma(folio);
	if (!anon_vma)
		return -EBUSY;
	anon_vma_lock_write(anon_vma);
	if (atomic_read(&folio->refcount) != folio_mapcount(folio) + 1)
		goto out;
	rmap_walk_anon_locked(folio, &unmap);
	if (atomic_cmpxchg(&folio->refcount, 1, 0) == 1) {
		tail = folio + 1;
		folio_trylock(tail);		/* nobody can know it yet */
		tail->index = folio->index + 1;
		WRITE_ONCE(tail->mapping, folio->mapping);
		atomic_set(&tail->refcount, 1);
		WRITE_ONCE(folio->order, 0);
		atomic_set(&folio->refcount, 1);
		err = 0;
	}
	rmap_walk_anon_locked(folio, &remap);
	if (tail)
		rmap_walk_anon_locked(tail, &remap);
	left = nr_ptes(folio, PTE_MIGRATION, 0);
	assert(!left, "H5: no migration entry is left behind by a split");
out:
	anon_vma_unlock_write(anon_vma);
	put_anon_vma(anon_vma);
	if (tail) {
		folio_unlock(tail);
		folio_put(tail);
	}
	return err;
}

#endif
`;
