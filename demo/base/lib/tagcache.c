// SPDX-License-Identifier: Apache-2.0
/*
 * tagcache: a small cache of reference-counted entries, found by tag.
 *
 * An entry stands on the list of its bucket as long as it has references.
 * cache->lock protects the lists.
 */

#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/tagcache.h>

void tagcache_init(struct tagcache *cache)
{
	int i;

	spin_lock_init(&cache->lock);
	for (i = 0; i < TAGCACHE_BUCKETS; i++)
		INIT_LIST_HEAD(&cache->buckets[i]);
}

static struct list_head *tagcache_bucket(struct tagcache *cache, u32 tag)
{
	return &cache->buckets[tag % TAGCACHE_BUCKETS];
}

static struct tag_entry *tagcache_find(struct tagcache *cache, u32 tag)
{
	struct tag_entry *entry;

	list_for_each_entry(entry, tagcache_bucket(cache, tag), node)
		if (entry->tag == tag)
			return entry;

	return NULL;
}

/* Adds an entry; its first reference belongs to the caller. */
int tagcache_add(struct tagcache *cache, struct tag_entry *entry)
{
	int err = -EEXIST;

	spin_lock(&cache->lock);
	if (!tagcache_find(cache, entry->tag)) {
		refcount_set(&entry->refs, 1);
		list_add(&entry->node, tagcache_bucket(cache, entry->tag));
		err = 0;
	}
	spin_unlock(&cache->lock);

	return err;
}

/* Finds the entry of a tag and takes a reference to it, or returns NULL. */
struct tag_entry *tagcache_get(struct tagcache *cache, u32 tag)
{
	struct tag_entry *entry;

	spin_lock(&cache->lock);
	entry = tagcache_find(cache, tag);
	if (entry)
		refcount_inc(&entry->refs);
	spin_unlock(&cache->lock);

	return entry;
}

/* Drops a reference; the last one takes the entry off the list and frees it. */
void tagcache_put(struct tagcache *cache, struct tag_entry *entry)
{
	spin_lock(&cache->lock);
	if (!refcount_dec_and_test(&entry->refs)) {
		spin_unlock(&cache->lock);
		return;
	}
	list_del(&entry->node);
	spin_unlock(&cache->lock);

	kfree(entry);
}
