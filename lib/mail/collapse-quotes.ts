/**
 * Which quoted stretches a page may fold away: what nobody answers below it, and the upper part of long quotes. What a
 * reply stands under stays in sight, and so do ranges that the caller names (hunks with results beside them).
 */
import type { QuotedLine } from "./quotes.ts";

export interface QuoteRegion {
  readonly kind: "shown" | "folded";
  /** Body lines, 0-based, end exclusive; regions follow each other without gaps. */
  readonly start: number;
  readonly end: number;
  /** Why it is folded: for the words on the button. */
  readonly reason: "none" | "long-quote" | "unanswered-quote" | "signature" | "footer";
}

export interface CollapseOptions {
  /** Ranges that must stay in sight. */
  readonly keep?: readonly { readonly start: number; readonly end: number }[];
  /** Lines of a long quote that stay above a reply. Default 8. */
  readonly tailLines?: number;
}

/** Folding fewer lines costs more attention than it saves. */
const FOLDED_LINES_MIN = 6;
const TAIL_LINES = 8;

/** Divides a body into shown and folded regions. Linear; lossless: every line is in exactly one region. */
export function collapseQuotes(lines: readonly QuotedLine[], options: CollapseOptions = {}): readonly QuoteRegion[] {
  const reasons = lines.map((line): QuoteRegion["reason"] => endRole(line));
  const lastWords = lines.findLastIndex((line) => line.depth === 0 && line.role === "text");
  for (const block of quotedBlocks(lines)) {
    foldBlock(reasons, { block, answered: block.end <= lastWords, tailLines: options.tailLines ?? TAIL_LINES });
  }
  for (const { start, end } of options.keep ?? []) {
    for (let at = Math.max(0, start); at < Math.min(end, reasons.length); at += 1) reasons[at] = "none";
  }
  return regionsOf(reasons);
}

function endRole(line: QuotedLine): QuoteRegion["reason"] {
  if (line.role === "signature" && line.depth === 0) return "signature";
  return line.role === "footer" ? "footer" : "none";
}

interface Block {
  readonly start: number;
  readonly end: number;
}

/** Stretches of quoted lines; blank lines between quoted ones belong to them. */
function quotedBlocks(lines: readonly QuotedLine[]): Block[] {
  const blocks: Block[] = [];
  let start = -1;
  let lastQuoted = -1;
  lines.forEach((line, at) => {
    if (line.depth > 0) {
      if (start < 0) start = at;
      lastQuoted = at;
    } else if (line.role !== "blank" && start >= 0) {
      blocks.push({ start, end: lastQuoted + 1 });
      start = -1;
    }
  });
  if (start >= 0) blocks.push({ start, end: lastQuoted + 1 });
  return blocks;
}

function foldBlock(
  reasons: QuoteRegion["reason"][],
  { block, answered, tailLines }: { block: Block; answered: boolean; tailLines: number },
): void {
  const end = answered ? block.end - tailLines : block.end;
  if (end - block.start < FOLDED_LINES_MIN) return;
  for (let at = block.start; at < end; at += 1) reasons[at] = answered ? "long-quote" : "unanswered-quote";
}

function regionsOf(reasons: readonly QuoteRegion["reason"][]): QuoteRegion[] {
  const regions: QuoteRegion[] = [];
  for (let start = 0; start < reasons.length;) {
    const reason = reasons[start] ?? "none";
    let end = start + 1;
    while (end < reasons.length && reasons[end] === reason) end += 1;
    regions.push({ kind: reason === "none" ? "shown" : "folded", start, end, reason });
    start = end;
  }
  return regions;
}
