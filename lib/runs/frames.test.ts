import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeFrame, FrameReader, type Frame } from "./frames.ts";

const frames: readonly Frame[] = [
  { kind: "ready", text: "" },
  { kind: "progress", text: '{"states":1}' },
  { kind: "outcome", text: "ä€𝄞".repeat(200) },
];

function joined(list: readonly Frame[]): Uint8Array {
  return Uint8Array.from(list.flatMap((frame) => [...encodeFrame(frame)]));
}

describe("frames", () => {
  it("come out as they went in, wherever the stream was cut", () => {
    const bytes = joined(frames);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }), (cuts) => {
        const reader = new FrameReader(1_000_000);
        const seen: Frame[] = [];
        const ends = [...cuts, bytes.length].sort((a, b) => a - b);
        let from = 0;
        for (const end of ends) {
          const reading = reader.push(bytes.slice(from, end));
          if (reading.kind === "frames") seen.push(...reading.frames);
          from = end;
        }
        expect(seen).toEqual(frames);
      }),
    );
  });

  it("are refused when all of them together exceed the bound", () => {
    const reader = new FrameReader(100);
    expect(reader.push(new Uint8Array(101)).kind).toBe("too-large");
  });

  it("are refused at the header when one announces more than the bound", () => {
    const reader = new FrameReader(100);
    expect(reader.push(Uint8Array.of(5, 0xff, 0xff, 0xff, 0xff)).kind).toBe("too-large");
  });

  it("are refused when the kind is unknown", () => {
    const reader = new FrameReader(100);
    expect(reader.push(Uint8Array.of(77, 0, 0, 0, 0)).kind).toBe("malformed");
  });
});
