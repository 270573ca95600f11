/** One sandboxed child process as its parent sees it: frames in, frames out, watched, and killed with all it started. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { encodeFrame, FrameReader, type Frame } from "./frames.ts";
import { childCommand, type KernelLimits, type SandboxLayer } from "./sandbox-layers.server.ts";

/** Everything that a child may write, progress included. */
const outputBytesMax = 8_000_000;
const errorTextBytesMax = 4_000;
const pageBytes = 4_096;

export type ChildEnd = {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The beginning of what it wrote on standard error: for the log, never for a page. */
  readonly errorText: string;
};

export type ChildEvents = {
  readonly onFrame: (frame: Frame) => void;
  /** It wrote too much, or what is no frame; it is to be killed. */
  readonly onBadOutput: (what: "too-large" | "malformed") => void;
  /** Called once, after the last frame. */
  readonly onEnd: (end: ChildEnd) => void;
};

const noEvents: ChildEvents = { onFrame: () => undefined, onBadOutput: () => undefined, onEnd: () => undefined };

/** A started child. Until `listen` it waits as a spare; it serves one request, or several when its sandbox shares it. */
export class SandboxChild {
  readonly #process: ChildProcess;
  readonly #reader = new FrameReader(outputBytesMax);
  #events = noEvents;
  #errorText = "";
  #badOutput = false;
  #end: ChildEnd | null = null;
  /** Resolves true when the child has loaded its code and waits for a request, false when it ended before that. */
  readonly ready: Promise<boolean>;
  readonly dataBytesMax: number;
  /** Requests that it has answered. */
  served = 0;

  constructor(options: {
    readonly layers: readonly SandboxLayer[];
    readonly limits: KernelLimits;
    readonly runnerDirectory: string;
    readonly workDirectory: string;
  }) {
    const command = childCommand(options);
    this.dataBytesMax = options.limits.dataBytesMax;
    // Detached: a process group of its own, so that one signal reaches whatever it may have started.
    this.#process = spawn(command.program, command.arguments, {
      cwd: options.workDirectory,
      // Nothing of ours: no database, no secret, no proxy. (Next's types insist on this one.)
      env: { NODE_ENV: "production" },
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.ready = new Promise((resolve) => {
      this.#wire(resolve);
    });
    this.#beFirstVictim();
  }

  #wire(resolveReady: (isReady: boolean) => void): void {
    const child = this.#process;
    child.stdout?.on("data", (chunk: Buffer) => {
      if (this.#badOutput) return;
      const reading = this.#reader.push(chunk);
      if (reading.kind !== "frames") {
        this.#badOutput = true;
        this.#events.onBadOutput(reading.kind);
        return;
      }
      for (const frame of reading.frames) {
        if (frame.kind === "ready") resolveReady(true);
        else this.#events.onFrame(frame);
      }
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      if (this.#errorText.length < errorTextBytesMax) this.#errorText += chunk.toString("utf8", 0, errorTextBytesMax);
    });
    // A child that died before it read its request closes the pipe; its end is reported by "close".
    child.stdin?.on("error", () => undefined);
    const finish = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
      if (this.#end !== null) return;
      this.#end = { exitCode, signal, errorText: this.#errorText };
      resolveReady(false);
      this.#events.onEnd(this.#end);
    };
    child.on("error", (error) => {
      this.#errorText += error.message;
      finish(null, null);
    });
    child.on("close", finish);
  }

  /** When the machine runs out of memory, the kernel shall take this process and no other. */
  #beFirstVictim(): void {
    if (process.platform !== "linux" || this.#process.pid === undefined) return;
    try {
      writeFileSync(`/proc/${String(this.#process.pid)}/oom_score_adj`, "1000");
    } catch (error) {
      if (!isSystemError(error)) throw error;
      // Not permitted or gone already: a comfort, not a wall.
    }
  }

  /** Hands the child over to one run. A child that ended while it waited reports its end at once. */
  listen(events: ChildEvents): void {
    this.#events = events;
    this.#reader.renew();
    if (this.#end !== null) events.onEnd(this.#end);
  }

  send(text: string): void {
    this.#process.stdin?.write(encodeFrame({ kind: "request", text }));
  }

  /** The child waits again: what it says now is nobody's answer. */
  release(): void {
    this.served += 1;
    this.#events = noEvents;
  }

  hasEnded(): boolean {
    return this.#end !== null;
  }

  /** Resident bytes now, or 0 where that is not known. */
  residentBytes(): number {
    if (process.platform !== "linux" || this.#process.pid === undefined) return 0;
    try {
      const fields = readFileSync(`/proc/${String(this.#process.pid)}/statm`, "utf8").split(" ");
      return Number(fields[1] ?? 0) * pageBytes;
    } catch (error) {
      if (isSystemError(error)) return 0;
      throw error;
    }
  }

  /** Kills the whole process group; no process survives a SIGKILL. */
  kill(): void {
    const pid = this.#process.pid;
    if (pid === undefined || this.#end !== null) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error) {
      if (!isSystemError(error)) throw error;
      // ESRCH: it ended by itself in this moment.
    }
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
