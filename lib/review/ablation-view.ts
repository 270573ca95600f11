/** An ablation as its page, its text twin and its notebook show it: weighed from what its runs have found so far. */
import { ablationCell, type ExpectState, type RunOutcome } from "../notebooks/evaluate.ts";
import { readSubset, subsetLabel } from "../notebooks/switch-subset.ts";
import { ablationSentences } from "../runs/ablation-words.ts";
import { explainAblation, type Ablation } from "../runs/ablation.ts";

export type AblationView = {
  readonly ablation: Ablation;
  /** Subsets whose runs have ended, however. */
  readonly ended: number;
  /** Expect lines about causes and cures. */
  readonly expects: readonly { readonly text: string; readonly state: ExpectState }[];
};

/** A run of an ablation: its subset's label, and what is known of it. */
export type AblationMember = { readonly variant: string; readonly outcome: RunOutcome };

/**
 * Weighs an ablation.
 *
 * @param switches those ablated, in the notebook's order; the members' own when the notebook is not known
 */
export function ablationView(
  members: readonly AblationMember[],
  options: { readonly switches: readonly string[] | null; readonly expects: AblationView["expects"] },
): AblationView {
  const named = [...new Set(members.flatMap(({ variant }) => readSubset(variant) ?? []))];
  const switches = options.switches ?? named;
  const cells = members.map(({ variant, outcome }) => {
    const names = readSubset(variant) ?? [];
    return ablationCell(
      switches.filter((name) => names.includes(name)),
      outcome,
    );
  });
  const waits = members.filter(
    ({ outcome }) => outcome.kind === "unfinished" && (outcome.status === "queued" || outcome.status === "running"),
  );
  return {
    ablation: explainAblation(switches, cells),
    ended: members.length - waits.length,
    expects: options.expects,
  };
}

/** Causes and cures in one line, or how far it has come: nothing is concluded before every run has ended. */
export function ablationHeadline(view: AblationView): string {
  const { ablation, ended } = view;
  const count = ablation.cells.length;
  if (ended < count) return `Ablation of ${ablation.switches.join(", ")}: ${ended} of ${count} subsets have ended.`;
  return ablationSentences({ ...ablation, notes: [] }).join(" ");
}

/** What the headline does not say, once everything has ended: the notes. */
export function ablationRemarks(view: AblationView): readonly string[] {
  const { ablation, ended } = view;
  if (ended < ablation.cells.length) return [];
  const headline = new Set(ablationSentences({ ...ablation, notes: [] }));
  return ablationSentences(ablation).filter((sentence) => !headline.has(sentence));
}

const shownMax = 12;

/**
 * The subsets whose results stand in full on the page: all of a small ablation; of a large one a cause of each class.
 */
export function shownSubsets(view: AblationView): ReadonlySet<string> {
  const { cells, findings } = view.ablation;
  const labels = cells.map((cell) => subsetLabel(cell.subset));
  if (labels.length <= shownMax) return new Set(labels);
  return new Set(findings.flatMap(({ causes }) => causes.slice(0, 1).map((cause) => subsetLabel(cause.subset))));
}
