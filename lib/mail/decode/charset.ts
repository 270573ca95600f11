/**
 * Bytes to text by the label that a mail carries, and by what the bytes are when the label is missing, unknown or wrong.
 * Order: strict UTF-8 where the label says nothing or lies, then the label, then windows-1252.
 * U+0000 stays: whoever stores text replaces it.
 */
import type { Oddity } from "../limits.ts";

export interface DecodedText {
  readonly text: string;
  /** What the bytes were read as. */
  readonly charset: string;
  readonly oddities: readonly Oddity[];
}

/** Labels seen in real mail that say nothing. */
const MEANINGLESS = new Set([
  "",
  "y",
  "yes",
  "true",
  "8",
  "8bit",
  "ascii",
  "ansi_x3.4-1968",
  "unknown-8bit",
  "unknown",
  "x-unknown",
  "default",
  "binary",
]);
/** Labels that are often put on UTF-8 text: there, valid UTF-8 with a character beyond ASCII is believed. */
const OFTEN_WRONG = /^(?:us-ascii|iso-?8859-1|iso_8859-1|latin-?1|windows-125\d|cp125\d)$/;
const SYNONYMS: Readonly<Record<string, string>> = {
  gb2312: "gb18030",
  gbk: "gb18030",
  "x-gbk": "gb18030",
  "us-ascii": "windows-1252",
  "iso-8859-8-i": "iso-8859-8-i",
  cp1252: "windows-1252",
  utf8: "utf-8",
  "utf-8": "utf-8",
};

/** Decodes bytes that carry the label `label` (any case; null when the mail has none). Never throws. */
export function decodeCharset(bytes: Uint8Array, label: string | null): DecodedText {
  const name = (label ?? "")
    .trim()
    .toLowerCase()
    .replace(/^["']|["']$/g, "");
  const isMeaningless = MEANINGLESS.has(name);
  if (isMeaningless || OFTEN_WRONG.test(name)) {
    const strict = strictUtf8(bytes);
    if (strict !== null) return asUtf8(strict, { label: name, isMeaningless });
    if (isMeaningless) return withFallback(bytes, `charset "${name}" says nothing and the bytes are not UTF-8`);
  }
  return byLabel(bytes, name);
}

function asUtf8(text: string, { label, isMeaningless }: { label: string; isMeaningless: boolean }): DecodedText {
  if (isAscii(text)) return { text, charset: "us-ascii", oddities: [] };
  const message = isMeaningless
    ? `charset ${label === "" ? "is not given" : `"${label}" says nothing`}; the bytes are valid UTF-8`
    : `charset "${label}" is given, but the bytes are valid UTF-8`;
  const isPlain = label === "";
  return { text, charset: "utf-8", oddities: isPlain ? [] : [{ code: "charset-guessed", message }] };
}

function byLabel(bytes: Uint8Array, name: string): DecodedText {
  const decoder = decoderFor(SYNONYMS[name] ?? name);
  if (!decoder) {
    const strict = strictUtf8(bytes);
    const message = `charset "${name.slice(0, 60)}" is not known`;
    if (strict === null) return withFallback(bytes, message);
    const oddity: Oddity = { code: "charset-unknown", message: `${message}; read as UTF-8` };
    return { text: strict, charset: "utf-8", oddities: [oddity] };
  }
  const text = decoder.encoding === "windows-1252" ? decodeWindows1252(bytes) : decoder.decode(bytes);
  const isDamaged = text.includes("\uFFFD") && !(decoder.encoding === "utf-8" && includesReplacement(bytes));
  const oddities: Oddity[] = isDamaged
    ? [{ code: "bytes-unreadable", message: `some bytes are not valid ${decoder.encoding} and stand as U+FFFD` }]
    : [];
  return { text, charset: decoder.encoding, oddities };
}

function withFallback(bytes: Uint8Array, why: string): DecodedText {
  const text = decodeWindows1252(bytes);
  return {
    text,
    charset: "windows-1252",
    oddities: [{ code: "charset-unknown", message: `${why}; read as windows-1252` }],
  };
}

const decoders = new Map<string, TextDecoder | null>();

/** A decoder by name, or null when the name is unknown. UTF-7 and UTF-16 without need are not offered by TextDecoder's labels for mail. */
function decoderFor(name: string): TextDecoder | null {
  const known = decoders.get(name);
  if (known !== undefined) return known;
  const decoder = tryDecoder(name);
  // Labels come from strangers: the cache is bounded.
  if (decoders.size < 200) decoders.set(name, decoder);
  return decoder;
}

function tryDecoder(name: string): TextDecoder | null {
  try {
    return new TextDecoder(name, { ignoreBOM: true });
  } catch (error) {
    // The only way to ask whether a label is known. Anything but "unknown label" is a fault of ours.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** 80 to 9F of windows-1252; the five unassigned bytes stay what they are, as browsers read them. */
const WINDOWS_1252 =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

/** Windows-1252 by hand: TextDecoder of Node 20 reads 80 to 9F as control characters. Every byte has a character. */
export function decodeWindows1252(bytes: Uint8Array): string {
  const text = new TextDecoder("latin1").decode(bytes);
  return text.replace(/[\u0080-\u009f]/g, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80] ?? character);
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text when the bytes are valid UTF-8, else null. */
export function strictUtf8(bytes: Uint8Array): string | null {
  try {
    return strictDecoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Does the text hold a U+FFFD of its own (EF BF BD)? */
function includesReplacement(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xef); at !== -1; at = bytes.indexOf(0xef, at + 1))
    if (bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd) return true;
  return false;
}
