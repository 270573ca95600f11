import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decodeMail } from "./decode/decode.ts";
import { splitMboxBytes } from "./decode/mbox.ts";
import { parseSubject } from "./series/subject.ts";

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
});
