/** The command's own runs: the same input, child and result bytes as the server's worker, without queue or database. */
import type { PlannedRun } from "../notebooks/types.ts";
import { engine } from "../runs/engine.server.ts";
import { buildRunInput, defaultEngineOptions, runKey, type EngineOptions, type RunInput } from "../runs/run-input.ts";
import { resultHash, resultText, type RunResult } from "../runs/run-result.ts";
import type { MutantSurvey, RunProgress } from "../runs/child-messages.ts";
import type { Sandbox } from "../runs/sandbox.server.ts";
import { openSandbox } from "../runs/sandbox.server.ts";
import { UsageError } from "./usage.ts";

/** Each mutant is compiled once to be listed. */
const surveyMsMax = 120_000;

export type Computed = {
  readonly plan: PlannedRun;
  readonly runKey: string;
  readonly elapsedMs: number;
  readonly end:
    | { readonly kind: "finished"; readonly result: RunResult; readonly resultHash: string }
    | { readonly kind: "stopped"; readonly reason: "time" | "memory" | "output" }
    | { readonly kind: "failed"; readonly message: string; readonly detail: string };
};

/** The input of a planned run with this installation's engine. */
export function inputOf(plan: PlannedRun, options: EngineOptions): RunInput {
  return buildRunInput(plan, { engine: engine().digest, ...options });
}

/**
 * Opens the strongest sandbox there is. One's own scenario also runs where the kernel's tools are missing; `onWeak` is
 * then told.
 */
export async function openCommandSandbox(
  onWeak: (layers: readonly string[]) => void,
  options: { readonly spares: number } = { spares: 1 },
): Promise<Sandbox> {
  const opening = await openSandbox({ weak: "allowed", spares: options.spares, children: "shared" });
  if (opening.kind === "refused") throw new UsageError(`no child process starts here: ${opening.reason}`);
  if (!opening.sandbox.layers.includes("limits")) onWeak(opening.sandbox.layers);
  return opening.sandbox;
}

/** Key of a planned run under these options. */
export function runKeyOf(plan: PlannedRun, options: EngineOptions): string {
  return runKey(inputOf(plan, options));
}

/** Computes one planned run. */
export async function compute(
  plan: PlannedRun,
  options: {
    readonly sandbox: Sandbox;
    readonly engineOptions: EngineOptions;
    readonly onProgress: (progress: RunProgress) => void;
  },
): Promise<Computed> {
  const input = inputOf(plan, options.engineOptions);
  let startedAtMs = performance.now();
  const outcome = await options.sandbox.run({
    request: { kind: "run", input },
    timeMsMax: plan.timeMsMax,
    onProgress: options.onProgress,
    onStarted: () => {
      startedAtMs = performance.now();
    },
  });
  const computed = { plan, runKey: runKey(input), elapsedMs: performance.now() - startedAtMs };
  switch (outcome.kind) {
    case "result":
      return {
        ...computed,
        end: { kind: "finished", result: outcome.result, resultHash: resultHash(resultText(outcome.result)) },
      };
    case "stopped":
    case "failed":
      return { ...computed, end: outcome };
    case "cancelled":
    case "replayed":
    case "not-replayable":
    case "timeline":
    case "survey":
      throw new Error(`assert: a run that nobody cancelled was answered with ${outcome.kind}`);
  }
}

/** The mutants of a planned run's program, or the run's own end when it does not get that far. */
export async function surveyOf(
  plan: PlannedRun,
  sandbox: Sandbox,
): Promise<
  { readonly kind: "survey"; readonly survey: MutantSurvey } | { readonly kind: "none"; readonly reason: string }
> {
  const outcome = await sandbox.run({
    request: { kind: "survey", input: inputOf(plan, defaultEngineOptions) },
    timeMsMax: surveyMsMax,
  });
  switch (outcome.kind) {
    case "survey":
      return outcome;
    case "result":
      return { kind: "none", reason: "the scenario does not compile" };
    case "stopped":
      return { kind: "none", reason: `listing its mutants was stopped (${outcome.reason})` };
    case "failed":
      return { kind: "none", reason: `the engine failed: ${outcome.message}` };
    case "cancelled":
    case "replayed":
    case "not-replayable":
    case "timeline":
      throw new Error(`assert: a survey was answered with ${outcome.kind}`);
  }
}
