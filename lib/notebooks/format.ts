/** `hunkbook fmt`: makes a notebook fit for mail and says what it changed. Never touches what a line means. */
import { mailHazard } from "./parse/mail-hazard.ts";
import { quoteDepthOf, splitLines } from "./parse/source.ts";
import { closesFence, openingFence } from "./parse/split-blocks.ts";

/** One change; lines are those of the text as given. */
export type FormatChange = {
  readonly kind: "line-ends" | "byte-order-mark" | "indented" | "final-newline";
  /** 1-based; 1 for a change of the whole file. */
  readonly line: number;
  readonly message: string;
};

export type FormattedNotebook = { readonly text: string; readonly changes: readonly FormatChange[] };

/**
 * Formats: LF line ends, no byte order mark, one line end at the end, and every line that mail would cut or read as a
 * quote indented by one blank. Idempotent. A text with NUL bytes or of any other kind passes through likewise.
 */
export function formatNotebook(text: string): FormattedNotebook {
  const changes: FormatChange[] = [];
  const canonical = canonicalText(text, changes);
  const lines = canonical.split("\n");
  const isProse = proseLines(lines);
  const isQuoted = quoteDepthOf(canonical) > 0;
  const formatted = lines.map((line, index) => {
    const hazard = isQuoted ? null : mailHazard(line, { isProse: isProse[index] ?? true });
    if (hazard === null) return line;
    changes.push({ kind: "indented", line: index + 1, message: `indented by one blank: ${hazard}` });
    return ` ${line}`;
  });
  return { text: formatted.join("\n"), changes };
}

/** The text that a revision's hash is taken of: LF, no byte order mark, one line end at the end. */
export function canonicalText(text: string, changes: FormatChange[] = []): string {
  let result = text;
  if (result.startsWith("\ufeff")) {
    result = result.slice(1);
    changes.push({ kind: "byte-order-mark", line: 1, message: "removed the byte order mark" });
  }
  if (result !== "" && !result.endsWith("\n")) {
    result += "\n";
    changes.push({ kind: "final-newline", line: result.split("\n").length - 1, message: "added the last line's end" });
  }
  if (result.includes("\r\n")) {
    result = result.split("\n").map(withoutReturns).join("\n");
    changes.push({ kind: "line-ends", line: 1, message: "turned CRLF line ends into LF" });
  }
  return result;
}

function withoutReturns(line: string): string {
  let end = line.length;
  while (line[end - 1] === "\r") end -= 1;
  return line.slice(0, end);
}

/** For each line whether it stands outside of all fences. */
function proseLines(lines: readonly string[]): boolean[] {
  let fence: ReturnType<typeof openingFence> = null;
  return lines.map((line) => {
    if (fence !== null) {
      if (closesFence(line, fence)) fence = null;
      return false;
    }
    fence = openingFence(line);
    return fence === null;
  });
}

/**
 * A notebook quoted in a mail without its quote marks, so that it can be saved. Lines quoted less deeply are remarks of
 * the reply; they are returned apart.
 */
export function unquoteNotebook(text: string): {
  readonly text: string;
  readonly quoteDepth: number;
  readonly remarks: readonly { readonly line: number; readonly text: string }[];
} {
  const quoteDepth = quoteDepthOf(text);
  if (quoteDepth === 0) return { text, quoteDepth, remarks: [] };
  const lines = splitLines(text, { quoteDepth });
  const kept = lines.filter((line) => !line.isHidden);
  const remarks = lines
    .filter((line) => line.isHidden && line.full.trim() !== "")
    .map((line) => ({ line: line.number, text: line.full }));
  return { text: kept.map((line) => `${line.text}\n`).join(""), quoteDepth, remarks };
}
