import type { ReactNode } from "react";
import type { RunPage } from "#lib/review/run-page.ts";
import type { ResultTrace } from "#lib/runs/trace-schema.ts";
import { StaticMarkup } from "../ui/static-markup.tsx";
import { traceExplanation, traceTable } from "./trace-markup.ts";

type Props = {
  readonly trace: ResultTrace;
  readonly page: RunPage;
  /** Before the numbers of the steps' addresses. */
  readonly anchor: string;
};

/** A trace in lanes, and what its steps are for. */
export function TraceBlock(view: Props): ReactNode {
  return (
    <>
      <StaticMarkup className="scroll-x trace-box" markup={traceTable(view)} />
      <StaticMarkup className="scroll-x mt-2" markup={traceExplanation(view)} />
    </>
  );
}
