/** What must be true of every text, whatever is in it: the oracle of the fuzz tests. */
import { compile, type CompileOutcome } from "../compile.ts";
import { explore } from "../explore/explore.ts";
import type { Scenario } from "../explore/scenario.ts";
import { parseCellOptions } from "../lang/cell-options.ts";
import { diagnosticCodes, renderDiagnostic, type Diagnostic } from "../source/diagnostic.ts";
import type { Location } from "../source/span.ts";
import { renderVerdict } from "../trace/render.ts";

export type Judgement = {
  /** "compiled" texts were explored as well, and `outcome` is the verdict. */
  readonly kind: "rejected" | "compiled" | "thrown";
  /** The first code, the verdict, or nothing. */
  readonly outcome: string;
  /** What is wrong with the simulator; empty when all is well. */
  readonly faults: readonly string[];
};

const limits = { statesMax: 2_000, depthMax: 2_000, memoryBytesMax: 50_000_000 };

/** Longest rendered diagnostic, notes that list stubs to paste aside. */
const renderedUnitsMax = 4_000;

/** Compiles a text and, when it compiles, explores it with small limits. Anything thrown is a fault and is told. */
export function judgeText(text: string): Judgement {
  const faults: string[] = [];
  try {
    const file = { name: "fuzz.scn", text, firstLine: 1 };
    const options = parseCellOptions(file);
    for (const diagnostic of options.diagnostics) judgeDiagnostic(diagnostic, text, faults);
    const outcome = compile({ files: [file], constants: new Map([["N", 2]]), options: options.language });
    judgeCompilation(outcome, text, faults);
    if (outcome.kind === "rejected") return { kind: "rejected", outcome: outcome.diagnostics[0]?.code ?? "", faults };
    return { kind: "compiled", outcome: judgeExploration(outcome.scenario, faults), faults };
  } catch (error) {
    // The text is at fault for nothing: whatever it throws is a defect, told with its place.
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: "thrown", outcome: "", faults: [...faults, `thrown: ${told.split("\n").slice(0, 4).join(" | ")}`] };
  }
}

function judgeCompilation(outcome: CompileOutcome, text: string, faults: string[]): void {
  const diagnostics = outcome.kind === "rejected" ? outcome.diagnostics : outcome.warnings;
  for (const diagnostic of diagnostics) judgeDiagnostic(diagnostic, text, faults);
  const errors = diagnostics.filter((each) => each.severity === "error").length;
  if (outcome.kind === "rejected" && errors === 0) faults.push("rejected without an error");
  if (outcome.kind === "compiled" && errors > 0) faults.push("compiled in spite of an error");
}

function judgeExploration(scenario: Scenario, faults: string[]): string {
  const result = explore(scenario, { limits, reductions: [] });
  if (result.states > limits.statesMax) faults.push(`${result.states} states stored; ${limits.statesMax} allowed`);
  if (result.verdict === "holds" && !result.exhaustive) faults.push("holds without an exhaustive search");
  if (result.verdict === "inconclusive" && result.limit === undefined) faults.push("inconclusive without a limit");
  if (renderVerdict(result).trim() === "") faults.push("a verdict without a text");
  return result.verdict;
}

function judgeDiagnostic(diagnostic: Diagnostic, text: string, faults: string[]): void {
  const fault = (what: string): void => {
    faults.push(
      `${what}: ${diagnostic.code} ${diagnostic.message.slice(0, 200)} at ${JSON.stringify(diagnostic.at)}`.slice(
        0,
        600,
      ),
    );
  };
  if (!(diagnostic.code in diagnosticCodes)) fault("unknown code");
  if (diagnostic.message.trim() === "") fault("empty message");
  if (/\bundefined\b|\bNaN\b|\[object /.test(diagnostic.message) && !/undefined|NaN|\[object /.test(text))
    fault("leaked value");
  const places = [diagnostic.at, diagnostic.suggestion?.at ?? null, ...diagnostic.notes.map((note) => note.at)];
  for (const place of places) if (place !== null && !isInside(place, text)) fault("place outside of the text");
  const rendered = renderDiagnostic(diagnostic);
  const lines = rendered.split("\n");
  if (!/^ {2}\s*\^~*$/.test(lines[2] ?? "")) fault("no caret line");
  if ((lines[2] ?? "").length > (lines[1] ?? "").length + 1 && (lines[2] ?? "").includes("~"))
    fault("carets behind the line");
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(rendered)) fault("control character in the rendered text");
  const isList = diagnostic.code === "SCN046" || diagnostic.code === "SCN049";
  if (!isList && rendered.length > renderedUnitsMax) fault(`${rendered.length} characters`);
}

/** Whether a place of the given text (others are kits) lies in it and quotes the line that is there. */
function isInside(place: Location, text: string): boolean {
  if (place.file !== "fuzz.scn") return place.line >= 1 && place.column >= 1;
  const line = text.split("\n")[place.line - 1];
  if (line === undefined) return false;
  const shown = line.endsWith("\r") ? line.slice(0, -1) : line;
  const columns = place.column >= 1 && place.column <= line.length + 1;
  const order = place.endLine > place.line || (place.endLine === place.line && place.endColumn >= place.column);
  return shown === place.lineText && columns && order;
}
