/**
 * The stable patch id, as `git patch-id --stable` prints it: equal for two patches that differ in white space, line
 * numbers or the order of their files, so that the same change is found again in another mail.
 *
 * One file after the other is hashed with SHA-1, white space removed, and the digests are added as 160-bit numbers.
 *
 * @source git 2.39 builtin/patch-id.c, read for its behaviour; checked against git on real mail.
 */
import { hex, sha1 } from "../hash.ts";
import { bodyLines } from "../mail/quotes/quotes.ts";
import type { FoundFileDiff, RepairKind } from "./found-diff.ts";

const DIGEST_BYTES = 20;

interface Reading {
  readonly sum: Uint8Array;
  hashed: string[];
  /** Lines of the hunk still due on either side; -1 = inside a file header. */
  before: number;
  after: number;
  binary: boolean;
  started: boolean;
  indexIds: string;
}

/**
 * The id of the first patch in a text, which may begin with a message: reading starts at the first "diff " line and ends
 * where the patch does. Null when the text holds no "diff " line with content.
 */
export function stablePatchId(text: string): string | null {
  const reading: Reading = {
    ...{ sum: new Uint8Array(DIGEST_BYTES), hashed: [], before: -1, after: -1 },
    ...{ binary: false, started: false, indexIds: "" },
  };
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (const line of lines) {
    if (readPatchLine(reading, line) === "end") break;
  }
  if (!reading.started) return null;
  flushFile(reading);
  return hex(reading.sum);
}

/**
 * The id of the formal patch in a mail's body, null when it has none. Read from the text as sent, where git too reads it,
 * with only the wrapped lines joined that the diff reader joined.
 */
export function patchIdOfBody(body: string, diffs: readonly FoundFileDiff[]): string | null {
  const formal = diffs.filter((diff) => diff.quoteDepth === 0);
  const first = formal[0];
  if (first === undefined) return null;
  const repairs = formal.flatMap((diff) => [...diff.headerRepairs, ...diff.hunks.flatMap((hunk) => hunk.repairs)]);
  const joins: ReadonlySet<RepairKind> = new Set(["heading-joined", "wrap-joined", "header-joined"]);
  const joined = new Set(repairs.filter((repair) => joins.has(repair.kind)).map((repair) => repair.line));
  let text = "";
  bodyLines(body).forEach((line, at) => {
    if (at >= first.bodyLineStart) text += joined.has(at) ? ` ${line}` : `\n${line}`;
  });
  return stablePatchId(text);
}

/** The id of diffs as repaired: what git would print for them. Null for none. */
export function patchIdOfDiffs(diffs: readonly Pick<FoundFileDiff, "header" | "hunks">[]): string | null {
  const text = diffs.map((diff) =>
    [...diff.header, ...diff.hunks.map((hunk) => hunk.repaired.slice(0, -1))].join("\n"),
  );
  return stablePatchId(text.join("\n"));
}

function readPatchLine(reading: Reading, line: string): "more" | "end" {
  // "\ No newline at end of file" counts for nothing.
  if (line.startsWith("\\ ") && line.length >= 12) return "more";
  if (/^(?:commit |From )?[0-9a-f]{40}(?![0-9a-f])/.test(line)) return "end";
  if (!reading.started && !line.startsWith("diff ")) return "more";
  if (reading.before === -1) {
    const header = readHeaderLine(reading, line);
    if (header !== "hash") return header;
  }
  if (reading.binary) {
    if (line.startsWith("diff ")) {
      reading.binary = false;
      reading.before = -1;
    }
    return "more";
  }
  if (reading.before === 0 && reading.after === 0) {
    if (line.startsWith("@@ -")) {
      readCounts(reading, line);
      return "more";
    }
    if (!line.startsWith("diff ")) return "end";
    flushFile(reading);
    reading.before = -1;
    reading.after = -1;
  }
  if (line.startsWith("-") || line.startsWith(" ")) reading.before -= 1;
  if (line.startsWith("+") || line.startsWith(" ")) reading.after -= 1;
  hashLine(reading, line);
  return "more";
}

/** A line between "diff " and the first hunk: most are hashed, "index" is not, binary files hash their ids instead. */
function readHeaderLine(reading: Reading, line: string): "more" | "end" | "hash" {
  if (line.startsWith("GIT binary patch") || line.startsWith("Binary files")) {
    reading.binary = true;
    reading.before = 0;
    reading.hashed.push(reading.indexIds);
    flushFile(reading);
    return "more";
  }
  const index = /^index ([^.]*)\.\.(\S*)/.exec(line);
  if (line.startsWith("index ")) {
    if (index !== null) reading.indexIds = `${index[1] ?? ""}${index[2] ?? ""}`;
    return "more";
  }
  if (line.startsWith("--- ")) {
    reading.before = 1;
    reading.after = 1;
    return "hash";
  }
  return /^[a-zA-Z]/.test(line) ? "hash" : "end";
}

function readCounts(reading: Reading, line: string): void {
  const counts = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))?/.exec(line);
  reading.before = Number(counts?.[1] ?? 1);
  reading.after = Number(counts?.[2] ?? 1);
}

/** Git removes what C calls white space in the C locale: no NBSP, no other Unicode blanks. */
function hashLine(reading: Reading, line: string): void {
  reading.hashed.push(line.replace(/[ \t\n\v\f\r]+/g, ""));
  reading.started = true;
}

/** Adds the digest of what was read since the last flush, byte by byte from the left, carrying to the right, as git does. */
function flushFile(reading: Reading): void {
  const digest = sha1(reading.hashed.join(""));
  reading.hashed = [];
  let carry = 0;
  for (let at = 0; at < DIGEST_BYTES; at += 1) {
    carry += (reading.sum[at] ?? 0) + (digest[at] ?? 0);
    reading.sum[at] = carry & 255;
    carry >>= 8;
  }
}
