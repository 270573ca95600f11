/**
 * Undoes what mail programs do to quoted lines before they are aligned: a line wrapped in two or three (the tail perhaps
 * without its marks), or two lines of the target joined into one. Only where the target has the very text that results.
 */
import type { QuotedLine } from "../mail/quotes/quotes.ts";
import { bareText, type TargetLine, type TargetMail } from "./anchor-target.ts";

export interface QuotedEntry {
  readonly bare: string;
  /** Body lines of the reply that make it up. */
  readonly bodyLines: readonly number[];
}

export interface JoinedQuote {
  readonly entries: readonly QuotedEntry[];
  /** The target's lines, a pair merged where the quote has it as one. */
  readonly targetLines: readonly TargetLine[];
  /** Lines without marks that turned out to be tails of quoted ones. */
  readonly tails: readonly number[];
}

const WRAPPED_PARTS_MAX = 3;

export function joinWrapped(
  entries: readonly QuotedEntry[],
  context: { target: TargetMail; quotes: readonly QuotedLine[]; depth: number },
): JoinedQuote {
  const joined: QuotedEntry[] = [];
  const tails: number[] = [];
  const wanted = new Set<string>();
  for (let at = 0; at < entries.length; at += 1) {
    const entry = entries[at];
    if (entry === undefined) break;
    if (context.target.counts.has(entry.bare)) {
      joined.push(entry);
      continue;
    }
    const parts = wrappedParts(entries, { at, target: context.target });
    const tail = parts > 1 ? null : unmarkedTail(entry, context);
    if (tail !== null) tails.push(...tail.bodyLines.slice(-1));
    const merged = parts > 1 ? mergeEntries(entries.slice(at, at + parts)) : (tail ?? entry);
    if (!context.target.counts.has(merged.bare)) wanted.add(merged.bare);
    joined.push(merged);
    at += parts - 1;
  }
  return { entries: joined, targetLines: mergeTargets(context.target.lines, wanted), tails };
}

/** How many entries from `at` on make up one line of the target; 1 when none do. */
function wrappedParts(entries: readonly QuotedEntry[], { at, target }: { at: number; target: TargetMail }): number {
  let text = entries[at]?.bare ?? "";
  for (let parts = 2; parts <= WRAPPED_PARTS_MAX; parts += 1) {
    const next = entries[at + parts - 1];
    if (next === undefined) return 1;
    text += next.bare;
    if (target.counts.has(text)) return parts;
  }
  return 1;
}

function mergeEntries(parts: readonly QuotedEntry[]): QuotedEntry {
  return { bare: parts.map((part) => part.bare).join(""), bodyLines: parts.flatMap((part) => part.bodyLines) };
}

/** "> +  a long line that the mail program" / "wrapped here": the second line lost its marks. */
function unmarkedTail(
  entry: QuotedEntry,
  { target, quotes, depth }: { target: TargetMail; quotes: readonly QuotedLine[]; depth: number },
): QuotedEntry | null {
  const below = quotes[(entry.bodyLines.at(-1) ?? -1) + 1];
  if (below === undefined || below.depth >= depth || below.role === "blank") return null;
  const bare = entry.bare + bareText(below.text);
  return target.counts.has(bare) ? { bare, bodyLines: [...entry.bodyLines, below.line] } : null;
}

/** Merges two neighbours of the target where the quote has their texts as one line. */
function mergeTargets(lines: readonly TargetLine[], wanted: ReadonlySet<string>): readonly TargetLine[] {
  if (wanted.size === 0) return lines;
  const merged: TargetLine[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    const next = lines[at + 1];
    if (line === undefined) break;
    const pair = next === undefined ? "" : line.bare + next.bare;
    if (next !== undefined && wanted.has(pair)) {
      merged.push({ bodyLine: next.bodyLine, bare: pair });
      at += 1;
    } else merged.push(line);
  }
  return merged;
}
