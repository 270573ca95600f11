/**
 * <linux/rbtree.h>, <linux/interval_tree_generic.h>, <linux/interval_tree.h>: search trees with the kernel's interface
 * and the order of its walks. Source of the rules: include/linux/rbtree.h, interval_tree_generic.h, mm/interval_tree.c, 6.12.
 */

/** The trees are not balanced: few nodes live in a scenario, and rotations would only add steps. */
export const rbtreeText = String.raw`/* Binary search trees: linked and walked as the kernel does, not balanced. All-zero is an empty tree. */
struct rb_node { struct rb_node *__rb_parent, *rb_right, *rb_left; };
struct rb_root { struct rb_node *rb_node; };
struct rb_root_cached { struct rb_root rb_root; struct rb_node *rb_leftmost; };

#define RB_ROOT (struct rb_root) { NULL, }
#define RB_ROOT_CACHED (struct rb_root_cached) { { NULL, }, NULL }
#define rb_parent(r) ((r)->__rb_parent)
#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member) ({ \
	typeof(ptr) ptr__ = (ptr); \
	ptr__ ? rb_entry(ptr__, type, member) : NULL; \
})
#define RB_EMPTY_ROOT(root) (READ_ONCE((root)->rb_node) == NULL)
#define RB_EMPTY_NODE(node) ((node)->__rb_parent == (node))
#define RB_CLEAR_NODE(node) ((node)->__rb_parent = (node))

static inline void rb_link_node(struct rb_node *node, struct rb_node *parent, struct rb_node **rb_link)
{
	node->__rb_parent = parent;
	node->rb_left = node->rb_right = NULL;
	*rb_link = node;
}

static inline void rb_link_node_rcu(struct rb_node *node, struct rb_node *parent, struct rb_node **rb_link)
{
	node->__rb_parent = parent;
	node->rb_left = node->rb_right = NULL;
	rcu_assign_pointer(*rb_link, node);
}

static inline void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
}

static inline void __rb_change_child(struct rb_node *old, struct rb_node *entry, struct rb_root *root)
{
	struct rb_node *parent = old->__rb_parent;

	if (!parent)
		WRITE_ONCE(root->rb_node, entry);
	else if (parent->rb_left == old)
		WRITE_ONCE(parent->rb_left, entry);
	else
		WRITE_ONCE(parent->rb_right, entry);
	if (entry)
		entry->__rb_parent = parent;
}

static inline void rb_erase(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *successor;

	if (!node->rb_left) {
		__rb_change_child(node, node->rb_right, root);
		return;
	}
	if (!node->rb_right) {
		__rb_change_child(node, node->rb_left, root);
		return;
	}
	for (successor = node->rb_right; successor->rb_left; successor = successor->rb_left)
		;
	if (successor != node->rb_right) {
		__rb_change_child(successor, successor->rb_right, root);
		WRITE_ONCE(successor->rb_right, node->rb_right);
		successor->rb_right->__rb_parent = successor;
	}
	WRITE_ONCE(successor->rb_left, node->rb_left);
	successor->rb_left->__rb_parent = successor;
	__rb_change_child(node, successor, root);
}

static inline void rb_replace_node(struct rb_node *victim, struct rb_node *entry, struct rb_root *root)
{
	entry->rb_left = victim->rb_left;
	entry->rb_right = victim->rb_right;
	if (entry->rb_left)
		entry->rb_left->__rb_parent = entry;
	if (entry->rb_right)
		entry->rb_right->__rb_parent = entry;
	__rb_change_child(victim, entry, root);
}

static inline struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *n = root->rb_node;

	if (!n)
		return NULL;
	while (n->rb_left)
		n = n->rb_left;
	return n;
}

static inline struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *n = root->rb_node;

	if (!n)
		return NULL;
	while (n->rb_right)
		n = n->rb_right;
	return n;
}

static inline struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (node->rb_right) {
		node = node->rb_right;
		while (node->rb_left)
			node = node->rb_left;
		return (struct rb_node *)node;
	}
	while ((parent = node->__rb_parent) && node == parent->rb_right)
		node = parent;
	return parent;
}

static inline struct rb_node *rb_prev(const struct rb_node *node)
{
	struct rb_node *parent;

	if (RB_EMPTY_NODE(node))
		return NULL;
	if (node->rb_left) {
		node = node->rb_left;
		while (node->rb_right)
			node = node->rb_right;
		return (struct rb_node *)node;
	}
	while ((parent = node->__rb_parent) && node == parent->rb_left)
		node = parent;
	return parent;
}

static inline struct rb_node *__rb_deepest(struct rb_node *node)
{
	for (;;) {
		if (node->rb_left)
			node = node->rb_left;
		else if (node->rb_right)
			node = node->rb_right;
		else
			return node;
	}
}

static inline struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return root->rb_node ? __rb_deepest(root->rb_node) : NULL;
}

static inline struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	struct rb_node *parent;

	if (!node)
		return NULL;
	parent = node->__rb_parent;
	if (parent && node == parent->rb_left && parent->rb_right)
		return __rb_deepest(parent->rb_right);
	return parent;
}

#define rbtree_postorder_for_each_entry_safe(pos, n, root, field) \
	for (pos = rb_entry_safe(rb_first_postorder(root), typeof(*pos), field); \
	     pos && ({ n = rb_entry_safe(rb_next_postorder(&pos->field), typeof(*pos), field); 1; }); \
	     pos = n)

#define rb_first_cached(root) (root)->rb_leftmost

static inline void rb_insert_color_cached(struct rb_node *node, struct rb_root_cached *root, bool leftmost)
{
	if (leftmost)
		root->rb_leftmost = node;
	rb_insert_color(node, &root->rb_root);
}

static inline struct rb_node *rb_erase_cached(struct rb_node *node, struct rb_root_cached *root)
{
	struct rb_node *leftmost = NULL;

	if (root->rb_leftmost == node)
		leftmost = root->rb_leftmost = rb_next(node);
	rb_erase(node, &root->rb_root);
	return leftmost;
}

static inline void rb_replace_node_cached(struct rb_node *victim, struct rb_node *entry, struct rb_root_cached *root)
{
	if (root->rb_leftmost == victim)
		root->rb_leftmost = entry;
	rb_replace_node(victim, entry, &root->rb_root);
}

static inline void rb_add(struct rb_node *node, struct rb_root *tree,
			  bool (*less)(struct rb_node *, const struct rb_node *))
{
	struct rb_node **link = &tree->rb_node;
	struct rb_node *parent = NULL;

	while (*link) {
		parent = *link;
		if (less(node, parent))
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(node, parent, link);
	rb_insert_color(node, tree);
}

static inline struct rb_node *rb_add_cached(struct rb_node *node, struct rb_root_cached *tree,
					    bool (*less)(struct rb_node *, const struct rb_node *))
{
	struct rb_node **link = &tree->rb_root.rb_node;
	struct rb_node *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (less(node, parent)) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	rb_link_node(node, parent, link);
	rb_insert_color_cached(node, tree, leftmost);
	return leftmost ? node : NULL;
}

static inline struct rb_node *rb_find(const void *key, const struct rb_root *tree,
				      int (*cmp)(const void *key, const struct rb_node *))
{
	struct rb_node *node = tree->rb_node;

	while (node) {
		int c = cmp(key, node);

		if (c < 0)
			node = node->rb_left;
		else if (c > 0)
			node = node->rb_right;
		else
			return node;
	}
	return NULL;
}

static inline struct rb_node *rb_find_add(struct rb_node *node, struct rb_root *tree,
					  int (*cmp)(struct rb_node *, const struct rb_node *))
{
	struct rb_node **link = &tree->rb_node;
	struct rb_node *parent = NULL;

	while (*link) {
		int c;

		parent = *link;
		c = cmp(node, parent);
		if (c < 0)
			link = &parent->rb_left;
		else if (c > 0)
			link = &parent->rb_right;
		else
			return parent;
	}
	rb_link_node(node, parent, link);
	rb_insert_color(node, tree);
	return NULL;
}
`;

/** The member that caches the greatest end of a subtree (ITSUBTREE) is not kept: a walk goes over all nodes in order. */
export const intervalTreeGenericText = String.raw`/* Trees of intervals [start, last], walked in the order of start. */
#include <linux/rbtree.h>

#define INTERVAL_TREE_DEFINE(ITSTRUCT, ITRB, ITTYPE, ITSUBTREE, ITSTART, ITLAST, ITSTATIC, ITPREFIX) \
ITSTATIC void ITPREFIX ## _insert(ITSTRUCT *node, struct rb_root_cached *root) \
{ \
	struct rb_node **link = &root->rb_root.rb_node, *rb_parent = NULL; \
	ITTYPE start = ITSTART(node); \
	ITSTRUCT *parent; \
	bool leftmost = true; \
	while (*link) { \
		rb_parent = *link; \
		parent = rb_entry(rb_parent, ITSTRUCT, ITRB); \
		if (start < ITSTART(parent)) { \
			link = &parent->ITRB.rb_left; \
		} else { \
			link = &parent->ITRB.rb_right; \
			leftmost = false; \
		} \
	} \
	rb_link_node(&node->ITRB, rb_parent, link); \
	rb_insert_color_cached(&node->ITRB, root, leftmost); \
} \
ITSTATIC void ITPREFIX ## _remove(ITSTRUCT *node, struct rb_root_cached *root) \
{ \
	rb_erase_cached(&node->ITRB, root); \
} \
static inline ITSTRUCT *ITPREFIX ## _from(struct rb_node *rb, ITTYPE start, ITTYPE last) \
{ \
	for (; rb; rb = rb_next(rb)) { \
		ITSTRUCT *node = rb_entry(rb, ITSTRUCT, ITRB); \
		if (ITSTART(node) > last) \
			return NULL; \
		if (start <= ITLAST(node)) \
			return node; \
	} \
	return NULL; \
} \
ITSTATIC ITSTRUCT *ITPREFIX ## _iter_first(struct rb_root_cached *root, ITTYPE start, ITTYPE last) \
{ \
	return ITPREFIX ## _from(rb_first_cached(root), start, last); \
} \
ITSTATIC ITSTRUCT *ITPREFIX ## _iter_next(ITSTRUCT *node, ITTYPE start, ITTYPE last) \
{ \
	return ITPREFIX ## _from(rb_next(&node->ITRB), start, last); \
}
`;

export const intervalTreeText = String.raw`#include <linux/interval_tree_generic.h>

struct interval_tree_node {
	struct rb_node rb;
	unsigned long start;
	unsigned long last;
};

#define __interval_tree_start(node) ((node)->start)
#define __interval_tree_last(node) ((node)->last)
INTERVAL_TREE_DEFINE(struct interval_tree_node, rb, unsigned long, __subtree_last,
		     __interval_tree_start, __interval_tree_last, static inline, interval_tree)
`;

/** Include it behind struct anon_vma_chain and struct vm_area_struct. */
export const mmIntervalTreeText = String.raw`/*
 * The trees of mm/interval_tree.c. To be included behind the definitions of struct vm_area_struct (vm_start, vm_end,
 * vm_pgoff, and shared.rb if VMA_INTERVAL_TREE is defined) and struct anon_vma_chain (vma, rb).
 */
#include <linux/interval_tree_generic.h>

#define __vma_tree_start(v) ((v)->vm_pgoff)
#define __vma_tree_last(v) ((v)->vm_pgoff + (((v)->vm_end - (v)->vm_start) >> PAGE_SHIFT) - 1)
#define __avc_tree_start(avc) __vma_tree_start((avc)->vma)
#define __avc_tree_last(avc) __vma_tree_last((avc)->vma)

INTERVAL_TREE_DEFINE(struct anon_vma_chain, rb, unsigned long, rb_subtree_last,
		     __avc_tree_start, __avc_tree_last, static inline, anon_vma_interval_tree)
#define anon_vma_interval_tree_foreach(avc, root, start, last) \
	for (avc = anon_vma_interval_tree_iter_first(root, start, last); \
	     avc; avc = anon_vma_interval_tree_iter_next(avc, start, last))

#ifdef VMA_INTERVAL_TREE
INTERVAL_TREE_DEFINE(struct vm_area_struct, shared.rb, unsigned long, shared.rb_subtree_last,
		     __vma_tree_start, __vma_tree_last, static inline, vma_interval_tree)
#define vma_interval_tree_foreach(vma, root, start, last) \
	for (vma = vma_interval_tree_iter_first(root, start, last); \
	     vma; vma = vma_interval_tree_iter_next(vma, start, last))

/* node starts where prev starts and is linked directly behind it. */
static inline void vma_interval_tree_insert_after(struct vm_area_struct *node, struct vm_area_struct *prev,
						  struct rb_root_cached *root)
{
	struct rb_node *parent = &prev->shared.rb, **link = &parent->rb_right;

	while (*link) {
		parent = *link;
		link = &parent->rb_left;
	}
	rb_link_node(&node->shared.rb, parent, link);
	rb_insert_color_cached(&node->shared.rb, root, false);
}
#endif
`;
