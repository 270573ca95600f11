import fc from "fast-check";
import { expect, it } from "vitest";
import { treeRows, type TreeEntry } from "./read-tree.ts";

const mail = (messageIdText: string, parentIdText: string | null, sentAtMs: number | null): TreeEntry => ({
  messageIdText,
  parentIdText,
  sentAtMs,
});

it("draws a thread in reading order with its guides", () => {
  const rows = treeRows([
    mail("reply-2", "patch-1", 5),
    mail("patch-2", "cover", 3),
    mail("cover", null, 1),
    mail("patch-1", "cover", 2),
    mail("reply-1", "patch-1", 4),
    mail("deep", "reply-1", 6),
  ]);
  expect(rows.map((row) => row.guide + row.entry.messageIdText)).toEqual([
    "cover",
    "|-patch-1",
    "| |-reply-1",
    "| | `-deep",
    "| `-reply-2",
    "`-patch-2",
  ]);
});

it("places a ghost by the first mail below it", () => {
  const rows = treeRows([mail("b", null, 5), mail("ghost", null, null), mail("c", "ghost", 2)]);
  expect(rows.map((row) => row.entry.messageIdText)).toEqual(["ghost", "c", "b"]);
});

it("shows every entry once, whatever the parents say", () => {
  const names = ["a", "b", "c", "d", "e"];
  const entry = fc.record({
    parentIdText: fc.constantFrom(null, "gone", ...names),
    sentAtMs: fc.constantFrom(null, 1, 2, 3),
  });
  fc.assert(
    fc.property(fc.array(entry, { minLength: 5, maxLength: 5 }), (parents) => {
      const entries = parents.map((given, i) => ({ messageIdText: names[i] ?? "", ...given }));
      expect(
        treeRows(entries)
          .map((row) => row.entry.messageIdText)
          .sort(),
      ).toEqual(names);
    }),
  );
});
