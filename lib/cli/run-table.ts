/** All runs of a notebook at a glance, a line each, in 72 columns. */
import { evaluateExpectation } from "../notebooks/evaluate.ts";
import { outcomeOf } from "./judge.ts";
import { verdictOf, type Reported } from "./report.ts";

const columns = 72;
const nameColumnsMax = 40;
/** Fewer runs are seen at a glance anyway. */
const tableRunsMin = 4;

/**
 * One line a run: cell and variant, verdict, and whether its expect lines match. Ablations and sweeps have tables of their own.
 *
 * @returns lines; none for few runs
 */
export function runTable(computed: readonly (Reported & ExpectedPlan)[]): readonly string[] {
  const rows = computed
    .filter((one) => one.plan.ablated === null && one.plan.point === null)
    .map((one) => ({
      name: `#${one.plan.runCellId} ${one.plan.variant}`,
      verdict: verdictOf(one),
      expected: expectedWord(one, computed),
    }));
  if (rows.length < tableRunsMin) return [];
  const width = Math.min(nameColumnsMax, Math.max(...rows.map((row) => row.name.length)));
  return rows.map((row) => {
    const head = `${row.name.padEnd(width)}  ${row.verdict}`;
    return row.expected === "" ? head : `${head.padEnd(columns - "not run".length - 1)} ${row.expected}`;
  });
}

type ExpectedPlan = {
  readonly plan: Reported["plan"] & {
    readonly ablated: readonly string[] | null;
    readonly point: Readonly<Record<string, number>> | null;
    readonly expects: readonly Parameters<typeof evaluateExpectation>[0][];
  };
};

/** The worst of the run's expect lines; empty when it has none. */
function expectedWord(one: Reported & ExpectedPlan, all: readonly Reported[]): string {
  const states = one.plan.expects.map(
    (expectation) =>
      evaluateExpectation(expectation, (runId, variant) => {
        const other = all.find(({ plan }) => plan.runCellId === runId && plan.variant === variant);
        return other === undefined ? { kind: "not-run" } : outcomeOf(other);
      }).kind,
  );
  if (states.includes("drift")) return "drift";
  if (states.includes("not-run")) return "not run";
  return states.length === 0 ? "" : "match";
}
