/**
 * The sandboxed child: reads a request, computes, writes one outcome, ends or, when its parent says so, waits for another. It has no environment, no files but its
 * own code, no network where the kernel allows that, and nobody believes what it writes without checking.
 */
import { writeSync } from "node:fs";
import {
  applyMutant,
  compile,
  compileTimed,
  explore,
  exploreSwarm,
  renderCounterexample,
  renderPerfetto,
  replay,
  simulate,
  surveyMutants,
  TimelineCollector,
  warmUp,
  type Progress,
  type SimulateOptions,
  type SimulateProgress,
} from "#simulator";
import type { CompileInput, CompileOutcome, ExploreResult, ReachQuestion } from "#simulator";
import { sourceFiles } from "../notebooks/plan/source-files.ts";
import type { ChildOutcome, ChildRequest } from "./child-messages.ts";
import { encodeFrame, FrameReader, type Frame } from "./frames.ts";
import { languageOptions } from "./language-options.ts";
import { simulateOptions } from "./machine.ts";
import type { RunInput } from "./run-input.ts";

const requestBytesMax = 16_000_000;
const progressIntervalMs = 200;
const traceColumns = 72;
/** About 5 MB of JSON: within what a child may write, and what the viewer opens at once. */
const timelineEventsMax = 30_000;
const standardOutput = 1;
/** A request that was already on its way goes first. */
const warmUpDelayMs = 20;
const warmUpRounds = 10;

function send(frame: Frame): void {
  const bytes = encodeFrame(frame);
  for (let at = 0; at < bytes.length;) at += writeSome(bytes.subarray(at));
}

/** Standard output is a pipe that Node may have made non-blocking: EAGAIN means that the parent is reading slowly. */
function writeSome(bytes: Uint8Array): number {
  try {
    return writeSync(standardOutput, bytes);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return 0;
    throw error;
  }
}

function answer(request: ChildRequest): ChildOutcome {
  try {
    switch (request.kind) {
      case "run":
        return run(request.input);
      case "survey":
        return survey(request.input);
      case "timeline":
        return timeline(request.input);
      case "replay":
        return replaySchedule(request.input, request.schedule);
    }
  } catch (error) {
    return describeFailure(error);
  }
}

function compileInput(input: RunInput): CompileOutcome {
  return compile(engineInput(input));
}

function engineInput(input: RunInput): CompileInput {
  const program: CompileInput = {
    files: sourceFiles(input.cells),
    constants: new Map(Object.entries(input.constants)),
    options: languageOptions(input.options),
    ...(input.reach === undefined ? {} : { reach: reachQuestion(input.reach) }),
  };
  return input.mutation === undefined ? program : applyMutant(program, input.mutation);
}

function reachQuestion({ expression, at }: NonNullable<RunInput["reach"]>): ReachQuestion {
  return at === null ? { expression } : { expression, task: at.task, file: at.file, line: at.line };
}

function run(input: RunInput): ChildOutcome {
  if (input.simulate !== undefined) return simulateRun(input, input.simulate);
  const compiled = compileInput(input);
  if (compiled.kind === "rejected") {
    return { kind: "result", result: { verdict: "rejected", diagnostics: compiled.diagnostics } };
  }
  send({ kind: "compiled", text: "" });
  if (input.swarm !== undefined) {
    const { statesMax, depthMax } = input.limits;
    const job = exploreSwarm(compiled.scenario, { ...input.swarm, statesMax, depthMax });
    return { kind: "result", result: { ...job, diagnostics: compiled.warnings } };
  }
  const result: ExploreResult = explore(compiled.scenario, {
    limits: input.limits,
    reductions: input.reductions,
    coverage: input.coverage === true,
    onProgress: throttledProgress(),
  });
  return { kind: "result", result: { ...result, diagnostics: compiled.warnings } };
}

/** Simulated time: the same texts and constants as a check, compiled for the other engine. */
function simulateRun(input: RunInput, asked: NonNullable<RunInput["simulate"]>): ChildOutcome {
  const compiled = compileTimed(engineInput(input));
  if (compiled.kind === "rejected") {
    return { kind: "result", result: { verdict: "rejected", diagnostics: compiled.diagnostics } };
  }
  send({ kind: "compiled", text: "" });
  const result = simulate(compiled.program, { ...simulateOptions(input, asked), onProgress: throttledProgress() });
  return { kind: "result", result: { engine: "des", ...result, diagnostics: compiled.warnings } };
}

/** The first replication again, now with what ran where: equal seeds make it the one that the figures began with. */
function timeline(input: RunInput): ChildOutcome {
  const compiled = compileTimed(engineInput(input));
  if (compiled.kind === "rejected") {
    return { kind: "result", result: { verdict: "rejected", diagnostics: compiled.diagnostics } };
  }
  send({ kind: "compiled", text: "" });
  if (input.simulate === undefined) throw new Error("assert: only a simulation has a time line");
  const options = simulateOptions(input, input.simulate);
  const collector = new TimelineCollector(timelineEventsMax);
  const { message } = simulate(compiled.program, { ...options, replications: 1, timeline: collector });
  const { program } = compiled;
  const text = renderPerfetto(collector.timeline(), {
    title: message,
    cpus: cpuNames(options),
    tasks: program.declarations.flatMap(({ name, count }) =>
      Array.from({ length: count }, (_, index) => (count === 1 ? name : `${name}#${String(index)}`)),
    ),
    lockName: (lock) => program.nameOf(lock).name,
  });
  return { kind: "timeline", text };
}

/** CPU 0 is of the first kind; those beyond the profile's are of its last. */
function cpuNames({ profile, cpus }: Pick<SimulateOptions, "profile" | "cpus">): readonly string[] {
  const kinds = profile.cpus.flatMap(({ name, count }) => Array.from({ length: count }, () => name));
  return Array.from(
    { length: cpus ?? kinds.length },
    (_, cpu) => `cpu ${String(cpu)} ${kinds[cpu] ?? kinds.at(-1) ?? ""}`,
  );
}

/** Each mutant is compiled here, so this takes as long as many compilations: only the first has the compiler's time. */
function survey(input: RunInput): ChildOutcome {
  const program = engineInput(input);
  const compiled = compile(program);
  if (compiled.kind === "rejected") {
    return { kind: "result", result: { verdict: "rejected", diagnostics: compiled.diagnostics } };
  }
  send({ kind: "compiled", text: "" });
  const { mutants, skipped } = surveyMutants(program);
  return { kind: "survey", survey: { mutants: [...mutants], skipped: [...skipped] } };
}

function replaySchedule(input: RunInput, schedule: string): ChildOutcome {
  const compiled = compileInput(input);
  if (compiled.kind === "rejected") {
    return { kind: "result", result: { verdict: "rejected", diagnostics: compiled.diagnostics } };
  }
  send({ kind: "compiled", text: "" });
  const outcome = replay(compiled.scenario, schedule);
  switch (outcome.kind) {
    case "replayed":
      return {
        kind: "replayed",
        text: renderCounterexample(outcome.trace, { columns: traceColumns }),
        trace: outcome.trace,
      };
    case "refused":
      return { kind: "not-replayable", message: outcome.message };
  }
}

/** At most five frames a second reach the parent, however often the engine reports. */
function throttledProgress(): (progress: Progress | SimulateProgress) => void {
  let sentAtMs = 0;
  return (progress) => {
    const nowMs = performance.now();
    if (nowMs - sentAtMs < progressIntervalMs) return;
    sentAtMs = nowMs;
    send({ kind: "progress", text: JSON.stringify(progress) });
  };
}

function describeFailure(error: unknown): ChildOutcome {
  // V8 gives an allocation that RLIMIT_DATA refused no code of its own, only this RangeError.
  if (error instanceof RangeError && error.message === "Array buffer allocation failed") {
    return { kind: "out-of-memory" };
  }
  if (error instanceof Error) return { kind: "fault", message: error.message, stack: error.stack ?? "" };
  return { kind: "fault", message: String(error), stack: "" };
}

function serve(): void {
  const reader = new FrameReader(requestBytesMax);
  process.stdin.on("data", (chunk: Buffer) => {
    const reading = reader.push(chunk);
    const request = reading.kind === "frames" ? reading.frames[0] : undefined;
    if (reading.kind !== "frames" || (request !== undefined && request.kind !== "request")) process.exit(64);
    if (request === undefined) return;
    // The parent is the one party that the child trusts: it wrote this text from a checked input.
    const question = JSON.parse(request.text) as ChildRequest;
    send({ kind: "outcome", text: JSON.stringify(answer(question)) });
    if (!question.stays) process.exit(0);
    reader.renew();
    hasServed = true;
  });
  // A parent that ended without a request needs nothing any more.
  process.stdin.on("end", () => process.exit(0));
  send({ kind: "ready", text: "" });
  setTimeout(() => {
    stayWarm(warmUpRounds);
  }, warmUpDelayMs);
}

let hasServed = false;

/** A spare uses its wait: short rounds, between which a request is looked for. A cold run takes about twice as long. */
function stayWarm(rounds: number): void {
  if (rounds === 0 || hasServed) return;
  warmUp();
  setImmediate(() => {
    stayWarm(rounds - 1);
  });
}

serve();
