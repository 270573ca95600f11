/**
 * Runs the simulator where it can do no harm: one child process a request, a warm spare waiting for the next. The child's
 * word is checked; time and memory are watched from here. A child that had to be killed is a status, never a verdict.
 *
 * @source docs/decisions/0020-one-sandboxed-child-a-run.md
 */
import { copyFileSync, chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultExploreLimits } from "#simulator";
import { readChildOutcome, readRunProgress } from "./child-messages.ts";
import type { ChildOutcome, ChildQuestion, MutantSurvey, RunProgress } from "./child-messages.ts";
import { engine } from "./engine.server.ts";
import type { Frame } from "./frames.ts";
import { readRunResult, type RunResult } from "./run-result.ts";
import { SandboxChild, type ChildEnd } from "./sandbox-child.server.ts";
import { layerCandidates, missingTools, weakLayers, type SandboxLayer } from "./sandbox-layers.server.ts";

/** What Node itself needs beside the engine's counted bytes. */
export const runOverheadBytes = 314_572_800;
const residentBytesMin = 268_435_456;
/** A backstop far above every run's wall time, which the parent watches: V8's helper threads count here too. */
const cpuSecondsMax = 3_600;
const compileMsMax = 10_000;
const startMsMax = 10_000;
const watchIntervalMs = 50;
/** A shared child ends after so many requests, or when it holds so much: the next begins with a clean one. */
const servedMax = 64;
const sharedResidentBytesMax = 400_000_000;

export type SandboxOutcome =
  | { readonly kind: "result"; readonly result: RunResult }
  | { readonly kind: "replayed"; readonly text: string; readonly trace: unknown }
  | { readonly kind: "not-replayable"; readonly message: string }
  | { readonly kind: "survey"; readonly survey: MutantSurvey }
  | { readonly kind: "timeline"; readonly text: string }
  | { readonly kind: "stopped"; readonly reason: "time" | "memory" | "output" }
  | { readonly kind: "cancelled" }
  /** A fault of the engine or of this installation, not of the scenario. `detail` is for the log. */
  | { readonly kind: "failed"; readonly message: string; readonly detail: string };

export type SandboxRequest = {
  readonly request: ChildQuestion;
  /** Wall time, from the request's arrival in the child. */
  readonly timeMsMax: number;
  readonly onProgress?: (progress: RunProgress) => void;
  /** Called when a child has the request: what came before was the machine starting a process. */
  readonly onStarted?: () => void;
  /** Aborting kills the child. */
  readonly signal?: AbortSignal;
};

export type SandboxOpening =
  { readonly kind: "open"; readonly sandbox: Sandbox } | { readonly kind: "refused"; readonly reason: string };

/**
 * Finds the strongest sandbox that works here and warms its first child.
 *
 * @param options.weak whether runs may go on where the kernel's tools are missing (one's own scenarios, or
 *   HUNKBOOK_WEAK_SANDBOX=1)
 * @param options.codeDirectory holds child.mjs and simulator.mjs; this installation's engine when absent
 * @param options.spares warm children kept ready, 1 when absent: as many as requests are to run at once
 * @param options.children `fresh`: a process for each request, which strangers' runs need; `shared`: a child that ended
 *   its request well takes the next, for the runs of one person's one notebook
 */
export async function openSandbox(options: {
  readonly weak: "allowed" | "refused";
  readonly codeDirectory?: string;
  readonly spares?: number;
  readonly children?: "fresh" | "shared";
}): Promise<SandboxOpening> {
  const runner = makeRunner(options.codeDirectory ?? engine().directory);
  const missing = missingTools();
  const candidates = missing === null ? layerCandidates() : [];
  for (const layers of [...candidates, ...(options.weak === "allowed" ? [weakLayers] : [])]) {
    const sandbox = new Sandbox(runner, layers, {
      sparesMax: options.spares ?? 1,
      isShared: options.children === "shared",
    });
    if (await sandbox.warm()) return { kind: "open", sandbox };
  }
  runner.remove();
  const reason = missing ?? "no child process starts under setpriv and prlimit here";
  return { kind: "refused", reason: `${reason}; HUNKBOOK_WEAK_SANDBOX=1 allows runs without the kernel's walls` };
}

type Runner = { readonly directory: string; readonly workDirectory: string; readonly remove: () => void };

const runnerPrefix = "hunkbook-runner-";

/**
 * Copies the child's code to a directory that the sandbox's user can read (the checkout may lie under /root), so that a
 * rebuild under our feet cannot change what a run's key says of its engine.
 */
function makeRunner(codeDirectory: string): Runner {
  removeAbandonedRunners();
  const directory = mkdtempSync(join(tmpdir(), `${runnerPrefix}${String(process.pid)}-`));
  const workDirectory = join(directory, "empty");
  mkdirSync(workDirectory);
  for (const file of ["child.mjs", "simulator.mjs"]) {
    copyFileSync(join(codeDirectory, file), join(directory, file));
    chmodSync(join(directory, file), 0o444);
  }
  chmodSync(workDirectory, 0o555);
  chmodSync(directory, 0o755);
  return { directory, workDirectory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Directories of processes that were killed before they could tidy up. */
function removeAbandonedRunners(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^hunkbook-runner-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      // Another user's: theirs to remove.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** A place to run requests in, several at a time if need be. */
export class Sandbox {
  readonly layers: readonly SandboxLayer[];
  readonly #runner: Runner;
  readonly #running = new Set<SandboxChild>();
  readonly #sparesMax: number;
  readonly #isShared: boolean;
  #spares: SandboxChild[] = [];
  #isClosed = false;

  constructor(
    runner: Runner,
    layers: readonly SandboxLayer[],
    options: { readonly sparesMax: number; readonly isShared: boolean },
  ) {
    this.#runner = runner;
    this.layers = layers;
    this.#sparesMax = options.sparesMax;
    this.#isShared = options.isShared;
  }

  /** Starts the spares that are missing; false when the first of them does not come up with these layers. */
  async warm(): Promise<boolean> {
    if (this.#isClosed) return false;
    this.#spares = this.#spares.filter((spare) => !spare.hasEnded());
    const started: SandboxChild[] = [];
    // A shared child comes back when its run is over: it counts as a spare to be.
    const coming = this.#isShared ? this.#running.size : 0;
    while (this.#spares.length + coming < this.#sparesMax) {
      const spare = this.#start(defaultExploreLimits.memoryBytesMax + runOverheadBytes);
      this.#spares.push(spare);
      started.push(spare);
    }
    const [first] = started;
    if (first === undefined || (await isUp(first))) return true;
    for (const spare of started) spare.kill();
    return false;
  }

  /** Computes one request. Never throws for what a scenario does. */
  async run(request: SandboxRequest): Promise<SandboxOutcome> {
    const child = this.#takeChild(request.request.input.limits.memoryBytesMax + runOverheadBytes);
    const outcome = await this.#converse(child, request);
    // What a child still held of earlier requests must not decide how this one ends.
    const isSuspect = child.served > 0 && (outcome.kind === "stopped" || outcome.kind === "failed");
    if (!isSuspect || (outcome.kind === "stopped" && outcome.reason === "time")) return outcome;
    return this.#converse(this.#start(child.dataBytesMax), request);
  }

  async #converse(child: SandboxChild, request: SandboxRequest): Promise<SandboxOutcome> {
    this.#running.add(child);
    // The next spare comes up beside this run, on another core if there is one, so that a queue of short runs never waits.
    void this.warm();
    // Time counts from here on: how long the machine takes to start a process is not the scenario's doing.
    const outcome: SandboxOutcome = (await isUp(child))
      ? await new Conversation(child, request, { isShared: this.#isShared }).outcome
      : { kind: "failed", message: "the sandboxed child does not start", detail: "" };
    this.#running.delete(child);
    if (this.#mayServeAgain(child, outcome)) {
      child.release();
      this.#spares.unshift(child);
    } else child.kill();
    return outcome;
  }

  #mayServeAgain(child: SandboxChild, outcome: SandboxOutcome): boolean {
    const isAnswered = ["result", "replayed", "not-replayable", "survey", "timeline"].includes(outcome.kind);
    if (!this.#isShared || this.#isClosed || !isAnswered || child.hasEnded()) return false;
    return child.served < servedMax && child.residentBytes() < sharedResidentBytesMax;
  }

  /** Kills every child and removes what was written. */
  close(): void {
    this.#isClosed = true;
    for (const spare of this.#spares) spare.kill();
    for (const child of this.#running) child.kill();
    this.#runner.remove();
  }

  /** The longest waiting spare, unless this run's limit is above the spares'. */
  #takeChild(dataBytesMax: number): SandboxChild {
    this.#spares = this.#spares.filter((spare) => !spare.hasEnded());
    const at = this.#spares.findIndex((spare) => spare.dataBytesMax >= dataBytesMax);
    const [spare] = at < 0 ? [] : this.#spares.splice(at, 1);
    return spare ?? this.#start(dataBytesMax);
  }

  #start(dataBytesMax: number): SandboxChild {
    return new SandboxChild({
      layers: this.layers,
      limits: { dataBytesMax, cpuSecondsMax },
      runnerDirectory: this.#runner.directory,
      workDirectory: this.#runner.workDirectory,
    });
  }
}

/** Whether the child waits for a request; one that does not get there in time is killed. */
async function isUp(child: SandboxChild): Promise<boolean> {
  const timer = setTimeout(() => {
    child.kill();
  }, startMsMax);
  const isReady = await child.ready;
  clearTimeout(timer);
  return isReady;
}

/** One request's life: start it, watch it, and say how it ended, once. */
class Conversation {
  readonly #child: SandboxChild;
  readonly #request: SandboxRequest;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #residentBytesMax: number;
  #compileTimer: NodeJS.Timeout | undefined;
  #resolve: (outcome: SandboxOutcome) => void = () => undefined;
  readonly outcome: Promise<SandboxOutcome>;

  constructor(child: SandboxChild, request: SandboxRequest, options: { readonly isShared: boolean }) {
    this.#child = child;
    this.#request = request;
    this.#residentBytesMax = residentLimitBytes(request.request.input.limits.memoryBytesMax);
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#watch();
    child.listen({
      onFrame: (frame) => {
        this.#take(frame);
      },
      onBadOutput: (what) => {
        this.#finish(
          what === "too-large"
            ? { kind: "stopped", reason: "output" }
            : { kind: "failed", message: "the sandboxed child wrote what is no answer", detail: what },
        );
      },
      onEnd: (end) => {
        this.#finish(describeEnd(end));
      },
    });
    child.send(JSON.stringify({ ...request.request, stays: options.isShared }));
    request.onStarted?.();
  }

  #watch(): void {
    const stop = (reason: "time" | "memory") => (): void => {
      this.#finish({ kind: "stopped", reason });
    };
    this.#timers.push(setTimeout(stop("time"), this.#request.timeMsMax));
    this.#compileTimer = setTimeout(stop("time"), Math.min(compileMsMax, this.#request.timeMsMax));
    this.#timers.push(
      setInterval(() => {
        if (this.#child.residentBytes() > this.#residentBytesMax) stop("memory")();
      }, watchIntervalMs),
    );
    const { signal } = this.#request;
    if (signal?.aborted === true) this.#cancel();
    signal?.addEventListener("abort", this.#cancel);
  }

  readonly #cancel = (): void => {
    this.#finish({ kind: "cancelled" });
  };

  #take(frame: Frame): void {
    switch (frame.kind) {
      case "compiled":
        clearTimeout(this.#compileTimer);
        return;
      case "progress": {
        const progress = readRunProgress(frame.text);
        if (progress !== null) this.#request.onProgress?.(progress);
        return;
      }
      case "outcome":
        this.#finish(checkOutcome(readChildOutcome(frame.text)));
        return;
      case "ready":
      case "request":
        return;
    }
  }

  #finish(outcome: SandboxOutcome): void {
    for (const timer of this.#timers) clearTimeout(timer);
    clearTimeout(this.#compileTimer);
    this.#request.signal?.removeEventListener("abort", this.#cancel);
    this.#resolve(outcome);
  }
}

/** Resident memory that a run may reach: never more than half of what the machine can spare now. */
function residentLimitBytes(memoryBytesMax: number): number {
  const spare = Math.max(residentBytesMin, Math.floor(process.availableMemory() / 2));
  return Math.min(memoryBytesMax + runOverheadBytes, spare);
}

function checkOutcome(outcome: ChildOutcome | null): SandboxOutcome {
  if (outcome === null) {
    return { kind: "failed", message: "the sandboxed child wrote what is no answer", detail: "malformed outcome" };
  }
  switch (outcome.kind) {
    case "result": {
      const reading = readRunResult(outcome.result);
      if (reading.kind === "result") return reading;
      return { kind: "failed", message: "the engine's answer contradicts itself", detail: reading.reason };
    }
    case "replayed":
    case "not-replayable":
    case "survey":
    case "timeline":
      return outcome;
    case "out-of-memory":
      return { kind: "stopped", reason: "memory" };
    case "fault":
      return { kind: "failed", message: outcome.message, detail: outcome.stack };
  }
}

/** A child that ended without an answer and that we did not kill. */
function describeEnd(end: ChildEnd): SandboxOutcome {
  // V8 aborts when its heap is full; the kernel's killer of last resort sends SIGKILL.
  if (end.signal === "SIGABRT" || end.signal === "SIGKILL") return { kind: "stopped", reason: "memory" };
  if (end.signal === "SIGXCPU") return { kind: "stopped", reason: "time" };
  const how = end.signal ?? `exit code ${String(end.exitCode)}`;
  return { kind: "failed", message: `the sandboxed child ended by ${how}`, detail: end.errorText };
}
