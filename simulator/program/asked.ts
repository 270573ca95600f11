import type { RequestKind, Site } from "../des/timed-code.ts";
import type { Span } from "../source/span.ts";
import type { Drawn, Expr } from "./ir.ts";

/** What timed code asks of the engine at one place. */
export type Asked = {
  readonly kind: RequestKind;
  readonly spelling: string;
  readonly args: readonly Expr[];
  readonly irq?: Site["irq"];
  readonly time?: Drawn;
  /** "value": the code uses the answer. "blocks": the task may have to wait for it. */
  readonly answers?: "value" | "bit";
  readonly blocks?: boolean;
  readonly span?: Span;
};
