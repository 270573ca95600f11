/**
 * Text of a notebook -> the notebook as a value, and everything that is wrong with it at once.
 * Never throws; whatever cannot be read is reported and left out, and the rest is read. Linear in the text.
 *
 * @source docs/notebook-format.md
 */
import { pointLabel, pointsOf } from "../sweep-point.ts";
import { ablatedSwitches, checkNotebook } from "./check.ts";
import type { NotebookDiagnostic } from "../diagnostics.ts";
import { readCell } from "./read-cell.ts";
import { readClaim, readExpectations } from "./read-claims.ts";
import { formatVersion, readHeader } from "./read-header.ts";
import { readHunkSwitches } from "./read-hunks.ts";
import { readParameters } from "./read-params.ts";
import { readRun } from "./read-run.ts";
import { readVariants } from "./read-variants.ts";
import { hideConflicts, NotebookSink, quoteDepthOf, splitLines, type SourceLine } from "./source.ts";
import { openingFence, splitBlocks, type RawBlock } from "./split-blocks.ts";
import type {
  Block,
  Claim,
  Expectation,
  Header,
  HunkSwitch,
  Notebook,
  Parameter,
  RunCell,
  ScenarioCell,
  Variant,
} from "../types.ts";

/** Largest notebook, in bytes of UTF-8. */
export const notebookBytesMax = 262_144;
/** Most entries of one kind (parameters, variants, switches, expect lines): references are looked up by search. */
const entriesMax = 500;
/** Most claims: each is looked up in its mail when the notebook is saved. */
const claimsMax = 100;
/** Longest line that a block other than `scn` may have. */
const lineUnitsMax = 2_000;

export type ParsedNotebook = { readonly notebook: Notebook; readonly diagnostics: readonly NotebookDiagnostic[] };

/** Reads a notebook; a notebook quoted in a mail (`> ` before its lines) is read as if the marks were not there. */
export function parseNotebook(text: string): ParsedNotebook {
  const sink = new NotebookSink();
  const refusal = textProblem(text);
  if (refusal !== null) {
    sink.report({ code: refusal.code, line: null, message: refusal.message, blockIndex: null });
    return finish(emptyContents(), { blocks: refusedBlocks(text), quoteDepth: 0, title: null }, sink);
  }
  const quoteDepth = quoteDepthOf(text);
  const lines = hideConflicts(splitLines(text, { quoteDepth }), sink);
  if (quoteDepth > 0) reportRemarks(lines, sink);
  const raw = splitBlocks(text, lines, sink);
  const contents = readBlocks(raw, sink);
  return finish(contents, { blocks: raw.map(asBlock), quoteDepth, title: titleOf(raw) }, sink);
}

/** Why a text cannot be a notebook at all, or null. */
export function textProblem(text: string): { readonly code: "NBK001" | "NBK002"; readonly message: string } | null {
  const bytes = utf8Length(text);
  if (bytes > notebookBytesMax) {
    const message = `the notebook has ${bytes} bytes; at most ${notebookBytesMax} (256 kB) are allowed: split it`;
    return { code: "NBK001", message };
  }
  const at = text.search(/[\u0000]|\p{Cs}/u);
  if (at < 0) return null;
  const what = text[at] === "\u0000" ? "a NUL byte" : "half of a surrogate pair";
  return {
    code: "NBK002",
    message: `${what} at byte ${utf8Length(text.slice(0, at))}; a notebook is plain UTF-8 text`,
  };
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else bytes += unit >= 0xd800 && unit < 0xe000 ? 2 : 3;
  }
  return bytes;
}

/** A text that is refused is still one block, so that printing gives it back. */
function refusedBlocks(text: string): Block[] {
  if (text === "") return [];
  return [{ kind: "prose", raw: text, lineStart: 1, lineEnd: 2, id: null, text: "", textLine: 1 }];
}

function reportRemarks(lines: readonly SourceLine[], sink: NotebookSink): void {
  const remarks = lines.filter((line) => line.isHidden && line.full.trim() !== "");
  const [first] = remarks;
  if (first === undefined) return;
  const lineCount = remarks.length === 1 ? "1 line is" : `${remarks.length} lines are`;
  const message = `${lineCount} not quoted like the notebook (the first here) and not part of it`;
  sink.report({ code: "NBK017", line: first, message, severity: "warning", blockIndex: null });
}

type Contents = {
  header: Header | null;
  readonly parameters: Parameter[];
  readonly variants: Variant[];
  readonly switches: HunkSwitch[];
  readonly cells: ScenarioCell[];
  readonly runs: RunCell[];
  readonly claims: Claim[];
  readonly expects: Expectation[];
};

function emptyContents(): Contents {
  return { header: null, parameters: [], variants: [], switches: [], cells: [], runs: [], claims: [], expects: [] };
}

function readBlocks(blocks: readonly RawBlock[], sink: NotebookSink): Contents {
  const contents = emptyContents();
  reportHeaderPlace(blocks, sink);
  const ids = new Map<string, number>();
  for (const [index, block] of blocks.entries()) {
    sink.enterBlock(index);
    if (block.kind !== "prose" && isNewId(block, ids, sink)) readBlock(block, { index, contents, sink });
  }
  sink.enterBlock(null);
  return contents;
}

function reportHeaderPlace(blocks: readonly RawBlock[], sink: NotebookSink): void {
  const live = blocks.filter((block) => block.kind !== "prose");
  const headers = live.filter((block) => block.kind === "hunkbook");
  const [first, second] = headers;
  if (first === undefined) {
    const message = "there is no hunkbook block; begin with ```hunkbook, format: hunkbook/1, lang: scn/1, ```";
    sink.report({ code: "NBK010", line: live[0]?.lines[0] ?? blocks[0]?.lines[0] ?? null, message, blockIndex: null });
    return;
  }
  if (live[0] !== first) {
    const message = "the hunkbook block must be the first live block";
    sink.report({ code: "NBK011", line: first.lines[0] ?? null, message, blockIndex: null });
  }
  if (second !== undefined) {
    const notes = [{ line: first.lines[0]?.number ?? 1, message: "the first one stands here" }];
    sink.report({
      code: "NBK011",
      line: second.lines[0] ?? null,
      message: "a second hunkbook block",
      notes,
      blockIndex: null,
    });
  }
}

/** A block whose id is taken is not read: two cells of one name would make every reference to it a guess. */
function isNewId(block: RawBlock, ids: Map<string, number>, sink: NotebookSink): boolean {
  if (block.id === null) return true;
  const line = block.lines[0];
  const earlier = ids.get(block.id);
  if (earlier === undefined) {
    ids.set(block.id, line?.number ?? 1);
    return true;
  }
  const message = `id #${block.id} is used twice: at line ${earlier} and here`;
  const notes = [{ line: earlier, message: `#${block.id} first stands here` }];
  sink.report({ code: "NBK008", line: line ?? null, message, notes, blockIndex: null });
  return false;
}

type BlockContext = { readonly index: number; readonly contents: Contents; readonly sink: NotebookSink };

function readBlock(block: RawBlock, context: BlockContext): void {
  const { contents, sink } = context;
  const lines = shortLines(block, sink);
  const openingLine = block.lines[0];
  if (openingLine === undefined || block.kind === "prose") return;
  const source = { lines, sink, openingLine };
  switch (block.kind) {
    case "hunkbook":
      contents.header ??= readHeader(source);
      return;
    case "param":
      addEntries(contents.parameters, readParameters(source), source);
      return;
    case "variant":
      addEntries(contents.variants, readVariants(source), source);
      return;
    case "hunks":
      addEntries(contents.switches, readHunkSwitches({ ...source, about: contents.header?.about ?? null }), source);
      return;
    case "expect":
      addEntries(contents.expects, readExpectations(source), source);
      return;
    case "scn":
    case "run":
    case "claim":
      readIdentified(block, { ...source, blockIndex: context.index }, contents);
  }
}

function addEntries<Entry>(
  list: Entry[],
  entries: readonly Entry[],
  { openingLine, sink }: { readonly openingLine: SourceLine; readonly sink: NotebookSink },
): void {
  if (list.length + entries.length > entriesMax) {
    sink.report({ code: "NBK016", line: openingLine, message: `more than ${entriesMax} entries of this kind` });
  }
  for (const entry of entries) if (list.length < entriesMax) list.push(entry);
}

function readIdentified(
  block: RawBlock,
  source: {
    readonly lines: readonly SourceLine[];
    readonly sink: NotebookSink;
    readonly openingLine: SourceLine;
    readonly blockIndex: number;
  },
  contents: Contents,
): void {
  const { id } = block;
  if (id === null) return;
  if (block.kind === "scn") {
    const { text, textLine } = asBlock(block);
    contents.cells.push(readCell({ ...source, id, text, textLine }));
  } else if (block.kind === "run") {
    const run = readRun({ ...source, id });
    if (run !== null) contents.runs.push(run);
  } else {
    const claim = readClaim({ ...source, id });
    if (claim !== null && contents.claims.length < claimsMax) contents.claims.push(claim);
    else if (claim !== null) {
      source.sink.report({ code: "NBK016", line: source.openingLine, message: `more than ${claimsMax} claims` });
    }
  }
}

/** A block's lines without over-long ones, which no reader of `key: value` lines should have to search. */
function shortLines(block: RawBlock, sink: NotebookSink): readonly SourceLine[] {
  if (block.kind === "scn") return block.inner;
  return block.inner.filter((line) => {
    if (line.text.length <= lineUnitsMax) return true;
    sink.report({ code: "NBK016", line, message: `this line has more than ${lineUnitsMax} characters`, endColumn: 2 });
    return false;
  });
}

function asBlock(block: RawBlock): Block {
  const first = block.lines[0]?.number ?? 1;
  const isLive = block.kind !== "prose";
  return {
    kind: block.kind,
    raw: block.raw,
    lineStart: first,
    lineEnd: (block.lines.at(-1)?.number ?? first) + 1,
    id: block.id,
    text: block.inner.map((line) => `${line.text}\n`).join(""),
    textLine: isLive ? first + 1 : first,
  };
}

/** The first H1 outside of fences: `# text`, closing marks left out (CommonMark 0.31, 4.2). */
function titleOf(blocks: readonly RawBlock[]): string | null {
  for (const block of blocks) {
    if (block.kind !== "prose") continue;
    const title = titleIn(block.inner);
    if (title !== null) return title;
  }
  return null;
}

function titleIn(lines: readonly SourceLine[]): string | null {
  let isFenced = false;
  for (const line of lines) {
    if (openingFence(line.text) !== null || /^ {0,3}(?:`{3,}|~{3,})/.test(line.text)) isFenced = !isFenced;
    const match = isFenced ? null : /^ {0,3}#[ \t]+(\S.*)$/.exec(line.text);
    const title =
      match?.[1]
        ?.trimEnd()
        .replace(/[ \t]#+$/, "")
        .trim() ?? "";
    if (title !== "") return title.slice(0, 300);
  }
  return null;
}

function finish(
  contents: Contents,
  frame: Pick<Notebook, "blocks" | "quoteDepth" | "title">,
  sink: NotebookSink,
): ParsedNotebook {
  const format = contents.header?.format;
  const isNewer = format !== undefined && (format.major !== formatVersion.major || format.minor > formatVersion.minor);
  const draft: Notebook = {
    ...frame,
    ...withSwitches(contents),
    readOnlyReason: isNewer ? `its format hunkbook/${format.major}.${format.minor} is newer than this version's` : null,
    diagnostics: [],
  };
  checkNotebook(draft, sink);
  const diagnostics = sink.sorted();
  return { notebook: { ...draft, diagnostics }, diagnostics };
}

/** The points of a sweep, and what an ablation's causes are sets of, is known when the run and the switches have been read. */
function withSwitches(contents: Contents): Contents {
  const complete = (expectation: Expectation): Expectation => {
    const { predicate, runId } = expectation;
    const run = contents.runs.find((candidate) => candidate.id === runId);
    if (run?.command.kind === "sweep") return { ...expectation, points: pointsOf(run.command.axes).map(pointLabel) };
    if (predicate.kind !== "ablation" || run === undefined) return expectation;
    return { ...expectation, predicate: { ...predicate, switches: ablatedSwitches(contents, run) } };
  };
  return {
    ...contents,
    expects: contents.expects.map(complete),
    claims: contents.claims.map((claim) => ({ ...claim, needs: claim.needs.map(complete) })),
  };
}
