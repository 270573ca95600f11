/**
 * The front end: source texts in, typed unit or diagnostics out. Preprocess, lex, parse, resolve and check; each phase
 * returns a value and its diagnostics, and nothing throws on bad input.
 */
import type { Diagnostic } from "../source/diagnostic.ts";
import type { SourceFile } from "../source/span.ts";
import type { TypedUnit } from "./tree.ts";

export type AnalyseInput = {
  /** Concatenated in order as one translation unit. */
  readonly files: readonly SourceFile[];
  /** Parameters, variant defines and hunk switches: usable in #if and as expressions. 32-bit integers. */
  readonly constants: ReadonlyMap<string, number>;
  /** Text of an included kit, null when there is none of that path. */
  readonly kit: (path: string) => string | null;
};

export type AnalyseOutcome =
  | { readonly kind: "analysed"; readonly unit: TypedUnit; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "rejected"; readonly diagnostics: readonly Diagnostic[] };
