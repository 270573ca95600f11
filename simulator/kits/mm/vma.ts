/** `<mm/vma.h>`: VMAs, their own lock, the address space. */
export const vmaKit = String.raw`/*
 * VMAs and address spaces.
 *
 * Rules. mm->vma[], bounds and edges change under mmap_lock for writing.
 * A VMA also has a lock of its own: readers only try (vma_start_read());
 * a writer (vma_start_write(), under mmap_lock) shuts it for readers until
 * it drops mmap_lock. A VMA is freed a grace period after it is detached.
 * Left out: the maple tree as such, VMA flags but two, files; the sequence
 * numbers that make the end of all write locks one store.
 */
#ifndef _MM_VMA_H
#define _MM_VMA_H
#include <mm/anon_vma.h>
#include <mm/pgtable.h>

static void mmap_write_lock(struct mm_struct *mm)
{
	down_write(&mm->mmap_lock);
}

static void mmap_write_unlock(struct mm_struct *mm)
{
	up_write(&mm->mmap_lock);
}

/* Waits for readers of the VMA that came before; later ones give up. */
static void vma_start_write(struct vm_area_struct *vma)
{
	down_write(&vma->vm_lock);
}

/* vma_end_write_all() is one by one here, right before mmap_write_unlock(). */
static void vma_end_write(struct vm_area_struct *vma)
{
	up_write(&vma->vm_lock);
}

static void vma_end_read(struct vm_area_struct *vma)
{
	up_read(&vma->vm_lock);
}

/*
 * lock_vma_under_rcu(), of a known slot: NULL when it is gone or taken.
 * One step: that the look-up is right is not in question here.
 */
static struct vm_area_struct *lock_vma_under_rcu(struct mm_struct *mm, int slot)
{
	struct vm_area_struct *vma;

	atomic {
		vma = mm->vma[slot];
		if (vma && !down_read_trylock(&vma->vm_lock))
			vma = NULL;
	}
	return vma;
}

/* For init and mmap(): a VMA of its own, with an empty page table if need be. */
static struct vm_area_struct *vma_create(struct mm_struct *mm, int slot,
					 unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma = kzalloc(sizeof(*vma), GFP_KERNEL);
	unsigned long address;

	vma->vm_mm = mm;
	vma->vm_start = start;
	vma->vm_end = end;
	vma->vm_pgoff = start;
	for (address = start; address < end; address++) {
		int nr = address / PTRS_PER_TABLE;

		if (!mm->pmd[nr])
			WRITE_ONCE(mm->pmd[nr], kzalloc(sizeof(struct page_table), GFP_KERNEL));
	}
	WRITE_ONCE(mm->vma[slot], vma);
	return vma;
}

/* For init: a page fresh from the allocator, with the caller's reference. */
static struct folio *new_folio(unsigned long pfn)
{
	atomic_inc(&folios[pfn].refcount);
	return &folios[pfn];
}

/* For init: the folio is mapped there, exclusive, written, just used. */
static void map_anon_folio(struct vm_area_struct *vma, unsigned long address, unsigned long pfn)
{
	struct folio *folio = pfn_folio(pfn);
	struct page_table *table = vma->vm_mm->pmd[address / PTRS_PER_TABLE];

	WRITE_ONCE(folio->mapping, anon_mapping(vma->anon_vma));
	if (folio == &folios[pfn])
		folio->index = vma->vm_pgoff + (address - vma->vm_start);
	atomic_inc(&folio->mapcount);
	atomic_inc(&folio->refcount);
	table->pte[address % PTRS_PER_TABLE] = mk_pte(PTE_PRESENT, pfn, PTE_BITS);
}

#endif
`;
