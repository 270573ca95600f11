/**
 * Kernel interfaces that belong to the language and that this version does not have yet. They get a diagnostic that
 * says so (SCN100), never silent acceptance. Names that the user defines are the user's.
 */

const types: readonly { readonly what: string; readonly names: readonly string[] }[] = [
  { what: "trees other than rbtree", names: ["maple_tree", "xarray", "radix_tree_root"] },
  {
    what: "work queues and timers",
    names: ["work_struct", "delayed_work", "workqueue_struct", "timer_list", "hrtimer"],
  },
  { what: "other locks", names: ["ww_mutex"] },
];

const functionPrefixes: readonly { readonly what: string; readonly prefixes: readonly string[] }[] = [
  {
    what: "wait queues without a task of their own",
    prefixes: [
      "wait_on_bit",
      "wait_var",
      "wake_up_bit",
      "wake_up_var",
      "wait_woken",
      "init_waitqueue_func",
      "wait_event_cmd",
    ],
  },
  { what: "kernel threads as objects", prefixes: ["kthread_"] },
  { what: "SRCU sections that another task closes", prefixes: ["srcu_down_read", "srcu_up_read"] },
  { what: "other lists", prefixes: ["list_lru_", "list_sort", "hlist_nulls_"] },
  {
    what: "trees other than rbtree",
    prefixes: ["mas_", "mtree_", "xa_", "xas_", "radix_tree_"],
  },
  {
    what: "work queues and timers",
    prefixes: [
      "queue_work",
      "schedule_work",
      "flush_work",
      "cancel_work",
      "INIT_WORK",
      "queue_delayed",
      "mod_timer",
      "timer_",
      "del_timer",
    ],
  },
  {
    what: "other locks",
    prefixes: ["ww_mutex_", "local_trylock", "scoped_cond_guard"],
  },
  { what: "timeouts", prefixes: ["down_timeout", "down_read_timeout"] },
  {
    what: "per-CPU data",
    prefixes: ["this_cpu_", "per_cpu", "get_cpu", "put_cpu", "raw_cpu_", "smp_processor_id", "raw_smp_processor_id"],
  },
  { what: "asking lockdep by map", prefixes: ["lock_is_held"] },
];

/** What a kernel type belongs to that is not supported yet; null for other names. */
export function unsupportedType(name: string): string | null {
  return types.find((entry) => entry.names.includes(name))?.what ?? null;
}

/** What a kernel function belongs to that is not supported yet; null for other names. */
export function unsupportedFunction(name: string): string | null {
  for (const { what, prefixes } of functionPrefixes) {
    if (prefixes.some((prefix) => name.startsWith(prefix))) return what;
  }
  return null;
}
