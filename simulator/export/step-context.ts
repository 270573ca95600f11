/** What the export of steps works on. */
import type { Prepared } from "../explore/prepare.ts";
import type { Program } from "../program/ir.ts";
import type { Variables } from "./variables.ts";
import type { Candidates } from "./candidates.ts";

/** Everything about the program that steps need. */
export type StepContext = {
  readonly prepared: Prepared;
  readonly program: Program;
  readonly variables: Variables;
  readonly candidates: Candidates;
};
