/** `<mm/rmap_ksm.h>`: walks of KSM folios, and how a folio becomes one. */
export const rmapKsmKit = String.raw`/*
 * KSM: one folio for equal pages. Included by <mm/rmap.h> with KSM_PAGES.
 *
 * rmap_walk_ksm(). Steps: the folio is locked; for each rmap_item of its
 * stable node: try its anon_vma's root for reading, else contended, or
 * sleep; each VMA of that tree which reaches over the item's address, first
 * those of the item's process, in a second pass those of its forks.
 * ksm_merge(). Steps: mmap_lock for reading; try the folio lock: fails:
 * another time; write-protect the pte, when nobody else has a reference;
 * mapping becomes the stable node; the rmap_item pins the VMA's anon_vma.
 * Lock rules: mmap_lock > folio lock > root rwsem > page table lock.
 * Leaves out: the search for equal pages, the merge of a second page (the
 * same steps, and a pte is replaced), huge pages (split first).
 */
#ifndef _MM_RMAP_KSM_H
#define _MM_RMAP_KSM_H

struct ksm_rmap_item {
	struct anon_vma *anon_vma;	/* pinned */
	struct mm_struct *mm;
	unsigned long address;
	struct ksm_rmap_item *next;
};

struct ksm_stable_node {
	struct ksm_rmap_item *items;	/* folio lock */
};

struct ksm_stable_node ksm_nodes[NR_FOLIOS];

static struct ksm_stable_node *folio_stable_node(struct folio *folio)
{
	return (struct ksm_stable_node *)((unsigned long)READ_ONCE(folio->mapping) - FOLIO_MAPPING_KSM);
}

static bool rmap_walk_ksm_item(struct folio *folio, struct ksm_rmap_item *item,
			       struct rmap_walk_control *rwc)
{
	bool go_on = true;

	for (int forks = 0; forks < 2; forks++) {
		struct anon_vma_chain *avc;

		for (avc = item->anon_vma->rb_root; avc && go_on; avc = avc->rb_next) {
			struct vm_area_struct *vma = avc->vma;
			unsigned long address = item->address;

			if (address < vma->vm_start || address >= vma->vm_end)
				continue;
			if ((vma->vm_mm != item->mm) == forks)
				go_on = rwc->rmap_one(folio, vma, address, rwc);
		}
	}
	return go_on;
}

static void rmap_walk_ksm(struct folio *folio, struct rmap_walk_control *rwc)
{
	struct ksm_rmap_item *item;
	bool go_on = true;
	ghost bool locked = folio_test_locked(folio);

	assert(locked, "rmap_walk_ksm() needs the folio lock");
	for (item = folio_stable_node(folio)->items; item && go_on; item = item->next) {
		if (!anon_vma_trylock_read(item->anon_vma)) {
			if (rwc->try_lock) {
				rwc->contended = true;
				return;
			}
			anon_vma_lock_read(item->anon_vma);
		}
		go_on = rmap_walk_ksm_item(folio, item, rwc);
		anon_vma_unlock_read(item->anon_vma);
	}
}

/* write_protect_page(): only when the pte's is the only reference beside ours. */
static bool ksm_write_protect(struct mm_struct *mm, unsigned long address, struct folio *folio)
{
	struct page_table *table = pte_map_lock(mm, address);
	bool done = false;
	pte_t pte;

	if (!table)
		return false;
	pte = get_pte(table, address);
	if (pte_present(pte) && pfn_folio(pte_pfn(pte)) == folio &&
	    atomic_read(&folio->refcount) == folio_mapcount(folio) + 1) {
		set_pte(table, address, pte & ~(pte_t)(PTE_WRITE | PTE_EXCLUSIVE));
		done = true;
	}
	pte_unmap_unlock(table);
	return done;
}

/* The caller has a reference of the folio. */
static bool ksm_merge(struct mm_struct *mm, int slot, unsigned long address, struct folio *folio)
{
	struct ksm_stable_node *node = &ksm_nodes[folio_pfn(folio)];
	struct ksm_rmap_item *item;
	struct vm_area_struct *vma;
	bool merged = false;

	down_read(&mm->mmap_lock);
	vma = READ_ONCE(mm->vma[slot]);
	if (!vma || !vma->anon_vma || !folio_trylock(folio))
		goto out;
	if (folio_test_anon(folio) && !folio_test_ksm(folio) && !folio_test_large(folio) &&
	    ksm_write_protect(mm, address, folio)) {
		item = kzalloc(sizeof(*item), GFP_KERNEL);
		item->mm = mm;
		item->address = address;
		get_anon_vma(vma->anon_vma);
		item->anon_vma = vma->anon_vma;
		item->next = node->items;
		node->items = item;
		WRITE_ONCE(folio->mapping, (void *)((unsigned long)node + FOLIO_MAPPING_KSM));
		merged = true;
	}
	folio_unlock(folio);
out:
	up_read(&mm->mmap_lock);
	return merged;
}

#endif
`;
