import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

/** A start of Hunkbook as a user makes it, on a data home and a port of its own. */
export type Launched = {
  readonly home: string;
  readonly process: ChildProcess;
  /** Everything printed so far. */
  readonly output: () => string;
  /** Resolves with the printed address and how long it took. */
  readonly ready: Promise<{ readonly origin: string; readonly signInLink: string; readonly afterMs: number }>;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
};

export function newHome(): string {
  return mkdtempSync(join(tmpdir(), "hunkbook-launched-"));
}

/** "npm": through `npm start`, in a process group of its own as a terminal gives it; "node": the launcher itself. */
export function startHunkbook(options: {
  readonly through: "npm" | "node";
  readonly home: string;
  readonly environment?: Readonly<Record<string, string>>;
}): Launched {
  const startedAtMs = performance.now();
  const [command, args] =
    options.through === "npm" ? ["npm", ["start", "--silent"]] : [process.execPath, ["scripts/start.mjs"]];
  const child = spawn(command, args, {
    cwd: root,
    detached: true,
    env: { ...usersEnvironment(), PORT: "0", HUNKBOOK_HOME: options.home, ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child.once("exit", (code, signal) => done({ code, signal }));
  });
  const ready = new Promise<{ origin: string; signInLink: string; afterMs: number }>((done, fail) => {
    const look = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
      const origin = /Hunkbook is ready: (\S+)/.exec(output)?.[1];
      const signInLink = /Sign in as the operator[^:]*: (\S+)\n/.exec(output)?.[1];
      if (origin && signInLink) done({ origin, signInLink, afterMs: performance.now() - startedAtMs });
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    void exited.then(() => fail(new Error(`ended before it was ready:\n${output}`)));
  });
  // A test that expects the start to fail does not await it.
  ready.catch(() => undefined);
  return { home: options.home, process: child, output: () => output, ready, exited };
}

/** The tests' own environment without what vitest and npm put into it, and with the variable that once broke installs. */
function usersEnvironment(): NodeJS.ProcessEnv {
  const dropped = /^(npm_|VITEST|DATABASE_|PUBLIC_URL|ROLE$)/i;
  const kept = Object.entries(process.env).filter(([name]) => !dropped.test(name));
  return { ...Object.fromEntries(kept), NODE_ENV: "production" };
}

type ProcessEntry = { readonly pid: number; readonly parent: number; readonly command: string; readonly start: string };

/** Every living process, from proc(5). */
export function processes(): readonly ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const entry = readEntry(Number(name));
      return entry ? [entry] : [];
    });
}

function readEntry(pid: number): ProcessEntry | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return null;
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return { pid, parent: Number(fields[1]), command, start: fields[19] ?? "" };
  } catch {
    // It ended while we looked.
    return null;
  }
}

/** All descendants of a process, whatever session, user or environment they moved to. */
export function descendants(pid: number): readonly ProcessEntry[] {
  const all = processes();
  const found: ProcessEntry[] = [];
  const waiting = [pid];
  for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
    const children = all.filter((entry) => entry.parent === parent);
    found.push(...children);
    waiting.push(...children.map((child) => child.pid));
  }
  return found;
}

/** Those of the given processes that still live, and any other that works in the data home. */
export function leftOver(before: readonly ProcessEntry[], home: string): readonly ProcessEntry[] {
  const known = new Map(before.map((entry) => [entry.pid, entry.start]));
  return processes().filter((entry) => known.get(entry.pid) === entry.start || worksIn(entry, home));
}

function worksIn(entry: ProcessEntry, home: string): boolean {
  if (entry.command.includes(home)) return true;
  try {
    return readlinkSync(`/proc/${entry.pid}/cwd`).startsWith(home);
  } catch {
    // It ended, or belongs to somebody else.
    return false;
  }
}

/** Waits until nothing is left over, at most so long; returns what is. */
export async function leftOverAfter(
  before: readonly ProcessEntry[],
  home: string,
  waitMs: number,
): Promise<readonly ProcessEntry[]> {
  const endAtMs = performance.now() + waitMs;
  for (;;) {
    const left = leftOver(before, home);
    if (left.length === 0 || performance.now() > endAtMs) return left;
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** The launcher itself: under npm it is the child that runs scripts/start.mjs. */
export function launcherPid(launched: Launched): number {
  const pid = launched.process.pid ?? 0;
  const started = [...descendants(pid)].find((entry) => /scripts\/start[.]mjs$/.test(entry.command));
  return started?.pid ?? pid;
}
