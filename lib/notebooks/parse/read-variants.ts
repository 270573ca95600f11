/** `variant` blocks: a line each, `name = DEFINE=1 ... apply 2/5 except path@a extends other`. */
import {
  contentLines,
  isConstantName,
  readNumber,
  splitPair,
  wordPlace,
  wordsOf,
  type BlockSource,
  type ContentLine,
  type Word,
} from "./block-lines.ts";
import type { NotebookSink, SourceLine } from "./source.ts";
import type { ApplyRange, Variant, VariantItem } from "../types.ts";

/** Names of variants stand in predicates (`proposal.p99`), so they have no dot. */
export function isVariantName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_+-]{0,31}$/.test(text);
}

/** Reads one block; a malformed line is reported and left out. */
export function readVariants({ lines, sink }: BlockSource): Variant[] {
  const variants: Variant[] = [];
  for (const content of contentLines(lines)) {
    const variant = readVariant(content, sink);
    if (variant !== null) variants.push(variant);
  }
  return variants;
}

function readVariant(content: ContentLine, sink: NotebookSink): Variant | null {
  const { line } = content;
  const pair = splitPair(content.text, "=");
  if (pair === null || pair.value.text === "") {
    const message = "write name = base, or name = DEFINE=1 ..., apply n/m ..., extends other";
    sink.report({ code: "NBK030", line, message });
    return null;
  }
  const name = pair.key.text;
  if (!isVariantName(name) || (name === "base" && pair.value.text !== "base")) {
    const message =
      name === "base"
        ? "base is always there and cannot be given another meaning"
        : `"${name}" is not a variant's name; use letters, digits, _, + and -`;
    sink.report({ code: "NBK030", line, message, ...wordPlace(pair.key) });
    return null;
  }
  const items = readItems(wordsOf(pair.value.text, pair.value.column - 1), line, sink);
  return items === null ? null : { name, items, line: line.number };
}

function readItems(words: readonly Word[], line: SourceLine, sink: NotebookSink): VariantItem[] | null {
  const items: VariantItem[] = [];
  for (let at = 0; at < words.length;) {
    const read = readItem(words, at);
    if (typeof read === "string") {
      const word = words[at];
      sink.report({ code: "NBK030", line, message: read, ...(word === undefined ? {} : wordPlace(word)) });
      return null;
    }
    items.push(read.item);
    at = read.next;
  }
  return items;
}

type ItemOutcome = { readonly item: VariantItem; readonly next: number } | string;

function readItem(words: readonly Word[], at: number): ItemOutcome {
  const word = words[at];
  if (word === undefined) return "nothing stands here";
  const { column } = word;
  if (word.text === "base") return { item: { kind: "base" }, next: at + 1 };
  if (word.text === "extends") {
    const other = words[at + 1];
    if (other === undefined || !isVariantName(other.text)) return "extends takes the name of a variant";
    return { item: { kind: "extends", variant: other.text, column: other.column }, next: at + 2 };
  }
  if (word.text === "apply") return readApply(words, at);
  return readDefine(word, { next: at + 1, column });
}

function readDefine(word: Word, place: { readonly next: number; readonly column: number }): ItemOutcome {
  const [name = "", valueText, extra] = word.text.split("=");
  const value = valueText === undefined ? null : readNumber(valueText);
  if (!isConstantName(name) || value === null || extra !== undefined) {
    return `"${word.text}" is not understood; write DEFINE=number, apply n/m, extends other or base`;
  }
  if (!Number.isInteger(value)) return `${name} must be a whole number`;
  return { item: { kind: "define", name, value, column: place.column }, next: place.next };
}

function readApply(words: readonly Word[], at: number): ItemOutcome {
  const range = readApplyRange(words[at + 1]?.text ?? "");
  if (range === null) return "apply takes n/m, a-b/m or all";
  const except: { readonly path: string; readonly oldStart: number }[] = [];
  let next = at + 2;
  if (words[next]?.text === "except") {
    next += 1;
    for (let match = hunkAt(words[next]); match !== null; match = hunkAt(words[next])) {
      except.push(match);
      next += 1;
    }
    if (except.length === 0) return "except takes hunks as path@line";
  }
  return { item: { kind: "apply", range, except, column: words[at]?.column ?? 1 }, next };
}

function hunkAt(word: Word | undefined): { readonly path: string; readonly oldStart: number } | null {
  const match = /^([^@=]+)@([0-9]{1,9})$/.exec(word?.text ?? "");
  return match === null ? null : { path: match[1] ?? "", oldStart: Number(match[2]) };
}

function readApplyRange(text: string): ApplyRange | null {
  if (text === "all") return { kind: "all" };
  const match = /^([0-9]{1,4})(?:-([0-9]{1,4}))?\/([0-9]{1,4})$/.exec(text);
  if (match === null) return null;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  const count = Number(match[3]);
  return first <= last && last <= count ? { kind: "patches", first, last, count } : null;
}
