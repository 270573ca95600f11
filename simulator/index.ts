/**
 * The simulator as a library, and its only door: text and options in, values out. Synchronous, without clock, chance or
 * input and output of its own; the same input gives the same bytes.
 */
export { compile } from "./compile.ts";
export type { CompileInput, CompileOutcome } from "./compile.ts";
export { explore } from "./explore/explore.ts";
export type { ExploreOptions } from "./explore/explore.ts";
export { replay } from "./explore/replay.ts";
export type { ReplayOutcome } from "./explore/replay.ts";
export { exploreSwarm } from "./explore/swarm.ts";
export type { SwarmJob, SwarmOptions, SwarmResult } from "./explore/swarm.ts";
export type { Scenario } from "./explore/scenario.ts";
export { defaultPromelaOptions, exportPromela } from "./export/promela.ts";
export type { PromelaOptions, PromelaOutcome } from "./export/promela.ts";
export { simulate } from "./des/simulate.ts";
export type { SimulateOptions, SimulateProgress } from "./des/simulate.ts";
export { compareResults } from "./des/statistics/compare.ts";
export type { CompareOptions, Comparison } from "./des/statistics/compare.ts";
export { pairedDifference } from "./des/statistics/estimate.ts";
export type { PairedDifference } from "./des/statistics/estimate.ts";
export { metricNames, readMetric } from "./des/statistics/metric.ts";
export type { MetricAnswer, MetricUnit, MetricValue } from "./des/statistics/metric.ts";
export { ecdfCsv, ecdfCsvHeader, figuresCsv, figuresCsvHeader } from "./des/report/csv.ts";
export { estimatedTimeText, grouped, percentText, quantileName, rateText, timeText } from "./des/report/figures.ts";
export { headlineFigure, lockName, simulationHeadline } from "./des/report/headline.ts";
export { holderName, holderStates, renderSimulation, simulationSetting, splitWords } from "./des/report/text.ts";
export { renderPerfetto } from "./trace/perfetto/perfetto.ts";
export type { TimelineNames } from "./trace/perfetto/perfetto.ts";
export { TimelineCollector } from "./trace/perfetto/timeline.ts";
export type {
  CpuRow,
  Distribution,
  Estimate,
  LockRow,
  Quantile,
  SimulateResult,
  SimulateWarning,
  SpanRow,
  TaskRow,
  TimeSplit,
} from "./des/result.ts";
export { warmUp } from "./warm-up.ts";
export { explainSteps, explanationHeading, renderCounterexample, renderExplanation } from "./trace/explain.ts";
export type { ExplainedSteps } from "./trace/explain.ts";
export { renderTrace, renderVerdict } from "./trace/render.ts";
export { kitPaths, kitText } from "./kits/index.ts";
export type { SourceFile } from "./source/span.ts";
export { cellOptionKeys, parseCellOptions } from "./lang/cell-options.ts";
export type { CellOption, CellOptionKey, CellOptions } from "./lang/cell-options.ts";
export type { LanguageOptions } from "./lang/options.ts";
export type { ReachQuestion } from "./lang/reach-question.ts";
export { vocabulary } from "./lang/vocabulary.ts";
export type { VocabularyEntry } from "./lang/vocabulary.ts";
export { nearestName } from "./source/edit-distance.ts";
export { diagnosticCodes, renderDiagnostic } from "./source/diagnostic.ts";
export type { Diagnostic, DiagnosticCode } from "./source/diagnostic.ts";
export { defaultExploreLimits, describeLimit, limitNames } from "./limits.ts";
export type { ExploreLimits, LimitName } from "./limits.ts";
export type { CoveredBranch, CoveredLine, Coverage } from "./explore/coverage.ts";
export { applyMutant, listMutants, surveyMutants } from "./mutate/mutants.ts";
export type { MutantSurvey } from "./mutate/mutants.ts";
export { mutantKinds } from "./mutate/mutant.ts";
export type { Mutant, MutantEdit, MutantKind, SkippedMutant } from "./mutate/mutant.ts";
export { precedence, violationClasses } from "./explore/classes.ts";
export type { ViolationClass } from "./explore/classes.ts";
export { reductionNames } from "./explore/result.ts";
export type {
  ExploreResult,
  ExploreWarning,
  NoteOutcome,
  Progress,
  PropertyRef,
  ReachAnswer,
  Reduction,
  SometimesOutcome,
} from "./explore/result.ts";
export { compileTimed } from "./des/code/compile-timed.ts";
export type { CompileTimedOutcome } from "./des/code/compile-timed.ts";
export { figureMeanings, operationMeanings, preemptionModels } from "./des/profile.ts";
export type { CpuKind, Figure, FigureName, MachineProfile, OperationName, PreemptionModel } from "./des/profile.ts";
export { costNames, overrideCosts } from "./des/profiles/override-costs.ts";
export type { CostOverride, OverrideOutcome } from "./des/profiles/override-costs.ts";
export { parseProfile } from "./des/profiles/parse-profile.ts";
export type { ProfileReading } from "./des/profiles/parse-profile.ts";
export { printProfile } from "./des/profiles/print-profile.ts";
export { defaultProfile, findProfile, machineProfiles, profileNames } from "./des/profiles/profiles.ts";
export type { ProfileFinding } from "./des/profiles/profiles.ts";
export { bpftraceUnits } from "./des/observed/bpftrace.ts";
export type { BpftraceUnit } from "./des/observed/bpftrace.ts";
export { fitArrivals, fitTimes } from "./des/observed/fit.ts";
export type { Arrivals, FitOutcome, FittedFamily } from "./des/observed/fit.ts";
export type { Family } from "./des/observed/family.ts";
export { misfit, ofDistribution, ofFamily } from "./des/observed/misfit.ts";
export type { Comparable, Misfit, MisfitRow, MisfitVerdict } from "./des/observed/misfit.ts";
export { timeKinds } from "./des/observed/observation.ts";
export type {
  Observation,
  ObservationReading,
  ObservedLock,
  ObservedTimes,
  TimeKind,
} from "./des/observed/observation.ts";
export { parseObserved } from "./des/observed/parse-observed.ts";
export {
  nameOf as observedLockName,
  renderArrivals,
  renderFit,
  renderMisfit,
  renderObservation,
  renderParameters,
} from "./des/observed/report.ts";
export { renderProfile } from "./des/profiles/render-profile.ts";
export type {
  CellChange,
  HeldLock,
  NextStep,
  Place,
  StepPurpose,
  Trace,
  TraceEnd,
  TraceStep,
  WaitEdge,
  WaitGraph,
  Waiter,
} from "./trace/trace.ts";

/** Version of the scenario language that `compile` accepts, as notebooks name it. */
export const languageVersion = "scn/1";
