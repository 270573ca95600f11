/** `<mm/khugepaged.h>`: small folios become a large one. */
export const khugepagedKit = String.raw`/*
 * khugepaged: collapse_huge_page() of two small folios into a large one.
 * Steps: mmap_lock for writing; write lock of the VMA; write lock of the
 * root; take the page table out of its place (pmd lock, flush); unlock the
 * root once nobody can begin a walk of it; under the table's lock isolate:
 * each page present and small, its folio lock by trying, no reference but
 * the pte's: else put the table back; copy; clear the old ptes, mapcount--;
 * the table comes back with the ptes of the large folio.
 * Lock rules: mmap_lock > VMA lock > root rwsem > pmd lock > page table
 * lock > folio lock by trying only. The root stays locked until the table
 * is isolated; what a walk misses afterwards are folios that are locked.
 * Leaves out: swap-in, the LRU, the pmd mapping of the result (it is mapped
 * by ptes), files.
 */
#ifndef _MM_KHUGEPAGED_H
#define _MM_KHUGEPAGED_H
#include <mm/rmap.h>

#if !LARGE_FOLIOS || !PMD_CAN_CHANGE || PTRS_PER_TABLE != 2
#error "<mm/khugepaged.h> needs LARGE_FOLIOS and PMD_CAN_CHANGE defined as 1, PTRS_PER_TABLE as 2"
#endif

/* Locks the folios of both ptes; false: none is locked. */
static bool collapse_isolate(struct page_table *table)
{
	for (int nr = 0; nr < PTRS_PER_TABLE; nr++) {
		pte_t pte = table->pte[nr];
		struct folio *folio = pfn_folio(pte_pfn(pte));
		bool locked = pte_present(pte) && (pte & PTE_EXCLUSIVE) && !folio_test_large(folio) &&
			      folio_trylock(folio);

		if (locked && atomic_read(&folio->refcount) == 1)
			continue;
		if (locked)
			folio_unlock(folio);
		for (nr--; nr >= 0; nr--)
			folio_unlock(pfn_folio(pte_pfn(table->pte[nr])));
		return false;
	}
	return true;
}

/* The old folios go, the large one at new_pfn comes; its caller has a reference. */
static void collapse_copy(struct vm_area_struct *vma, struct page_table *table,
			  unsigned long address, unsigned long new_pfn)
{
	struct folio *new = &folios[new_pfn];

	new->index = vma->vm_pgoff + (address - vma->vm_start);
	WRITE_ONCE(new->mapping, anon_mapping(vma->anon_vma));
	WRITE_ONCE(new->order, 1);
	spin_lock(&table->ptl);
	for (int nr = 0; nr < PTRS_PER_TABLE; nr++) {
		struct folio *old = pfn_folio(pte_pfn(table->pte[nr]));

		atomic_dec(&old->mapcount);
		folio_unlock(old);
		folio_put(old);
		folio_get(new);
		atomic_inc(&new->mapcount);
		table->pte[nr] = mk_pte(PTE_PRESENT, new_pfn + nr, PTE_BITS);
	}
	spin_unlock(&table->ptl);
}

static bool collapse_huge_page(struct mm_struct *mm, int slot, unsigned long address,
			       unsigned long new_pfn)
{
	int nr = address / PTRS_PER_TABLE;
	struct vm_area_struct *vma;
	struct page_table *table;
	bool isolated = false;

	mmap_write_lock(mm);
	vma = READ_ONCE(mm->vma[slot]);
	if (!vma || !vma->anon_vma)
		goto out;
	vma_start_write(vma);
	anon_vma_lock_write(vma->anon_vma);
	spin_lock(&mm->page_table_lock);
	table = mm->pmd[nr];
	WRITE_ONCE(mm->pmd[nr], NULL);
	spin_unlock(&mm->page_table_lock);
	spin_lock(&table->ptl);
	isolated = collapse_isolate(table);
	spin_unlock(&table->ptl);
	if (!isolated) {
		spin_lock(&mm->page_table_lock);
		WRITE_ONCE(mm->pmd[nr], table);
		spin_unlock(&mm->page_table_lock);
	}
	anon_vma_unlock_write(vma->anon_vma);
	if (isolated) {
		collapse_copy(vma, table, address, new_pfn);
		spin_lock(&mm->page_table_lock);
		WRITE_ONCE(mm->pmd[nr], table);
		spin_unlock(&mm->page_table_lock);
	}
out:
	mmap_write_unlock(mm);
	return isolated;
}

#endif
`;
