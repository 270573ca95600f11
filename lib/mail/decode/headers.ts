/**
 * Header fields as a list in order, and the values that are read from them. Linear in the input, never throws.
 * Sources: RFC 5322 (fields, message ids, addresses, dates), RFC 2047 (encoded words), RFC 2231 (parameters).
 */
import { decodeCharset, decodeWindows1252, strictUtf8 } from "./charset.ts";
import type { MailLimits, Oddity } from "../limits.ts";
import { decodeBase64, decodeQuotedPrintable } from "./transfer.ts";

export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** Unfolded and trimmed, encoded words as sent, as UTF-8 or windows-1252. */
  readonly value: string;
}

export interface HeaderBlock {
  readonly fields: readonly HeaderField[];
  /** Index of the first byte of the body. */
  readonly bodyStart: number;
  readonly oddities: readonly Oddity[];
}

const LF = 0x0a;
const CR = 0x0d;

/** Reads the header block at the beginning of `bytes`, up to the first blank line. */
export function parseHeaderBlock(bytes: Uint8Array, limits: MailLimits): HeaderBlock {
  const oddities: Oddity[] = [];
  const fields: HeaderField[] = [];
  let at = 0;
  let lines: Uint8Array[] = [];
  let unreadable = 0;
  const finishField = (): void => {
    if (lines.length === 0) return;
    const field = readField(lines);
    if (field) fields.push(field);
    else unreadable++;
    lines = [];
  };
  while (at < bytes.length) {
    const lineEnd = bytes.indexOf(LF, at);
    const next = lineEnd === -1 ? bytes.length : lineEnd + 1;
    const line = withoutLineEnd(bytes.subarray(at, next));
    if (line.length === 0) {
      finishField();
      return finish(next);
    }
    const isContinuation = line[0] === 0x20 || line[0] === 0x09;
    if (!isContinuation) {
      finishField();
      if (isBodyLine(line, fields.length)) {
        oddities.push({ code: "no-body-separator", message: "no blank line stands between the header and the text" });
        return finish(at);
      }
    }
    if (next > limits.headerBytesMax || fields.length >= limits.headersMax) {
      const message = `the header has over ${limits.headerBytesMax} bytes or ${limits.headersMax} fields; the rest was not read`;
      oddities.push({ code: "header-limit", message });
      return finish(skipHeader(bytes, at));
    }
    lines.push(line);
    at = next;
  }
  finishField();
  return finish(bytes.length);

  function finish(bodyStart: number): HeaderBlock {
    if (unreadable > 0)
      oddities.push({
        code: "header-line-unreadable",
        message: `${unreadable} header lines are no field and were skipped`,
      });
    return { fields, bodyStart, oddities };
  }
}

function withoutLineEnd(line: Uint8Array): Uint8Array {
  let end = line.length;
  if (line[end - 1] === LF) end--;
  if (line[end - 1] === CR) end--;
  return line.subarray(0, end);
}

/** A line that cannot be a field, after at least one field: the separator was lost and the text begins. */
function isBodyLine(line: Uint8Array, fieldsBefore: number): boolean {
  if (fieldsBefore === 0) return false;
  const colon = line.indexOf(0x3a);
  // ">From " and "From " lines inside a header come from mbox files of the past; they are skipped as unreadable.
  if (line[0] === 0x3e || (line[0] === 0x46 && line[4] === 0x20)) return false;
  if (colon <= 0) return true;
  const name = line.subarray(0, colon);
  return name.some((byte, i) => byte > 0x7e || byte < 0x20 || (byte === 0x20 && i < colon - 1 && name[i + 1] !== 0x20));
}

function skipHeader(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length;) {
    const lineEnd = bytes.indexOf(LF, at);
    if (lineEnd === -1) return bytes.length;
    const length = lineEnd - at;
    at = lineEnd + 1;
    if (length === 0 || (length === 1 && bytes[at - 2] === CR)) return at;
  }
  return bytes.length;
}

function readField(lines: readonly Uint8Array[]): HeaderField | null {
  const first = lines[0];
  if (!first) return null;
  const colon = first.indexOf(0x3a);
  if (colon <= 0) return null;
  const name = text(first.subarray(0, colon)).trim().toLowerCase();
  if (name === "" || name.length > 200) return null;
  const value = [first.subarray(colon + 1), ...lines.slice(1)].map((line) => text(line)).join("");
  return { name, value: value.trim() };
}

function text(bytes: Uint8Array): string {
  return strictUtf8(bytes) ?? decodeWindows1252(bytes);
}

/** The first field of that name, or null. */
export function fieldValue(fields: readonly HeaderField[], name: string): string | null {
  return fields.find((field) => field.name === name)?.value ?? null;
}

/** All fields of that name, in order. */
export function fieldValues(fields: readonly HeaderField[], name: string): string[] {
  return fields.filter((field) => field.name === name).map((field) => field.value);
}

/**
 * Undoes RFC 2047 encoded words. Blanks between two words go; words of one charset that follow each other are joined as
 * bytes first, because senders split multibyte characters.
 */
export function decodeWords(value: string): string {
  if (!value.includes("=?")) return value;
  const pieces: string[] = [];
  let pendingBytes: Uint8Array[] = [];
  let pendingCharset = "";
  let gap = "";
  const flush = (): void => {
    if (pendingBytes.length > 0) pieces.push(decodeCharset(joinBytes(pendingBytes), pendingCharset).text);
    pendingBytes = [];
  };
  for (const token of encodedWordTokens(value)) {
    if (token.kind === "text") {
      if (pendingBytes.length > 0 && token.text.trim() === "") gap = token.text;
      else {
        flush();
        pieces.push(gap, token.text);
        gap = "";
      }
      continue;
    }
    gap = "";
    if (token.charset !== pendingCharset) flush();
    pendingCharset = token.charset;
    pendingBytes.push(token.bytes);
  }
  flush();
  pieces.push(gap);
  return pieces.join("");
}

type WordToken =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "word"; readonly charset: string; readonly bytes: Uint8Array };

function* encodedWordTokens(value: string): Generator<WordToken, void, undefined> {
  // Linear: each "=?" is tried once, with a bounded header of charset and encoding.
  const word = /=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=/y;
  let at = 0;
  let textStart = 0;
  while (at !== -1) {
    at = value.indexOf("=?", at);
    if (at === -1) break;
    word.lastIndex = at;
    const match = word.exec(value);
    if (!match) {
      at += 2;
      continue;
    }
    if (at > textStart) yield { kind: "text", text: value.slice(textStart, at) };
    const [whole, charset = "", encoding = "", content = ""] = match;
    yield { kind: "word", charset: (charset.split("*")[0] ?? "").toLowerCase(), bytes: wordBytes(encoding, content) };
    at += whole.length;
    textStart = at;
  }
  if (textStart < value.length) yield { kind: "text", text: value.slice(textStart) };
}

function wordBytes(encoding: string, content: string): Uint8Array {
  const raw = new TextEncoder().encode(encoding.toLowerCase() === "q" ? content.replaceAll("_", "=20") : content);
  return encoding.toLowerCase() === "q" ? decodeQuotedPrintable(raw).bytes : decodeBase64(raw).bytes;
}

function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** Blanks of every kind to one space, ends trimmed: how header texts are stored and compared. */
export function collapseBlanks(value: string): string {
  return value.replace(/\s+/g, " ").trim();
}

/**
 * The Message-IDs of a field, without angle brackets, in order, each once. Without brackets the first word with an @ counts
 * (some tools write In-Reply-To so), and "Message of ... from ..." phrases give nothing.
 */
export function messageIds(value: string | null): string[] {
  if (value === null) return [];
  const found = new Set<string>();
  let at = value.indexOf("<");
  if (at === -1) {
    const bare = value.trim();
    return /^[^\s"']+@[^\s"']+$/.test(bare) ? [bare] : [];
  }
  while (at !== -1) {
    const end = value.indexOf(">", at + 1);
    if (end === -1) break;
    // "<a <b@c>": the innermost pair is the id.
    const start = value.lastIndexOf("<", end);
    const id = value.slice(start + 1, end).replace(/\s+/g, "");
    if (id !== "") found.add(id);
    at = value.indexOf("<", end);
  }
  return [...found];
}

/** A field value with parameters, as Content-Type and Content-Disposition have them. */
export interface ParameterValue {
  /** Lower case, without parameters. */
  readonly value: string;
  /** Names in lower case; RFC 2231 continuations joined and decoded. */
  readonly parameters: ReadonlyMap<string, string>;
}

const PARAMETERS_MAX = 100;

/** Reads `value; name=value; name*0*=utf-8''...`. */
export function parseParameters(field: string): ParameterValue {
  const segments = splitOutsideQuotes(field, ";");
  const value = stripComments(segments[0] ?? "")
    .trim()
    .toLowerCase();
  const plain = new Map<string, string>();
  const continued = new Map<string, { readonly index: number; readonly isEncoded: boolean; readonly text: string }[]>();
  for (const segment of segments.slice(1, PARAMETERS_MAX)) {
    const equals = segment.indexOf("=");
    if (equals === -1) continue;
    const rawName = segment.slice(0, equals).trim().toLowerCase();
    const text = unquote(segment.slice(equals + 1).trim());
    const parts = /^([^*]{1,100})\*(?:(\d{1,3})(\*)?)?$/.exec(rawName);
    if (!parts) {
      if (!plain.has(rawName)) plain.set(rawName, decodeWords(text));
      continue;
    }
    const [, name = "", index, star] = parts;
    const pieces = continued.get(name) ?? [];
    pieces.push({ index: Number(index ?? 0), isEncoded: index === undefined || star === "*", text });
    continued.set(name, pieces);
  }
  for (const [name, pieces] of continued) plain.set(name, joinContinuations(pieces));
  return { value, parameters: plain };
}

function joinContinuations(
  pieces: { readonly index: number; readonly isEncoded: boolean; readonly text: string }[],
): string {
  const ordered = [...pieces].sort((a, b) => a.index - b.index);
  let charset: string | null = null;
  const bytes = ordered.map(({ isEncoded, text }, i) => {
    let rest = text;
    if (i === 0 && isEncoded) {
      const language = /^([^']{0,60})'[^']{0,60}'/.exec(text);
      charset = language?.[1] ?? null;
      rest = text.slice(language?.[0].length ?? 0);
    }
    const raw = new TextEncoder().encode(isEncoded ? rest.replaceAll("=", "=3D").replaceAll("%", "=") : rest);
    return isEncoded ? decodeQuotedPrintable(raw).bytes : raw;
  });
  return decodeCharset(joinBytes(bytes), charset).text;
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return stripComments(value).trim();
  const end = value.length > 1 && value.endsWith('"') ? value.length - 1 : value.length;
  return value.slice(1, end).replace(/\\(.)/g, "$1");
}

/** Splits at a separator that stands outside double quotes. */
function splitOutsideQuotes(value: string, separator: string): string[] {
  const segments: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < value.length; i++) {
    const character = value[i];
    if (character === "\\" && isQuoted) i++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      segments.push(value.slice(start, i));
      start = i + 1;
    }
  }
  segments.push(value.slice(start));
  return segments;
}

/** Takes RFC 5322 comments out, nested ones too. */
function stripComments(value: string): string {
  if (!value.includes("(")) return value;
  let depth = 0;
  let out = "";
  let keptFrom = 0;
  for (let i = 0; i < value.length; i++) {
    const character = value[i];
    if (character === "(") {
      if (depth === 0) out += value.slice(keptFrom, i);
      depth++;
    } else if (character === ")" && depth > 0) {
      depth--;
      if (depth === 0) keptFrom = i + 1;
    }
  }
  return depth > 0 ? out : out + value.slice(keptFrom);
}
