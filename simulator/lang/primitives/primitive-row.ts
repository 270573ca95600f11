import type { PrimitiveAttributes, PrimitiveOp } from "../tree.ts";

/** One spelling of one primitive. */
export type PrimitiveRow = {
  readonly op: PrimitiveOp;
  readonly signature: string;
  /** Attributes that differ from the neutral ones. */
  readonly attributes?: Partial<PrimitiveAttributes>;
  /** Constants that follow the written arguments, as in atomic_inc = atomic-add of 1. */
  readonly appended?: readonly number[];
  /** One line for the editor. */
  readonly doc: string;
};
