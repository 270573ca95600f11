/** `hunkbook calibrate`: this machine's costs as a profile for the simulator. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseProfile, printProfile, renderProfile } from "#simulator";
import { calibratedProfile, readMeasurements, type CalibratedProfile } from "./calibration.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { readOptions } from "./options.server.ts";
import { printable } from "./printable.ts";
import type { Terminal } from "./terminal.server.ts";
import { readTextFile } from "./text-file.server.ts";
import { UsageError } from "./usage.ts";

const optionNames = {
  out: { type: "string" },
  name: { type: "string" },
  seconds: { type: "string" },
  source: { type: "boolean" },
  from: { type: "string" },
} as const;

/** Beside this module in the sources, beside the bundle in dist/. */
const programFile = fileURLToPath(new URL("./calibrate.c", import.meta.url));

const secondsDefault = 20;
const secondsMax = 600;

/**
 * Measures, or reads what was measured elsewhere, and writes the profile.
 *
 * @returns stopped when there is no compiler or the program could not run; rejected when --from is not its output
 * @throws UsageError
 */
export async function calibrateCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readOptions(words, optionNames);
  if (positionals.length > 0)
    throw new UsageError(`calibrate takes options only; "${positionals.join(" ")}" is too much`);
  if (values.source === true) {
    terminal.out(readFileSync(programFile, "utf8"));
    return exitCodes.holds;
  }
  const seconds = readSeconds(values.seconds);
  const name = readName(values.name);
  if (values.out !== undefined) refuseForeignFile(values.out);
  const measured =
    values.from === undefined
      ? measure(seconds, terminal)
      : { kind: "output" as const, text: readTextFile(values.from) };
  if (measured.kind === "stopped") {
    terminal.error(printable(`hunkbook: ${measured.message}\n`));
    return exitCodes.stopped;
  }
  const reading = readMeasurements(measured.text);
  if (reading.kind === "malformed") {
    terminal.error(printable(`${values.from ?? "calibrate.c"}: ${reading.message}\n`));
    return values.from === undefined ? exitCodes.stopped : exitCodes.rejected;
  }
  report(calibratedProfile(reading.measurements, name), { terminal, out: values.out });
  return exitCodes.holds;
}

function readSeconds(text: string | undefined): number {
  if (text === undefined) return secondsDefault;
  const seconds = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= secondsMax) return seconds;
  throw new UsageError(`--seconds is a whole number from 1 to ${String(secondsMax)}, not "${text}"`);
}

function readName(text: string | undefined): string {
  if (text === undefined) return "calibrated";
  if (/^[a-z][a-z0-9-]{0,39}$/.test(text)) return text;
  throw new UsageError(`--name has small letters, digits and -, at most 40, beginning with a letter; not "${text}"`);
}

/** A profile may be written anew; any other file is somebody's. */
function refuseForeignFile(path: string): void {
  if (!existsSync(path)) return;
  if (parseProfile(readTextFile(path)).kind === "profile") return;
  throw new UsageError(`${path} is there and is no machine profile; it is left alone`);
}

type Measured =
  { readonly kind: "output"; readonly text: string } | { readonly kind: "stopped"; readonly message: string };

function measure(seconds: number, terminal: Terminal): Measured {
  const folder = mkdtempSync(join(tmpdir(), "hunkbook-calibrate-"));
  try {
    const program = join(folder, "calibrate");
    const problem = compileProgram(program);
    if (problem !== null) return { kind: "stopped", message: problem };
    terminal.progress(`measuring, about ${String(seconds)} s; other load makes the figures worse`);
    return runProgram(program, seconds);
  } finally {
    terminal.progress("");
    rmSync(folder, { recursive: true, force: true });
  }
}

const elsewhere = "hunkbook calibrate --source prints the program, to be compiled elsewhere and read with --from";
const compileMsMax = 60_000;

/** @returns why it could not be compiled, or null */
function compileProgram(program: string): string | null {
  const compiled = spawnSync("cc", ["-O2", "-pthread", "-o", program, programFile], {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
    timeout: compileMsMax,
  });
  if (compiled.error !== undefined && "code" in compiled.error && compiled.error.code === "ENOENT")
    return `there is no C compiler: cc is not in PATH (Debian: apt install gcc libc6-dev); ${elsewhere}`;
  if (compiled.error !== undefined) return `cc could not be run: ${compiled.error.message}; ${elsewhere}`;
  return compiled.status === 0 ? null : `cc could not compile the program:\n${compiled.stderr.slice(0, 4_000)}`;
}

function runProgram(program: string, seconds: number): Measured {
  const ran = spawnSync(program, [String(seconds)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: (4 * seconds + 70) * 1_000,
    killSignal: "SIGKILL",
  });
  if (ran.error !== undefined && "code" in ran.error && ran.error.code === "EACCES")
    return { kind: "stopped", message: `programs may not run in ${tmpdir()} (noexec); set TMPDIR to another place` };
  if (ran.error !== undefined)
    return { kind: "stopped", message: `the measuring program did not run: ${ran.error.message}` };
  if (ran.status === 0) return { kind: "output", text: ran.stdout };
  const end = ran.signal === null ? `exit ${String(ran.status)}` : `signal ${ran.signal}`;
  return {
    kind: "stopped",
    message: `the measuring program ended with ${end}\n${ran.stderr.slice(0, 4_000)}`.trimEnd(),
  };
}

function report(
  { profile, remarks }: CalibratedProfile,
  { terminal, out }: { readonly terminal: Terminal; readonly out: string | undefined },
): void {
  const table = printable([renderProfile(profile), ...remarks.map((remark) => `${remark}\n`)].join(""));
  if (out === undefined) {
    terminal.error(table);
    terminal.out(printProfile(profile));
    return;
  }
  writeFileSync(out, printProfile(profile));
  terminal.out(`${table}\nwrote ${out}; use it with --profile ${out}\n`);
}
