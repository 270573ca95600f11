/** Finds a claim's sentence in a mail: over line breaks, behind quote marks, with whatever quotation marks the mailer set. */

export type QuotePlace = {
  /** UTF-16 offsets in the body, end exclusive. */
  readonly start: number;
  readonly end: number;
};

type Folded = { readonly text: string; readonly offsets: Uint32Array };

/** Longest part of a body that is searched, in UTF-16 units: a mail above that is an attachment, not a discussion. */
const bodyUnitsMax = 2_000_000;

/** Finds sentences in one body; the body is folded once. */
export class QuoteFinder {
  readonly #folded: Folded;

  constructor(body: string) {
    this.#folded = fold(body.slice(0, bodyUnitsMax));
  }

  /** Where the sentence first stands, or null. White space and quote marks do not count; letter case does. */
  find(quote: string): QuotePlace | null {
    const needle = fold(quote).text.trim();
    const { text, offsets } = this.#folded;
    const at = needle === "" ? -1 : text.indexOf(needle);
    const start = offsets[at];
    const last = offsets[at + needle.length - 1];
    return start === undefined || last === undefined ? null : { start, end: last + 1 };
  }
}

const lineFeed = 0x0a;
const blank = 0x20;
const quoteMark = 0x3e;

/** White space and quote marks at line starts as one blank, typographic marks as plain ones; offsets kept. Linear. */
function fold(text: string): Folded {
  const codes = new Uint16Array(text.length);
  const offsets = new Uint32Array(text.length);
  let count = 0;
  let isLineStart = true;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const isBlank: boolean = isWhiteSpace(code) || (isLineStart && code === quoteMark);
    isLineStart = code === lineFeed || (isLineStart && isBlank);
    if (isBlank && (count === 0 || codes[count - 1] === blank)) continue;
    codes[count] = isBlank ? blank : plainMark(code);
    offsets[count] = at;
    count += 1;
  }
  return { text: textOf(codes.subarray(0, count)), offsets: offsets.subarray(0, count) };
}

/** String.fromCharCode takes its units as arguments, of which an engine accepts some ten thousand at once. */
function textOf(codes: Uint16Array): string {
  const parts: string[] = [];
  for (let at = 0; at < codes.length; at += 8_192) parts.push(String.fromCharCode(...codes.subarray(at, at + 8_192)));
  return parts.join("");
}

function isWhiteSpace(code: number): boolean {
  return (
    code === blank ||
    (code >= 0x09 && code <= 0x0d) ||
    code === 0xa0 ||
    (code >= 0x2000 && code <= 0x200b) ||
    code === 0x202f
  );
}

/** The plain character for quotation marks and hyphens that mailers set instead. */
function plainMark(code: number): number {
  switch (code) {
    case 0x2018:
    case 0x2019:
    case 0x201b:
    case 0x2032:
      return 0x27;
    case 0x201c:
    case 0x201d:
    case 0x201f:
    case 0x2033:
      return 0x22;
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
      return 0x2d;
    default:
      return code;
  }
}
