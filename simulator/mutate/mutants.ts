/**
 * Programs with one thing wrong, to learn what the properties of a scenario notice. A scenario that notices none of them
 * proves nothing. Barriers are not dropped: under sequential consistency that has no effect.
 *
 * @source mutation testing: DeMillo, Lipton, Sayward, Hints on test data selection, 1978
 */
import { compile, type CompileInput } from "../compile.ts";
import { kitText } from "../kits/index.ts";
import { analyse } from "../lang/analyse.ts";
import { lowerUnit } from "../program/lower.ts";
import { locate, type SourceSet, type Span } from "../source/span.ts";
import { placeOf } from "../explore/scenario.ts";
import { lockMutants } from "./lock-mutants.ts";
import { applyEdits, type Draft, type Mutant, type MutantEdit, type SkippedMutant } from "./mutant.ts";
import { recheckMutants } from "./recheck-mutants.ts";
import { swapMutants } from "./swap-mutants.ts";

export type MutantSurvey = {
  /** In the order of the source. Each compiles. */
  readonly mutants: readonly Mutant[];
  readonly skipped: readonly SkippedMutant[];
};

/** Kits that are models under test; the others are tools. */
const mutableKit = /^<mm\//;

/** The mutants of a program; empty when it does not compile. Compiles each. */
export function listMutants(input: CompileInput): readonly Mutant[] {
  return surveyMutants(input).mutants;
}

/** The mutants, and what could have been one. O(mutants x size of the program). */
export function surveyMutants(input: CompileInput): MutantSurvey {
  const kit = (path: string): string | null => input.kits?.get(path) ?? kitText(path);
  const analysed = analyse({ files: input.files, constants: input.constants, kit });
  if (analysed.kind === "rejected") return { mutants: [], skipped: [] };
  const lowered = lowerUnit(analysed.unit, input.options);
  if (lowered.kind === "rejected") return { mutants: [], skipped: [] };
  const { unit } = analysed;
  const { program } = lowered;
  const drafts = [...lockMutants(unit, program), ...recheckMutants(unit, program), ...swapMutants(unit, program)]
    .filter((draft) => isOpen(unit.sources, draft.span))
    .sort((a, b) => a.span.file - b.span.file || a.span.start - b.span.start || (a.kind < b.kind ? -1 : 1));
  const mutants: Mutant[] = [];
  const skipped: SkippedMutant[] = [];
  for (const draft of drafts) {
    const made = makeMutant(input, unit.sources, draft);
    if ("reason" in made) skipped.push(made);
    else mutants.push(made);
  }
  return { mutants, skipped };
}

function isOpen(sources: SourceSet, span: Span): boolean {
  const file = sources.files[span.file];
  return file !== undefined && (!file.isKit || mutableKit.test(file.name));
}

function makeMutant(input: CompileInput, sources: SourceSet, draft: Draft): Mutant | SkippedMutant {
  const place = placeOf(sources, draft.span);
  const { kind } = draft;
  if (draft.outcome === "skipped") return { kind, place, reason: draft.reason };
  const edits = draft.changes.map((change): MutantEdit => {
    const { start, end } = change.span;
    return { file: sources.files[change.span.file]?.name ?? "", start, end, replacement: change.replacement };
  });
  if (overlap(edits)) return { kind, place, reason: "its parts come out of one macro" };
  const { file, line, column } = locate(sources, draft.span);
  const id = `${kind}:${file}:${String(line)}:${String(column)}`;
  const mutant = { id, kind, place, text: draft.text, edits };
  const compiled = compile(applyMutant(input, mutant));
  if (compiled.kind === "compiled") return mutant;
  return { kind, place, reason: `so changed, the program does not compile: ${compiled.diagnostics[0]?.message ?? ""}` };
}

function overlap(edits: readonly MutantEdit[]): boolean {
  return edits.some((a, i) => edits.some((b, j) => i < j && a.file === b.file && a.start < b.end && b.start < a.end));
}

/** The input with the mutant's edits made, in its files and in the kits that it includes. */
export function applyMutant(input: CompileInput, mutant: Pick<Mutant, "edits">): CompileInput {
  const files = input.files.map((file) => {
    const edits = mutant.edits.filter((edit) => edit.file === file.name);
    return edits.length === 0 ? file : { ...file, text: applyEdits(file.text, edits) };
  });
  const kits = new Map(input.kits ?? []);
  for (const name of new Set(mutant.edits.map((edit) => edit.file))) {
    const path = /^<(.*)>$/.exec(name)?.[1];
    const text = path === undefined ? null : (kits.get(path) ?? kitText(path));
    if (path === undefined || text === null || input.files.some((file) => file.name === name)) continue;
    kits.set(
      path,
      applyEdits(
        text,
        mutant.edits.filter((edit) => edit.file === name),
      ),
    );
  }
  return kits.size === 0 ? { ...input, files } : { ...input, files, kits };
}
