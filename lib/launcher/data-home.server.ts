import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { z } from "zod";
import { isErrno, processIdentity, readIfThere } from "./process-identity.server.ts";

/** The directory that holds everything that must outlive the checkout: database, secrets, logs. */
export type DataHome = { readonly path: string };

/** A refusal that the person who started the program can act on; printed without a stack. */
export class LaunchError extends Error {
  override readonly name = "LaunchError";
}

/**
 * Where the data lives: HUNKBOOK_HOME, else /var/lib/hunkbook for root, else ~/.local/share/hunkbook.
 * Never inside the checkout, so that deleting a clone or `git clean` deletes no mail.
 */
export function dataHomePath(configured: string | undefined): string {
  if (configured) return resolve(configured);
  return process.getuid?.() === 0 ? "/var/lib/hunkbook" : join(homedir(), ".local/share/hunkbook");
}

/**
 * Refuses a data home inside the checkout, where `git clean` or deleting the clone would delete mail.
 *
 * @throws LaunchError
 */
export function refuseInsideCheckout(path: string, root: string): void {
  const inside = relative(root, path);
  if (inside.startsWith("..") || isAbsolute(inside)) return;
  throw new LaunchError(
    `HUNKBOOK_HOME=${path} lies inside the checkout ${root}: deleting or cleaning that would delete the data. ` +
      `Choose a directory outside, or leave it unset.`,
  );
}

/**
 * Creates the data home. Others may pass through it (as root the database runs as nobody and must reach its
 * directory) but not list it; every secret inside is readable by its owner only.
 *
 * @throws LaunchError when the directory cannot be made
 */
export function openDataHome(path: string): DataHome {
  try {
    makeDirectory(path);
    chmodSync(path, 0o711);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LaunchError(
      `The data home ${path} cannot be used: ${reason}. Set HUNKBOOK_HOME to a directory you own.`,
      {
        cause: error,
      },
    );
  }
  return { path };
}

/** mkdir -p. Node's own spins for ever where a file system answers ENOENT although the parent exists (/proc). */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  mkdirSync(path);
}

const secretsSchema = z.strictObject({ admin: z.string(), owner: z.string(), app: z.string() });
/** Passwords of the three database roles; made once, stable for the life of the data home. */
export type Secrets = z.infer<typeof secretsSchema>;

/** Reads the data home's secrets, making them the first time. */
export function readSecrets(home: DataHome): Secrets {
  const path = join(home.path, "secrets.json");
  const text = readIfThere(path);
  if (text !== null) return secretsSchema.parse(JSON.parse(text));
  const fresh: Secrets = { admin: randomPassword(), owner: randomPassword(), app: randomPassword() };
  writePrivateFile(path, JSON.stringify(fresh));
  return fresh;
}

function randomPassword(): string {
  return randomBytes(24).toString("hex");
}

/** Writes a file that only its owner can read, whole or not at all. */
export function writePrivateFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`;
  rmSync(temporary, { force: true });
  const file = openSync(temporary, "wx", 0o600);
  writeSync(file, text);
  closeSync(file);
  renameSync(temporary, path);
}

const lockSchema = z.object({ pid: z.number(), identity: z.string() });
export type HomeLock = { readonly release: () => void };

/**
 * Takes the data home for this process. A lock whose process is gone (kill -9, power loss) is taken over.
 *
 * @throws LaunchError when another living process has it
 */
export function lockDataHome(home: DataHome): HomeLock {
  const path = join(home.path, "launcher.lock");
  const mine = `${path}.${process.pid}`;
  rmSync(mine, { force: true });
  writeFileSync(mine, JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) }), { mode: 0o600 });
  try {
    if (!linked(mine, path)) {
      removeDeadLock(home, path);
      if (!linked(mine, path)) throw new LaunchError(`Another start on the data home ${home.path} was faster.`);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return { release: () => rmSync(path, { force: true }) };
}

/** link(2) is atomic and fails when the name exists, on every file system that has hard links. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
}

/**
 * Moves the lock of a dead process out of the way. Moving before removing makes two launchers that both saw the dead
 * lock harmless to each other: who moves away a lock that is not the one it judged puts it back and gives up.
 */
function removeDeadLock(home: DataHome, lockPath: string): void {
  const judged = readIfThere(lockPath);
  if (judged === null) return;
  refuseLivingHolder(home, judged);
  const aside = `${lockPath}.dead.${process.pid}`;
  try {
    renameSync(lockPath, aside);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    throw error;
  }
  const moved = readIfThere(aside) ?? "";
  if (moved !== judged) linked(aside, lockPath);
  rmSync(aside, { force: true });
  refuseLivingHolder(home, moved);
}

function refuseLivingHolder(home: DataHome, lockText: string): void {
  const holder = lockSchema.safeParse(parseJson(lockText));
  if (!holder.success || processIdentity(holder.data.pid) !== holder.data.identity) return;
  throw new LaunchError(
    `Hunkbook already runs on the data home ${home.path} (process ${holder.data.pid}). ` +
      `Wait until it is ready, stop it first, or set HUNKBOOK_HOME to another directory.`,
  );
}

/** A torn file (power loss) is as good as none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const connectionSchema = z.object({
  url: z.string(),
  ownerUrl: z.string(),
  pid: z.number(),
  identity: z.string(),
  socketDirectory: z.string(),
  /** Migrated and open for commands; false while it starts. */
  isReady: z.boolean(),
});
/** How to reach the database that a running launcher owns. */
export type Connection = {
  readonly url: string;
  readonly ownerUrl: string;
  readonly socketDirectory: string;
  readonly isReady: boolean;
};

/** Tells commands of the same user how to reach the database, and the next start which socket directory to remove. */
export function writeConnection(home: DataHome, connection: Connection): void {
  const identity = processIdentity(process.pid);
  writePrivateFile(
    join(home.path, "connection.json"),
    JSON.stringify({ ...connection, pid: process.pid, identity: identity ?? "" }),
  );
}

/** The connection of the launcher that runs on this data home now, or null when none is ready. */
export function readConnection(home: DataHome): Connection | null {
  const found = readLastConnection(home);
  return found?.isReady && processIdentity(found.pid) === found.identity ? found : null;
}

/** The connection that was written last, whether or not its launcher still lives. */
export function readLastConnection(home: DataHome): z.infer<typeof connectionSchema> | null {
  const text = readIfThere(join(home.path, "connection.json"));
  if (text === null) return null;
  const parsed = connectionSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : null;
}

export function removeConnection(home: DataHome): void {
  rmSync(join(home.path, "connection.json"), { force: true });
}
