/**
 * SHA-256, SHA-1 and base32 in plain TypeScript: one answer on the server, in a worker and in a browser, and at once
 * (Web Crypto is asynchronous, Node's crypto is not everywhere). Text is hashed as UTF-8.
 *
 * SHA-1 stands here only because `git patch-id` is defined by it; nothing rests on its strength.
 *
 * @source FIPS 180-4, sections 4.1, 4.2.2, 5, 6.1 and 6.2; RFC 4648, section 6 (base32).
 */

const BLOCK_BYTES = 64;
const encoder = new TextEncoder();

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
const ROUND_CONSTANTS = Uint32Array.of(
  ...[0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5],
  ...[0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174],
  ...[0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da],
  ...[0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967],
  ...[0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85],
  ...[0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070],
  ...[0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3],
  ...[0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2],
);

/** SHA-256 of bytes, or of a text's UTF-8, as 32 bytes. Linear in the input. */
export function sha256(input: Uint8Array | string): Uint8Array {
  const state = Uint32Array.of(
    ...[0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a],
    ...[0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19],
  );
  return digest({ bytes: toBytes(input), state, schedule: new Uint32Array(64), compress: compressSha256 });
}

/** SHA-256 in 64 lower-case hexadecimal digits. */
export function sha256Hex(input: Uint8Array | string): string {
  return hex(sha256(input));
}

/** SHA-1 of bytes, or of a text's UTF-8, as 20 bytes: for git's own identifiers and nothing else. */
export function sha1(input: Uint8Array | string): Uint8Array {
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  return digest({ bytes: toBytes(input), state, schedule: new Uint32Array(80), compress: compressSha1 });
}

/** SHA-1 in 40 lower-case hexadecimal digits. */
export function sha1Hex(input: Uint8Array | string): string {
  return hex(sha1(input));
}

/** Bytes in lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

const BASE32_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** Bytes in base32: RFC 4648's alphabet in lower case, without padding; ceil(8n / 5) characters for n bytes. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let held = 0;
  let heldBits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    heldBits += 8;
    while (heldBits >= 5) {
      heldBits -= 5;
      text += BASE32_ALPHABET.charAt((held >>> heldBits) & 31);
    }
    held &= (1 << heldBits) - 1;
  }
  if (heldBits > 0) text += BASE32_ALPHABET.charAt((held << (5 - heldBits)) & 31);
  return text;
}

function toBytes(input: Uint8Array | string): Uint8Array {
  return typeof input === "string" ? encoder.encode(input) : input;
}

interface Digest {
  readonly bytes: Uint8Array;
  readonly state: Uint32Array;
  readonly schedule: Uint32Array;
  readonly compress: (state: Uint32Array, schedule: Uint32Array, block: DataView) => void;
}

/** Padding and the loop over blocks, which SHA-1 and SHA-256 share (FIPS 180-4, 5.1.1). */
function digest({ bytes, state, schedule, compress }: Digest): Uint8Array {
  const wholeBytes = bytes.length - (bytes.length % BLOCK_BYTES);
  for (let offset = 0; offset < wholeBytes; offset += BLOCK_BYTES) {
    compress(state, schedule, new DataView(bytes.buffer, bytes.byteOffset + offset, BLOCK_BYTES));
  }
  const tailBytes = bytes.length - wholeBytes;
  const tail = new Uint8Array(tailBytes + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES);
  tail.set(bytes.subarray(wholeBytes));
  tail[tailBytes] = 0x80;
  // The length is counted in bits: above 512 MB it no longer fits 32 of them.
  const view = new DataView(tail.buffer);
  view.setUint32(tail.length - 8, Math.floor(bytes.length / 0x2000_0000));
  view.setUint32(tail.length - 4, (bytes.length << 3) >>> 0);
  for (let offset = 0; offset < tail.length; offset += BLOCK_BYTES) {
    compress(state, schedule, new DataView(tail.buffer, offset, BLOCK_BYTES));
  }
  const result = new Uint8Array(state.length * 4);
  const resultView = new DataView(result.buffer);
  state.forEach((word, index) => resultView.setUint32(index * 4, word));
  return result;
}

function rotateRight(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** A word of a typed array; the loops below stay inside their arrays, which the compiler cannot see. */
function at(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}

function compressSha256(state: Uint32Array, schedule: Uint32Array, block: DataView): void {
  for (let t = 0; t < 16; t += 1) schedule[t] = block.getUint32(t * 4);
  for (let t = 16; t < 64; t += 1) {
    const w15 = at(schedule, t - 15);
    const w2 = at(schedule, t - 2);
    const s0 = rotateRight(w15, 7) ^ rotateRight(w15, 18) ^ (w15 >>> 3);
    const s1 = rotateRight(w2, 17) ^ rotateRight(w2, 19) ^ (w2 >>> 10);
    schedule[t] = at(schedule, t - 16) + s0 + at(schedule, t - 7) + s1;
  }
  let a = at(state, 0);
  let b = at(state, 1);
  let c = at(state, 2);
  let d = at(state, 3);
  let e = at(state, 4);
  let f = at(state, 5);
  let g = at(state, 6);
  let h = at(state, 7);
  for (let t = 0; t < 64; t += 1) {
    const s1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(ROUND_CONSTANTS, t) + at(schedule, t)) | 0;
    const s0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  addTo(state, [a, b, c, d, e, f, g, h]);
}

function compressSha1(state: Uint32Array, schedule: Uint32Array, block: DataView): void {
  for (let t = 0; t < 16; t += 1) schedule[t] = block.getUint32(t * 4);
  for (let t = 16; t < 80; t += 1) {
    const mixed = at(schedule, t - 3) ^ at(schedule, t - 8) ^ at(schedule, t - 14) ^ at(schedule, t - 16);
    schedule[t] = rotateRight(mixed, 31);
  }
  let a = at(state, 0);
  let b = at(state, 1);
  let c = at(state, 2);
  let d = at(state, 3);
  let e = at(state, 4);
  for (let t = 0; t < 80; t += 1) {
    const sum = (rotateRight(a, 27) + sha1Mix(t, b, c, d) + e + at(schedule, t)) | 0;
    e = d;
    d = c;
    c = rotateRight(b, 2);
    b = a;
    a = sum;
  }
  addTo(state, [a, b, c, d, e]);
}

/** The function f and the constant K of round t together (FIPS 180-4, 4.1.1 and 4.2.1). */
function sha1Mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) return ((b & c) ^ (~b & d)) + 0x5a827999;
  if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (t < 60) return ((b & c) ^ (b & d) ^ (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function addTo(state: Uint32Array, words: readonly number[]): void {
  words.forEach((word, index) => (state[index] = at(state, index) + word));
}
