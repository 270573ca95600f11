/** What stands beside a hunk, as values that pages, text twins and the API share. */
import { compareText } from "../compare-text.ts";
import { toneOf, toneRank, type RunState, type Tone } from "./verdict-words.ts";

/** A hunk as the thread's page shows it. */
export type PlacedHunk = { readonly rowId: number; readonly key: string; readonly h1: string };

/** How the hunk takes part in the run that a chip speaks of. */
export type ChipRole = "applied" | "not-applied" | "about";

/** One result (or one that is awaited) in the margin of a hunk. */
export type MarginChip = {
  readonly askId: string;
  readonly ordinal: number;
  readonly cellId: string;
  readonly variant: string;
  readonly runKey: string;
  readonly notebookTitle: string | null;
  /** Everybody who asked for this very run, the first of them first. */
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly state: RunState;
  readonly role: ChipRole;
  readonly switchName: string | null;
  /** `v2` of the series version that the hunk's mail belongs to, null outside a series. */
  readonly versionLabel: string | null;
  /** Set when the result was computed for an equal hunk of another mail in this thread. */
  readonly sameAs: { readonly messageIdText: string; readonly label: string } | null;
};

export type MailedRemark = {
  readonly messageIdText: string;
  readonly fromName: string;
  readonly text: string;
  readonly side: "old" | "new" | null;
  readonly oldLine: number | null;
  readonly newLine: number | null;
  readonly method: string;
};

export type HunkComment = {
  readonly id: string;
  readonly authorName: string;
  readonly isOwn: boolean;
  readonly state: "draft" | "published";
  readonly createdAt: Date;
  readonly text: string;
  readonly side: "old" | "new" | null;
  readonly oldLine: number | null;
  readonly newLine: number | null;
  readonly editCount: number;
  readonly isResolved: boolean;
};

export type HunkAttachment = {
  readonly slug: string;
  readonly title: string;
  readonly place: "thread" | "patch" | "hunk";
  readonly origin: string;
  readonly authorName: string;
};

/** The hunk in one version of its series. */
export type TrackStep = {
  readonly versionNumber: number;
  readonly messageIdText: string;
  readonly hunkKey: string;
  readonly isHere: boolean;
  readonly method: string;
};

/** Scenario x version; a cell without a result says "not run". */
export type HistoryRow = {
  readonly cellId: string;
  readonly variant: string;
  readonly states: readonly (RunState | null)[];
};
export type HunkHistory = { readonly steps: readonly TrackStep[]; readonly rows: readonly HistoryRow[] };

export type HunkMargin = {
  readonly hunkKey: string;
  readonly chips: readonly MarginChip[];
  readonly remarks: readonly MailedRemark[];
  readonly comments: readonly HunkComment[];
  readonly attachments: readonly HunkAttachment[];
  readonly history: HunkHistory | null;
};

/** `#race x2`. */
export function cellVariantWords(chip: Pick<MarginChip, "cellId" | "variant">): string {
  return `#${chip.cellId} ${chip.variant}`;
}

/** `this hunk applied`, `without this hunk`; empty when the notebook only speaks about it. */
export function roleWords(role: ChipRole): string {
  switch (role) {
    case "applied":
      return "with this hunk";
    case "not-applied":
      return "without this hunk";
    case "about":
      return "";
  }
}

/** `+813`, `-812`, or `hunk` when no line is known. */
export function lineWords(at: {
  readonly side: "old" | "new" | null;
  readonly oldLine: number | null;
  readonly newLine: number | null;
}): string {
  if (at.side === "old" && at.oldLine !== null) return `-${at.oldLine}`;
  if (at.newLine !== null) return `+${at.newLine}`;
  return at.oldLine === null ? "hunk" : `-${at.oldLine}`;
}

/**
 * Newest of each scenario and variant by the same person, ordered for a reader: violated first, holds last.
 * An older ask for the same thing says nothing more, nor does a second person's for the same run; their pages stay.
 */
export function orderChips(chips: readonly MarginChip[]): readonly MarginChip[] {
  const newest = new Map<string, MarginChip>();
  for (const chip of chips) {
    const key = JSON.stringify([chip.notebookTitle, chip.cellId, chip.variant, chip.askedBy]);
    const known = newest.get(key);
    if (!known || isBetter(chip, known)) newest.set(key, chip);
  }
  return mergeAskers([...newest.values()]).sort(
    (a, b) =>
      toneRank(toneOf(a.state)) - toneRank(toneOf(b.state)) ||
      b.askedAt.getTime() - a.askedAt.getTime() ||
      compareText(cellVariantWords(a), cellVariantWords(b)),
  );
}

/** Chips of one ask for one cell, as a digest says them: how the hunk took part, then what came out. */
export type ChipDigest = {
  readonly askId: string;
  readonly cellId: string;
  readonly askedBy: string;
  readonly sameAs: MarginChip["sameAs"];
  readonly roles: readonly { readonly role: ChipRole; readonly outcomes: readonly DigestOutcome[] }[];
};
export type DigestOutcome = { readonly tone: Tone; readonly chips: readonly MarginChip[] };

const digestRoles: readonly ChipRole[] = ["applied", "not-applied", "about"];

/**
 * Many chips of one margin, by ask and cell: what a reader wants to know of a hunk is which variants with it are violated
 * and which without it hold, not twenty cards one below the other.
 *
 * @param chips in the order of `orderChips`
 * @returns the cell with the most violated variants first; equal ones in the order of their first chips
 */
export function digestChips(chips: readonly MarginChip[]): readonly ChipDigest[] {
  const groups = new Map<string, MarginChip[]>();
  for (const chip of chips) {
    const key = JSON.stringify([chip.askId, chip.cellId]);
    groups.set(key, [...(groups.get(key) ?? []), chip]);
  }
  const violatedIn = (group: readonly MarginChip[]): number =>
    group.filter((chip) => toneOf(chip.state) === "violated").length;
  const ordered = [...groups.values()].sort((a, b) => violatedIn(b) - violatedIn(a));
  return ordered.flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const roles = digestRoles.flatMap((role) => {
      const taking = group.filter((chip) => chip.role === role);
      return taking.length === 0 ? [] : [{ role, outcomes: outcomesOf(taking) }];
    });
    return [{ askId: first.askId, cellId: first.cellId, askedBy: first.askedBy, sameAs: first.sameAs, roles }];
  });
}

function outcomesOf(chips: readonly MarginChip[]): DigestOutcome[] {
  const tones = [...new Set(chips.map((chip) => toneOf(chip.state)))].sort((a, b) => toneRank(a) - toneRank(b));
  return tones.map((tone) => ({ tone, chips: chips.filter((chip) => toneOf(chip.state) === tone) }));
}

/** One computation that several persons asked for is one chip: it leads to the first ask and names them all. */
function mergeAskers(chips: readonly MarginChip[]): MarginChip[] {
  const runs = new Map<string, MarginChip>();
  for (const chip of [...chips].sort((a, b) => a.askedAt.getTime() - b.askedAt.getTime())) {
    const key = JSON.stringify([chip.cellId, chip.variant, chip.runKey, chip.role]);
    const first = runs.get(key);
    runs.set(key, first ? { ...first, askedBy: `${first.askedBy}, ${chip.askedBy}` } : chip);
  }
  return [...runs.values()];
}

/** A result of this very hunk goes before one of an equal hunk elsewhere; then the newer. */
function isBetter(chip: MarginChip, known: MarginChip): boolean {
  if ((chip.sameAs === null) !== (known.sameAs === null)) return chip.sameAs === null;
  return chip.askedAt.getTime() > known.askedAt.getTime();
}
