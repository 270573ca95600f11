/** `<mm/munmap.h>`: unmapping, exit, and the reuse of what they free. */
export const munmapKit = String.raw`/*
 * munmap() of one VMA, and exit of a process.
 * Steps: mmap_lock for writing; write lock of the VMA; detach it; zap its
 * ptes, each under the page table lock: clear, mapcount--, drop the
 * reference; unlink_anon_vmas(): write lock of the root, out of each tree;
 * outside of it put what has become empty; only then free the page tables;
 * drop mmap_lock; a grace period later free the VMA. Between zap and unlink
 * a walk still finds the VMA.
 * Lock rules: mmap_lock > VMA lock > root rwsem; page table locks for the
 * zap alone.
 * Leaves out: the downgrade of mmap_lock, partial unmapping (split first),
 * gathered TLB flushes, swap slots.
 */
#ifndef _MM_MUNMAP_H
#define _MM_MUNMAP_H
#include <mm/vma.h>

static void zap_pte(struct mm_struct *mm, unsigned long address)
{
	struct page_table *table = pte_map_lock(mm, address);
	struct folio *folio;
	pte_t pte;

	if (!table)
		return;
	pte = get_pte(table, address);
	if (pte != PTE_NONE)
		set_pte(table, address, PTE_NONE);
	if (pte_present(pte)) {
		folio = pfn_folio(pte_pfn(pte));
		atomic_dec(&folio->mapcount);
		folio_put(folio);
	}
	pte_unmap_unlock(table);
}

/* Page tables that no VMA of the process reaches any more. */
static void free_pgtables(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	int nr = start / PTRS_PER_TABLE;
	struct page_table *table = mm->pmd[nr];

	/* Shared with a neighbour: that one's to free. */
	if (!table || start % PTRS_PER_TABLE || end - start < PTRS_PER_TABLE)
		return;
	WRITE_ONCE(mm->pmd[nr], NULL);
	kfree(table);
}

/* Everything but mmap_lock and the end of the VMA's memory. */
static void unmap_vma(struct mm_struct *mm, struct vm_area_struct *vma)
{
	unsigned long start = vma->vm_start, end = vma->vm_end, address;

	for (address = start; address < end; address++)
		zap_pte(mm, address);
	unlink_anon_vmas(vma);
	for (address = start; address < end; address += PTRS_PER_TABLE)
		free_pgtables(mm, address, end);
}

/*
 * Gives the detached VMA, for vm_area_free(), or NULL when it was gone
 * already. What comes between the two happens before the grace period.
 */
static struct vm_area_struct *munmap(struct mm_struct *mm, int slot)
{
	struct vm_area_struct *vma;

	mmap_write_lock(mm);
	vma = READ_ONCE(mm->vma[slot]);
	if (vma) {
		vma_start_write(vma);
		WRITE_ONCE(mm->vma[slot], NULL);
		WRITE_ONCE(vma->detached, true);
		unmap_vma(mm, vma);
	}
	mmap_write_unlock(mm);
	return vma;
}

static void vm_area_free(struct vm_area_struct *vma)
{
	if (!vma)
		return;
	synchronize_rcu();
	kfree(vma);
}

/* exit_mmap(): nobody else uses the process; only walks come by. */
static void exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	mmap_write_lock(mm);
	for (int slot = 0; slot < NR_VMAS; slot++) {
		vma = READ_ONCE(mm->vma[slot]);
		if (!vma)
			continue;
		WRITE_ONCE(mm->vma[slot], NULL);
		WRITE_ONCE(vma->detached, true);
		unmap_vma(mm, vma);
		vm_area_free(vma);
	}
	mmap_write_unlock(mm);
}

/*
 * Another process wants an anon_vma and gets the memory that was freed
 * last. NULL while a pin holds it.
 */
static struct anon_vma *reuse_anon_vma(void)
{
	return anon_vma_alloc();
}

#endif
`;
