import type { ReactNode } from "react";
import type { TimeSplit } from "#simulator";
import { percentText } from "#lib/review/figure-words.ts";

const parts = [
  { key: "run", words: "running" },
  { key: "spin", words: "spinning" },
  { key: "runnable", words: "waiting for a CPU" },
  { key: "blocked", words: "uninterruptible sleep" },
  { key: "asleep", words: "asleep" },
  { key: "outside", words: "not begun or ended" },
] as const;

const width = 640;

/** Where the time went, as a bar, and in words below it: colours only repeat what is written. */
export function TimeBar({ split, title }: { readonly split: TimeSplit; readonly title: string }): ReactNode {
  const whole = parts.reduce((sum, { key }) => sum + split[key], 0);
  if (whole === 0) return null;
  let at = 0;
  const pieces = parts.map((part) => {
    const from = at;
    at += split[part.key];
    return { ...part, x: (width * from) / whole, width: (width * split[part.key]) / whole };
  });
  const there = parts.filter(({ key }) => split[key] > 0);
  const words = there.map((part) => `${part.words} ${percentText(split[part.key], whole)}`);
  return (
    <figure className="time-bar">
      <svg
        viewBox={`0 0 ${width} 16`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${words.join(", ")}`}
      >
        {pieces.map((piece) => (
          <rect
            key={piece.key}
            className={`part-${piece.key}`}
            x={piece.x.toFixed(2)}
            width={piece.width.toFixed(2)}
            y={0}
            height={16}
          />
        ))}
      </svg>
      <figcaption className="small">
        {there.map((part) => (
          <span key={part.key} className="part-words">
            <svg viewBox="0 0 10 10" className="swatch" aria-hidden="true">
              <rect className={`part-${part.key}`} width={10} height={10} />
            </svg>
            {part.words} {percentText(split[part.key], whole)}
            <LockShares split={split} part={part.key} whole={whole} />
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

const locksShown = 3;

function LockShares({
  split,
  part,
  whole,
}: {
  readonly split: TimeSplit;
  readonly part: (typeof parts)[number]["key"];
  readonly whole: number;
}): ReactNode {
  if (part !== "spin" && part !== "blocked") return null;
  const locks = split.byLock.filter((lock) => lock[part] > 0).sort((a, b) => b[part] - a[part]);
  if (locks.length === 0) return null;
  const shown = locks.slice(0, locksShown).map((lock) => `${lock.name} ${percentText(lock[part], whole)}`);
  return <span className="soft"> ({shown.join(", ")})</span>;
}
