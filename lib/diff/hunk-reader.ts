/**
 * Reads one hunk, line by line, by its counts: what the header promises is content, whatever it looks like ("-- " is a
 * deleted "- ", "+++ y" an added "++ y"). Damage that mail does is repaired and written down; see rules (a) to (h).
 *
 * The reader decides a line at a time and looks ahead only where a blank line beside a reply may have been a separator,
 * so that a mail costs time linear in its length.
 */
import { formatHunkHeader, isElision, type HunkHeader } from "./diff-grammar.ts";
import type { FoundHunk, HunkLine, HunkLineKind, HunkState, Repair } from "./found-diff.ts";
import type { DraftLine, HunkDraft } from "./hunk-draft.ts";
import { repairIndent, type ParentLines } from "./indent-repair.ts";

/** Above this length a line may have been wrapped by a mail program. */
const WRAPPED_LENGTH_MIN = 60;
const HEADING_JOINS_MAX = 2;
/** A mail program makes two lines of one, seldom three or four; more of them are prose. */
const WRAP_JOINS_MAX = 3;
const CONTEXT_LINES = 3;
const TRIMMED_LINES_MAX = 3;

/** Why a hunk ended. */
export type HunkEnd = "counts" | "header" | "region" | "prose";

export function openHunk(options: { header: HunkHeader; text: string; bodyLine: number; quoted: boolean }): HunkDraft {
  return {
    header: options.header,
    quoted: options.quoted,
    bodyLineStart: options.bodyLine,
    headerText: options.text,
    headingJoins: 0,
    oldLeft: options.header.oldCount,
    newLeft: options.header.newCount,
    counting: "sure",
    lines: [],
    raws: [options.text],
    gaps: [],
    repairs: [],
    interruptions: 0,
    separators: 0,
    resumed: false,
    pendingGap: null,
    afterEmpty: false,
    lastBodyLine: options.bodyLine,
  };
}

/**
 * Tells the hunk that a line of smaller depth stands in between. "[...]" without quote marks is no reply: it says that
 * lines were left out here.
 */
export function interruptHunk(draft: HunkDraft, line: { text: string; bodyLine: number }): void {
  if (line.text.trim() === "") return;
  if (isElision(line.text)) {
    draft.pendingGap = { text: line.text, bodyLine: line.bodyLine };
    return;
  }
  if (draft.resumed) return;
  draft.resumed = true;
  if (!isSatisfied(draft)) draft.interruptions += 1;
  for (let at = draft.lines.length - 1; at >= 0; at -= 1) {
    const line = draft.lines[at];
    if (line === undefined || !line.bare || line.separator) break;
    markSeparator(draft, line);
  }
}

function markSeparator(draft: HunkDraft, line: DraftLine): void {
  if (line.separator) return;
  line.separator = true;
  draft.separators += 1;
}

export function isSatisfied(draft: HunkDraft): boolean {
  return draft.counting === "sure" && draft.oldLeft <= 0 && draft.newLeft <= 0;
}

/** Whether a text can be the next line of a hunk by its first character alone. */
export function isDiffContent(text: string): boolean {
  const first = text[0];
  return first === " " || first === "+" || first === "-" || (first === "\\" && text[1] === " ");
}

/** The next line of the hunk's depth; `ahead` gives the texts of that depth from this line on, asked for only when needed. */
export interface Offered {
  readonly text: string;
  readonly bodyLine: number;
  readonly ahead: () => Iterable<string>;
}

export type Taken = { readonly kind: "taken" } | { readonly kind: "ended"; readonly end: HunkEnd };
const TAKEN: Taken = { kind: "taken" };

/**
 * Offers the next line of the hunk's depth. "ended" means that the line is none of the hunk's.
 */
export function offerLine(draft: HunkDraft, line: Offered): Taken {
  const { text, bodyLine } = line;
  const directly = !draft.resumed;
  if (draft.pendingGap !== null && !isSatisfied(draft) && (text === "" || isDiffContent(text)))
    openGap(draft, draft.pendingGap);
  draft.pendingGap = null;
  const taken = decide(draft, line);
  if (taken.kind === "taken") {
    draft.raws.push(text);
    draft.lastBodyLine = bodyLine;
    const last = draft.lines.at(-1);
    if (!directly && text === "" && last?.bodyLine === bodyLine) markSeparator(draft, last);
    if (text !== "") draft.resumed = false;
    draft.afterEmpty = text === "";
  }
  return taken;
}

function decide(draft: HunkDraft, line: Offered): Taken {
  const { text, bodyLine } = line;
  if (text.startsWith("\\ ") && draft.lines.length > 0) return push(draft, { kind: "\\", text, bodyLine });
  if (/^(?:@@+ -\d|diff --git |diff --cc )/.test(text)) return { kind: "ended", end: "header" };
  if (isSatisfied(draft)) return decideBeyondCounts(draft, line);
  if (text === "") return decideBare(draft, bodyLine);
  const gapMark = isElision(text) && (text[0] !== " " || (draft.quoted && text.trim() === ":")) && !/^[+-]/.test(text);
  if (gapMark) return openGap(draft, { text, bodyLine });
  if (text[0] === "\t" && text.trim() !== "") return decideUnmarked(draft, line);
  if (text[0] === "\u00a0") return decideContent(draft, { ...line, text: ` ${text.slice(1)}`, nbsp: true });
  if (isDiffContent(text)) return decideContent(draft, { ...line, nbsp: false });
  return decideForeign(draft, { text, bodyLine });
}

/** The counts are used up: only a miscounted separator or wrong counts let the hunk go on. */
function decideBeyondCounts(draft: HunkDraft, line: Offered): Taken {
  const ended: Taken = { kind: "ended", end: "counts" };
  const { text, bodyLine } = line;
  if (!isDiffContent(text) || /^(?:--|\+\+)/.test(text) || text.trim() === "") return ended;
  if (releaseSeparators(draft, line.ahead)) return decideContent(draft, { ...line, nbsp: false });
  const adjoining = bodyLine === draft.lastBodyLine + 1;
  const convincing = draft.quoted ? /^[ +-](?:\t| {7})|^[+-][^\s-]/.test(text) : /^[ +-](?:\t| {4})|^[+-]\S/.test(text);
  if (!adjoining || !convincing) return ended;
  draft.counting = "contradicted";
  draft.repairs.push({ kind: "recount", line: bodyLine, detail: "more lines than the header counts" });
  return decideContent(draft, { ...line, nbsp: false });
}

const SEPARATOR_LOOKAHEAD_LINES = 400;

/**
 * Blank lines beside replies were taken as context, and now as many lines are left over: then they were separators.
 * All or nothing: the lines ahead must fit what is released exactly.
 */
function releaseSeparators(draft: HunkDraft, ahead: () => Iterable<string>): boolean {
  const separators = draft.separators;
  if (separators === 0) return false;
  let old = 0;
  let fresh = 0;
  let seen = 0;
  for (const text of ahead()) {
    seen += 1;
    if (!isDiffContent(text) || /^(?:--- a?\/|-- $)/.test(text) || seen > SEPARATOR_LOOKAHEAD_LINES) break;
    if (text[0] === " " || text[0] === "-") old += 1;
    if (text[0] === " " || text[0] === "+") fresh += 1;
    if (Math.max(old, fresh) > separators) break;
  }
  if (old !== fresh || old === 0 || old > separators) return false;
  dropSeparators(draft, old);
  return true;
}

function dropSeparators(draft: HunkDraft, count: number): void {
  const dropped = new Set<number>();
  for (let at = draft.lines.length - 1; at >= 0 && dropped.size < count; at -= 1) {
    const line = draft.lines[at];
    if (line?.separator === true) dropped.add(line.bodyLine);
  }
  dropLines(draft, (bodyLine) => dropped.has(bodyLine));
}

/** Takes bare lines away again, all at once: they separated, and their places in both files are free. */
function dropLines(draft: HunkDraft, isDropped: (bodyLine: number) => boolean): void {
  const kept = draft.lines.filter((line) => !isDropped(line.bodyLine));
  const freed = draft.lines.length - kept.length;
  draft.lines = kept;
  draft.separators = kept.filter((line) => line.separator).length;
  draft.repairs = draft.repairs.map((one) =>
    one.kind === "blank-context" && isDropped(one.line)
      ? { kind: "separator", line: one.line, detail: "an empty quoted line that is no context" }
      : one,
  );
  draft.oldLeft += freed;
  draft.newLeft += freed;
}

/** A hunk that needs more repairs than this is somebody's joke: the last one noted says that there are more. */
const REPAIRS_NOTED_MAX = 2000;

function note(draft: HunkDraft, repair: Repair): void {
  if (draft.repairs.length < REPAIRS_NOTED_MAX) draft.repairs.push(repair);
  else if (draft.repairs.length === REPAIRS_NOTED_MAX) {
    draft.repairs.push({ ...repair, detail: `${repair.detail}; further repairs of this hunk are not listed` });
  }
}

/** Rule (b): an empty line is a context line while one is due on both sides; otherwise it is nothing. */
function decideBare(draft: HunkDraft, bodyLine: number): Taken {
  const due = draft.counting !== "sure" || (draft.oldLeft > 0 && draft.newLeft > 0);
  if (!due) return TAKEN;
  note(draft, {
    kind: "blank-context",
    line: bodyLine,
    detail: "empty line read as a context line of one blank",
  });
  return push(draft, { kind: " ", text: " ", bodyLine, bare: true });
}

function openGap(draft: HunkDraft, { text, bodyLine }: { text: string; bodyLine: number }): Taken {
  draft.counting = "gap";
  draft.gaps.push({ before: draft.lines.length, bodyLine, mark: text.trim() });
  note(draft, { kind: "elision", line: bodyLine, detail: `lines left out at ${JSON.stringify(text.trim())}` });
  return TAKEN;
}

function decideContent(draft: HunkDraft, line: { text: string; bodyLine: number; nbsp: boolean }): Taken {
  const { text, bodyLine } = line;
  const kind = markerOf(text);
  const fits = (kind === "+" || draft.oldLeft > 0) && (kind === "-" || draft.newLeft > 0);
  if (draft.counting === "sure" && !fits) {
    draft.counting = "contradicted";
    note(draft, { kind: "recount", line: bodyLine, detail: `a "${kind}" line where none is due` });
  }
  if (draft.counting !== "sure" && /^--- (?:a\/|\/dev\/null)|^-- ?$/.test(text))
    return { kind: "ended", end: "header" };
  if (line.nbsp) note(draft, { kind: "nbsp", line: bodyLine, detail: "NBSP read as the marker of a context line" });
  return push(draft, { kind, text, bodyLine });
}

function markerOf(text: string): " " | "+" | "-" {
  return text[0] === "+" ? "+" : text[0] === "-" ? "-" : " ";
}

/** A line that begins like no diff line: the tail of a wrapped one (rules a, c), or the end. */
function decideForeign(draft: HunkDraft, { text, bodyLine }: { text: string; bodyLine: number }): Taken {
  if (draft.resumed) return { kind: "ended", end: "region" };
  const last = draft.lines.at(-1);
  if (last === undefined) {
    if (draft.headingJoins >= HEADING_JOINS_MAX || draft.headerText.length < 40) return { kind: "ended", end: "prose" };
    draft.headingJoins += 1;
    draft.headerText = `${draft.headerText} ${text.trim()}`;
    note(draft, { kind: "heading-joined", line: bodyLine, detail: `wrapped heading joined: ${clip(text)}` });
    return TAKEN;
  }
  if (draft.afterEmpty) return { kind: "ended", end: "region" };
  if (last.joins >= WRAP_JOINS_MAX) return { kind: "ended", end: "prose" };
  const softBreak = / $/.test(last.text) && last.text.trim() !== "";
  const long = columnsOf(last.text) >= WRAPPED_LENGTH_MIN || softBreak;
  const wrapped = long && draft.lastBodyLine === bodyLine - 1 && last.kind !== "\\";
  if (!wrapped) return { kind: "ended", end: "prose" };
  last.joins += 1;
  last.text = `${last.text.trimEnd()} ${text.trim()}`;
  note(draft, {
    kind: "wrap-joined",
    line: bodyLine,
    detail: `wrapped line joined to the one above: ${clip(text)}`,
  });
  return TAKEN;
}

/**
 * A tab at the head: the blank that marks a context line was eaten (patch(1) reads it so too). Where none is due it is
 * the tail of a wrapped line, or the end.
 */
function decideUnmarked(draft: HunkDraft, line: Offered): Taken {
  const { text, bodyLine } = line;
  const due = draft.oldLeft > 0 && draft.newLeft > 0 && draft.counting === "sure";
  if (!draft.quoted || !due) return decideForeign(draft, { text, bodyLine });
  note(draft, {
    kind: "marker-restored",
    line: bodyLine,
    detail: "a line that begins with a tab read as context",
  });
  return push(draft, { kind: " ", text: ` ${text}`, bodyLine });
}

/** Width on a terminal, the marker's column counted. */
function columnsOf(text: string): number {
  let columns = 1;
  for (const character of text) columns += character === "\t" ? 8 - (columns % 8) : 1;
  return columns;
}

function clip(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}

function push(draft: HunkDraft, line: { kind: HunkLineKind; text: string; bodyLine: number; bare?: boolean }): Taken {
  const { kind, bodyLine } = line;
  draft.lines.push({ kind, text: line.text.slice(1), bodyLine, bare: line.bare ?? false, separator: false, joins: 0 });
  if (kind === " " || kind === "-") draft.oldLeft -= 1;
  if (kind === " " || kind === "+") draft.newLeft -= 1;
  return TAKEN;
}

/** Closes the hunk: judges its state, restores its indentation, numbers its lines. `ordinal` is its place in the file. */
export function closeHunk(
  draft: HunkDraft,
  options: { end: HunkEnd; ordinal: number; parentLines: ParentLines; path: string },
): FoundHunk {
  const trailingBare = draft.lines.at(-1)?.bare ?? false;
  if (draft.counting !== "sure" || draft.oldLeft > 0 || draft.newLeft > 0) dropTrailingBare(draft);
  dropMisreadTrail(draft);
  const state = judge(draft, { end: options.end, trailingBare });
  if (draft.quoted || state !== "complete" || draft.repairs.length > 0) repairIndent(draft, options);
  const lines = numberLines(draft);
  const oldCount = lines.filter((line) => line.oldLine !== null).length;
  const newCount = lines.filter((line) => line.newLine !== null).length;
  const heading = draft.headerText.replace(/^@@.*? @@ ?/, "");
  const asSent = oldCount === draft.header.oldCount && newCount === draft.header.newCount;
  const header = asSent ? draft.headerText : formatHunkHeader({ ...draft.header, oldCount, newCount, heading });
  return {
    ordinal: options.ordinal,
    keyOrdinal: 0,
    oldStart: draft.header.oldStart,
    oldCount: draft.header.oldCount,
    newStart: draft.header.newStart,
    newCount: draft.header.newCount,
    heading,
    raw: `${draft.raws.join("\n")}\n`,
    repaired: `${[header, ...lines.map((line) => line.kind + line.text)].join("\n")}\n`,
    repairs: draft.repairs,
    state,
    lines,
    gaps: draft.gaps,
    interruptions: draft.interruptions,
    bodyLineStart: draft.bodyLineStart,
    bodyLineEnd: draft.lastBodyLine + 1,
  };
}

/** With lines still due, blank lines at the very end separated the quote from what follows. */
function dropTrailingBare(draft: HunkDraft): void {
  const trailing = draft.lines[draft.lines.findLastIndex((line) => !line.bare) + 1];
  if (trailing !== undefined) dropLines(draft, (bodyLine) => bodyLine >= trailing.bodyLine);
}

/**
 * A hunk that lost a blank context line takes the blank line below it instead: the counts fit, yet it begins with fewer
 * than three context lines, which away from the file's head git never does, and ends with as many too many.
 */
function dropMisreadTrail(draft: HunkDraft): void {
  if (!isSatisfied(draft) || draft.header.oldStart <= 1) return;
  const changed = (line: DraftLine) => line.kind === "+" || line.kind === "-";
  const leading = draft.lines.findIndex(changed);
  const trailing = draft.lines.length - 1 - draft.lines.findLastIndex(changed);
  const surplus = trailing - CONTEXT_LINES;
  if (leading < 0 || surplus <= 0 || leading + surplus !== CONTEXT_LINES) return;
  if (!draft.lines.slice(-surplus).every((line) => line.bare)) return;
  const first = draft.lines.at(-surplus);
  if (first !== undefined) dropLines(draft, (bodyLine) => bodyLine >= first.bodyLine);
}

function judge(draft: HunkDraft, { end, trailingBare }: { end: HunkEnd; trailingBare: boolean }): HunkState {
  const line = draft.lastBodyLine;
  const broken = end === "prose" && !trailingBare;
  if (broken) note(draft, { kind: "broken", line: line + 1, detail: "a line that is no diff line ended the hunk" });
  if (draft.counting === "gap") return broken ? "corrupt" : "elided";
  if (draft.counting === "contradicted") return broken ? "corrupt" : "recounted";
  const missing = Math.max(draft.oldLeft, draft.newLeft);
  if (missing <= 0) return "complete";
  if (broken) return "corrupt";
  const counts = `${Math.max(0, draft.oldLeft)} old and ${Math.max(0, draft.newLeft)} new lines are missing`;
  const onlyContext = draft.oldLeft === draft.newLeft && missing <= TRIMMED_LINES_MAX;
  if (onlyContext && trailingContext(draft) >= CONTEXT_LINES) {
    note(draft, { kind: "recount", line, detail: `${counts} inside; counted from the lines` });
    return "recounted";
  }
  note(draft, { kind: "cut", line, detail: counts });
  return onlyContext && draft.lines.length > 0 ? "trimmed" : "elided";
}

function trailingContext(draft: HunkDraft): number {
  return draft.lines.length - 1 - draft.lines.findLastIndex((line) => line.kind === "+" || line.kind === "-");
}

function numberLines(draft: HunkDraft): HunkLine[] {
  let oldLine = draft.header.oldStart;
  let newLine = draft.header.newStart;
  return draft.lines.map((line) => ({
    kind: line.kind,
    text: line.text,
    bodyLine: line.bodyLine,
    oldLine: line.kind === " " || line.kind === "-" ? oldLine++ : null,
    newLine: line.kind === " " || line.kind === "+" ? newLine++ : null,
  }));
}
