/** `<mm/userfaultfd.h>`: UFFDIO_MOVE. */
export const userfaultfdKit = String.raw`/*
 * UFFDIO_MOVE of pages of one VMA to another of the same process.
 *
 * Present page. Steps: read locks of both VMAs, by trying, else by
 * mmap_lock; page tables under RCU; each pte under its lock: the
 * destination taken: -EEXIST, the source empty: -ENOENT; under the
 * source's lock try the folio lock, and take a reference; not exclusive:
 * -EBUSY; not got: leave RCU, sleep for the folio lock, start over; large:
 * -EAGAIN (the kernel splits it); pin the anon_vma and try to lock its root
 * for writing [not with MOVE_NO_LOCK]; not got: leave RCU, sleep for it,
 * start over; both page table locks in order: a pte has changed: -EAGAIN;
 * pinned: -EBUSY; clear the source, set mapping and index, set the
 * destination; unlock all.
 * Swap entry: exclusive only; its folio in the swap cache is locked the
 * same way; both page table locks; mapping and index change with it; no
 * anon_vma lock, for nothing maps the folio. Zero page: both page table
 * locks. Migration entry: wait for the folio, -EAGAIN.
 * Batched (MOVE_BATCH pages): one hold of all locks for the following ptes
 * while each is present, exclusive, small, of the same anon_vma, and its
 * folio lock can be had by trying.
 *
 * Lock rules: VMA locks > folio lock > root rwsem > page table locks. With
 * a page table lock or in RCU nothing sleeps.
 * Leaves out: map_changing_lock, MMU notifiers, TLB flushes, THP by pmd
 * (userfaultfd falls back to pages), the destination's missing page table.
 */
#ifndef _MM_USERFAULTFD_H
#define _MM_USERFAULTFD_H
#include <mm/rmap.h>

#ifndef MOVE_BATCH
#define MOVE_BATCH 1
#endif
#ifndef MOVE_TRIES
#define MOVE_TRIES 1		/* how often -EAGAIN is answered by another try */
#endif
#define MOVE_LOCKS_ROOT (!MOVE_NO_LOCK && !FLAG)

/* What one try of MOVE holds. */
struct move {
	struct mm_struct *mm;
	struct vm_area_struct *dst_vma, *src_vma;
	unsigned long dst, src;
	struct folio *folio;		/* referenced and locked */
	struct anon_vma *anon_vma;	/* pinned and its root write-locked */
	pte_t pte;			/* of the source, as first seen */
};

/* linear_page_index() */
static pgoff_t move_index(struct vm_area_struct *vma, unsigned long address)
{
	return vma->vm_pgoff + (address - vma->vm_start);
}

/*
 * Under both page table locks. H7: of the two ptes exactly one is there
 * when the locks are dropped. The page stays as young as it was.
 */
static void move_pte(struct move *m, struct page_table *dst_table, struct page_table *src_table,
		     unsigned long offset)
{
	unsigned long src = m->src + offset, dst = m->dst + offset;
	pte_t pte = get_pte(src_table, src);
	struct folio *folio = pfn_folio(pte_pfn(pte));

	set_pte(src_table, src, PTE_NONE);
	folio_move_anon_rmap(folio, m->dst_vma);
	folio->index = move_index(m->dst_vma, dst);
	set_pte(dst_table, dst, pte | PTE_DIRTY | PTE_WRITE);
}

/* The following pages that need no other lock than the folio's. */
static void move_batch(struct move *m, struct page_table *dst_table, struct page_table *src_table)
{
	for (unsigned long nr = 1; nr < MOVE_BATCH; nr++) {
		pte_t pte = get_pte(src_table, m->src + nr);
		struct folio *folio = pfn_folio(pte_pfn(pte));

		if (!pte_present(pte) || !(pte & PTE_EXCLUSIVE) ||
		    get_pte(dst_table, m->dst + nr) != PTE_NONE)
			break;
		if (folio_test_large(folio) || !folio_trylock(folio))
			break;
		if (MOVE_LOCKS_ROOT && folio_anon_vma(folio) != m->anon_vma) {
			folio_unlock(folio);
			break;
		}
		move_pte(m, dst_table, src_table, nr);
		folio_unlock(folio);
	}
}

static int move_present_pte(struct move *m, struct page_table *dst_table, struct page_table *src_table)
{
	int err = 0;
	pte_t pte;

	double_pt_lock(dst_table, src_table);
	pte = get_pte(src_table, m->src);
	if (pte != m->pte || get_pte(dst_table, m->dst) != PTE_NONE) {
		err = -EAGAIN;
		goto out;
	}
	if (folio_test_large(m->folio) || !(pte & PTE_EXCLUSIVE) || READ_ONCE(m->folio->pinned)) {
		err = -EBUSY;
		goto out;
	}
	move_pte(m, dst_table, src_table, 0);
	if (MOVE_BATCH > 1)
		move_batch(m, dst_table, src_table);
out:
	double_pt_unlock(dst_table, src_table);
	return err;
}

#if SWAP_PAGES
static int move_swap_pte(struct move *m, struct page_table *dst_table, struct page_table *src_table)
{
	int err = 0;

	double_pt_lock(dst_table, src_table);
	if (get_pte(src_table, m->src) != m->pte || get_pte(dst_table, m->dst) != PTE_NONE) {
		err = -EAGAIN;
		goto out;
	}
	/* What entered the swap cache since has not been locked. */
	if (!m->folio && READ_ONCE(pfn_folio(pte_pfn(m->pte))->swapcache)) {
		err = -EAGAIN;
		goto out;
	}
	if (m->folio) {
		folio_move_anon_rmap(m->folio, m->dst_vma);
		m->folio->index = move_index(m->dst_vma, m->dst);
	}
	set_pte(src_table, m->src, PTE_NONE);
	set_pte(dst_table, m->dst, m->pte);
out:
	double_pt_unlock(dst_table, src_table);
	return err;
}
#endif

static int move_zeropage_pte(struct move *m, struct page_table *dst_table, struct page_table *src_table)
{
	int err = 0;

	double_pt_lock(dst_table, src_table);
	if (get_pte(src_table, m->src) != m->pte || get_pte(dst_table, m->dst) != PTE_NONE) {
		err = -EAGAIN;
	} else {
		set_pte(src_table, m->src, PTE_NONE);
		set_pte(dst_table, m->dst, m->pte);
	}
	double_pt_unlock(dst_table, src_table);
	return err;
}

/*
 * Takes folio lock and reference of the page that the source pte has.
 * Gives 0, an error, or 1: the lock is not to be had without sleeping.
 */
static int move_take_folio(struct move *m, struct page_table *src_table)
{
	struct folio *folio;
	int err = 0;

	spin_lock(&src_table->ptl);
	if (get_pte(src_table, m->src) != m->pte) {
		err = -EAGAIN;
		goto out;
	}
	folio = pfn_folio(pte_pfn(m->pte));
	if (!(m->pte & PTE_EXCLUSIVE)) {
		err = -EBUSY;
		goto out;
	}
#if SWAP_PAGES
	if ((m->pte & PTE_KIND) == PTE_SWAP && !READ_ONCE(folio->swapcache))
		goto out;
#endif
	if (!folio_trylock(folio))
		err = folio_test_large(folio) ? -EAGAIN : 1;
	if (err >= 0) {
		folio_get(folio);
		m->folio = folio;
	}
out:
	spin_unlock(&src_table->ptl);
	return err;
}

static pte_t read_pte(struct page_table *table, unsigned long address)
{
	pte_t pte;

	spin_lock(&table->ptl);
	pte = get_pte(table, address);
	spin_unlock(&table->ptl);
	return pte;
}

/* The marks of FLAG, on both roots, before anything moves. */
static void move_mark_roots(struct move *m)
{
#if FLAG == 3
	anon_vma_lock_write(m->src_vma->anon_vma);
	WRITE_ONCE(m->src_vma->anon_vma->root->moved, true);
	anon_vma_unlock_write(m->src_vma->anon_vma);
	anon_vma_lock_write(m->dst_vma->anon_vma);
	WRITE_ONCE(m->dst_vma->anon_vma->root->moved, true);
	anon_vma_unlock_write(m->dst_vma->anon_vma);
#elif FLAG
	WRITE_ONCE(m->src_vma->anon_vma->root->moved, true);
	WRITE_ONCE(m->dst_vma->anon_vma->root->moved, true);
#endif
}

/* move_pages_pte(): one try. Both VMAs are read-locked. */
static int move_pages_pte(struct move *m)
{
	struct page_table *dst_table, *src_table;
	unsigned long kind;
	pte_t pte;
	int err;

	m->folio = NULL;
	m->anon_vma = NULL;
	m->pte = PTE_NONE;
retry:
	rcu_read_lock();
	dst_table = pmd_table(m->mm, m->dst);
	src_table = pmd_table(m->mm, m->src);
	if (!dst_table || !src_table) {
		err = -EAGAIN;
		goto out;
	}
	if (read_pte(dst_table, m->dst) != PTE_NONE) {
		err = -EEXIST;
		goto out;
	}
	pte = read_pte(src_table, m->src);
	kind = pte & PTE_KIND;
	if (kind == PTE_NONE) {
		err = -ENOENT;
		goto out;
	}
	if (kind == PTE_ZERO) {
		m->pte = pte;
		err = move_zeropage_pte(m, dst_table, src_table);
		goto out;
	}
	if (kind == PTE_MIGRATION) {
		rcu_read_unlock();
		folio_wait_locked(pfn_folio(pte_pfn(pte)));
		rcu_read_lock();
		err = -EAGAIN;
		goto out;
	}
	/* After a sleep: the lock must be of what is there now. */
	if (m->pte != PTE_NONE && pte != m->pte) {
		err = -EAGAIN;
		goto out;
	}
	m->pte = pte;
	if (!m->folio) {
		err = move_take_folio(m, src_table);
		if (err < 0)
			goto out;
		if (err) {
			rcu_read_unlock();
			folio_lock(m->folio);
			goto retry;
		}
	}
#if SWAP_PAGES
	if (kind == PTE_SWAP) {
		err = move_swap_pte(m, dst_table, src_table);
		goto out;
	}
#endif
	if (folio_test_large(m->folio)) {
		err = -EAGAIN;
		goto out;
	}
	if (MOVE_LOCKS_ROOT && !m->anon_vma) {
		m->anon_vma = folio_get_anon_vma(m->folio);
		if (!m->anon_vma) {
			err = -EAGAIN;
			goto out;
		}
		if (!anon_vma_trylock_write(m->anon_vma)) {
			rcu_read_unlock();
			anon_vma_lock_write(m->anon_vma);
			goto retry;
		}
	}
	err = move_present_pte(m, dst_table, src_table);
out:
	rcu_read_unlock();
	if (m->anon_vma) {
		anon_vma_unlock_write(m->anon_vma);
		put_anon_vma(m->anon_vma);
	}
	if (m->folio) {
		folio_unlock(m->folio);
		folio_put(m->folio);
	}
	return err;
}

/*
 * uffd_move_lock(): both VMAs for reading; under mmap_lock a read lock of
 * a VMA cannot fail. Gives false when one of them is gone.
 */
static bool move_lock_vmas(struct move *m, int dst_slot, int src_slot)
{
	m->dst_vma = lock_vma_under_rcu(m->mm, dst_slot);
	if (m->dst_vma) {
		m->src_vma = lock_vma_under_rcu(m->mm, src_slot);
		if (m->src_vma)
			return true;
		vma_end_read(m->dst_vma);
	}
#if MOVE_MMAP_FALLBACK
	down_read(&m->mm->mmap_lock);
	m->dst_vma = READ_ONCE(m->mm->vma[dst_slot]);
	m->src_vma = READ_ONCE(m->mm->vma[src_slot]);
	if (m->dst_vma && m->src_vma) {
		down_read(&m->dst_vma->vm_lock);
		down_read_nested(&m->src_vma->vm_lock, SINGLE_DEPTH_NESTING);
	}
	up_read(&m->mm->mmap_lock);
	return m->dst_vma && m->src_vma;
#else
	return false;
#endif
}

/* The ioctl, of one page (or MOVE_BATCH). Gives 0 or an error. */
static int uffdio_move(struct mm_struct *mm, int dst_slot, unsigned long dst,
		       int src_slot, unsigned long src)
{
	struct move m = { .mm = mm, .dst = dst, .src = src };
	int err = -EAGAIN;

	if (!move_lock_vmas(&m, dst_slot, src_slot))
		return -ENOENT;
	if (!READ_ONCE(m.dst_vma->anon_vma) || !READ_ONCE(m.src_vma->anon_vma))
		goto out;
	move_mark_roots(&m);
	for (int try = 0; try < MOVE_TRIES && err == -EAGAIN; try++)
		err = move_pages_pte(&m);
	note(err == -EAGAIN, "S5: MOVE has to start over");
out:
	vma_end_read(m.src_vma);
	vma_end_read(m.dst_vma);
	return err;
}

#endif
`;
