import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { DecodedMail } from "./decode/decode.ts";
import { decodeMail } from "./decode/decode.ts";
import { splitMboxBytes } from "./decode/mbox.ts";
import { parseInThread } from "./parse-in-thread.ts";
import { parseSubject } from "./series/subject.ts";
import { buildTree, partitionThreads } from "./thread/thread.ts";

const shared = resolve(import.meta.dirname, "../../../shared/data");
const hasShared = existsSync(shared);
if (!hasShared) console.log(`tests on real mail are skipped: ${shared} is not there`);

function readMbox(path: string): DecodedMail[] {
  return splitMboxBytes(readFileSync(path), 5e7).flatMap((entry) =>
    entry.kind === "mail" ? [decodeMail(entry.bytes, { kind: "mbox", receivedAtMs: Date.UTC(2026, 0, 1) })] : [],
  );
}

function readTable(name: string): string[][] {
  const [, ...rows] = readFileSync(join(shared, "oracle", name), "utf8").split("\n");
  return rows.filter((row) => row !== "").map((row) => row.split("\t"));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

describe.skipIf(!hasShared)("real mail", { timeout: 120_000 }, () => {
  it("falls into the threads that notmuch and public-inbox find", () => {
    const boxes = readdirSync(join(shared, "mail/lore")).filter((name) => name.endsWith(".mbox"));
    const paths = [
      ...boxes.map((name) => join(shared, "mail/lore", name)),
      join(shared, "mail/founding-thread/thread.mbox"),
    ];
    const mails = new Map(paths.flatMap(readMbox).map((mail) => [mail.messageId, mail]));
    const ours = partitionThreads([...mails.values()]).map((thread) =>
      thread
        .map((mail) => mail.messageId)
        .sort()
        .join(" "),
    );
    const expected = new Map<string, string[]>();
    for (const [thread = "", id = ""] of readTable("threads.tsv"))
      expected.set(thread, [...(expected.get(thread) ?? []), id]);
    expect(ours.sort()).toEqual([...expected.values()].map((ids) => ids.sort().join(" ")).sort());
  });

  it("has the subjects that b4 reads, but for forwards, which are answers here", () => {
    const differing = readTable("subjects-b4.tsv").filter(([subject = "", ...fields]) => {
      const [reply, patch, rfc, resend, revision, , counter, expected, , prefixes, title] = fields;
      const read = parseSubject(subject);
      if (reply === "1") return !read.isReply;
      const flags = (["PATCH", "RFC", "RESEND"] as const).map((flag) => (read.flags.includes(flag) ? "1" : "0"));
      const ours = [
        "0",
        ...flags,
        read.version ?? 1,
        read.counter?.number ?? 1,
        read.counter?.count ?? 1,
        read.prefixes.join(" "),
        read.title,
      ];
      return (
        [reply, patch, rfc, resend, revision, counter, expected, prefixes, title].join("\t") !==
        [read.isReply ? "1" : "0", ...ours.slice(1)].join("\t")
      );
    });
    // b4 knows only "Fwd:"; the grammar counts "Fw:" among the reply words too.
    expect(differing.map(([subject]) => subject?.split(":")[0])).toEqual(["Fw"]);
  });

  it("of the founding thread is nine mails and five ghosts", () => {
    const { nodes } = buildTree(readMbox(join(shared, "mail/founding-thread/thread.mbox")));
    expect([nodes.filter((node) => !node.isGhost).length, nodes.filter((node) => node.isGhost).length]).toEqual([9, 5]);
  });

  it("and every fixture and hostile file is read without a throw, each in time that its size allows", () => {
    // The boxes of mail/lore are read mail by mail above.
    const files = ["mail", "hostile"]
      .flatMap((name) => filesBelow(join(shared, name)))
      .filter((path) => !path.includes("/lore/"));
    let slowestMs = 0;
    for (const path of files) {
      const bytes = readFileSync(path);
      const before = process.cpuUsage();
      const mail = decodeMail(bytes, { kind: "eml", receivedAtMs: 0 });
      parseInThread({
        messageId: mail.messageId,
        subject: mail.subject,
        fromName: "",
        fromAddress: "",
        body: mail.body,
        isAnswer: false,
        hasNumberedChild: false,
        chain: [],
      });
      expect(/\0/.test(mail.body + mail.subject + mail.toText + mail.messageId)).toBe(false);
      const tookMs = process.cpuUsage(before).user / 1000;
      slowestMs = Math.max(slowestMs, tookMs);
      expect(tookMs, path).toBeLessThan(1000 + bytes.length / 500);
    }
    console.log(`${files.length} files, the slowest took ${Math.round(slowestMs)} ms`);
  });
});
