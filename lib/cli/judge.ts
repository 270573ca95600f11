/** Expect lines and claims weighed against what was run; lines about runs that were not asked for stay silent. */
import { evaluateClaim, evaluateExpectation, type OutcomeOf, type RunOutcome } from "../notebooks/evaluate.ts";
import type { Notebook } from "../notebooks/types.ts";
import { runOutcome } from "../runs/run-outcome.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import type { Reported } from "./report.ts";
import { UsageError } from "./usage.ts";

export type JudgeOptions = {
  readonly notebook: Notebook;
  readonly fileName: string;
  /** Only what is not as expected is said. */
  readonly isBrief: boolean;
  /** Expect lines alone decide the exit code. */
  readonly decidesByExpect: boolean;
  readonly say: (line: string) => void;
};

/**
 * Says how each expect line and claim came out.
 *
 * @throws UsageError when expect lines are to decide and there is none: a CI that asks for nothing would always be content
 */
export function judge(computed: readonly Reported[], options: JudgeOptions): ExitCode {
  const { notebook, fileName, isBrief, decidesByExpect, say } = options;
  const outcomeOf = outcomesOf(computed);
  let failures = 0;
  let unrun = 0;
  for (const expectation of notebook.expects) {
    const state = evaluateExpectation(expectation, outcomeOf);
    if (state.kind === "not-run") unrun += 1;
    if (state.kind === "not-run" && !decidesByExpect) continue;
    if (state.kind === "match" && isBrief) continue;
    const found = state.kind === "match" ? "" : ` (${state.kind === "drift" ? state.found : state.reason})`;
    say(`${fileName}:${String(expectation.line)}: expect ${expectation.text}: ${state.kind}${found}`);
    if (state.kind === "drift") failures += 1;
  }
  if (decidesByExpect) return decideByExpect({ notebook, fileName, failures, unrun, computed });
  for (const claim of notebook.claims) {
    const state = evaluateClaim(claim, outcomeOf);
    if (state.kind === "untested") continue;
    if (!isBrief || state.kind === "refuted") {
      say(`${fileName}:${String(claim.line)}: claim #${claim.id}: ${state.kind}`);
    }
    if (state.kind === "refuted") failures += 1;
  }
  return failures === 0 ? exitCodes.holds : exitCodes.violated;
}

function decideByExpect(found: {
  readonly notebook: Notebook;
  readonly fileName: string;
  readonly failures: number;
  readonly unrun: number;
  readonly computed: readonly Reported[];
}): ExitCode {
  if (found.notebook.expects.length === 0) {
    throw new UsageError(`--expect: ${found.fileName} has no expect line`);
  }
  if (found.failures === 0 && found.unrun === 0) return exitCodes.holds;
  return found.computed.some((one) => one.end.kind !== "finished") ? exitCodes.stopped : exitCodes.violated;
}

function outcomesOf(computed: readonly Reported[]): OutcomeOf {
  const outcomes = new Map(computed.map((one) => [`${one.plan.runCellId} ${one.plan.variant}`, outcomeOf(one)]));
  return (runId, variant) => outcomes.get(`${runId} ${variant}`) ?? { kind: "not-run" };
}

/** One run as expect lines and ablations weigh it. */
export function outcomeOf({ end }: Reported): RunOutcome {
  return end.kind === "finished" ? runOutcome(end.result) : { kind: "unfinished", status: end.kind };
}
