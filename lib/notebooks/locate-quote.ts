/** Finds a claim's sentence in a mail: over line breaks, behind quote marks, with whatever quotation marks the mailer set. */

export type QuotePlace = {
  /** UTF-16 offsets in the body, end exclusive. */
  readonly start: number;
  readonly end: number;
};

type Folded = { readonly text: string; readonly offsets: readonly number[] };

/** Where the sentence first stands in the body, or null. White space and quote marks do not count; letter case does. */
export function locateQuote(body: string, quote: string): QuotePlace | null {
  const needle = fold(quote).text.trim();
  if (needle === "") return null;
  const folded = fold(body);
  const at = folded.text.indexOf(needle);
  if (at < 0) return null;
  const start = folded.offsets[at];
  const last = folded.offsets[at + needle.length - 1];
  return start === undefined || last === undefined ? null : { start, end: last + 1 };
}

/** White space and quote marks at line starts as one blank, typographic marks as plain ones; offsets kept. Linear. */
function fold(text: string): Folded {
  const units: string[] = [];
  const offsets: number[] = [];
  let isLineStart = true;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text[at] ?? "";
    const isBlank = /\s/.test(unit) || (isLineStart && unit === ">");
    if (unit === "\n") isLineStart = true;
    else if (!isBlank) isLineStart = false;
    if (!isBlank) {
      units.push(plainMark(unit));
      offsets.push(at);
    } else if (units.length > 0 && units.at(-1) !== " ") {
      units.push(" ");
      offsets.push(at);
    }
  }
  return { text: units.join(""), offsets };
}

function plainMark(unit: string): string {
  if ("\u2018\u2019\u201b\u2032".includes(unit)) return "'";
  if ("\u201c\u201d\u201f\u2033".includes(unit)) return '"';
  return "\u2010\u2011\u2012\u2013".includes(unit) ? "-" : unit;
}
