/**
 * Gives back the tabs that a mail program turned into blanks (rule e), the blank that format=flowed stuffed before
 * context lines, and blanks for NBSP in the indentation (rule f).
 *
 * The tabs of a diff are expanded with the marker's column counted: the first tab becomes seven blanks, each further one
 * eight. Alignment inside a line cannot be known and is left alone.
 */
import type { DraftLine, HunkDraft } from "./hunk-draft.ts";

const FIRST_TAB_BLANKS = 7;
const TAB_BLANKS = 8;
/** Files that are indented with blanks: 8 of them are 8 blanks. */
const BLANK_INDENTED = /\.(?:py|rst|md|txt|ya?ml|rs|json|toml|js|ts|html|css|java|go\.tmpl|nix)$/i;

/** The diff lines of the mails that are quoted, with their markers, or null when none are at hand. */
export type ParentLines = () => ReadonlySet<string> | null;

/** Repairs the lines of a draft in place, and says so in its repairs. */
export function repairIndent(draft: HunkDraft, options: { parentLines: ParentLines; path: string }): void {
  repairNbsp(draft);
  if (draft.lines.some((line) => line.text.includes("\t")) || BLANK_INDENTED.test(options.path)) return;
  unstuffContext(draft);
  restoreTabs(draft, options.parentLines);
}

function repairNbsp(draft: HunkDraft): void {
  if (!draft.quoted) return;
  for (const line of draft.lines) {
    const indent = /^[ \t\u00a0]*\u00a0[ \t\u00a0]*/.exec(line.text)?.[0];
    if (indent === undefined) continue;
    line.text = indent.replaceAll("\u00a0", " ") + line.text.slice(indent.length);
    draft.repairs.push({ kind: "nbsp", line: line.bodyLine, detail: "NBSP in the indentation read as a blank" });
  }
}

function blanksBefore(text: string): number {
  let count = 0;
  while (text[count] === " ") count += 1;
  return count;
}

/** The line is indented by tabs and nothing else, as expanded behind a marker. */
function isTabStop(blanks: number): boolean {
  return blanks % TAB_BLANKS === FIRST_TAB_BLANKS;
}

/**
 * format=flowed puts one blank before each line that begins with one: context lines then stand one column to the right
 * of changed ones. Undone only when every context line shows it and changed lines show where the tabs are.
 */
function unstuffContext(draft: HunkDraft): void {
  const filled = draft.lines.filter((line) => line.text.trim() !== "" && line.kind !== "\\");
  const context = filled.filter((line) => line.kind === " ");
  const changed = filled.filter((line) => line.kind !== " ");
  const stuffed = context.length > 0 && context.every((line) => line.text.startsWith(" "));
  const shifted = context.some((line) => isTabStop(blanksBefore(line.text) - 1));
  const tabbed = changed.some((line) => isTabStop(blanksBefore(line.text)));
  if (!stuffed || !shifted || !tabbed || context.some((line) => isTabStop(blanksBefore(line.text)))) return;
  for (const line of context) line.text = line.text.slice(1);
  const first = context[0];
  draft.repairs.push({
    kind: "stuffed-blank",
    line: first?.bodyLine ?? draft.bodyLineStart,
    detail: `one stuffed blank removed from ${context.length} context lines`,
  });
}

function restoreTabs(draft: HunkDraft, gatherParentLines: ParentLines): void {
  const restored = draft.lines.map((line) => ({ line, text: withTabs(line) }));
  const changed = restored.filter(({ line, text }) => line.text !== text);
  const first = changed[0];
  if (first === undefined || !draft.lines.some((line) => isTabStop(blanksBefore(line.text)))) return;
  const parentLines = gatherParentLines();
  const known = (line: DraftLine, text: string) => parentLines?.has(line.kind + text) ?? false;
  const confirmed = parentLines !== null && changed.every(({ line, text }) => known(line, text));
  const asSentKnown = parentLines !== null && changed.every(({ line }) => known(line, line.text));
  if (asSentKnown) return;
  for (const { line, text } of changed) line.text = text;
  draft.repairs.push({
    kind: confirmed ? "tabs-confirmed" : "tabs-guessed",
    line: first.line.bodyLine,
    detail: `leading blanks of ${changed.length} lines turned back into tabs`,
  });
}

function withTabs(line: DraftLine): string {
  const blanks = blanksBefore(line.text);
  if (blanks < FIRST_TAB_BLANKS || line.kind === "\\") return line.text;
  const beyond = blanks - FIRST_TAB_BLANKS;
  const tabs = 1 + Math.floor(beyond / TAB_BLANKS);
  return "\t".repeat(tabs) + " ".repeat(beyond % TAB_BLANKS) + line.text.slice(blanks);
}
