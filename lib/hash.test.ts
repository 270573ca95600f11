import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base32, sha1, sha1Hex, sha256, sha256Hex } from "./hash.ts";

describe("sha256Hex", () => {
  it("gives the digests of FIPS 180-4's examples", () => {
    expect(sha256Hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).toBe(
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    );
    expect(sha256Hex("a".repeat(1_000_000))).toBe("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  });

  it("hashes text as UTF-8 and bytes as they are, also inside a larger buffer", () => {
    const bytes = new TextEncoder().encode("xxnaïve → \u{1F600}").subarray(2);
    expect(sha256Hex(bytes)).toBe(sha256Hex("naïve → \u{1F600}"));
  });

  it("agrees with Node's digests at every length around the block boundaries and on random bytes", () => {
    for (let length = 0; length < 200; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 7) & 255);
      expect(sha256Hex(bytes)).toBe(createHash("sha256").update(bytes).digest("hex"));
      expect(sha1Hex(bytes)).toBe(createHash("sha1").update(bytes).digest("hex"));
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), (bytes) => {
        expect(Buffer.from(sha256(bytes)).equals(createHash("sha256").update(bytes).digest())).toBe(true);
        expect(Buffer.from(sha1(bytes)).equals(createHash("sha1").update(bytes).digest())).toBe(true);
      }),
    );
  });
});

describe("sha1Hex", () => {
  it("gives the digests of FIPS 180-4's examples", () => {
    expect(sha1Hex("abc")).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
    expect(sha1Hex("")).toBe("da39a3ee5e6b4b0d3255bfef95601890afd80709");
  });
});

describe("base32", () => {
  it("gives RFC 4648's vectors, in lower case and unpadded", () => {
    const texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
    const expected = ["", "my", "mzxq", "mzxw6", "mzxw6yq", "mzxw6ytb", "mzxw6ytboi"];
    expect(texts.map((text) => base32(new TextEncoder().encode(text)))).toEqual(expected);
  });
});
