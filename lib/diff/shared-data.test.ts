/**
 * The founding mail, whose two quoted diffs this reader was made for. Real mail is no part of the repository: where the
 * folder is missing the tests are skipped and say so; tests/diff covers every rule without it.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeMail } from "../mail/decode/decode.ts";
import { anchorReply } from "../review/anchor.ts";
import { findDiffs } from "./parse-diff.ts";
import { patchIdOfDiffs } from "./patch-id.ts";

const folder = new URL("../../../shared/data/mail/founding-thread/", import.meta.url);
const isAbsent = !existsSync(folder);
if (isAbsent) console.warn("../shared/data is absent: the founding mail is not tested here");

/** One of the nine mails, by its number in the thread; decoded as an import decodes it. */
function readMail(number: string): { messageId: string; body: string } {
  const name = readdirSync(folder).find((file) => file.startsWith(`${number}-`));
  if (name === undefined) throw new Error(`mail ${number} is not in the founding thread's folder`);
  return decodeMail(readFileSync(new URL(name, folder)), { kind: "eml", receivedAtMs: 0 });
}

describe.skipIf(isAbsent)("the founding mail", () => {
  it("yields both quoted diffs exactly, seven complete hunks at depth 1", () => {
    const seed = readMail("06");
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

  it("counts off by one are seen in the mail whose hunk lost a blank line, and in its quotations", () => {
    for (const [name, depth] of [
      ["02", 0],
      ["08", 3],
    ] as const) {
      const mail = readMail(name);
      const hunk = findDiffs(mail.body).find((diff) => diff.quoteDepth === depth)?.hunks[0];
      expect([hunk?.oldStart, hunk?.state, hunk?.lines.length]).toEqual([1005, "recounted", 7]);
    }
  });

  it("has every comment anchored to the mail that it answers", () => {
    const seed = readMail("06");
    const ancestors = ["04", "03", "01"].map(readMail);
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
