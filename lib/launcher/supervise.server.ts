import { type ChildProcess, type StdioOptions, spawn, spawnSync } from "node:child_process";
import { isErrno } from "./process-identity.server.ts";

/** What to run, as whom, and how it is asked to end. */
export type ChildPlan = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
  /** Numeric identity to drop to, or null to stay who we are. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
  readonly stdio: StdioOptions;
  /** Signals in the order of their urgency; each but the last gets its time to work. */
  readonly stopSteps: readonly { readonly signal: NodeJS.Signals; readonly waitMs: number }[];
  /** What the kernel sends when the launcher dies without a word (kill -9). */
  readonly deathSignal: "KILL" | "INT";
  readonly isReady: (pid: number) => Promise<boolean>;
  /** The pause before the first restart; half a second when absent. */
  readonly restartMsMin?: number;
};

export type ChildEvent =
  | { readonly kind: "started"; readonly name: string; readonly pid: number }
  | { readonly kind: "ready"; readonly name: string; readonly afterMs: number }
  | {
      readonly kind: "exited";
      readonly name: string;
      readonly how: string;
      readonly restartInMs: number;
      readonly failures: number;
    };

export type Supervised = {
  /** Resolves when the child is ready the first time; rejects when it failed `firstFailuresMax` times before that. */
  readonly ready: Promise<void>;
  /** Ends the child by its stop steps, from the first or from the second on; resolves when its process is gone. */
  readonly stop: (urgency: Urgency) => Promise<void>;
};

export type Urgency = "orderly" | "at-once";

const restartMsMinUsual = 500;
const restartMsMax = 30_000;
/** A child that lived this long did not crash because of how it was started: the back-off begins anew. */
const stableAfterMs = 10_000;
const firstFailuresMax = 4;
const readyPollMs = 20;

/** Keeps one child alive: starts it, starts it again with a growing pause when it ends unasked, and ends it. */
export function supervise(plan: ChildPlan, report: (event: ChildEvent) => void): Supervised {
  const child = new SupervisedChild(plan, report);
  child.start();
  return { ready: child.ready, stop: (urgency) => child.stop(urgency) };
}

class SupervisedChild {
  readonly ready: Promise<void>;
  private readonly plan: ChildPlan;
  private readonly report: (event: ChildEvent) => void;
  private process: ChildProcess | null = null;
  private exited: Promise<void> = Promise.resolve();
  private restartTimer: NodeJS.Timeout | null = null;
  private isStopping = false;
  private wasReady = false;
  private failures = 0;
  private resolveReady: () => void = () => undefined;
  private rejectReady: (error: Error) => void = () => undefined;

  constructor(plan: ChildPlan, report: (event: ChildEvent) => void) {
    this.plan = plan;
    this.report = report;
    this.ready = new Promise((resolve, reject) => {
      this.resolveReady = resolve;
      this.rejectReady = reject;
    });
    // Whoever awaits `ready` gets the rejection; a launcher that is stopping before it awaits must not crash on it.
    this.ready.catch(() => undefined);
  }

  start(): void {
    this.restartTimer = null;
    const startedAtMs = performance.now();
    const child = spawnUnderLauncher(this.plan);
    this.process = child;
    this.exited = new Promise((resolve) => {
      const onEnd = (how: string): void => {
        if (this.process !== child) return;
        this.process = null;
        // What it left in its process group (sandboxes, build workers) must not outlive it.
        if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
        resolve();
        this.onExit(how, performance.now() - startedAtMs);
      };
      child.once("exit", (code, signal) => onEnd(signal ? `was ended by ${signal}` : `ended with code ${code ?? "?"}`));
      child.once("error", (error) => onEnd(`could not be started: ${error.message}`));
    });
    if (child.pid === undefined) return;
    this.report({ kind: "started", name: this.plan.name, pid: child.pid });
    void this.awaitReadiness(child, child.pid, startedAtMs);
  }

  private async awaitReadiness(child: ChildProcess, pid: number, startedAtMs: number): Promise<void> {
    while (this.process === child && !this.isStopping) {
      if (await this.plan.isReady(pid)) {
        this.wasReady = true;
        this.resolveReady();
        this.report({ kind: "ready", name: this.plan.name, afterMs: Math.round(performance.now() - startedAtMs) });
        return;
      }
      await sleep(readyPollMs);
    }
  }

  private onExit(how: string, livedMs: number): void {
    if (this.isStopping) return;
    this.failures = livedMs >= stableAfterMs ? 1 : this.failures + 1;
    if (!this.wasReady && this.failures >= firstFailuresMax) {
      this.rejectReady(new Error(`${this.plan.name} ${how}, ${this.failures} times in a row`));
      return;
    }
    const restartInMs = Math.min(
      restartMsMax,
      (this.plan.restartMsMin ?? restartMsMinUsual) * 2 ** (this.failures - 1),
    );
    this.report({ kind: "exited", name: this.plan.name, how, restartInMs, failures: this.failures });
    this.restartTimer = setTimeout(() => this.start(), restartInMs);
  }

  async stop(urgency: Urgency): Promise<void> {
    this.isStopping = true;
    if (this.restartTimer) clearTimeout(this.restartTimer);
    for (const step of urgency === "orderly" ? this.plan.stopSteps : this.plan.stopSteps.slice(1)) {
      if (!this.process) break;
      signalChild(this.process, step.signal);
      await settledWithin(this.exited, step.waitMs);
    }
    await this.exited;
    this.rejectReady(new Error(`${this.plan.name} was stopped`));
  }
}

/** SIGKILL goes to the whole group; what asks for an orderly end goes to the child, which knows its own children. */
function signalChild(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined) signalProcess(signal === "SIGKILL" ? -child.pid : child.pid, signal);
}

/** Signals every process of the group that a child of ours leads. */
export function signalGroup(leaderPid: number, signal: NodeJS.Signals): void {
  signalProcess(-leaderPid, signal);
}

/** kill(2); a process that is gone already is what we wanted. */
function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isErrno(error, "ESRCH")) throw error;
  }
}

/**
 * Starts a child in a session of its own, so that Ctrl-C in the terminal reaches the launcher only and the children
 * end in the launcher's order; and, where Linux has it, under a parent-death signal, so that kill -9 of the launcher
 * leaves nothing behind. setpriv runs after the change of user, because changing it clears the signal (prctl(2)).
 */
export function spawnUnderLauncher(
  plan: Pick<ChildPlan, "command" | "args" | "environment" | "workingDirectory" | "user" | "stdio" | "deathSignal">,
): ChildProcess {
  const guarded = hasDeathSignal()
    ? { command: "setpriv", args: ["--pdeathsig", plan.deathSignal, "--", plan.command, ...plan.args] }
    : { command: plan.command, args: plan.args };
  return spawn(guarded.command, guarded.args, {
    cwd: plan.workingDirectory,
    env: plan.environment,
    stdio: plan.stdio,
    detached: true,
    ...(plan.user ? { uid: plan.user.uid, gid: plan.user.gid } : {}),
  });
}

let deathSignalFound: boolean | undefined;

/** Whether this machine's setpriv knows --pdeathsig (util-linux 2.33 and later; busybox does not). */
export function hasDeathSignal(): boolean {
  deathSignalFound ??=
    process.platform === "linux" && spawnSync("setpriv", ["--pdeathsig", "KILL", "--", "true"]).status === 0;
  return deathSignalFound;
}

/** Waits for a promise, but not longer; leaves no timer behind that would keep the process alive. */
export async function settledWithin(promise: Promise<void>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)));
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
