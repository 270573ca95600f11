/** `<mm/memory_failure.h>`: a page is broken, and who maps it has to know. */
export const memoryFailureKit = String.raw`/*
 * memory_failure() of an anonymous folio.
 * Steps: the folio lock; collect_procs_anon(): the root's lock for reading,
 * by folio_lock_anon_vma_read(), sleeping for it; RCU; for each process, for
 * each VMA of the tree that is its own: remember it; unlock; then
 * try_to_unmap().
 * Lock rules: folio lock > root rwsem > RCU (the list of processes); the
 * page table locks of try_to_unmap().
 * Leaves out: the signals, early and late kill, files, huge pages.
 */
#ifndef _MM_MEMORY_FAILURE_H
#define _MM_MEMORY_FAILURE_H
#include <mm/try_to_unmap.h>

/* Gives how many VMAs map the page's offset: whom a signal is due. */
static int collect_procs_anon(struct folio *folio)
{
	struct anon_vma_lookup lookup = { .folio_locked = true };
	struct anon_vma *anon_vma = folio_lock_anon_vma_read(folio, &lookup);
	struct anon_vma_chain *avc;
	pgoff_t pgoff;
	int found = 0;

	if (!anon_vma)
		return 0;
	pgoff = folio->index;
	rcu_read_lock();
	for (int mm = 0; mm < NR_MMS; mm++) {
		for (avc = anon_vma->rb_root; avc; avc = avc->rb_next) {
			struct vm_area_struct *vma = avc->vma;

			if (vma_mm(vma) == &mms[mm] && pgoff >= vma->vm_pgoff &&
			    pgoff < vma->vm_pgoff + (vma->vm_end - vma->vm_start))
				found++;
		}
	}
	rcu_read_unlock();
	anon_vma_unlock_read(anon_vma);
	return found;
}

/* The caller has a reference. Gives whether nothing maps the folio any more. */
static bool memory_failure(struct folio *folio)
{
	ghost int mapped;
	int found;
	bool gone;

	folio_lock(folio);
	found = collect_procs_anon(folio);
	mapped = nr_ptes(folio, PTE_PRESENT, 0);
	note(!found && mapped, "somebody maps a broken page and is not told");
	if (folio_mapped(folio))
		try_to_unmap(folio);
	gone = !folio_mapped(folio);
	folio_unlock(folio);
	return gone;
}

#endif
`;
