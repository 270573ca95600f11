/** A thread's entries as the rows of a tree, in reading order, with the guides that text and pages both draw. */

export type TreeEntry = {
  readonly messageIdText: string;
  readonly parentIdText: string | null;
  /** When it was sent; null for a ghost. */
  readonly sentAtMs: number | null;
};

export type TreeRow<Entry> = {
  readonly entry: Entry;
  readonly depth: number;
  /** `| |-` and the like; empty at a root. */
  readonly guide: string;
};

/** Deeper replies are drawn at this depth: a two-person exchange of fifty mails must not leave the page. */
const guideDepthMax = 16;

/**
 * Orders entries depth first, siblings by date (a ghost by its earliest descendant's). Linear but for the sorts.
 * Entries whose parent is missing, or which a cycle of hand corrections would hide, stand as roots: no mail is ever lost.
 */
export function treeRows<Entry extends TreeEntry>(entries: readonly Entry[]): readonly TreeRow<Entry>[] {
  const byId = new Map(entries.map((entry) => [entry.messageIdText, entry]));
  const children = new Map<string | null, Entry[]>();
  for (const entry of entries) {
    const parent = entry.parentIdText !== null && byId.has(entry.parentIdText) ? entry.parentIdText : null;
    const siblings = children.get(parent);
    if (siblings) siblings.push(entry);
    else children.set(parent, [entry]);
  }
  const dates = earliestDates(entries, byId);
  for (const siblings of children.values()) siblings.sort((a, b) => compare(a, b, dates));
  const rows: TreeRow<Entry>[] = [];
  const seen = new Set<string>();
  emit(children.get(null) ?? [], { children, rows, seen });
  for (const entry of entries) if (!seen.has(entry.messageIdText)) emit([entry], { children, rows, seen });
  return rows;
}

type Emission<Entry> = {
  readonly children: ReadonlyMap<string | null, readonly Entry[]>;
  readonly rows: TreeRow<Entry>[];
  readonly seen: Set<string>;
};

/** Iterative: a thread may be a chain of thousands of replies. */
function emit<Entry extends TreeEntry>(roots: readonly Entry[], into: Emission<Entry>): void {
  const stack = roots.map((entry) => ({ entry, depth: 0, stem: "", isLast: true })).reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { entry, depth, stem, isLast } = next;
    if (into.seen.has(entry.messageIdText)) continue;
    into.seen.add(entry.messageIdText);
    const guide = depth === 0 ? "" : `${stem}${isLast ? "`-" : "|-"}`;
    into.rows.push({ entry, depth, guide });
    const below = depth === 0 || depth >= guideDepthMax ? stem : `${stem}${isLast ? "  " : "| "}`;
    const replies = into.children.get(entry.messageIdText) ?? [];
    for (let i = replies.length - 1; i >= 0; i--) {
      const reply = replies[i];
      if (reply) stack.push({ entry: reply, depth: depth + 1, stem: below, isLast: i === replies.length - 1 });
    }
  }
}

/** For each entry the earliest date in it and above every dated descendant; ghosts take the first date found below them. */
function earliestDates<Entry extends TreeEntry>(
  entries: readonly Entry[],
  byId: ReadonlyMap<string, Entry>,
): ReadonlyMap<string, number> {
  const dates = new Map<string, number>();
  for (const entry of entries) {
    if (entry.sentAtMs === null) continue;
    dates.set(entry.messageIdText, entry.sentAtMs);
    let above = entry.parentIdText === null ? undefined : byId.get(entry.parentIdText);
    for (let hops = 0; above?.sentAtMs === null && hops < entries.length; hops++) {
      const known = dates.get(above.messageIdText);
      if (known !== undefined && known <= entry.sentAtMs) break;
      dates.set(above.messageIdText, entry.sentAtMs);
      above = above.parentIdText === null ? undefined : byId.get(above.parentIdText);
    }
  }
  return dates;
}

function compare(a: TreeEntry, b: TreeEntry, dates: ReadonlyMap<string, number>): number {
  const difference = (dates.get(a.messageIdText) ?? Infinity) - (dates.get(b.messageIdText) ?? Infinity);
  // Infinity - Infinity is NaN: two undated siblings fall back on their ids, so the order is always the same.
  if (difference !== 0 && !Number.isNaN(difference)) return difference;
  return a.messageIdText < b.messageIdText ? -1 : 1;
}
