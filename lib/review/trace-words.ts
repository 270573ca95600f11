/** What a trace is worth, in words. */
import { explainSteps, renderCounterexample, type ExplainedSteps } from "#simulator";
import type { ResultTrace } from "../runs/trace-schema.ts";
import type { Replay } from "./replay.server.ts";
import { messageWords, type RunPage } from "./run-page.ts";
import { countWords } from "./verdict-words.ts";

export { explanationHeading } from "#simulator";

/** What the steps are for, in rows. */
export function explainedSteps(trace: ResultTrace): readonly ExplainedSteps[] {
  return explainSteps(trace);
}

/** `9 steps, no shorter one exists; 2 context switches, no fewer with as many steps`. */
export function traceWords(trace: ResultTrace): string {
  const length = `${countWords(trace.steps.length, "step")}, ${trace.shortest ? "no shorter one exists" : "not proven shortest"}`;
  if (trace.switches === undefined || trace.switches === 0) return length;
  const switches = `${trace.switches} context ${trace.switches === 1 ? "switch" : "switches"}`;
  return `${length}; ${switches}, ${trace.fewestSwitches === true ? "no fewer with as many steps" : "not proven fewest"}`;
}

/** `/r/ID/replay` as text. */
export function replayTextPath(askId: string, place: { readonly ordinal: number; readonly schedule: string }): string {
  const query = new URLSearchParams({ member: String(place.ordinal), schedule: place.schedule });
  return `/r/${askId}/replay/text?${query.toString()}`;
}

/** What a replay came to, in one sentence. */
export function replayWords(page: Pick<RunPage, "cellLines">, replay: Replay): string {
  if (replay.kind === "refused") return "nothing was run";
  const { trace } = replay;
  return `${countWords(trace.steps.length, "step")}, ${messageWords(page, trace.end.message)}`;
}

const columns = 72;

/** A replay as text: the lanes, and what the steps are for. */
export function replayText(page: Pick<RunPage, "cellLines">, replay: Replay): string {
  if (replay.kind === "refused") return `${replay.message}\n`;
  return `Replay: ${replayWords(page, replay)}\n\n${traceText(page, replay.trace, { columns })}\nSchedule: ${replay.trace.schedule}\n`;
}

/** The lanes and the rows below them, places as lines of the notebook. */
export function traceText(
  page: Pick<RunPage, "cellLines">,
  trace: ResultTrace,
  options: { readonly columns: number },
): string {
  return messageWords(page, renderCounterexample(trace, options));
}
