/**
 * The pipe between a run's parent and its sandboxed child: frames of one byte kind, four bytes length (big endian), then
 * that many bytes of UTF-8 JSON. The reader trusts nothing: an unknown kind or a length above its bound is an error, so
 * that a child which floods its output is noticed at the first frame.
 */

export const frameKinds = {
  /** child -> parent: loaded, waiting for a request; empty. */
  ready: 1,
  /** parent -> child: what to do; the only frame in that direction. */
  request: 2,
  /** child -> parent: the scenario compiled; empty. */
  compiled: 3,
  /** child -> parent: counts so far. */
  progress: 4,
  /** child -> parent: the outcome; the last frame. */
  outcome: 5,
} as const;
export type FrameKind = keyof typeof frameKinds;

export type Frame = { readonly kind: FrameKind; readonly text: string };

const headerBytes = 5;
const encoder = new TextEncoder();

/** The bytes of one frame. */
export function encodeFrame(frame: Frame): Uint8Array {
  const body = encoder.encode(frame.text);
  const bytes = new Uint8Array(headerBytes + body.length);
  bytes[0] = frameKinds[frame.kind];
  new DataView(bytes.buffer).setUint32(1, body.length);
  bytes.set(body, headerBytes);
  return bytes;
}

export type FrameReading =
  | { readonly kind: "frames"; readonly frames: readonly Frame[] }
  /** More bytes than allowed, over all frames together. */
  | { readonly kind: "too-large" }
  | { readonly kind: "malformed"; readonly reason: string };

/** Cuts a stream of bytes into frames. After anything but `frames` it must not be used again. */
export class FrameReader {
  readonly #bytesMax: number;
  readonly #chunks: Uint8Array[] = [];
  #heldBytes = 0;
  #seenBytes = 0;

  /** @param bytesMax of all frames together, headers included */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Takes what arrived and returns the frames that it completes, in order. */
  push(chunk: Uint8Array): FrameReading {
    this.#seenBytes += chunk.length;
    if (this.#seenBytes > this.#bytesMax) return { kind: "too-large" };
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    const frames: Frame[] = [];
    for (;;) {
      const header = this.#peekHeader();
      if (header === null) return { kind: "frames", frames };
      if (header.kind === null) return { kind: "malformed", reason: `a frame of unknown kind ${String(header.code)}` };
      if (header.bodyBytes > this.#bytesMax) return { kind: "too-large" };
      if (this.#heldBytes < headerBytes + header.bodyBytes) return { kind: "frames", frames };
      const body = this.#take(headerBytes + header.bodyBytes).subarray(headerBytes);
      frames.push({ kind: header.kind, text: new TextDecoder().decode(body) });
    }
  }

  /** The bound counts anew from here: for the next request over the same pipe. */
  renew(): void {
    this.#seenBytes = this.#heldBytes;
  }

  #peekHeader(): { readonly kind: FrameKind | null; readonly code: number; readonly bodyBytes: number } | null {
    if (this.#heldBytes < headerBytes) return null;
    const first = this.#chunks[0];
    const head = first !== undefined && first.length >= headerBytes ? first : this.#joined();
    const code = head[0] ?? 0;
    return { kind: kindOf(code), code, bodyBytes: new DataView(head.buffer, head.byteOffset).getUint32(1) };
  }

  /** All held bytes as one piece. Called once a frame, not once a chunk, so that a large frame costs linear time. */
  #joined(): Uint8Array {
    const first = this.#chunks[0];
    if (this.#chunks.length === 1 && first !== undefined) return first;
    const whole = new Uint8Array(this.#heldBytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks.length = 0;
    this.#chunks.push(whole);
    return whole;
  }

  #take(bytes: number): Uint8Array {
    const whole = this.#joined();
    this.#chunks.length = 0;
    this.#heldBytes -= bytes;
    if (this.#heldBytes > 0) this.#chunks.push(whole.subarray(bytes));
    return whole.subarray(0, bytes);
  }
}

function kindOf(code: number): FrameKind | null {
  switch (code) {
    case frameKinds.ready:
      return "ready";
    case frameKinds.request:
      return "request";
    case frameKinds.compiled:
      return "compiled";
    case frameKinds.progress:
      return "progress";
    case frameKinds.outcome:
      return "outcome";
  }
  return null;
}
