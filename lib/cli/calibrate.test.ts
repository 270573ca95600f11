import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { parseProfile } from "#simulator";
import { calibrateCommand } from "./calibrate.server.ts";
import type { Terminal } from "./terminal.server.ts";
import { UsageError } from "./usage.ts";

const work = mkdtempSync(join(tmpdir(), "calibrate-test-"));
const path = process.env["PATH"];
const hasCompiler = spawnSync("cc", ["--version"]).status === 0;
if (!hasCompiler) console.log("calibrate with a compiler is not tested here: there is no cc");

afterEach(() => {
  process.env["PATH"] = path;
});
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

async function call(...words: readonly string[]): Promise<{ exitCode: number; out: string; error: string }> {
  const written = { out: "", error: "" };
  const terminal: Terminal = {
    out: (text) => (written.out += text),
    error: (text) => (written.error += text),
    progress: () => undefined,
  };
  const exitCode = await calibrateCommand(words, terminal);
  return { exitCode, ...written };
}

describe("calibrate", () => {
  it("without a compiler says so, and what to do instead", async () => {
    process.env["PATH"] = "";
    const { exitCode, out, error } = await call();
    expect(exitCode).toBe(5);
    expect(out).toBe("");
    expect(error).toBe(
      "hunkbook: there is no C compiler: cc is not in PATH (Debian: apt install gcc libc6-dev); hunkbook calibrate --source prints the program, to be compiled elsewhere and read with --from\n",
    );
  });

  it.skipIf(!hasCompiler)(
    "measures this machine and writes a profile that can be read",
    { timeout: 180_000 },
    async () => {
      const file = join(work, "mine.json");
      const { exitCode, out, error } = await call("--seconds", "1", "--name", "mine", "--out", file);
      expect([exitCode, error]).toEqual([0, ""]);
      const reading = parseProfile(readFileSync(file, "utf8"));
      if (reading.kind === "malformed") throw new Error(reading.message);
      const { figures, operations } = reading.profile;
      for (const name of ["atomicLocal", "pause", "plainShared"] as const)
        expect(figures[name].basis, name).toBe("measured");
      // Far apart on any machine, under any load: a system call is dearer than an atomic, a fork than a page fault.
      expect(figures.atomicLocal.value).toBeLessThan(operations?.syscall?.value ?? 0);
      expect(operations?.minorFault?.value).toBeLessThan(operations?.forkBase?.value ?? 0);
      expect(out).toContain(`wrote ${file}; use it with --profile ${file}`);
      expect(readFileSync(file, "utf8")).not.toMatch(/20[2-9]\d-\d\d/);
    },
  );

  it.skipIf(!hasCompiler)("the program has no warning", () => {
    const source = join(import.meta.dirname, "calibrate.c");
    const compiled = spawnSync(
      "cc",
      ["-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", join(work, "strict"), source],
      {
        encoding: "utf8",
      },
    );
    expect(compiled.stderr).toBe("");
  });

  it("prints the program with --source", async () => {
    const { out } = await call("--source");
    expect(out).toBe(readFileSync(join(import.meta.dirname, "calibrate.c"), "utf8"));
  });

  it("refuses what is not its program's output, and names the line", async () => {
    const file = join(work, "other.txt");
    writeFileSync(file, "hello\n");
    const { exitCode, error } = await call("--from", file);
    expect(exitCode).toBe(2);
    expect(error).toBe(`${file}: line 1: the output of calibrate.c begins with "hunkbook-calibrate 1"\n`);
  });

  it.each([
    [["--seconds", "0"], "--seconds is a whole number from 1 to 600"],
    [["--name", "My Box"], "--name has small letters"],
    [["now"], "calibrate takes options only"],
    [["--from", join(work, "nowhere")], "there is no file"],
  ])("%j is a usage error", async (words, message) => {
    const error = await call(...words).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toContain(message);
  });

  it("leaves a file alone that is no profile", async () => {
    const file = join(work, "letter.txt");
    writeFileSync(file, "dear");
    await expect(call("--out", file)).rejects.toThrow(`${file} is there and is no machine profile; it is left alone`);
    expect(readFileSync(file, "utf8")).toBe("dear");
  });
});
