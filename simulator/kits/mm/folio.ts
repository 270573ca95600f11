/** `<mm/folio.h>`: folios, their tagged mapping, their counts. */
export const folioKit = String.raw`/*
 * Folios: the tagged mapping, the counts, the page numbers.
 *
 * Rules. (mapping, index) of a mapped folio change under the folio lock
 * only (H6). mapcount changes under the page table lock of the pte that
 * comes or goes. A reference keeps the folio, not its mapping.
 * Left out: the LRU, flags, memcg, the page allocator. A folio whose last
 * reference is dropped loses its mapping and is not used again.
 */
#ifndef _MM_FOLIO_H
#define _MM_FOLIO_H
#include <mm/types.h>

#define FOLIO_MAPPING_ANON	1
#define FOLIO_MAPPING_KSM	3
#define FOLIO_MAPPING_FLAGS	3

/* Of one read of folio->mapping. */
static bool mapping_is_anon(void *mapping)
{
	return ((unsigned long)mapping & FOLIO_MAPPING_FLAGS) == FOLIO_MAPPING_ANON;
}

static struct anon_vma *mapping_anon_vma(void *mapping)
{
	return (struct anon_vma *)((unsigned long)mapping - FOLIO_MAPPING_ANON);
}

static void *anon_mapping(struct anon_vma *anon_vma)
{
	return (void *)((unsigned long)anon_vma + FOLIO_MAPPING_ANON);
}

static bool folio_test_anon(struct folio *folio)
{
	return (unsigned long)READ_ONCE(folio->mapping) & FOLIO_MAPPING_ANON;
}

static bool folio_test_ksm(struct folio *folio)
{
#if KSM_PAGES
	return ((unsigned long)READ_ONCE(folio->mapping) & FOLIO_MAPPING_FLAGS) == FOLIO_MAPPING_KSM;
#else
	return false;
#endif
}

/* Whether folio_referenced() and its like lock this folio before they walk. */
static bool walk_needs_folio_lock(struct folio *folio)
{
	if (LOCK_ALWAYS)
		return true;
#if KSM_PAGES || FILE_PAGES
	return !mapping_is_anon(READ_ONCE(folio->mapping));
#else
	return false;
#endif
}

/* NULL if it is no anonymous folio, or KSM's. */
static struct anon_vma *folio_anon_vma(struct folio *folio)
{
	void *mapping = READ_ONCE(folio->mapping);

	return mapping_is_anon(mapping) ? mapping_anon_vma(mapping) : NULL;
}

static bool folio_mapped(struct folio *folio)
{
	return atomic_read(&folio->mapcount) > 0;
}

static int folio_mapcount(struct folio *folio)
{
	return atomic_read(&folio->mapcount);
}

static void folio_get(struct folio *folio)
{
	ghost bool live = atomic_read(&folio->refcount) > 0;

	assert(live, "H9: a reference is taken only of a folio that has one");
	atomic_inc(&folio->refcount);
}

/* Fails on a folio that is being freed. */
static bool folio_try_get(struct folio *folio)
{
	return atomic_inc_not_zero(&folio->refcount);
}

static void folio_put(struct folio *folio)
{
	if (atomic_dec_and_test(&folio->refcount))
		WRITE_ONCE(folio->mapping, NULL);
}

static bool folio_test_large(struct folio *folio)
{
#if LARGE_FOLIOS
	return READ_ONCE(folio->order) > 0;
#else
	return false;
#endif
}

static bool folio_maybe_dma_pinned(struct folio *folio)
{
	return PINNED_FOLIOS && READ_ONCE(folio->pinned);
}

static unsigned long folio_pfn(struct folio *folio)
{
	return folio - folios;
}

/* A folio of order 1 begins at an even page number and has the next one too. */
static struct folio *pfn_folio(unsigned long pfn)
{
#if LARGE_FOLIOS
	unsigned long head = pfn & ~1ul;

	return READ_ONCE(folios[head].order) ? &folios[head] : &folios[pfn];
#else
	return &folios[pfn];
#endif
}

static int folio_nr_pages(struct folio *folio)
{
#if LARGE_FOLIOS
	return 1 << READ_ONCE(folio->order);
#else
	return 1;
#endif
}

/*
 * folio_move_anon_rmap(): the folio belongs to vma's anon_vma from now on.
 * The caller holds the folio lock; who moves to another root needs more.
 */
static void folio_move_anon_rmap(struct folio *folio, struct vm_area_struct *vma)
{
	struct anon_vma *anon_vma = vma->anon_vma;
	ghost bool locked = folio_test_locked(folio);

	assert(locked, "H6: folio->mapping changes under the folio lock");
	WRITE_ONCE(folio->mapping, anon_mapping(anon_vma));
}

#endif
`;
