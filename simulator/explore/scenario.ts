import type { LanguageOptions } from "../lang/options.ts";
import type { Program } from "../program/ir.ts";
import { functionBase } from "../program/ir.ts";
import { locate, type SourceSet, type Span } from "../source/span.ts";
import type { TypedUnit } from "../lang/tree.ts";
import type { Place } from "../trace/trace.ts";
import type { Names } from "../trace/decode.ts";
import type { FunctionText } from "../program/function-texts.ts";

/** A compiled scenario. Opaque outside of the simulator. */
export type Scenario = {
  readonly program: Program;
  readonly sources: SourceSet;
  readonly options: LanguageOptions;
  readonly names: Names;
  /** For coverage: what was never called is never expanded. */
  readonly functions: readonly FunctionText[];
};

export function namesOf(unit: TypedUnit, program: Program): Names {
  return {
    tasks: program.tasks.map((task) => task.name),
    functions: new Map(unit.functions.map((symbol) => [functionBase + symbol.id * 16, symbol.name])),
  };
}

/** A span as the reader of the notebook sees it. */
export function placeOf(sources: SourceSet, span: Span): Place {
  const at = locate(sources, span);
  return { file: at.file, line: at.line, column: at.column, endLine: at.endLine, endColumn: at.endColumn };
}

/** The trimmed source line of a span. */
export function sourceLineOf(sources: SourceSet, span: Span): string {
  return locate(sources, span).lineText.trim();
}
