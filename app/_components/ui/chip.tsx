import type { ReactNode } from "react";
import {
  countsWords,
  toneOf,
  verdictWords,
  type RunState,
  type Tone,
  type ToneCounts,
} from "#lib/review/verdict-words.ts";

/** A verdict in words; the colour only repeats it. */
export function VerdictChip({ state, prefix }: { readonly state: RunState; readonly prefix?: string }): ReactNode {
  return (
    <span className={`chip chip-${toneOf(state)}`}>
      {prefix}
      {verdictWords(state)}
    </span>
  );
}

/** Runs of a thread or mail, counted by how they stand. */
export function CountChips({ counts }: { readonly counts: ToneCounts }): ReactNode {
  return toneOrder
    .filter((tone) => (counts[tone] ?? 0) > 0)
    .map((tone) => (
      <span key={tone} className={`chip chip-${tone}`}>
        {countsWords({ [tone]: counts[tone] })}
      </span>
    ));
}

const toneSign: Readonly<Record<Tone, string>> = {
  violated: "✗",
  inconclusive: "?",
  rejected: "!",
  failed: "!",
  stopped: "!",
  running: "…",
  queued: "…",
  measured: "~",
  answered: "=",
  holds: "✓",
  cancelled: "–",
};

/** The same where there is no room for words: a sign of its own for each, the words for screen readers and on hover. */
export function CountSigns({ counts }: { readonly counts: ToneCounts }): ReactNode {
  return (
    <span className="signs" title={countsWords(counts)}>
      <span className="sr-only-words">{countsWords(counts)}</span>
      {toneOrder
        .filter((tone) => (counts[tone] ?? 0) > 0)
        .map((tone) => (
          <span key={tone} aria-hidden="true" className={`t-${tone}`}>
            {toneSign[tone]}
            {counts[tone]}
          </span>
        ))}
    </span>
  );
}

const toneOrder: readonly Tone[] = [
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
