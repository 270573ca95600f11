/** `<mm/mremap.h>`: mappings move to other addresses of a process. */
export const mremapKit = String.raw`/*
 * mremap() of a whole VMA to a new address. Page offsets stay, so that
 * folio->index needs no change.
 * Steps: mmap_lock for writing; write lock of the VMA; copy_vma(): a new
 * VMA with the same edges, or the neighbour in front of the new place grows;
 * move the ptes, each under both page table locks; unmap the old VMA.
 * Rmap locks: a walk finds the old VMA first and the new one after it, and
 * so sees each pte at least once. Where this order does not hold (the
 * neighbour begins at a lower page offset: need_rmap_locks), and always when
 * a whole page table changes its place (MREMAP_TABLES: between the two
 * pmds it is nowhere), the root is write-locked around the move.
 * MREMAP_LOCKS_GONE leaves that out: the control.
 * Lock rules: mmap_lock > VMA lock > root rwsem > page table locks.
 * Leaves out: files (i_mmap first), growing and shrinking, huge pmds.
 */
#ifndef _MM_MREMAP_H
#define _MM_MREMAP_H
#include <mm/munmap.h>
#include <mm/vma_adjust.h>

#ifndef MREMAP_TABLES
#define MREMAP_TABLES 0
#endif
#ifndef MREMAP_LOCKS_GONE
#define MREMAP_LOCKS_GONE 0
#endif
#if MREMAP_TABLES && !PMD_CAN_CHANGE
#error "MREMAP_TABLES moves page tables: define PMD_CAN_CHANGE as 1 too"
#endif

static void move_one_pte(struct page_table *new_table, unsigned long new_address,
			 struct page_table *old_table, unsigned long old_address)
{
	pte_t pte;

	spin_lock(&old_table->ptl);
	if (new_table != old_table)
		spin_lock_nested(&new_table->ptl, SINGLE_DEPTH_NESTING);
	pte = get_pte(old_table, old_address);
	set_pte(old_table, old_address, PTE_NONE);
	set_pte(new_table, new_address, pte);
	if (new_table != old_table)
		spin_unlock(&new_table->ptl);
	spin_unlock(&old_table->ptl);
}

/* move_normal_pmd(): the place is empty; its empty table is freed. */
static void move_table(struct mm_struct *mm, unsigned long new_address, unsigned long old_address)
{
	int new_nr = new_address / PTRS_PER_TABLE, old_nr = old_address / PTRS_PER_TABLE;
	struct page_table *table;

	spin_lock(&mm->page_table_lock);
	table = mm->pmd[old_nr];
	WRITE_ONCE(mm->pmd[old_nr], NULL);
	WRITE_ONCE(mm->pmd[new_nr], table);
	spin_unlock(&mm->page_table_lock);
}

static void move_page_tables(struct vm_area_struct *vma, unsigned long new_address,
			     bool need_rmap_locks)
{
	struct mm_struct *mm = vma_mm(vma);
	unsigned long size = vma->vm_end - vma->vm_start;
	bool locked = (need_rmap_locks || MREMAP_TABLES) && !MREMAP_LOCKS_GONE;

	if (locked)
		anon_vma_lock_write(vma->anon_vma);
	for (unsigned long page = 0; page < size; page++) {
		unsigned long old = vma->vm_start + page, new = new_address + page;

		if (!MREMAP_TABLES)
			move_one_pte(pmd_table(mm, new), new, pmd_table(mm, old), old);
		else if (old % PTRS_PER_TABLE == 0)
			move_table(mm, new, old);
	}
	if (locked)
		anon_vma_unlock_write(vma->anon_vma);
}

/* copy_vma(): in new_slot, where the neighbour may be already. */
static bool copy_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long new_address,
		     int new_slot)
{
	struct vm_area_struct *new = READ_ONCE(mm->vma[new_slot]);
	unsigned long size = vma->vm_end - vma->vm_start;

	if (new) {
		vma_start_write(new);
		adjust_vma(new, new->vm_start, new_address + size);
		return new->vm_pgoff <= vma->vm_pgoff;
	}
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	new->vm_mm = mm;
	new->vm_start = new_address;
	new->vm_end = new_address + size;
	new->vm_pgoff = vma->vm_pgoff;
	new->anon_vma = vma->anon_vma;
	vma_start_write(new);
	anon_vma_clone(new, vma);
	WRITE_ONCE(mm->vma[new_slot], new);
	return false;
}

/* The new place has page tables unless MREMAP_TABLES. Gives the old VMA, for vm_area_free(). */
static struct vm_area_struct *mremap(struct mm_struct *mm, int slot, unsigned long new_address,
				     int new_slot)
{
	struct vm_area_struct *vma;
	bool need_rmap_locks;

	mmap_write_lock(mm);
	vma = READ_ONCE(mm->vma[slot]);
	if (vma) {
		vma_start_write(vma);
		need_rmap_locks = copy_vma(mm, vma, new_address, new_slot);
		move_page_tables(vma, new_address, need_rmap_locks);
		WRITE_ONCE(mm->vma[slot], NULL);
		WRITE_ONCE(vma->detached, true);
		unmap_vma(mm, vma);
	}
	mmap_write_unlock(mm);
	return vma;
}

#endif
`;
