/** `<mm/fork.h>`: a process is copied. */
export const forkKit = String.raw`/*
 * fork(): the address space of a process is copied.
 * Steps: mmap_lock of both for writing; write lock of every VMA, of those
 * that are not copied too; for each copied one anon_vma_clone() (write lock
 * of the root, an edge for each anon_vma of the parent's VMA), an anon_vma
 * of its own below the same root, unless it could take over an ancestor's
 * (write lock of the root again); then its ptes under both page table locks:
 * write-protected, no longer exclusive, mapcount++. The folio lock is not
 * taken. In the trees the child's VMA comes after the parent's, so that a
 * walk which has passed the child too early finds the parent's pte first.
 * Lock rules: mmap_lock (both) > VMA locks > root rwsem; page table locks.
 * Leaves out: pinned folios (the kernel copies them at once: here they are
 * not mapped in the child), files, failures.
 */
#ifndef _MM_FORK_H
#define _MM_FORK_H
#include <mm/vma.h>

static void copy_pte(struct page_table *dst_table, struct page_table *src_table, unsigned long address)
{
	pte_t pte;
	struct folio *folio;

	spin_lock(&dst_table->ptl);
	spin_lock_nested(&src_table->ptl, SINGLE_DEPTH_NESTING);
	pte = get_pte(src_table, address);
	if (pte_present(pte)) {
		folio = pfn_folio(pte_pfn(pte));
		if (READ_ONCE(folio->pinned))
			goto out;
		folio_get(folio);
		atomic_inc(&folio->mapcount);
	}
	pte &= ~(pte_t)(PTE_WRITE | PTE_EXCLUSIVE);
	set_pte(src_table, address, pte);
	set_pte(dst_table, address, pte);
out:
	spin_unlock(&src_table->ptl);
	spin_unlock(&dst_table->ptl);
}

static void copy_page_range(struct mm_struct *child, struct vm_area_struct *vma)
{
	unsigned long address;

	for (address = vma->vm_start; address < vma->vm_end; address++) {
		int nr = address / PTRS_PER_TABLE;
		struct page_table *from = pmd_table(vma_mm(vma), address);

		if (!from)
			continue;
		if (!child->pmd[nr])
			WRITE_ONCE(child->pmd[nr], kzalloc(sizeof(struct page_table), GFP_KERNEL));
		copy_pte(child->pmd[nr], from, address);
	}
}

/* anon_vma_fork(): false when the pool of anon_vmas is empty. */
static bool anon_vma_fork(struct vm_area_struct *vma, struct vm_area_struct *pvma)
{
	struct anon_vma *anon_vma;
	struct anon_vma_chain *avc;

	if (!pvma->anon_vma)
		return true;
	anon_vma_clone(vma, pvma);
	if (vma->anon_vma)
		return true;
	anon_vma = anon_vma_alloc();
	if (!anon_vma)
		return false;
	anon_vma->num_active_vmas++;
	avc = kzalloc(sizeof(*avc), GFP_KERNEL);
	WRITE_ONCE(anon_vma->root, pvma->anon_vma->root);
	anon_vma->parent = pvma->anon_vma;
	get_anon_vma(anon_vma->root);		/* H10: the root outlives its children */
	vma->anon_vma = anon_vma;
	anon_vma_lock_write(anon_vma);
	anon_vma_chain_link(vma, avc, anon_vma);
	anon_vma->parent->num_children++;
	anon_vma_unlock_write(anon_vma);
	return true;
}

static void fork_vma(struct mm_struct *child, struct vm_area_struct *pvma, int slot)
{
	struct vm_area_struct *vma;

	vma_start_write(pvma);
	if (pvma->vm_flags & VM_DONTCOPY)
		return;
	vma = kzalloc(sizeof(*vma), GFP_KERNEL);
	vma->vm_mm = child;
	vma->vm_start = pvma->vm_start;
	vma->vm_end = pvma->vm_end;
	vma->vm_pgoff = pvma->vm_pgoff;
	vma->vm_flags = pvma->vm_flags;
	vma->vm_lock_seq = child->mm_lock_seq - 1;
	if (!anon_vma_fork(vma, pvma)) {
		unlink_anon_vmas(vma);
		kfree(vma);
		return;
	}
	WRITE_ONCE(child->vma[slot], vma);
	copy_page_range(child, pvma);
}

static void fork_mm(struct mm_struct *child, struct mm_struct *parent)
{
	struct vm_area_struct *vma;

	mmap_write_lock(parent);
	down_write_nested(&child->mmap_lock, SINGLE_DEPTH_NESTING);
	for (int slot = 0; slot < NR_VMAS; slot++) {
		vma = READ_ONCE(parent->vma[slot]);
		if (vma)
			fork_vma(child, vma, slot);
	}
	mmap_write_unlock(child);
	mmap_write_unlock(parent);
}

#endif
`;
