/**
 * Content-Transfer-Encoding undone, leniently and in one pass (RFC 2045 sections 6.7 and 6.8). Damage is reported and what
 * can be read is kept.
 */
export interface TransferResult {
  readonly bytes: Uint8Array;
  /** What was wrong, or null. */
  readonly damage: string | null;
}

const EQUALS = 0x3d;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Quoted-printable to bytes: `=XX` and soft line breaks. Blanks at line ends stay, although the RFC drops them: a line of a
 * diff may end in blanks, and git mailinfo keeps them too.
 */
export function decodeQuotedPrintable(input: Uint8Array): TransferResult {
  const out = new Uint8Array(input.length);
  let length = 0;
  let damaged = 0;
  for (let i = 0; i < input.length; i++) {
    const byte = input[i] ?? 0;
    if (byte === EQUALS) {
      const soft = softBreakEnd(input, i + 1);
      if (soft !== null) {
        i = soft - 1;
        continue;
      }
      const value = hexPair(input[i + 1], input[i + 2]);
      if (value === null) damaged++;
      else i += 2;
      out[length++] = value ?? EQUALS;
      continue;
    }
    out[length++] = byte;
  }
  return { bytes: out.subarray(0, length), damage: damaged === 0 ? null : `${damaged} "=" without two hex digits` };
}

/** Behind `=`: the index after the line break when only blanks stand before it, else null. */
function softBreakEnd(input: Uint8Array, from: number): number | null {
  let i = from;
  while (input[i] === 0x20 || input[i] === 0x09) i++;
  if (input[i] === CR) i++;
  if (input[i] === LF) return i + 1;
  return i >= input.length ? i : null;
}

function hexPair(high: number | undefined, low: number | undefined): number | null {
  const h = hexDigit(high);
  const l = hexDigit(low);
  return h === null || l === null ? null : h * 16 + l;
}

function hexDigit(byte: number | undefined): number | null {
  if (byte === undefined) return null;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37;
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57;
  return null;
}

const base64Values = new Int8Array(256).fill(-1);
[..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].forEach((character, value) => {
  base64Values[character.charCodeAt(0)] = value;
});

/** Base64 to bytes: other characters are skipped, padding restarts (concatenated base64 is seen in real mail). */
export function decodeBase64(input: Uint8Array): TransferResult {
  const out = new Uint8Array(Math.ceil((input.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let count = 0;
  let foreign = 0;
  for (const byte of input) {
    const value = base64Values[byte] ?? -1;
    if (value < 0) {
      if (byte === EQUALS) bits = count = 0;
      else if (byte > 0x20) foreign++;
      continue;
    }
    bits = (bits << 6) | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out[length++] = (bits >> count) & 0xff;
    bits &= (1 << count) - 1;
  }
  return { bytes: out.subarray(0, length), damage: foreign === 0 ? null : `${foreign} characters that are no base64` };
}
