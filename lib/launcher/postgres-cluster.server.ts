import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DataHome, LaunchError, type Secrets, readLastConnection, writePrivateFile } from "./data-home.server.ts";
import { findPostgresBinaries, type PostgresBinaries, postgresEnvironment } from "./postgres-binaries.server.ts";
import { isErrno, readIfThere } from "./process-identity.server.ts";
import type { ChildPlan } from "./supervise.server.ts";

/** A database server that is ours to run: where it listens, and how it is started. */
export type Cluster = {
  readonly plan: ChildPlan;
  readonly socketDirectory: string;
  readonly adminUser: string;
  readonly removeSocketDirectory: () => void;
  /** The end of the server's log, for the message when it does not start. */
  readonly lastLogLines: () => string;
};

export type ClusterOptions = {
  readonly home: DataHome;
  /** The checkout, where node_modules stands. */
  readonly root: string;
  readonly secrets: Secrets;
  /** PATH, for a system PostgreSQL. */
  readonly searchPath: string;
  /** Server settings on top of ours, e.g. fsync=off in tests. */
  readonly settings?: Readonly<Record<string, string>>;
};

type User = { readonly uid: number; readonly gid: number };

export const adminUser = "hunkbook_admin";
const logBytesMax = 10_000_000;

/**
 * Makes everything ready to start the embedded server: binaries, data directory, private socket directory.
 * An older server of the same data home that outlived its launcher is ended first.
 *
 * @throws LaunchError with the way out
 */
export async function prepareCluster(options: ClusterOptions): Promise<Cluster> {
  const { home } = options;
  const user = databaseUser();
  const dataDirectory = join(home.path, "pgdata");
  const dataMajor = readIfThere(join(dataDirectory, "PG_VERSION"))?.trim() ?? null;
  const binaries = findPostgresBinaries({ ...options, dataMajor });
  refuseOtherMajor({ dataDirectory, dataMajor, binaries });
  refuseUnreachable({ home, binaries, user });
  await endOlderServer(dataDirectory);
  if (dataMajor === null) initialise({ options, binaries, user, dataDirectory });
  const last = readLastConnection(home);
  if (last) rmSync(last.socketDirectory, { recursive: true, force: true });
  const socketDirectory = makeSocketDirectory(user);
  const logPath = openLog(home);
  return {
    plan: serverPlan({ options, binaries, user, dataDirectory, socketDirectory, logPath }),
    socketDirectory,
    adminUser,
    removeSocketDirectory: () => rmSync(socketDirectory, { recursive: true, force: true }),
    lastLogLines: () => (readIfThere(logPath) ?? "").trimEnd().split("\n").slice(-8).join("\n"),
  };
}

/** PostgreSQL refuses to run as root; it then runs as the nobody of /etc/passwd (a uid without an entry is refused by initdb). */
function databaseUser(): User | null {
  if (process.getuid?.() !== 0) return null;
  const entry = (readIfThere("/etc/passwd") ?? "").split("\n").find((line) => line.startsWith("nobody:"));
  const [, , uid, gid] = entry?.split(":") ?? [];
  if (uid === undefined || gid === undefined)
    throw new LaunchError(
      "PostgreSQL does not run as root and /etc/passwd has no user nobody to run it as. " +
        "Start Hunkbook as another user, or set DATABASE_URL to a PostgreSQL server.",
    );
  return { uid: Number(uid), gid: Number(gid) };
}

function refuseUnreachable(given: { home: DataHome; binaries: PostgresBinaries; user: User | null }): void {
  if (!given.user) return;
  const asked = spawnSync(join(given.binaries.binDirectory, "postgres"), ["--version"], {
    ...given.user,
    cwd: "/",
    env: postgresEnvironment(given.binaries.libDirectory),
  });
  if (asked.status === 0) return;
  throw new LaunchError(
    `As root, Hunkbook runs its database as the user nobody, which cannot reach ${given.home.path}: ` +
      `set HUNKBOOK_HOME to a directory outside private ones such as /root (default: /var/lib/hunkbook).`,
  );
}

/** initdb into a directory beside and a rename, so that a machine that stops half way leaves no half cluster. */
function initialise(given: {
  options: ClusterOptions;
  binaries: PostgresBinaries;
  user: User | null;
  dataDirectory: string;
}): void {
  const { binaries, user, dataDirectory } = given;
  const unfinished = `${dataDirectory}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const passwordFile = join(given.options.home.path, "initdb-password");
  writePrivateFile(passwordFile, `${given.options.secrets.admin}\n`);
  if (user) for (const path of [unfinished, passwordFile]) chownSync(path, user.uid, user.gid);
  const initdb = spawnSync(
    join(binaries.binDirectory, "initdb"),
    [
      "-D",
      unfinished,
      "-U",
      adminUser,
      "-A",
      "scram-sha-256",
      `--pwfile=${passwordFile}`,
      "-E",
      "UTF8",
      "--locale=C",
      "--data-checksums",
    ],
    { ...user, cwd: "/", env: postgresEnvironment(binaries.libDirectory), encoding: "utf8" },
  );
  rmSync(passwordFile, { force: true });
  if (initdb.status !== 0) {
    const reason = initdb.error?.message ?? initdb.stderr.trim();
    throw new LaunchError(`The database could not be created in ${dataDirectory}: ${reason}`);
  }
  renameSync(unfinished, dataDirectory);
}

function refuseOtherMajor(given: {
  dataDirectory: string;
  dataMajor: string | null;
  binaries: PostgresBinaries;
}): void {
  const { dataDirectory, dataMajor, binaries } = given;
  if (dataMajor === null || dataMajor === binaries.major) return;
  throw new LaunchError(
    `The data in ${dataDirectory} was written by PostgreSQL ${dataMajor}, but the server found here is ${binaries.major} ` +
      `(${binaries.binDirectory}). Install PostgreSQL ${dataMajor}, or move the data with pg_dump first (docs/operations.md).`,
  );
}

/** sun_path holds 107 bytes: the socket lives in a short private directory, wherever the data home is. */
function makeSocketDirectory(user: User | null): string {
  for (const parent of ["/run", tmpdir(), "/tmp"]) {
    if (Buffer.byteLength(parent) > 60) continue;
    try {
      const directory = mkdtempSync(join(parent, "hunkbook-"));
      chmodSync(directory, 0o700);
      if (user) chownSync(directory, user.uid, user.gid);
      return directory;
    } catch (error) {
      if (!["EACCES", "EPERM", "ENOENT", "EROFS", "ENOSPC"].some((code) => isErrno(error, code))) throw error;
    }
  }
  throw new LaunchError("No directory for the database's socket can be made in /run or /tmp.");
}

function openLog(home: DataHome): string {
  const directory = join(home.path, "log");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "postgres.log");
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > logBytesMax) truncateSync(path);
  return path;
}

function serverPlan(given: {
  options: ClusterOptions;
  binaries: PostgresBinaries;
  user: User | null;
  dataDirectory: string;
  socketDirectory: string;
  logPath: string;
}): ChildPlan {
  const settings: Record<string, string> = {
    // No address at all: only processes that can enter the private directory reach the socket.
    listen_addresses: "",
    unix_socket_directories: given.socketDirectory,
    unix_socket_permissions: "0700",
    port: "5432",
    shared_buffers: "128MB",
    max_connections: "100",
    ...given.options.settings,
  };
  const log = openSync(given.logPath, "a", 0o600);
  return {
    name: "database",
    command: join(given.binaries.binDirectory, "postgres"),
    args: [
      "-D",
      given.dataDirectory,
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    environment: postgresEnvironment(given.binaries.libDirectory),
    workingDirectory: "/",
    user: given.user,
    stdio: ["ignore", log, log],
    // Fast shutdown, then immediate (recovery at the next start), then the hard way.
    stopSteps: [
      { signal: "SIGINT", waitMs: 20_000 },
      { signal: "SIGQUIT", waitMs: 5_000 },
      { signal: "SIGKILL", waitMs: 5_000 },
    ],
    deathSignal: "INT",
    isReady: (pid) => Promise.resolve(isServing(given.dataDirectory, pid)),
  };
}

/** The 8th line of postmaster.pid is the server's state; pg_ctl waits for the same (src/bin/pg_ctl/pg_ctl.c). */
function isServing(dataDirectory: string, pid: number): boolean {
  const lines = (readIfThere(join(dataDirectory, "postmaster.pid")) ?? "").split("\n");
  return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
}

/**
 * Ends a server that still runs on the data directory although its launcher is gone: it may be in the middle of its
 * own shutdown (death signal), or the machine has no death signals. We hold the data home's lock, so it is nobody's.
 * A postmaster.pid whose number now belongs to another program is removed, because PostgreSQL would refuse to start;
 * backends that might still use the data are found by PostgreSQL through its shared memory, not through this file.
 */
async function endOlderServer(dataDirectory: string): Promise<void> {
  const path = join(dataDirectory, "postmaster.pid");
  const pid = Number((readIfThere(path) ?? "").split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  for (const step of [
    { signal: "SIGINT", waitMs: 20_000 },
    { signal: "SIGQUIT", waitMs: 5_000 },
    { signal: "SIGKILL", waitMs: 5_000 },
  ] as const) {
    if (!runsOn(pid, dataDirectory)) break;
    process.kill(pid, step.signal);
    const endAtMs = performance.now() + step.waitMs;
    while (runsOn(pid, dataDirectory) && performance.now() < endAtMs)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (isAlive(pid) && !runsOn(pid, dataDirectory)) rmSync(path, { force: true });
}

function runsOn(pid: number, dataDirectory: string): boolean {
  if (process.platform === "linux")
    return (readIfThere(`/proc/${pid}/cmdline`) ?? "").split("\0").includes(dataDirectory);
  const asked = spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  return asked.stdout.includes(dataDirectory);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, "EPERM");
  }
}
