/** What the readers of all blocks share: a block's lines without comments, words with their columns, numbers. */
import type { NotebookSink, SourceLine } from "./source.ts";

/** A line of a block without its `# comment`. */
export type ContentLine = { readonly line: SourceLine; readonly text: string; readonly comment: string };

/** A word and the column where it stands. */
export type Word = { readonly text: string; readonly column: number };

/** What a block reader is given. */
export type BlockSource = { readonly lines: readonly SourceLine[]; readonly sink: NotebookSink };

/** Lines that say something: blank ones, comments and `//| ` options are left out; `# text` at the end is split off. */
export function contentLines(lines: readonly SourceLine[]): ContentLine[] {
  const result: ContentLine[] = [];
  for (const line of lines) {
    if (line.text.startsWith("//|")) continue;
    const hash = commentStart(line.text);
    const text = line.text.slice(0, hash).trimEnd();
    if (text.trim() !== "") result.push({ line, text, comment: line.text.slice(hash + 1).trim() });
  }
  return result;
}

/** Offset of a `#` at the line's start or behind a blank, not before a cell id as in `scn=#model`; else the length. */
function commentStart(text: string): number {
  let inQuotes = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') inQuotes = !inQuotes;
    const isFree = at === 0 || text[at - 1] === " " || text[at - 1] === "\t";
    if (text[at] === "#" && isFree && !inQuotes) return at;
  }
  return text.length;
}

/** The words of a text, with columns from 1 (plus `columnOffset`). Linear. */
export function wordsOf(text: string, columnOffset = 0): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(/[^ \t]+/g)) words.push({ text: match[0], column: match.index + 1 + columnOffset });
  return words;
}

/** `key: value` or `key = value`, or null. */
export function splitPair(text: string, separator: ":" | "="): { readonly key: Word; readonly value: Word } | null {
  const at = text.indexOf(separator);
  if (at < 0) return null;
  const left = text.slice(0, at);
  const right = text.slice(at + 1);
  return {
    key: { text: left.trim(), column: left.length - left.trimStart().length + 1 },
    value: { text: right.trim(), column: at + 2 + right.length - right.trimStart().length },
  };
}

/** A number as written in a notebook: decimal with an optional exponent (`5e6`), or 0x.. Null when it is none. */
export function readNumber(text: string): number | null {
  if (!/^[+-]?(?:0[xX][0-9a-fA-F]{1,8}|[0-9]{1,15}(?:\.[0-9]{1,15})?(?:[eE][+-]?[0-9]{1,2})?)$/.test(text)) return null;
  const sign = text.startsWith("-") ? -1 : 1;
  const value = Number(text.replace(/^[+-]/, ""));
  return sign * value;
}

/** A name that the scenario sees as a constant. */
export function isConstantName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(text);
}

/** A Message-ID between < and >: no blank, no control character, at most 998 units (RFC 5322, 2.1.1). */
export function readMessageId(text: string): string | null {
  const match = /^<([^<>\s\u0000-\u001f\u007f]{1,996})>$/.exec(text);
  return match?.[1] ?? null;
}

/** Columns of a word, for a report. */
export function wordPlace(word: Word): { readonly column: number; readonly endColumn: number } {
  return { column: word.column, endColumn: word.column + word.text.length };
}
