import { readdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { DecodedMail } from "./decode/decode.ts";
import { decodeMail } from "./decode/decode.ts";
import { splitMboxBytes } from "./decode/mbox.ts";
import { parseInThread } from "./parse-in-thread.ts";
import type { ParsedMail } from "./parse-in-thread.ts";
import { fullNameKey } from "./series/person-keys.ts";
import { groupVersions } from "./series/series.ts";
import { toSeriesMail } from "./series/series-mails.ts";
import { buildTree, partitionThreads } from "./thread/thread.ts";
import { joinVersions } from "./series/version-join.ts";

const corpus = resolve(import.meta.dirname, "../../tests/mail");
const receivedAtMs = Date.UTC(2026, 1, 20);

/** What the database import does, without the database. */
function readArchive(bytes: Uint8Array) {
  const entries = splitMboxBytes(bytes, 1e7);
  const mails = entries.flatMap((entry) =>
    entry.kind === "mail" ? [decodeMail(entry.bytes, { kind: "mbox", receivedAtMs })] : [],
  );
  const threads = partitionThreads(mails).map((members) => parseMembers(members));
  const plans = joinVersions(groupVersions(threads.flatMap((thread) => thread.seriesMails)));
  return { entries, threads, plans };
}

function parseMembers(members: readonly DecodedMail[]) {
  const { nodes } = buildTree(members);
  const byId = new Map(members.map((mail) => [mail.messageId, mail]));
  const parents = new Map(nodes.map((node) => [node.messageId, node.parent]));
  const parsed = new Map<string, ParsedMail>();
  const seriesMails = [];
  for (const mail of members) {
    const ancestors: string[] = [];
    for (let id = parents.get(mail.messageId); id; id = parents.get(id)) ancestors.push(id);
    const chain = ancestors.map((messageId) => {
      const found = byId.get(messageId);
      const link = found && { fromName: found.from.name, fromAddress: found.from.address, body: found.body };
      return { messageId, mail: link ?? null };
    });
    const hasNumberedChild = members.some(
      (child) => parents.get(child.messageId) === mail.messageId && /^\[PATCH[^\]]* \d+\/\d+\]/.test(child.subject),
    );
    const { messageId, subject, body, from } = mail;
    const one = parseInThread({
      messageId,
      subject,
      body,
      fromName: from.name,
      fromAddress: from.address,
      isAnswer: chain.length > 0,
      hasNumberedChild,
      chain,
    });
    parsed.set(messageId, one);
    seriesMails.push(
      toSeriesMail({
        ...{
          messageId,
          threadKey: nodes[0]!.messageId,
          sentAtMs: mail.sentAtMs,
          fromAddress: from.address,
          subject,
          body,
        },
        author: fullNameKey(from.name) ?? from.address,
        ...{
          class: one.class,
          ancestors,
          patchId: one.patchId,
          bodyKey: Buffer.from(mail.contentHash).toString("hex"),
        },
      }),
    );
  }
  return { nodes, byId, parsed, seriesMails };
}

type Archive = ReturnType<typeof readArchive>;

function describeArchive({ entries, threads, plans }: Archive): string {
  const out: string[] = [];
  for (const entry of entries) if (entry.kind !== "mail") out.push(`${entry.kind} at ${entry.offsetBytes}`);
  for (const { nodes, byId, parsed } of threads) {
    out.push("== thread");
    for (const node of nodes)
      out.push(
        `${node.isGhost ? "ghost" : "mail "} ${short(node.messageId)}${node.parent ? ` <- ${short(node.parent)}` : ""}`,
      );
    for (const { messageId } of nodes) {
      const mail = byId.get(messageId);
      const one = parsed.get(messageId);
      if (mail && one) out.push(...describeMail(mail, one));
    }
  }
  for (const plan of plans) {
    out.push(`== series "${plan.title}" by ${plan.author}${plan.changeId ? ` change-id ${plan.changeId}` : ""}`);
    for (const version of plan.versions) {
      const parts = version.patches.map(
        (patch) => `${patch.number}=${short(patch.messageId)}${patch.isResend ? "(resend)" : ""}`,
      );
      const filled = version.filled.map((patch) => `${patch.number} from v${patch.fromVersion}`);
      out.push(
        `v${version.number} ${version.joinReason} [${version.flags.join(" ")}] ${version.patchCount} parts: cover ${version.coverId ? short(version.coverId) : "none"}, ${parts.join(", ")}; missing ${version.missing.join(",") || "none"}${filled.length ? `; filled ${filled.join(", ")}` : ""}`,
      );
    }
  }
  return `${out.join("\n")}\n`;
}

function describeMail(mail: DecodedMail, one: ParsedMail): string[] {
  const { subject, patchMail } = one;
  const span = (part: { start: number; end: number } | null): string => (part ? `${part.start}-${part.end}` : "none");
  return [
    `-- ${short(mail.messageId)} ${one.class}: ${JSON.stringify(mail.subject)}`,
    `   title ${JSON.stringify(subject.title)} v${subject.version ?? "-"} ${subject.counter ? `${subject.counter.number}/${subject.counter.count}` : ""} flags [${subject.flags.join(" ")}] hints [${subject.hints.join(" ")}]${subject.isReply ? " reply" : ""}`,
    `   from ${JSON.stringify(mail.from)} to ${JSON.stringify(mail.toText)} cc ${JSON.stringify(mail.ccText)} list ${mail.listName}`,
    `   sent ${new Date(mail.sentAtMs).toISOString()} offset ${mail.sentOffsetMinutes} charsets ${mail.charsets.join(",")}`,
    `   message ${span(patchMail.message)} changelog ${span(patchMail.changelog)} diffstat ${span(patchMail.diffstat)} diff ${patchMail.diffLine} scissors ${patchMail.scissorsLine} base ${patchMail.baseCommit} author ${JSON.stringify(patchMail.author)}`,
    ...one.trailers.map(
      (trailer) =>
        `   trailer ${trailer.name}: ${trailer.value}${trailer.note ? ` | ${JSON.stringify(trailer.note)}` : ""}`,
    ),
    ...one.fileDiffs.map(
      ({ diff, owner }) =>
        `   diff ${diff.newPath} of ${owner.name} at depth ${diff.quoteDepth}, ${diff.hunks.length} hunks`,
    ),
    ...mail.attachments.map((part) => `   attachment ${JSON.stringify(part)}`),
    ...mail.oddities.map((oddity) => `   oddity ${oddity.code}: ${oddity.message}`),
    ...mail.body.split("\n").map((line) => `   |${line}`),
  ];
}

function short(id: string): string {
  return id.replace("@example.org", "").replace(/^(sha256-.{8}).*/, "$1");
}

describe("the mail corpus", () => {
  for (const name of readdirSync(corpus).filter((file) => file.endsWith(".mbox"))) {
    it(`${name} reads as expected`, () => {
      const text = describeArchive(readArchive(readFileSync(join(corpus, name))));
      const expectedPath = join(corpus, name.replace(/\.mbox$/, ".expected"));
      if (process.env.UPDATE_EXPECTED === "1") writeFileSync(expectedPath, text);
      expect(existsSync(expectedPath), `${expectedPath} is missing: run npm run test:accept and review it`).toBe(true);
      expect(text).toBe(readFileSync(expectedPath, "utf8"));
    });
  }
});
