/**
 * Splits an mbox into mails, as a stream: memory holds one mail and one chunk, whatever the file's size.
 *
 * A mail begins after a line `From ...` that stands at the file's start or after a blank line. Its bytes are everything up
 * to the next such line, exactly as received: the `>` of quoted `>From ` lines is undone later, by `unescapeFromLines`.
 *
 * Source: RFC 4155 and the mboxrd rules of qmail's mbox(5). Body lines that begin with `From ` and were not quoted (mboxo
 * written carelessly) do not end a mail: a separator shows a time and a year, or a known header field follows it.
 */
const LF = 0x0a;
const CR = 0x0d;
const GREATER = 0x3e;

/** A separator line longer than this is body text. */
const SEPARATOR_BYTES_MAX = 512;
/** What must be at hand to judge a separator: its line and the beginning of the next. */
const LOOKAHEAD_BYTES = SEPARATOR_BYTES_MAX + 64;

export type MboxEntry =
  | { readonly kind: "mail"; readonly offsetBytes: number; readonly bytes: Uint8Array }
  /** Longer than the limit: its bytes were dropped while reading. */
  | { readonly kind: "oversized"; readonly offsetBytes: number; readonly sizeBytes: number }
  /** Bytes before the first separator: this file, or its beginning, is no mbox. */
  | { readonly kind: "preamble"; readonly offsetBytes: number; readonly bytes: Uint8Array };

/**
 * The mails of an mbox in file order.
 *
 * @param mailBytesMax a longer mail comes as `oversized`, without its bytes
 */
export async function* splitMbox(
  source: AsyncIterable<Uint8Array>,
  mailBytesMax: number,
): AsyncGenerator<MboxEntry, void, undefined> {
  const splitter = new MboxSplitter(mailBytesMax);
  for await (const chunk of source) yield* splitter.push(chunk);
  yield* splitter.end();
}

/** The same for an mbox that is in memory already. */
export function splitMboxBytes(bytes: Uint8Array, mailBytesMax: number): MboxEntry[] {
  const splitter = new MboxSplitter(mailBytesMax);
  return [...splitter.push(bytes), ...splitter.end()];
}

class MboxSplitter {
  readonly #mailBytesMax: number;
  /** Bytes seen and not yet given to a mail: less than LOOKAHEAD_BYTES and one chunk. */
  #pending: Uint8Array = new Uint8Array(0);
  #pendingOffset = 0;
  #pieces: Uint8Array[] = [];
  #sizeBytes = 0;
  #mailOffset = 0;
  #isPreamble = true;
  #atLineStart = true;
  #afterBlankLine = true;

  constructor(mailBytesMax: number) {
    this.#mailBytesMax = mailBytesMax;
  }

  *push(chunk: Uint8Array): Generator<MboxEntry, void, undefined> {
    this.#pending = concat(this.#pending, chunk);
    yield* this.#scan("more");
  }

  *end(): Generator<MboxEntry, void, undefined> {
    yield* this.#scan("last");
    yield* this.#finishMail();
  }

  *#scan(input: "more" | "last"): Generator<MboxEntry, void, undefined> {
    const bytes = this.#pending;
    let taken = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#atLineStart && this.#afterBlankLine && bytes[at] === 0x46 /* F */) {
        if (input === "more" && bytes.length - at < LOOKAHEAD_BYTES) break;
        const bodyStart = separatorEnd(bytes, at);
        if (bodyStart !== null) {
          this.#take(bytes.subarray(taken, at));
          yield* this.#finishMail();
          this.#startMail(this.#pendingOffset + bodyStart);
          taken = at = bodyStart;
          continue;
        }
      }
      const lineEnd = bytes.indexOf(LF, at);
      const next = lineEnd === -1 ? bytes.length : lineEnd + 1;
      this.#afterBlankLine = this.#atLineStart && isBlankLine(bytes, at, next);
      this.#atLineStart = lineEnd !== -1;
      // A chunk may end between CR and LF: that line is judged when its end is there.
      if (lineEnd === -1 && input === "more" && next - at === 1 && bytes[at] === CR) {
        this.#atLineStart = true;
        break;
      }
      at = next;
    }
    this.#take(bytes.subarray(taken, at));
    this.#pending = bytes.slice(at);
    this.#pendingOffset += at;
  }

  #take(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#sizeBytes += piece.length;
    if (this.#sizeBytes > this.#mailBytesMax) this.#pieces = [];
    else this.#pieces.push(piece.slice());
  }

  #startMail(offsetBytes: number): void {
    this.#isPreamble = false;
    this.#mailOffset = offsetBytes;
    this.#atLineStart = true;
    this.#afterBlankLine = false;
  }

  *#finishMail(): Generator<MboxEntry, void, undefined> {
    const offsetBytes = this.#mailOffset;
    const sizeBytes = this.#sizeBytes;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#sizeBytes = 0;
    if (sizeBytes > this.#mailBytesMax) {
      yield { kind: "oversized", offsetBytes, sizeBytes };
      return;
    }
    const bytes = join(pieces, sizeBytes);
    if (!this.#isPreamble) yield { kind: "mail", offsetBytes, bytes };
    else if (!bytes.every((byte) => byte === LF || byte === CR)) yield { kind: "preamble", offsetBytes, bytes };
  }
}

/** Where the mail starts behind a separator at `at`, or null when the line is body text. */
function separatorEnd(bytes: Uint8Array, at: number): number | null {
  if (!startsWithFrom(bytes, at)) return null;
  const lineEnd = bytes.subarray(at, at + SEPARATOR_BYTES_MAX).indexOf(LF);
  if (lineEnd === -1) return bytes.length - at < SEPARATOR_BYTES_MAX ? fileEndsInSeparator(bytes, at) : null;
  const line = latin1(bytes.subarray(at, at + lineEnd));
  const bodyStart = at + lineEnd + 1;
  if (hasTimeAndYear(line)) return bodyStart;
  const nextLine = latin1(bytes.subarray(bodyStart, bodyStart + 64));
  return knownField.test(nextLine) ? bodyStart : null;
}

/** A file cut off inside its last separator: an empty mail, which the reader reports. */
function fileEndsInSeparator(bytes: Uint8Array, at: number): number | null {
  return hasTimeAndYear(latin1(bytes.subarray(at))) ? bytes.length : null;
}

const knownField =
  /^(?:return-path|received|delivered-to|from|to|cc|date|subject|message-id|mime-version|content-[a-z-]+|x-(?:mozilla|gmail|status|keywords|uid|original-to)[a-z-]*|status|sender|reply-to|references|in-reply-to|list-[a-z-]+|dkim-signature|authentication-results|arc-[a-z-]+|envelope-to|path):/i;

function hasTimeAndYear(line: string): boolean {
  return /[ \t]\d{1,2}:\d\d(?::\d\d)?(?:[ \t]|$)/.test(line.trimEnd()) && /[ \t]\d{4}(?:[ \t]|$)/.test(line.trimEnd());
}

function startsWithFrom(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at] === 0x46 &&
    bytes[at + 1] === 0x72 &&
    bytes[at + 2] === 0x6f &&
    bytes[at + 3] === 0x6d &&
    bytes[at + 4] === 0x20
  );
}

function isBlankLine(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  return (length === 1 && bytes[start] === LF) || (length === 2 && bytes[start] === CR && bytes[start + 1] === LF);
}

/**
 * Undoes the mbox quoting: one `>` goes from every line that begins with one or more `>` and `From `. Lines of mboxo files
 * (which quote only `From `) come out the same.
 */
export function unescapeFromLines(bytes: Uint8Array): Uint8Array {
  const cuts: number[] = [];
  for (let at = 0; at !== -1 && at < bytes.length; at = nextLine(bytes, at)) {
    if (bytes[at] !== GREATER) continue;
    let marksEnd = at + 1;
    while (bytes[marksEnd] === GREATER) marksEnd++;
    if (startsWithFrom(bytes, marksEnd)) cuts.push(at);
  }
  if (cuts.length === 0) return bytes;
  const pieces = cuts.map((cut, i) => bytes.subarray(i === 0 ? 0 : (cuts[i - 1] ?? 0) + 1, cut));
  pieces.push(bytes.subarray((cuts.at(-1) ?? 0) + 1));
  return join(pieces, bytes.length - cuts.length);
}

function nextLine(bytes: Uint8Array, at: number): number {
  const lineEnd = bytes.indexOf(LF, at);
  return lineEnd === -1 ? -1 : lineEnd + 1;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function concat(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.length === 0 ? right : join([left, right], left.length + right.length);
}

function join(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const only = pieces.length === 1 ? pieces[0] : undefined;
  if (only) return only;
  const all = new Uint8Array(sizeBytes);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
