import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeNotebook, invalidUtf8At } from "./decode.ts";

describe("invalidUtf8At", () => {
  it("agrees with the platform's strict decoder on any bytes", { timeout: 60_000 }, () => {
    const strict = new TextDecoder("utf-8", { fatal: true });
    const decodes = (bytes: Uint8Array): boolean => {
      try {
        strict.decode(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x9f, 0xa0, 0xbf),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 8 }), (values) => {
        const bytes = Uint8Array.from(values);
        expect(invalidUtf8At(bytes) === null).toBe(decodes(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  it("names the first bad byte", () => {
    expect(invalidUtf8At(Uint8Array.of(0x61, 0xc3, 0xa4, 0xe4, 0x62))).toBe(3);
    expect(invalidUtf8At(Uint8Array.of(0x61, 0xe2, 0x82))).toBe(1);
  });
});

describe("decodeNotebook", () => {
  it("gives text as it stands, the byte order mark included", () => {
    expect(decodeNotebook(new TextEncoder().encode("\ufeff# Zo\u00eb\r\n"))).toEqual({
      kind: "text",
      text: "\ufeff# Zo\u00eb\r\n",
    });
  });

  it("refuses a binary file by the offset of its NUL byte", () => {
    const outcome = decodeNotebook(Uint8Array.of(0x7f, 0x45, 0x00));
    expect(outcome).toMatchObject({
      kind: "refused",
      diagnostics: [{ code: "NBK002", message: expect.stringContaining("byte 2") }],
    });
  });
});
