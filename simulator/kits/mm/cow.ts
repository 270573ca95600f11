/** `<mm/cow.h>`: a write to a page that is write-protected. */
export const cowKit = String.raw`/*
 * Write fault on a present, write-protected pte: reuse or copy.
 * Steps: read lock of the VMA; page table lock; an exclusive page is made
 * writable at once. Else wp_can_reuse_anon_folio(): small, not KSM, at most
 * three references; try the folio lock: fails: copy; under it exactly one
 * reference (ours: the pte's): mapping becomes vma->anon_vma, the page
 * exclusive. mapping moves to a descendant below the same root, so that no
 * root is locked. Copy: a new page in its place under the page table lock
 * if the pte has not changed, mapcount-- of the old one.
 * Lock rules: VMA lock > page table lock > folio lock by trying only.
 * Leaves out: the swap cache's reference, the LRU's, notifiers, the fall
 * back to mmap_lock (the fault is given up here, and tried again by the CPU).
 */
#ifndef _MM_COW_H
#define _MM_COW_H
#include <mm/vma.h>

static bool wp_can_reuse_anon_folio(struct folio *folio, struct vm_area_struct *vma)
{
	if (folio_test_large(folio) || folio_test_ksm(folio) || atomic_read(&folio->refcount) > 3)
		return false;
	if (!folio_trylock(folio)) {
		note("S4: a page is copied because its folio lock was taken");
		return false;
	}
	if (folio_test_ksm(folio) || atomic_read(&folio->refcount) != 1) {
		folio_unlock(folio);
		return false;
	}
	folio_move_anon_rmap(folio, vma);
	folio_unlock(folio);
	return true;
}

/* wp_page_copy(): the page table lock is dropped meanwhile; new_pfn is a fresh page. */
static void wp_page_copy(struct vm_area_struct *vma, unsigned long address, pte_t orig,
			 unsigned long new_pfn)
{
	struct folio *old = pfn_folio(pte_pfn(orig)), *new = &folios[new_pfn];
	struct page_table *table;

	new->index = vma->vm_pgoff + (address - vma->vm_start);
	WRITE_ONCE(new->mapping, anon_mapping(vma->anon_vma));
	table = pte_map_lock(vma_mm(vma), address);
	if (!table)
		return;
	if (get_pte(table, address) == orig) {
		folio_get(new);
		atomic_inc(&new->mapcount);
		set_pte(table, address, mk_pte(PTE_PRESENT, new_pfn, PTE_BITS));
		atomic_dec(&old->mapcount);
		folio_put(old);
	}
	pte_unmap_unlock(table);
}

/* Gives whether the page may be written now. */
static bool do_wp_page(struct mm_struct *mm, int slot, unsigned long address, unsigned long new_pfn)
{
	struct vm_area_struct *vma = lock_vma_under_rcu(mm, slot);
	struct page_table *table;
	bool done = false;
	pte_t pte;

	if (!vma)
		return false;
	table = pte_map_lock(mm, address);
	if (!table)
		goto out;
	pte = get_pte(table, address);
	if (!pte_present(pte)) {
		pte_unmap_unlock(table);
		goto out;
	}
	done = (pte & PTE_EXCLUSIVE) || wp_can_reuse_anon_folio(pfn_folio(pte_pfn(pte)), vma);
	if (done)
		set_pte(table, address, pte | PTE_BITS);
	pte_unmap_unlock(table);
	if (!done)
		wp_page_copy(vma, address, pte, new_pfn);
	done = true;
out:
	vma_end_read(vma);
	return done;
}

#endif
`;
