/** `<mm/pgtable.h>`: page tables and what stands in them. */
export const pgtableKit = String.raw`/*
 * Page tables. Each has its lock; mm->pmd[] says which are there.
 *
 * Rules. A pte is read and written under its table's lock. Of two such
 * locks the one with the lower address is taken first. mm->pmd[] changes
 * under page_table_lock, and is read without a lock: who then has the
 * table's lock looks once more (with PMD_CAN_CHANGE; else tables only go
 * when no VMA is left that leads to them).
 * Left out: levels above, lockless walks, TLB flushes, accessed bits that
 * the hardware sets later.
 */
#ifndef _MM_PGTABLE_H
#define _MM_PGTABLE_H
#include <mm/folio.h>

static bool pte_present(pte_t pte)
{
	return (pte & PTE_KIND) == PTE_PRESENT;
}

static unsigned long pte_pfn(pte_t pte)
{
	return pte >> PTE_PFN_SHIFT;
}

static pte_t mk_pte(unsigned long kind, unsigned long pfn, unsigned long bits)
{
	return kind | bits | pfn << PTE_PFN_SHIFT;
}

static struct page_table *pmd_table(struct mm_struct *mm, unsigned long address)
{
	return READ_ONCE(mm->pmd[address / PTRS_PER_TABLE]);
}

/*
 * pte_offset_map_lock(): NULL when there is no page table. The table is
 * unlocked by pte_unmap_unlock().
 */
static struct page_table *pte_map_lock(struct mm_struct *mm, unsigned long address)
{
	struct page_table *table;

#if PMD_CAN_CHANGE
again:
	rcu_read_lock();
#endif
	table = pmd_table(mm, address);
	if (table)
		spin_lock(&table->ptl);
#if PMD_CAN_CHANGE
	if (table && pmd_table(mm, address) != table) {
		spin_unlock(&table->ptl);
		rcu_read_unlock();
		goto again;
	}
	if (!table)
		rcu_read_unlock();
#endif
	return table;
}

static void pte_unmap_unlock(struct page_table *table)
{
	spin_unlock(&table->ptl);
#if PMD_CAN_CHANGE
	rcu_read_unlock();
#endif
}

static pte_t get_pte(struct page_table *table, unsigned long address)
{
	return table->pte[address % PTRS_PER_TABLE];
}

static void set_pte(struct page_table *table, unsigned long address, pte_t pte)
{
	WRITE_ONCE(table->pte[address % PTRS_PER_TABLE], pte);
}

/* ptep_get_lockless(): for a first look that is repeated under the lock. */
static pte_t peek_pte(struct page_table *table, unsigned long address)
{
	return READ_ONCE(table->pte[address % PTRS_PER_TABLE]);
}

static void double_pt_lock(struct page_table *a, struct page_table *b)
{
	if (b < a)
		swap(a, b);
	spin_lock(&a->ptl);
	if (a != b)
		spin_lock_nested(&b->ptl, SINGLE_DEPTH_NESTING);
}

static void double_pt_unlock(struct page_table *a, struct page_table *b)
{
	if (a != b)
		spin_unlock(&b->ptl);
	spin_unlock(&a->ptl);
}

/* For properties: how many ptes are of that kind and have such a page. */
static int nr_ptes(struct folio *folio, unsigned long kind, unsigned long bits)
{
	int count = 0;

	for (int mm = 0; mm < NR_MMS; mm++) {
		for (int nr = 0; nr < NR_PAGES; nr++) {
			struct page_table *table = mms[mm].pmd[nr / PTRS_PER_TABLE];
			pte_t pte = table ? table->pte[nr % PTRS_PER_TABLE] : 0;

			if ((pte & PTE_KIND) == kind && (pte & bits) == bits &&
			    pfn_folio(pte_pfn(pte)) == folio)
				count++;
		}
	}
	return count;
}

/* For finally(): each folio is mapped as often as it says (H9). */
static bool mapcounts_ok(void)
{
	for (int nr = 0; nr < NR_FOLIOS; nr++)
		if (pfn_folio(nr) == &folios[nr] &&
		    atomic_read(&folios[nr].mapcount) != nr_ptes(&folios[nr], PTE_PRESENT, 0))
			return false;
	return true;
}

/* For finally(), when nobody holds a reference of his own any more (H9). */
static bool refcounts_ok(void)
{
	for (int nr = 0; nr < NR_FOLIOS; nr++)
		if (pfn_folio(nr) == &folios[nr] &&
		    atomic_read(&folios[nr].refcount) != nr_ptes(&folios[nr], PTE_PRESENT, 0) + folios[nr].swapcache)
			return false;
	return true;
}

/* For always() or finally(): a page that is somebody's alone is mapped once (H11). */
static bool exclusives_ok(void)
{
	for (int nr = 0; nr < NR_FOLIOS; nr++)
		if (pfn_folio(nr) == &folios[nr] && !folios[nr].order &&
		    nr_ptes(&folios[nr], PTE_PRESENT, PTE_EXCLUSIVE) > 0 &&
		    nr_ptes(&folios[nr], PTE_PRESENT, 0) > 1)
			return false;
	return true;
}

/* For finally(): no migration entry is left behind (H5). */
static bool no_migration_entries(void)
{
	for (int nr = 0; nr < NR_FOLIOS; nr++)
		if (nr_ptes(&folios[nr], PTE_MIGRATION, 0))
			return false;
	return true;
}

#endif
`;
