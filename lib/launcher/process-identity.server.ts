import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Names one life of one process: a process id alone is reused after a reboot or a long uptime, and a lock that names
 * a reused id would never be given up.
 *
 * @returns a text that is equal only for the same process, or null when no such process runs
 */
export function processIdentity(pid: number): string | null {
  return process.platform === "linux" ? identityFromProc(pid) : identityFromPs(pid);
}

function identityFromProc(pid: number): string | null {
  const fields = statFields(pid);
  if (!fields || fields.state === "Z") return null;
  const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return `${bootId}/${fields.startTicks}`;
}

/** proc(5): the command name stands in parentheses and may itself contain blanks and parentheses. */
function statFields(pid: number): { readonly state: string; readonly startTicks: string } | null {
  const text = readIfThere(`/proc/${pid}/stat`);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", startTicks: fields[19] ?? "" };
}

function identityFromPs(pid: number): string | null {
  try {
    const started = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: "pipe",
    }).trim();
    return started === "" ? null : started;
  } catch {
    // ps exits 1 when there is no such process: that is the answer, not a failure.
    return null;
  }
}

/** The file's text, or null when it does not exist (any more). */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ESRCH")) return null;
    throw error;
  }
}

/** Whether an error is the system's error of that code. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
