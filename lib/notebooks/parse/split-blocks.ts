/** Cuts a file into prose and live blocks at its fences. */
import { nearestWord } from "../nearest-hint.ts";
import type { NotebookSink, SourceLine } from "./source.ts";
import { blockKinds, type LiveKind } from "../types.ts";

/** A stretch of lines, not yet read. */
export type RawBlock = {
  readonly kind: LiveKind | "prose";
  readonly id: string | null;
  readonly raw: string;
  /** All lines, fences included. */
  readonly lines: readonly SourceLine[];
  /** Lines between the fences; for prose all. */
  readonly inner: readonly SourceLine[];
};

type Fence = { readonly mark: string; readonly units: number; readonly info: string; readonly indent: number };

/** A fence opening at most three blanks in; a backtick fence's info string has no backtick (CommonMark 0.31, 4.5). */
export function openingFence(text: string): Fence | null {
  const match = /^( {0,3})(`{3,}|~{3,})(.*)$/.exec(text);
  if (match === null) return null;
  const marks = match[2] ?? "";
  const info = (match[3] ?? "").trim();
  const mark = marks[0] ?? "`";
  if (mark === "`" && info.includes("`")) return null;
  return { mark, units: marks.length, info, indent: (match[1] ?? "").length };
}

/** Whether a line ends a fence. */
export function closesFence(text: string, fence: Fence): boolean {
  const trimmed = text.replace(/^ {0,3}/, "").trimEnd();
  return trimmed.length >= fence.units && trimmed === fence.mark.repeat(trimmed.length);
}

/** Most blocks of a file; more is not a notebook. */
const blocksMax = 1_000;

/** Cuts the lines into blocks whose raw texts join to the file. Linear. */
export function splitBlocks(text: string, lines: readonly SourceLine[], sink: NotebookSink): RawBlock[] {
  const blocks: RawBlock[] = [];
  let prose: SourceLine[] = [];
  const add = (
    kind: LiveKind | "prose",
    id: string | null,
    parts: { lines: SourceLine[]; inner: SourceLine[] },
  ): void => {
    const first = parts.lines[0];
    const last = parts.lines.at(-1);
    if (first === undefined || last === undefined) return;
    blocks.push({ kind, id, raw: text.slice(first.start, last.next), ...parts });
  };
  const flush = (): void => {
    add("prose", null, { lines: prose, inner: prose });
    prose = [];
  };
  for (let at = 0; at < lines.length;) {
    const line = lines[at];
    if (line === undefined) break;
    const fence = openingFence(line.text);
    if (fence === null) {
      prose.push(line);
      at += 1;
      continue;
    }
    const end = fenceEnd(lines, at, fence);
    const covered = lines.slice(at, end.next);
    const live = fence.indent === 0 ? liveInfo(fence.info, line, sink) : null;
    if (!end.isClosed) reportOpen(line, { sink, isLive: live !== null });
    if (live === null || blocks.length >= blocksMax) prose.push(...covered);
    else {
      flush();
      add(live.kind, live.id, { lines: covered, inner: covered.slice(1, end.isClosed ? -1 : undefined) });
    }
    at = end.next;
  }
  flush();
  if (blocks.length >= blocksMax) {
    const message = `more than ${blocksMax} blocks; split the notebook`;
    sink.report({ code: "NBK016", line: null, message, blockIndex: null });
  }
  return blocks;
}

/** Where a fence ends. Hidden lines (remarks between quoted lines, the other side of a conflict) end nothing. */
function fenceEnd(
  lines: readonly SourceLine[],
  start: number,
  fence: Fence,
): { readonly next: number; readonly isClosed: boolean } {
  for (let at = start + 1; at < lines.length; at += 1) {
    const line = lines[at];
    if (line === undefined || line.isHidden) continue;
    if (closesFence(line.text, fence)) return { next: at + 1, isClosed: true };
  }
  return { next: lines.length, isClosed: false };
}

function reportOpen(line: SourceLine, options: { readonly sink: NotebookSink; readonly isLive: boolean }): void {
  options.sink.report({
    code: "NBK004",
    line,
    message: "this fence is not closed before the end of the file; add a closing fence",
    severity: options.isLive ? "error" : "warning",
    blockIndex: null,
  });
}

/** Words after a fence that are languages or formats of their own, though near a kind of ours. */
const knownLanguages = new Set(["scm", "html", "text", "ham", "svn", "sh", "c", "diff", "r", "rust", "nu"]);

/** Reads `KIND[ #id]`; null when the fence is for display only. */
function liveInfo(
  info: string,
  line: SourceLine,
  sink: NotebookSink,
): { readonly kind: LiveKind; readonly id: string | null } | null {
  const words = info.split(/[ \t]+/).filter((word) => word !== "");
  const word = words[0] ?? "";
  const kind = blockKinds.find((candidate) => candidate === word);
  if (kind === undefined) {
    reportUnknownKind(words, line, sink);
    return null;
  }
  const id = readId(words.slice(1), line, sink);
  const needsId = kind === "scn" || kind === "run" || kind === "claim";
  if (id === null && needsId && words.length === 1) {
    sink.report({
      code: "NBK007",
      line,
      message: `this ${kind} block needs an id: write ${"`"}${kind} #some-name${"`"} behind the fence`,
      blockIndex: null,
    });
  }
  return { kind, id };
}

function readId(words: readonly string[], line: SourceLine, sink: NotebookSink): string | null {
  const [word, extra] = words;
  if (word === undefined) return null;
  const column = line.text.indexOf(word) + 1;
  if (!/^#[a-z][a-z0-9-]{0,31}$/.test(word)) {
    const message = `"${word}" is not an id; an id is # and a small letter, then up to 31 of a-z, 0-9 and -`;
    sink.report({ code: "NBK007", line, message, column, endColumn: column + word.length, blockIndex: null });
    return null;
  }
  if (extra !== undefined) {
    const message = `nothing may follow the id; options stand inside the block as ${"`"}//| key: value${"`"}`;
    sink.report({ code: "NBK007", line, message, column: line.text.lastIndexOf(extra) + 1, blockIndex: null });
  }
  return word.slice(1);
}

/** A fence whose word is nearly a kind, or which carries an id, was meant to be live. */
function reportUnknownKind(words: readonly string[], line: SourceLine, sink: NotebookSink): void {
  const word = words[0] ?? "";
  const hasId = words[1]?.startsWith("#") ?? false;
  const nearest = nearestWord(word, blockKinds);
  const isMisspelt = nearest !== null && word.length >= 3 && !knownLanguages.has(word);
  if (!hasId && !isMisspelt) return;
  const column = line.text.indexOf(word) + 1;
  const hint = nearest === null ? `; kinds: ${blockKinds.join(", ")}` : `; did you mean "${nearest}"?`;
  const message = `unknown kind of block "${word}"${hint}`;
  sink.report({ code: "NBK006", line, message, column, endColumn: column + word.length, blockIndex: null });
}
