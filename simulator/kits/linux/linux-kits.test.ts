/** The kits of kernel headers: every text compiles, and small programs over each behave as the kernel's code does. */
import { describe, expect, it } from "vitest";
import { compile, defaultExploreLimits, explore, renderDiagnostic, renderVerdict } from "../../index.ts";
import { linuxKits } from "./linux-kits.ts";

function run(text: string): string {
  const files = [{ name: "kit.scn", text, firstLine: 1 }];
  const outcome = compile({ files, constants: new Map(), options: {} });
  const remarks = outcome.kind === "compiled" ? outcome.warnings : outcome.diagnostics;
  if (outcome.kind !== "compiled" || remarks.length > 0) return remarks.map(renderDiagnostic).join("\n");
  const result = explore(outcome.scenario, { limits: defaultExploreLimits, reductions: [] });
  return result.verdict === "holds" ? "holds" : renderVerdict(result);
}

const rmap = `struct vm_area_struct { unsigned long vm_start, vm_end, vm_pgoff; struct { struct rb_node rb; } shared; };
struct anon_vma_chain { struct vm_area_struct *vma; struct rb_node rb; };
#define VMA_INTERVAL_TREE
`;

describe("kits of kernel headers", () => {
  it.each(linuxKits.map(([path]) => path))("%s compiles alone", (path) => {
    expect(run(`${rmap}#include <${path}>\nstatic int x;\ntask t { x = 1; }\n`)).toBe("holds");
  });

  it("walk lists in both directions, from the middle and with removal", () => {
    const text = `struct e { int k; struct list_head l; };
static LIST_HEAD(head);
static LIST_HEAD(other);
static int walk(void) { struct e *p; int n = 0; list_for_each_entry(p, &head, l) n = n * 10 + p->k; return n; }
static int back(void) { struct e *p; int n = 0; list_for_each_entry_reverse(p, &head, l) n = n * 10 + p->k; return n; }
task t {
	struct e e[4], *p, *q;
	int i;

	for (i = 0; i < 4; i++) {
		e[i].k = i + 1;
		list_add_tail(&e[i].l, &head);
	}
	assert(walk() == 1234 && back() == 4321 && !list_empty(&head) && list_count_nodes(&head) == 4);
	list_move(&e[2].l, &head);
	assert(walk() == 3124 && list_is_first(&e[2].l, &head) && list_is_last(&e[3].l, &head));
	list_swap(&e[0].l, &e[3].l);
	assert(walk() == 3421);
	list_cut_position(&other, &head, &e[3].l);
	assert(walk() == 21 && list_first_entry(&other, struct e, l) == &e[2]);
	list_splice_tail_init(&other, &head);
	assert(walk() == 2134 && list_empty(&other));
	list_rotate_left(&head);
	assert(walk() == 1342);
	list_for_each_entry_safe_reverse(p, q, &head, l)
		if (p->k % 2)
			list_del_init(&p->l);
	assert(walk() == 42 && list_empty(&e[0].l));
	p = &e[3];
	list_for_each_entry_continue(p, &head, l)
		assert(p == &e[1]);
	list_replace(&e[1].l, &e[0].l);
	assert(walk() == 41 && list_next_entry_circular(&e[0], &head, l) == &e[3]);
}
`;
    expect(run(text)).toBe("holds");
  });

  it("find the use of a removed entry", () => {
    const text = `static LIST_HEAD(head);
static struct list_head a;
task t { list_add(&a, &head); list_del(&a); list_del(&a); }
`;
    expect(run(text)).toContain("null-deref");
  });

  it("keep hash chains and lock-less lists", () => {
    const text = `struct e { int k; struct hlist_node h; struct llist_node l; };
static struct hlist_head chain;
static LLIST_HEAD(queue);
static struct e e[3] = { { .k = 1 }, { .k = 2 }, { .k = 3 } };
static int walk(void) { struct e *p; int n = 0; hlist_for_each_entry(p, &chain, h) n = n * 10 + p->k; return n; }
init {
	struct e *p;
	struct hlist_node *n;

	hlist_add_head(&e[0].h, &chain);
	hlist_add_behind(&e[1].h, &e[0].h);
	hlist_add_before(&e[2].h, &e[0].h);
	assert(walk() == 312);
	hlist_for_each_entry_safe(p, n, &chain, h)
		if (p->k == 1)
			hlist_del_init(&p->h);
	assert(walk() == 32 && hlist_unhashed(&e[0].h));
	hlist_add_tail_rcu(&e[0].h, &chain);
	assert(walk() == 321);
}
task adder[2] { llist_add(&e[me].l, &queue); }
task taker {
	struct llist_node *first = llist_del_all(&queue);
	struct e *p, *n;

	llist_for_each_entry_safe(p, n, first, l)
		assert(p->k == 1 || p->k == 2);
}
`;
    expect(run(text)).toBe("holds");
  });

  it("walk the interval trees of mm", () => {
    const text = `${rmap}#include <mm/interval_tree.h>
static struct vm_area_struct vma[3] = {
	{ .vm_start = 0x1000, .vm_end = 0x3000, .vm_pgoff = 4 },
	{ .vm_start = 0x5000, .vm_end = 0x6000, .vm_pgoff = 0 },
	{ .vm_start = 0x8000, .vm_end = 0xa000, .vm_pgoff = 4 },
};
static struct anon_vma_chain avc[2] = { { .vma = &vma[0] }, { .vma = &vma[1] } };
static struct rb_root_cached anon, file;
task t {
	struct anon_vma_chain *c;
	struct vm_area_struct *v;
	int n = 0;

	anon_vma_interval_tree_insert(&avc[0], &anon);
	anon_vma_interval_tree_insert(&avc[1], &anon);
	anon_vma_interval_tree_foreach(c, &anon, 5, 5)
		n += c == &avc[0];
	anon_vma_interval_tree_foreach(c, &anon, 0, 9)
		n += 10;
	vma_interval_tree_insert(&vma[0], &file);
	vma_interval_tree_insert(&vma[1], &file);
	vma_interval_tree_insert_after(&vma[2], &vma[0], &file);
	vma_interval_tree_foreach(v, &file, 0, 4)
		n = n * 10 + (v - vma);
	assert(n == 21102);
	vma_interval_tree_remove(&vma[0], &file);
	assert(vma_interval_tree_iter_first(&file, 4, 5) == &vma[2]);
	anon_vma_interval_tree_remove(&avc[1], &anon);
	assert(!anon_vma_interval_tree_iter_first(&anon, 0, 3));
}
`;
    expect(run(text)).toBe("holds");
  });

  it("keep search trees in order through insertions and removals of all shapes", () => {
    const text = `struct e { int k; struct rb_node rb; };
static struct rb_root tree;
static bool less(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct e, rb)->k < rb_entry(b, struct e, rb)->k;
}
static int forward(void)
{
	struct rb_node *n;
	int v = 0;

	for (n = rb_first(&tree); n; n = rb_next(n))
		v = v * 10 + rb_entry(n, struct e, rb)->k;
	return v;
}
static int backward(void)
{
	struct rb_node *n;
	int v = 0;

	for (n = rb_last(&tree); n; n = rb_prev(n))
		v = v * 10 + rb_entry(n, struct e, rb)->k;
	return v;
}
task t {
	struct e e[7], *p, *q;
	static const int keys[] = { 4, 2, 6, 1, 3, 5, 7 };
	int i, seen = 0;

	for (i = 0; i < 7; i++) {
		e[i].k = keys[i];
		rb_add(&e[i].rb, &tree, less);
	}
	assert(forward() == 1234567 && backward() == 7654321);
	rbtree_postorder_for_each_entry_safe(p, q, &tree, rb)
		seen = seen * 10 + p->k;
	assert(seen == 1325764);
	rb_erase(&e[0].rb, &tree);
	assert(forward() == 123567 && backward() == 765321);
	rb_erase(&e[2].rb, &tree);
	rb_erase(&e[3].rb, &tree);
	assert(forward() == 2357 && backward() == 7532);
}
`;
    expect(run(text)).toBe("holds");
  });

  it("exclude by bit locks and count by lockrefs", () => {
    const text = `struct d { struct hlist_bl_node h; struct lockref ref; };
static struct hlist_bl_head bucket;
static struct d d[2] = { { .ref = { .count = 1 } } };
static int inside;
task t[2] {
	hlist_bl_lock(&bucket);
	inside++;
	hlist_bl_add_head(&d[me].h, &bucket);
	inside--;
	hlist_bl_unlock(&bucket);
	lockref_get(&d[0].ref);
	if (!lockref_put_or_lock(&d[0].ref))
		spin_unlock(&d[0].ref.lock);
}
finally(d[0].ref.count == 1 && hlist_bl_first(&bucket));
`;
    expect(run(text)).toBe("holds");
  });
});

describe("helpers of the kernel", () => {
  it("compute what the kernel's do", () => {
    const text = `struct s { int a, b; };
static struct s s = { 1, 2 };
static DEFINE_STATIC_KEY_FALSE(key);
static DECLARE_BITMAP(map, 40);
task t {
	struct s *copy = kmemdup(&s, sizeof(s), GFP_KERNEL);
	int *v = vzalloc(sizeof(*v));
	unsigned long bit, sum = 0;

	assert(copy->b == 2 && *v == 0);
	kfree(copy);
	vfree(v);
	assert(fls(0) == 0 && fls(0x80000000) == 32 && ffs(12) == 3 && __ffs(8) == 3 && ilog2(17) == 4);
	assert(is_power_of_2(64) && !is_power_of_2(0) && roundup_pow_of_two(33) == 64 && rounddown_pow_of_two(33) == 32);
	assert(order_base_2(5) == 3 && get_order(1) == 0 && get_order(4097) == 1 && hweight32(0xf0f0) == 8);
	assert(PAGE_ALIGN(1) == 4096 && offset_in_page(0x1234) == 0x234 && PFN_UP(4097) == 2 && PFN_DOWN(8191) == 1);
	__set_bit(3, map);
	set_bit(35, map);
	for_each_set_bit(bit, map, 40)
		sum += bit;
	assert(sum == 38 && find_first_bit(map, 40) == 3 && find_next_zero_bit(map, 40, 35) == 36);
	if (static_branch_unlikely(&key))
		BUG();
	static_branch_enable(&key);
	assert(static_key_enabled(&key) && mult_frac(10, 3, 4) == 7 && abs_diff(3, 5) == 2);
}
`;
    expect(run(text)).toBe("holds");
  });
});

describe("classes and guards of a unit's own", () => {
  it("are left on every way out", () => {
    const text = `struct dev { struct mutex lock; int depth; };
struct ref { int *count; };
static struct dev dev;
static int count, most;
static void enter(struct dev *d) { mutex_lock(&d->lock); d->depth++; }
static void leave(struct dev *d) { d->depth--; mutex_unlock(&d->lock); }
DEFINE_GUARD(device, struct dev *, enter(_T), leave(_T))
DEFINE_CLASS(ref, struct ref, (*_T.count)--, ({ (*c)++; (struct ref){ c }; }), int *c)

static int use(int n)
{
	guard(device)(&dev);
	CLASS(ref, r)(&count);

	if (n == 0)
		return dev.depth;
	scoped_guard(ref, &count) {
		most = max(most, count);
		if (n == 1)
			return 10;
	}
	return most;
}
task t[2] {
	int a = use(0), b = use(1), c = use(2);

	assert(a == 1 && b == 10 && c == 2);
}
finally(dev.depth == 0 && count == 0);
`;
    expect(run(text)).toBe("holds");
  });
});

describe("what a unit defines itself", () => {
  it("goes before a kit that comes by itself", () => {
    const text = `#define PAGE_ALIGN(x) 7
static inline int fls(int x) { return 40 + x; }
static int ilog2(int n) { return 9; }
task t { assert(PAGE_ALIGN(1) == 7 && fls(2) == 42 && ilog2(8) == 9 && roundup(9, 4) == 12); }
`;
    expect(run(text)).toBe("holds");
  });

  it("keeps the kit of a struct away", () => {
    const text = `struct list_head { struct list_head *next; };
static struct list_head head;
static void list_add(struct list_head *l) { l->next = l; }
task t { list_add(&head); assert(head.next == &head); }
`;
    expect(run(text)).toBe("holds");
  });
});
