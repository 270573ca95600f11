import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decodeMail } from "./decode.ts";
import { splitMboxBytes } from "./mbox.ts";
import { renderMail, renderThread } from "./render-text.ts";
import { parseSubject } from "./subject.ts";
import { buildTree } from "./thread.ts";

const demo = resolve(import.meta.dirname, "../../demo");
const scratch = mkdtempSync(join(tmpdir(), "hunkbook-demo-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const entries = splitMboxBytes(readFileSync(join(demo, "demonstration.mbox")), 1e7);
const mails = entries.flatMap((entry) =>
  entry.kind === "mail"
    ? [{ bytes: entry.bytes, mail: decodeMail(entry.bytes, { kind: "mbox", receivedAtMs: Date.UTC(2026, 1, 1) }) }]
    : [],
);

function hasGit(): boolean {
  try {
    execFileSync("git", ["--version"], { stdio: "ignore" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
const gitIsThere = hasGit();
if (!gitIsThere) console.log("applying the demonstration's patches is skipped: git is not installed");

describe("the demonstration thread", () => {
  it("reads without anything odd, and names nobody outside example.org", () => {
    expect(mails).toHaveLength(16);
    for (const { mail } of mails) expect([mail.subject, mail.oddities]).toEqual([mail.subject, []]);
    const text = readFileSync(join(demo, "demonstration.mbox"), "utf8");
    const hosts = [...text.matchAll(/@([\w.-]+\.\w+)/g)].map((match) => match[1]);
    expect(new Set(hosts)).toEqual(new Set(["example.org", "lists.example.org"]));
  });

  it.skipIf(!gitIsThere).each([null, 2])("has patches of version %s that git am applies to its base", (version) => {
    const repository = join(scratch, `v${version}`);
    cpSync(join(demo, "base"), repository, { recursive: true });
    const git = (...words: string[]): string =>
      execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.org", ...words], {
        cwd: repository,
        encoding: "utf8",
        env: { ...process.env, HOME: scratch, GIT_CONFIG_NOSYSTEM: "1" },
      });
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "base");
    const patches = mails.filter(({ mail }) => {
      const subject = parseSubject(mail.subject);
      return !subject.isReply && subject.version === version && (subject.counter?.number ?? 0) > 0;
    });
    const paths = patches.map((_, i) => join(scratch, `${version}-${i}.eml`));
    paths.forEach((path, i) => writeFileSync(path, patches[i]!.bytes));
    git("am", "-q", ...paths);
    expect(git("log", "--format=%s").trim().split("\n")).toHaveLength(4);
  });

  it("is rendered as text with every line of every mail as it was sent", () => {
    const all = new Map(
      mails.map(({ mail }) => [mail.messageId, { ...mail, fromName: mail.from.name, fromAddress: mail.from.address }]),
    );
    const { nodes } = buildTree(mails.map(({ mail }) => mail));
    const text = renderThread(nodes, all);
    for (const mail of all.values()) expect(text).toContain(`\n\n${mail.body}`);
    expect(text.split("\n====")[0]).toMatchInlineSnapshot(`
      " 1 2026-01-12 08:00 Ada Example          [PATCH 0/3] tagcache: drop references without the lock
       2 2026-01-12 08:00 Ada Example            [PATCH 1/3] tagcache: count the lookups that found nothing
       3 2026-01-13 12:01 Chika Muster             "
       4 2026-01-12 08:00 Ada Example            [PATCH 2/3] tagcache: drop references without the lock
       5 2026-01-12 13:42 Boris Beispiel           "
       6 2026-01-12 15:18 Ada Example                "
       7 2026-01-13 08:25 Boris Beispiel               "
       8 2026-01-13 10:19 Ada Example                    "
       9 2026-01-12 08:00 Ada Example            [PATCH 3/3] tagcache: say what callers may rely on
      10 ----------------   not imported: <20260113173000.private-ada@example.org>
      11 2026-01-14 09:15 Zoë Specimen             Re: [PATCH 0/3] tagcache: drop references without the lock
      12 2026-01-19 08:00 Ada Example            [PATCH v2 0/3] tagcache: drop references without the lock
      13 2026-01-19 08:00 Ada Example              [PATCH v2 1/3] tagcache: count the lookups that found nothing
      14 2026-01-19 08:00 Ada Example              [PATCH v2 2/3] tagcache: drop references without the lock
      15 2026-01-20 09:30 Boris Beispiel             "
      16 2026-01-19 08:00 Ada Example              [PATCH v2 3/3] tagcache: say what callers may rely on
      17 2026-01-19 14:12 Zoë Specimen               "
      "
    `);
  });

  it("is rendered without characters that a terminal obeys", () => {
    const mail = { ...mails[0]!.mail, fromName: "a\u001b[31m", fromAddress: "", body: "x\u0007\u009b\ty\n" };
    expect(renderMail(mail)).toMatch(/^From: a\\x1b\[31m\n/);
    expect(renderMail(mail)).toContain("x\\x07\\x9b\ty\n");
  });
});
