/** `<mm/rmap_file.h>`: walks of file folios. */
export const rmapFileKit = String.raw`/*
 * Files: the tree of VMAs that map one. Included by <mm/rmap.h> with
 * FILE_PAGES.
 *
 * rmap_walk_file(). Steps: the folio is locked, which keeps mapping and
 * index; i_mmap_rwsem for reading (with try_lock by trying, else contended);
 * each VMA of the tree that reaches over the index.
 * unmap_file_vma(). Steps: zap the ptes; i_mmap_rwsem for writing, out of
 * the tree; only then free page tables.
 * Lock rules: folio lock > i_mmap_rwsem > page table lock.
 * Leaves out: private copies, truncation, hugetlb.
 */
#ifndef _MM_RMAP_FILE_H
#define _MM_RMAP_FILE_H

#ifndef NR_FILE_VMAS
#define NR_FILE_VMAS 2
#endif

struct address_space {
	struct rw_semaphore i_mmap_rwsem;
	struct vm_area_struct *i_mmap[NR_FILE_VMAS];	/* i_mmap_rwsem */
};

struct address_space file_mapping;

static void rmap_walk_file(struct folio *folio, struct rmap_walk_control *rwc)
{
	struct address_space *mapping = READ_ONCE(folio->mapping);
	pgoff_t index;
	bool go_on = true;
	ghost bool locked = folio_test_locked(folio);

	assert(locked, "rmap_walk_file() needs the folio lock");
	if (!mapping)
		return;
	index = folio->index;
	if (!down_read_trylock(&mapping->i_mmap_rwsem)) {
		if (rwc->try_lock) {
			rwc->contended = true;
			return;
		}
		down_read(&mapping->i_mmap_rwsem);
	}
	for (int nr = 0; nr < NR_FILE_VMAS && go_on; nr++) {
		struct vm_area_struct *vma = mapping->i_mmap[nr];

		if (vma && index >= vma->vm_pgoff && index < vma->vm_pgoff + vma->vm_end - vma->vm_start)
			go_on = rwc->rmap_one(folio, vma, vma->vm_start + index - vma->vm_pgoff, rwc);
	}
	up_read(&mapping->i_mmap_rwsem);
}

/* For init: the VMA maps the file, and this page of it. */
static void map_file_folio(struct vm_area_struct *vma, int nr, unsigned long pfn)
{
	struct folio *folio = &folios[pfn];
	unsigned long address = vma->vm_start;

	file_mapping.i_mmap[nr] = vma;
	WRITE_ONCE(folio->mapping, &file_mapping);
	folio->index = vma->vm_pgoff;
	atomic_inc(&folio->mapcount);
	atomic_inc(&folio->refcount);
	vma->vm_mm->pmd[address / PTRS_PER_TABLE]->pte[address % PTRS_PER_TABLE] =
		mk_pte(PTE_PRESENT, pfn, PTE_YOUNG);
}

static void i_mmap_remove(struct vm_area_struct *vma)
{
	down_write(&file_mapping.i_mmap_rwsem);
	for (int nr = 0; nr < NR_FILE_VMAS; nr++)
		if (file_mapping.i_mmap[nr] == vma)
			file_mapping.i_mmap[nr] = NULL;
	up_write(&file_mapping.i_mmap_rwsem);
}

#endif
`;
