import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { db } from "#lib/db/client.server.ts";
import { importMail, ImportError } from "#lib/mail/import.server.ts";
import { freshDatabase } from "./database.ts";

const shared = resolve(import.meta.dirname, "../../../shared/data");
const hasShared = existsSync(shared);
if (!hasShared) console.log(`importing hostile fixtures is skipped: ${shared} is not there`);

beforeAll(async () => {
  await freshDatabase();
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

async function isStored(bytes: Uint8Array): Promise<boolean> {
  const hash = createHash("sha256").update(bytes).digest();
  const row = await db().blob.findUnique({ where: { hash: Uint8Array.from(hash) } });
  return row?.bytes !== undefined && row?.bytes !== null && Buffer.from(row.bytes).equals(Buffer.from(bytes));
}

describe("generated bombs", () => {
  const head = "From: a@example.org\nSubject: bomb\nDate: Mon, 2 Feb 2026 10:00:00 +0000\n";
  const hunk = (i: number): string => `@@ -${i},1 +${i},1 @@\n-a${i}\n+b${i}\n`;
  const bombs: Record<string, string> = {
    "nested message/rfc822": `${head}${"Content-Type: message/rfc822\n\n".repeat(40_000)}x`,
    "nested multiparts":
      head +
      Array.from({ length: 5000 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`).join(""),
    "a hundred thousand parts": `${head}Content-Type: multipart/mixed; boundary=b\n\n${"--b\n\nx\n".repeat(100_000)}`,
    "two hundred thousand headers": `${head}${"X-A: b\n".repeat(200_000)}\nx`,
    "a line of 20 MB": `${head}\n${"x".repeat(20e6)}`,
    "more hunks than are stored": `${head}\ndiff --git a/f b/f\n--- a/f\n+++ b/f\n${Array.from({ length: 30_000 }, (_, i) => hunk(i)).join("")}`,
    "hunk numbers beyond all integers": `${head}\n--- a/f\n+++ b/f\n@@ -99999999999999999999,1 +-5,1 @@\n-a\n+b\n@@ -4294967296,1 +9007199254740993,1 @@\n-a\n+b\n`,
    "distinct words, 2 MB": `${head}\n${Array.from({ length: 250_000 }, (_, i) => `w${i.toString(36)}`).join(" ")}`,
    "NUL everywhere": `X-Long: ${"so long that NUL is rare here ".repeat(30)}\nContent-Type: text/plain; charset="\0x\0"\nFrom: a\0@example.org\nSubject: \0\nMessage-ID: <\0@\0>\nReferences: <\0>\n\n\0\n--- a/\0\n+++ b/\0\n@@ -1 +1 @@ \0\n-\0\n+a\0\n`,
    "a path of 100 kB": `${head}\n--- a/${"p".repeat(100_000)}\n+++ b/${"p".repeat(100_000)}\n@@ -1 +1 @@\n-a\n+b\n`,
    "10,000 references": `${head}References: ${Array.from({ length: 10_000 }, (_, i) => `<${i}@example.org>`).join(" ")}\n\nx`,
  };
  it.each(Object.keys(bombs))("%s: stored byte for byte, in under six seconds", async (name) => {
    const bytes = new TextEncoder().encode(bombs[name]);
    const before = process.cpuUsage();
    const report = await importMail({ source: once(bytes), archiveName: name, kind: "eml" });
    const { user } = process.cpuUsage(before);
    expect(report).toMatchObject({ mails: 1, new: 1, failures: [] });
    expect(await isStored(bytes)).toBe(true);
    // Processor time, so that a busy machine does not fail it.
    expect(user / 1000).toBeLessThan(6000);
  });

  it("a mail of 30 MB is kept and not read", async () => {
    const bytes = new TextEncoder().encode(`${head}\n${"x".repeat(30e6)}`);
    const report = await importMail({ source: once(bytes), archiveName: "30 MB", kind: "eml" });
    expect(report.failures).toEqual([
      { offsetBytes: 0, reason: expect.stringMatching(/more than the \d+ that are read; its bytes are kept/) },
    ]);
    expect(await isStored(bytes)).toBe(true);
  });
});

describe.skipIf(!hasShared)("fixtures of other projects and hostile mail", () => {
  it("are imported one by one without a throw, and every byte is kept", { timeout: 300_000 }, async () => {
    const files = [
      join(shared, "hostile"),
      ...["fixtures-git", "fixtures-mailparser", "fixtures-patchwork", "fixtures-b4"].map((name) =>
        join(shared, "mail", name),
      ),
    ].flatMap(filesBelow);
    // Every fifth: all of them are decoded by lib/mail/real-mail.test.ts, and were imported once.
    const chosen = files.filter((path) => statSync(path).size < 300_000).filter((_, i) => i % 5 === 0);
    let refused = 0;
    let failed = 0;
    for (const path of chosen) {
      const bytes = readFileSync(path);
      try {
        const report = await importMail({ source: path, archiveName: `fixture ${path}`, kind: "eml" });
        failed += report.failures.length;
        expect(await isStored(bytes), path).toBe(true);
      } catch (error) {
        if (!(error instanceof ImportError)) throw new Error(`${path} made the import fail`, { cause: error });
        refused++;
      }
    }
    console.log(`${chosen.length} files: ${refused} refused, ${failed} no mail, the rest imported`);
    expect(await db().message.count({ where: { variantOrdinal: 0, shownBy: { none: {} } } })).toBe(0);
    const faults = await db().$queryRaw<
      { count: number }[]
    >`select count(*)::int as count from message where oddities::text like '%parse-fault%'`;
    expect(faults).toEqual([{ count: 0 }]);
  });
});
