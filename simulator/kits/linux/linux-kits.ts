/** Kernel headers whose contents the language has as code: path and text of each. */
import { hlistText } from "./hlist.ts";
import { cleanupText, kernelText } from "./kernel.ts";
import { krefText } from "./kref.ts";
import { listText } from "./list.ts";
import { llistText } from "./llist.ts";
import { bitSpinlockText, hlistBlText, lockrefText } from "./lockref.ts";
import { intervalTreeGenericText, intervalTreeText, mmIntervalTreeText, rbtreeText } from "./rbtree.ts";

/** As in the kernel, <linux/list.h> has both sorts of lists; their _rcu forms come with them. */
export const linuxKits: readonly (readonly [path: string, text: string])[] = [
  ["linux/kernel.h", kernelText],
  ["linux/cleanup.h", cleanupText],
  ["linux/list.h", `${listText}\n${hlistText}`],
  ["linux/bit_spinlock.h", bitSpinlockText],
  ["linux/list_bl.h", hlistBlText],
  ["linux/rculist_bl.h", "#include <linux/list_bl.h>\n"],
  ["linux/lockref.h", lockrefText],
  ["linux/kref.h", krefText],
  ["linux/rculist.h", "#include <linux/list.h>\n"],
  ["linux/hashtable.h", "#include <linux/list.h>\n"],
  ["linux/llist.h", llistText],
  ["linux/rbtree.h", rbtreeText],
  ["linux/interval_tree_generic.h", intervalTreeGenericText],
  ["linux/interval_tree.h", intervalTreeText],
  ["mm/interval_tree.h", mmIntervalTreeText],
];
