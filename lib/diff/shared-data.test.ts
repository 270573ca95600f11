/**
 * The founding mail, whose two quoted diffs this reader was made for. Real mail is no part of the repository: where the
 * folder is missing the tests are skipped and say so; tests/diff covers every rule without it.
 */
import { existsSync, readFileSync } from "node:fs";
import PostalMime from "postal-mime";
import { describe, expect, it } from "vitest";
import { anchorReply } from "../review/anchor.ts";
import { findDiffs } from "./parse-diff.ts";
import { patchIdOfDiffs } from "./patch-id.ts";

const folder = new URL("../../../shared/data/mail/founding-thread/", import.meta.url);
const isAbsent = !existsSync(folder);
if (isAbsent) console.warn("../shared/data is absent: the founding mail is not tested here");

async function readMail(name: string): Promise<{ messageId: string; body: string }> {
  const mail = await PostalMime.parse(readFileSync(new URL(name, folder)));
  return { messageId: (mail.messageId ?? "").replace(/^<|>$/g, ""), body: (mail.text ?? "").replaceAll("\r\n", "\n") };
}

describe.skipIf(isAbsent)("the founding mail", () => {
  it("yields both quoted diffs exactly, seven complete hunks at depth 1", async () => {
    const seed = await readMail("06-seed.eml");
    const diffs = findDiffs(seed.body, { messageId: seed.messageId });
    const text = diffs
      .map((diff) => `${diff.header.join("\n")}\n${diff.hunks.map((hunk) => hunk.repaired).join("")}`)
      .join("");
    expect(text).toBe(readFileSync(new URL("repaired-tabs.diff", folder), "utf8"));
    expect(
      diffs.map((diff) => [
        diff.quoteDepth,
        diff.newPath,
        diff.hunks.map((hunk) => `${hunk.oldCount}/${hunk.newCount}`),
      ]),
    ).toEqual([
      [1, "mm/rmap.c", ["7/6", "17/6", "18/6", "7/7"]],
      [1, "mm/userfaultfd.c", ["7/6", "28/6", "10/6"]],
    ]);
    const hunks = diffs.flatMap((diff) => diff.hunks);
    expect(hunks.every((hunk) => hunk.state === "complete")).toBe(true);
    expect(hunks.filter((hunk) => hunk.repairs.some((repair) => repair.kind === "heading-joined"))).toHaveLength(6);
    expect(hunks.flatMap((hunk) => hunk.repairs).filter((repair) => repair.kind === "blank-context")).toHaveLength(6);
    expect(patchIdOfDiffs(diffs)).toBe("d23d8e1e5c2ad9ef828b5578f2f2e258887c0315");
  });

  it("counts off by one are seen in the mail whose hunk lost a blank line, and in its quotations", async () => {
    for (const [name, depth] of [
      ["02-david.eml", 0],
      ["08-lorenzo.eml", 3],
    ] as const) {
      const mail = await readMail(name);
      const hunk = findDiffs(mail.body).find((diff) => diff.quoteDepth === depth)?.hunks[0];
      expect([hunk?.oldStart, hunk?.state, hunk?.lines.length]).toEqual([1005, "recounted", 7]);
    }
  });

  it("has every comment anchored to the mail that it answers", async () => {
    const seed = await readMail("06-seed.eml");
    const ancestors = await Promise.all(["04-lokesh-diffs.eml", "03-lorenzo.eml", "01-root.eml"].map(readMail));
    const found = anchorReply({ ...seed, ancestors });
    const [parent, older, root] = ancestors.map((mail) => mail.messageId);
    expect(
      found.map((one) => [
        one.anchor.messageId,
        one.anchor.place,
        one.anchor.path,
        one.anchor.oldLine,
        one.anchor.newLine,
      ]),
    ).toEqual([
      [root, "mail", null, null, null],
      [parent, "mail", null, null, null],
      [parent, "mail", null, null, null],
      [parent, "hunk", "mm/rmap.c", null, 985],
      [parent, "mail", null, null, null],
      [parent, "line", "mm/userfaultfd.c", 1450, null],
      [parent, "mail", null, null, null],
      [older, "mail", null, null, null],
    ]);
  });
});
