/**
 * The simulator as a library, and its only door: text and options in, values out. Synchronous, without clock, chance or
 * input and output of its own; the same input gives the same bytes.
 */
export type { SourceFile } from "./source/span.ts";
export type { LanguageOptions } from "./lang/options.ts";
export type { Diagnostic } from "./source/diagnostic.ts";
export { defaultExploreLimits, describeLimit, limitNames } from "./limits.ts";
export type { ExploreLimits, LimitName } from "./limits.ts";
export { precedence, violationClasses } from "./explore/classes.ts";
export type { ViolationClass } from "./explore/classes.ts";
export { reductionNames } from "./explore/result.ts";
export type {
  ExploreResult,
  ExploreWarning,
  NoteOutcome,
  Progress,
  PropertyRef,
  Reduction,
  SometimesOutcome,
} from "./explore/result.ts";
export type { CellChange, HeldLock, Place, Trace, TraceEnd, TraceStep, Waiter } from "./trace/trace.ts";
export { renderTrace, renderVerdict } from "./trace/render.ts";

// Functions, present as their files arrive (signatures are settled):
//   compile(input: CompileInput): CompileOutcome
//   explore(scenario: Scenario, options: ExploreOptions): ExploreResult
//   replay(scenario: Scenario, schedule: string): ReplayOutcome
//   renderTrace(trace: Trace, options: { columns: number }): string
//   renderVerdict(result: ExploreResult): string
