/**
 * The command as a user calls it: transcripts in tests/cli/*.md, a database where one is needed, and the promise that it
 * gives the same run keys and result hashes as the server.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { db } from "#lib/db/client.server.ts";
import { readAsk } from "#lib/runs/read.server.ts";
import { requestRuns } from "#lib/runs/request.server.ts";
import { openSandbox } from "#lib/runs/sandbox.server.ts";
import { Worker } from "#lib/runs/worker.server.ts";
import { freshDatabase } from "./database.ts";
import { counterNotebook, makePerson, requireEngine } from "./runs-fixture.ts";

const root = resolve(import.meta.dirname, "../..");
const transcripts = join(root, "tests/cli");
let work = "";
let databaseUrl = "";

beforeAll(async () => {
  requireEngine();
  databaseUrl = (await freshDatabase()).url;
  work = mkdtempSync(join(tmpdir(), "command-test-"));
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

type Called = { readonly exitCode: number | null; readonly out: string; readonly error: string };

function hunkbook(words: readonly string[], options: { readonly cwd: string; readonly input?: string }): Called {
  const called = spawnSync(process.execPath, [join(root, "bin/hunkbook"), ...words], {
    cwd: options.cwd,
    encoding: "utf8",
    input: options.input ?? "",
    maxBuffer: 32_000_000,
    env: {
      NODE_ENV: "test",
      PATH: process.env["PATH"],
      DATABASE_URL: databaseUrl,
      HUNKBOOK_HOME: join(work, "home"),
      LOG_LEVEL: "silent",
    },
  });
  return { exitCode: called.status, out: called.stdout, error: called.stderr };
}

/** What differs from engine to engine and from machine to machine. */
function settled(text: string): string {
  return text
    .replace(/"runKey":"[a-z2-7]{16}"/g, '"runKey":"<key>"')
    .replace(/"resultHash":"[0-9a-f]{64}"/g, '"resultHash":"<hash>"')
    .replace(/"ms":\d+/g, '"ms":0')
    .replace(/; run [a-z2-7]{16}/g, "; run <key>")
    .replace(/^  run [a-z2-7]{16}$/gm, "  run <key>")
    .replace(/engine [0-9a-f]{64}/g, "engine <digest>")
    .replace(/\/in\/[\w-]+/g, "/in/<token>");
}

/** Ends behind the exit code: what a command prints may have fences of its own. A new block has no output yet. */
const transcriptBlock = /```console\n\$ hunkbook ([^\n]*)\n(?:(?:(?!\n```console)[\s\S])*?(?<=\n)exit \d+\n)?```/g;

/** A transcript: prose, and fenced blocks that begin with `$ hunkbook ...`. */
function replayTranscript(text: string): string {
  return text.replace(transcriptBlock, (_whole, words: string) => {
    const called = hunkbook(words.split(" "), { cwd: transcripts });
    const error = called.error === "" ? "" : `--- standard error\n${called.error}`;
    const shown = settled(`${called.out}${error}`);
    return `\`\`\`console\n$ hunkbook ${words}\n${shown}${shown === "" || shown.endsWith("\n") ? "" : "\n"}exit ${String(called.exitCode)}\n\`\`\``;
  });
}

describe("the transcripts", () => {
  const names = readdirSync(transcripts).filter((name) => name.endsWith(".md") && !name.endsWith(".hb.md"));
  it.each(names)("%s", (name) => {
    const path = join(transcripts, name);
    const expected = readFileSync(path, "utf8");
    const actual = replayTranscript(expected);
    if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(path, actual);
    else expect(actual).toBe(expected);
  });
});

it("calibrate's program stands beside the bundle", () => {
  const shipped = hunkbook(["calibrate", "--source"], { cwd: work });
  expect(shipped).toEqual({ exitCode: 0, out: readFileSync(join(root, "lib/cli/calibrate.c"), "utf8"), error: "" });
});

describe("the command and the server", () => {
  it("give one notebook the same run keys and the same result hashes", { timeout: 60_000 }, async () => {
    const text = counterNotebook("command and server");
    const file = join(work, "counter.hb.md");
    writeFileSync(file, text);
    const byCommand = hunkbook(["check", file, "--json"], { cwd: work })
      .out.trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { runKey: string; resultHash: string });
    const opening = await openSandbox({ weak: "refused" });
    if (opening.kind === "refused") throw new Error(opening.reason);
    const worker = new Worker({ sandbox: opening.sandbox });
    worker.start();
    try {
      const alice = await makePerson("Alice");
      const asked = await requestRuns(alice, { text, cellId: "race", visibility: "link" });
      if (asked.kind !== "asked") throw new Error(asked.kind);
      const byServer = await settledMembers(alice, asked.askId);
      expect(byCommand.map(({ runKey, resultHash }) => [runKey, resultHash])).toEqual(byServer);
    } finally {
      await worker.stop();
    }
  });
});

async function settledMembers(
  viewer: Parameters<typeof readAsk>[0],
  askId: string,
): Promise<(readonly [string, string | null])[]> {
  for (let look = 0; look < 500; look += 1) {
    const members = (await readAsk(viewer, askId))?.members ?? [];
    if (members.every((member) => member.status === "finished")) {
      return members.map((member) => [member.runKey, member.resultHash] as const);
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error("the runs did not finish");
}

describe("bad input", { timeout: 60_000 }, () => {
  it.each([
    ["an empty notebook", "", 2],
    ["a binary file", "\u0000\u0001\u0002", 2],
    ["a notebook without a run", "# T\n\n```hunkbook\nformat: hunkbook/1\nlang: scn/1\n```\n", 2],
    ["a scenario of 10 MB", `# T\n\n\`\`\`scn #a\n${"int x;\n".repeat(1_500_000)}\`\`\`\n`, 2],
  ])("%s gets a message and an exit code", (_what, text, exitCode) => {
    const file = join(work, "bad.hb.md");
    writeFileSync(file, text);
    const called = hunkbook(["check", file], { cwd: work });
    expect(called.error.trim()).not.toBe("");
    expect(called.error.length).toBeLessThan(20_000);
    expect(called.exitCode).toBe(exitCode);
  });

  it("a mailbox is told apart from a notebook, a directory from a file", () => {
    const box = join(work, "big.mbox");
    writeFileSync(box, `From x\n${"y".repeat(18_000_000)}`);
    expect(hunkbook(["check", box], { cwd: work })).toMatchObject({ exitCode: 4 });
    mkdirSync(join(work, "folder"), { recursive: true });
    expect(hunkbook(["import", join(work, "folder")], { cwd: work })).toMatchObject({ exitCode: 4 });
    writeFileSync(join(work, "empty.mbox"), "");
    const empty = hunkbook(["import", join(work, "empty.mbox")], { cwd: work });
    expect(empty.error).toContain("is empty");
    expect(empty.exitCode).toBe(4);
  });
});

describe("login", () => {
  it("prints a link whose token the database knows by its hash only", async () => {
    const called = hunkbook(["login", "Dev@Example.org"], { cwd: work });
    expect(called.exitCode).toBe(0);
    expect(called.out).toMatch(/^http:\/\/127\.0\.0\.1:3000\/in\/[\w-]{40,}\n$/);
    const tokens = await db().signInToken.findMany({ select: { address: true, isOperator: true } });
    expect(tokens).toEqual([{ address: "dev@example.org", isOperator: false }]);
  });

  it("refuses what is no address", () => {
    expect(hunkbook(["login", "nobody"], { cwd: work })).toMatchObject({ exitCode: 4, out: "" });
  });
});
