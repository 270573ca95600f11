/** What the command says of an ablation, once its subsets have been run. */
import { ablationCell } from "../notebooks/evaluate.ts";
import { readSubset, subsetLabel } from "../notebooks/switch-subset.ts";
import { explainAblation, type Ablation } from "../runs/ablation.ts";
import { ablationSentences, ablationTable, methodWords } from "../runs/ablation-words.ts";
import { folded } from "./folded.ts";
import { outcomeOf } from "./judge.ts";
import { verdictOf, type Reported } from "./report.ts";

/** The runs of one ablation, weighed together. */
export function ablationOf(switches: readonly string[], computed: readonly Reported[]): Ablation {
  const cells = computed.map((one) => ablationCell(subsetOf(one, switches), outcomeOf(one)));
  return explainAblation(switches, cells);
}

/** In the order of the switches, as tables have them. */
function subsetOf({ plan }: Reported, switches: readonly string[]): readonly string[] {
  const names = readSubset(plan.variant) ?? [];
  return switches.filter((name) => names.includes(name));
}

/** The matrix, causes and cures, and whose trace follows. Lines without line ends. */
export function ablationLines(cellId: string, ablation: Ablation, computed: readonly Reported[]): readonly string[] {
  const verdicts = new Map(computed.map((one) => [one.plan.variant, verdictOf(one)]));
  return [
    ...folded(`#${cellId}: ablation, ${methodWords(ablation)}`),
    "",
    ...ablationTable(ablation, verdicts).map((line) => (line === "" ? "" : `  ${line}`)),
    "",
    ...ablationSentences(ablation).flatMap(folded),
  ];
}

/** The subsets whose traces show why: one cause of each class, the first. */
export function tracedSubsets(ablation: Ablation): readonly string[] {
  return ablation.findings.flatMap(({ causes }) => causes.slice(0, 1).map((cause) => subsetLabel(cause.subset)));
}

/** The last element of `--json`: what the subsets say together. */
export function ablationElement(cellId: string, ablation: Ablation): Record<string, unknown> {
  const { switches, method, findings, undecided, notes } = ablation;
  return {
    cell: cellId,
    ablation: { switches, method, subsets: ablation.cells.length, findings, undecided, notes },
  };
}
