/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _LINUX_TAGCACHE_H
#define _LINUX_TAGCACHE_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#define TAGCACHE_BUCKETS 16

struct tagcache {
	spinlock_t lock;
	struct list_head buckets[TAGCACHE_BUCKETS];
};

struct tag_entry {
	struct list_head node;
	refcount_t refs;
	u32 tag;
	int value;
};

void tagcache_init(struct tagcache *cache);
int tagcache_add(struct tagcache *cache, struct tag_entry *entry);
struct tag_entry *tagcache_get(struct tagcache *cache, u32 tag);
void tagcache_put(struct tagcache *cache, struct tag_entry *entry);

#endif
