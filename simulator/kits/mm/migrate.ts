/** `<mm/migrate.h>`: a folio moves to another page frame. */
export const migrateKit = String.raw`/*
 * migrate_pages() of one folio, from src to a fresh page.
 * Steps: lock src [trylock with MIGRATE_ASYNC: skip]; pin its anon_vma
 * (mapcount is going to be 0); lock the new page; try_to_migrate(): read
 * lock of the root, each pte becomes a migration entry, mapcount--; freeze
 * the references when nobody else has one, give mapping and index to the
 * new page; remove_migration_ptes() by the plain lock of the pinned
 * anon_vma: each entry becomes a pte of the new page, or of src when
 * somebody was in the way; unlock both, put the pin.
 * Lock rules: folio locks > root rwsem > page table lock. Who finds a
 * migration entry waits for the folio lock.
 * Leaves out: copying the bytes, the swap cache, files, large folios,
 * PF_MEMALLOC.
 */
#ifndef _MM_MIGRATE_H
#define _MM_MIGRATE_H
#include <mm/rmap.h>

#ifndef MIGRATE_ASYNC
#define MIGRATE_ASYNC 0
#endif
/* H4 of try_to_migrate() as a note: to see what comes of a missed pte. */
#ifndef MISSED_IS_NOTE
#define MISSED_IS_NOTE 0
#endif

static bool try_to_migrate_one(struct folio *folio, struct vm_area_struct *vma,
			       unsigned long address, struct rmap_walk_control *rwc)
{
	struct page_table *table = page_vma_mapped(folio, vma, address, PTE_PRESENT);
	pte_t pte;

	if (!table)
		return true;
	pte = get_pte(table, address);
	set_pte(table, address, mk_pte(PTE_MIGRATION, pte_pfn(pte), pte & PTE_BITS));
	rwc->mapcount = atomic_dec_return(&folio->mapcount);
	folio_put(folio);
	pte_unmap_unlock(table);
	return rwc->mapcount > 0;
}

static void try_to_migrate(struct folio *folio)
{
	struct rmap_walk_control rwc = { .rmap_one = try_to_migrate_one, .folio_locked = true };
	ghost int left;

	rmap_walk(folio, &rwc);
	left = nr_ptes(folio, PTE_PRESENT, 0);
	if (MISSED_IS_NOTE)
		note(left, "H4: a mapping was missed");
	else
		assert(!left, "H4: try_to_migrate() sees every mapping");
}

static bool remove_migration_pte(struct folio *folio, struct vm_area_struct *vma,
				 unsigned long address, struct rmap_walk_control *rwc)
{
	struct page_table *table = pte_map_lock(vma_mm(vma), address);
	pte_t pte;

	if (!table)
		return true;
	pte = get_pte(table, address);
	if ((pte & PTE_KIND) == PTE_MIGRATION && pte_pfn(pte) == rwc->pfn) {
		folio_get(folio);
		atomic_inc(&folio->mapcount);
		set_pte(table, address, mk_pte(PTE_PRESENT, rwc->new_pfn, pte & PTE_BITS));
	}
	pte_unmap_unlock(table);
	return true;
}

/* The entries of src become ptes of dst, which is locked and has an anon_vma that is pinned. */
static void remove_migration_ptes(struct folio *src, struct folio *dst)
{
	struct rmap_walk_control rwc = {
		.rmap_one = remove_migration_pte,
		.pfn = folio_pfn(src),
		.new_pfn = folio_pfn(dst),
		.folio_locked = true,
	};
	ghost int left;

	rmap_walk_anon_pinned(dst, &rwc);
	left = nr_ptes(src, PTE_MIGRATION, 0);
	assert(!left, "H5: no migration entry is left behind");
}

/*
 * folio_migrate_mapping(): only when the caller's reference is the last one.
 * (Anybody else would go on with the old page.)
 */
static bool migrate_mapping(struct folio *src, struct folio *dst)
{
	if (atomic_cmpxchg(&src->refcount, 1, 0) != 1)
		return false;
	dst->index = src->index;
	WRITE_ONCE(dst->mapping, src->mapping);
	atomic_set(&src->refcount, 1);
	return true;
}

/* The caller has a reference of src and the only one of dst. */
static bool migrate_folio(struct folio *src, struct folio *dst)
{
	struct anon_vma *anon_vma;
	bool moved = false;

	if (MIGRATE_ASYNC) {
		if (!folio_trylock(src))
			return false;
	} else {
		folio_lock(src);
	}
	anon_vma = folio_get_anon_vma(src);
	if (!anon_vma)
		goto unlock_src;
	if (!folio_trylock(dst))
		goto put;
	try_to_migrate(src);
	if (!folio_mapped(src))
		moved = migrate_mapping(src, dst);
	remove_migration_ptes(src, moved ? dst : src);
	folio_unlock(dst);
put:
	put_anon_vma(anon_vma);
unlock_src:
	folio_unlock(src);
	return moved;
}

#endif
`;
