/**
 * How a run's state is said in words: on chips, in text twins, in mail. One wording everywhere, because people quote it.
 * A verdict is only ever said of a finished run; a limit, a stop or a fault never reads as a pass.
 */
export type RunStatus = "queued" | "running" | "finished" | "failed" | "stopped" | "cancelled";
export type VerdictName = "holds" | "measured" | "violated" | "inconclusive" | "rejected";

/** What is known of a run without reading its whole result. */
export type RunState = {
  readonly status: RunStatus;
  readonly verdict: VerdictName | null;
  readonly violationClass: string | null;
  /** Steps of the counterexample. */
  readonly steps: number | null;
  readonly states: number | null;
  /** Name of the bound that an inconclusive run reached. */
  readonly limit: string | null;
  /** Why it stopped or failed. */
  readonly stopReason: string | null;
  /** The answer of a reach run, which stands in place of a verdict; absent of a check. */
  readonly reach?: "reached" | "never" | "open" | undefined;
  /** The figure that a simulation is known by: `p99 30.1 us +- 0.4`; absent of what is no simulation. */
  readonly figure?: string | undefined;
};

/** The colour family of a chip; the words never depend on it. */
export type Tone = VerdictName | "answered" | Exclude<RunStatus, "finished">;

export function toneOf(state: Pick<RunState, "status" | "verdict" | "reach">): Tone {
  if (state.status !== "finished") return state.status;
  // An answer is neither good nor bad, and never reads as a pass: only an open question needs a second look.
  if (state.reach !== undefined) return state.reach === "open" ? "inconclusive" : "answered";
  // A finished run has a verdict (the database checks it too); without one it is a fault, never a pass.
  return state.verdict ?? "failed";
}

/** `violated: use-after-free, 14 steps`, `holds: 1,204 states, exhaustive`, `queued`, `stopped: time`. */
export function verdictWords(state: RunState): string {
  const tone = toneOf(state);
  if (state.status === "finished" && state.reach !== undefined) return answerWords(state.reach, state);
  switch (tone) {
    case "answered":
      return "answered";
    case "measured":
      return state.figure === undefined ? "measured" : `measured: ${state.figure}`;
    case "violated":
      return `violated: ${violationWords(state)}`;
    case "holds":
      return state.states === null ? "holds, exhaustive" : `holds: ${countWords(state.states, "state")}, exhaustive`;
    case "inconclusive":
      return state.limit === null ? "inconclusive" : `inconclusive: bound on ${state.limit} reached`;
    case "rejected":
      return "rejected: the scenario has errors";
    case "queued":
      return "queued";
    case "running":
      return "running";
    case "stopped":
      return `stopped: ${state.stopReason ?? "limit"}, no verdict`;
    case "failed":
      return "failed: engine fault, no verdict";
    case "cancelled":
      return "cancelled, no verdict";
  }
}

function answerWords(reach: NonNullable<RunState["reach"]>, state: RunState): string {
  switch (reach) {
    case "reached":
      return state.steps === null ? "reached" : `reached after ${stepsWords(state.steps)}`;
    case "never":
      return state.states === null
        ? "never reached, exhaustive"
        : `never reached: ${countWords(state.states, "state")}, exhaustive`;
    case "open":
      return "not reached within these bounds";
  }
}

/** `use-after-free, 14 steps`. */
export function violationWords(state: Pick<RunState, "violationClass" | "steps">): string {
  return [state.violationClass ?? "unnamed class", stepsWords(state.steps)].filter(Boolean).join(", ");
}

/** What is said once for several runs that came out alike: `model holds:`, `stopped, no verdict:`. */
export function outcomeWords(tone: Tone): string {
  switch (tone) {
    case "violated":
    case "holds":
    case "inconclusive":
    case "rejected":
      return `model ${tone}:`;
    case "measured":
    case "answered":
    case "queued":
    case "running":
      return `${tone}:`;
    case "stopped":
    case "failed":
    case "cancelled":
      return `${tone}, no verdict:`;
  }
}

const order: readonly Tone[] = [
  "violated",
  "inconclusive",
  "rejected",
  "failed",
  "stopped",
  "running",
  "queued",
  "measured",
  "answered",
  "holds",
  "cancelled",
];

/** Smaller stands first on a margin: what needs a reader, then what waits, then what is fine. */
export function toneRank(tone: Tone): number {
  return order.indexOf(tone);
}

export type ToneCounts = Readonly<Partial<Record<Tone, number>>>;

/** `2 violated, 1 queued, 3 hold`; empty when there is no run. */
export function countsWords(counts: ToneCounts): string {
  return order
    .filter((tone) => (counts[tone] ?? 0) > 0)
    .map((tone) => `${counts[tone] ?? 0} ${tone === "holds" && counts[tone] !== 1 ? "hold" : tone}`)
    .join(", ");
}

/** `1 state`, `12,042 states`: the thousands are set apart in every page and text alike. */
export function countWords(count: number, noun: string): string {
  return `${groupThousands(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** 1234567 -> `1,234,567`, without a locale, so that a text twin has the same bytes everywhere. */
export function groupThousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

function stepsWords(steps: number | null): string {
  return steps === null ? "" : countWords(steps, "step");
}
