import fc from "fast-check";
import { expect, it } from "vitest";
import {
  messageIdToSegment,
  messagePath,
  messageReference,
  messageReferenceOfPage,
  textTwinOf,
} from "./message-path.ts";
import { sha256Hex } from "./hash.ts";

it("keeps ordinary ids readable", () => {
  expect(messagePath("20260102.1+abc=$x@example.org")).toBe("/t/20260102.1+abc=$x@example.org");
});

it.each(["a/b@x", "50%@x", "..", ".", "~x", "x.txt", "a?b#c@x", "a b\tc", "%2F@x", "ü@x", "~sha256:0~"])(
  "carries %s through a URL and back, for pages and for routes",
  (messageId) => {
    const segment = messageIdToSegment(messageId);
    const seen = new URL(`http://h.example/t/${segment}`).pathname.slice(3);
    expect(seen).not.toContain("/");
    expect(messageReferenceOfPage(seen)).toEqual({ kind: "id", messageId });
    expect(messageReference(decodeURIComponent(seen))).toEqual({ kind: "id", messageId });
  },
);

it("carries any id", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 80 }), (text) => {
      fc.pre(!/\p{Cs}/u.test(text) && !/^<.*>$/s.test(text));
      const seen = new URL(`http://h.example/t/${messageIdToSegment(text)}`).pathname.slice(3);
      expect(messageReferenceOfPage(seen)).toEqual({ kind: "id", messageId: text });
    }),
  );
});

it("names a very long id by its hash", () => {
  const long = `${"x".repeat(16_000)}@example.org`;
  const segment = messageIdToSegment(long);
  expect(segment.length).toBeLessThan(100);
  expect(messageReference(segment)).toEqual({ kind: "hash", messageIdHashHex: sha256Hex(long) });
});

it("tries an id that ends in .txt before the text twin", () => {
  expect(textTwinOf("a@b.txt")).toEqual({
    whole: { kind: "id", messageId: "a@b.txt" },
    twin: { kind: "id", messageId: "a@b" },
  });
  expect(textTwinOf("~a@b.txt~.txt").twin).toEqual({ kind: "id", messageId: "a@b.txt" });
});

it("takes a broken escape literally", () => {
  expect(messageReferenceOfPage("%zz@x")).toEqual({ kind: "id", messageId: "%zz@x" });
});
