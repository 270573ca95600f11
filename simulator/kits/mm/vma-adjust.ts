/** `<mm/vma_adjust.h>`: split and merge of VMAs. */
export const vmaAdjustKit = String.raw`/*
 * VMA adjustment: split, merge, and what mprotect(), brk() and stack
 * growth do with bounds.
 * Steps of a split: mmap_lock for writing; write lock of the VMA; a new VMA
 * with the same edges (anon_vma_clone()); write lock of the root; all
 * entries of the VMA leave the trees; the bounds change; they come back, and
 * those of the new VMA with them; unlock. In between the folios of the VMA
 * are mapped and in no tree: the root's lock alone hides that.
 * A merge is the same backwards; the second VMA is unlinked and freed.
 * Leaves out: allocation failures, files, VMA flags.
 */
#ifndef _MM_VMA_ADJUST_H
#define _MM_VMA_ADJUST_H
#include <mm/vma.h>

/* anon_vma_interval_tree_pre_update_vma(): complete disappearance. */
static void pre_update_vma(struct vm_area_struct *vma)
{
	struct anon_vma_chain *avc;

	for (avc = vma->anon_vma_chain; avc; avc = avc->same_vma)
		anon_vma_interval_tree_remove(avc, avc->anon_vma);
}

static void post_update_vma(struct vm_area_struct *vma)
{
	struct anon_vma_chain *avc;

	for (avc = vma->anon_vma_chain; avc; avc = avc->same_vma)
		anon_vma_interval_tree_insert(avc, avc->anon_vma);
}

/* The bounds of one VMA change; mmap_lock and the VMA are write-locked. */
static void adjust_vma(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct anon_vma *anon_vma = vma->anon_vma;

	if (anon_vma)
		anon_vma_lock_write(anon_vma);
	pre_update_vma(vma);
	if (start != vma->vm_start) {
		vma->vm_pgoff = vma->vm_pgoff + start - vma->vm_start;
		vma->vm_start = start;
	}
	vma->vm_end = end;
	post_update_vma(vma);
	if (anon_vma)
		anon_vma_unlock_write(anon_vma);
}

/* The whole of brk() or mprotect() that matters here: bounds out and back in. */
static void touch_vma(struct mm_struct *mm, int slot)
{
	struct vm_area_struct *vma;

	mmap_write_lock(mm);
	vma = READ_ONCE(mm->vma[slot]);
	if (vma) {
		vma_start_write(vma);
		adjust_vma(vma, vma->vm_start, vma->vm_end);
	}
	mmap_write_unlock(mm);
}

/* The VMA ends at address from now on; a new one in new_slot has the rest. */
static void split_vma(struct mm_struct *mm, int slot, unsigned long address, int new_slot)
{
	struct vm_area_struct *vma, *new;

	mmap_write_lock(mm);
	vma = READ_ONCE(mm->vma[slot]);
	if (!vma)
		goto out;
	vma_start_write(vma);
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	new->vm_mm = mm;
	new->vm_start = address;
	new->vm_end = vma->vm_end;
	new->vm_pgoff = vma->vm_pgoff + (address - vma->vm_start);
	new->anon_vma = vma->anon_vma;
	vma_start_write(new);
	anon_vma_clone(new, vma);
	adjust_vma(vma, vma->vm_start, address);
	WRITE_ONCE(mm->vma[new_slot], new);
out:
	mmap_write_unlock(mm);
}

/*
 * The VMA takes in its neighbour behind it. Gives the neighbour, for
 * vm_area_free().
 */
static struct vm_area_struct *merge_vma(struct mm_struct *mm, int slot, int next_slot)
{
	struct vm_area_struct *vma, *next;

	mmap_write_lock(mm);
	vma = READ_ONCE(mm->vma[slot]);
	next = READ_ONCE(mm->vma[next_slot]);
	if (vma && next) {
		vma_start_write(vma);
		vma_start_write(next);
		adjust_vma(vma, vma->vm_start, next->vm_end);
		WRITE_ONCE(mm->vma[next_slot], NULL);
		WRITE_ONCE(next->detached, true);
		unlink_anon_vmas(next);
	}
	mmap_write_unlock(mm);
	return next;
}

#endif
`;
