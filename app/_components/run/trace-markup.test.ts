import { readFileSync } from "node:fs";
import { compile, defaultExploreLimits, explore, type Trace } from "#simulator";
import { describe, expect, it } from "vitest";
import { readTrace, type ResultTrace } from "#lib/runs/trace-schema.ts";
import { traceExplanation, traceTable } from "./trace-markup.ts";

const page = { cellLines: new Map<string, number>(), notebook: null, revision: null };

function traceOf(name: string): ResultTrace {
  const text = readFileSync(new URL(`../../../tests/traces/${name}.scn`, import.meta.url), "utf8");
  const compiled = compile({ files: [{ name, text, firstLine: 1 }], constants: new Map(), options: {} });
  if (compiled.kind === "rejected") throw new Error("the corpus compiles");
  const trace: Trace | undefined = explore(compiled.scenario, { limits: defaultExploreLimits, reductions: [] }).trace;
  const reading = readTrace(JSON.parse(JSON.stringify(trace)));
  if (reading.kind === "malformed") throw new Error(reading.reason);
  return reading.trace;
}

describe("a trace as a table", () => {
  it("folds what is not needed, keeps every address, and ends with the wait-for graph", () => {
    const trace = traceOf("deadlock-bystander");
    const { html } = traceTable({ trace, page, anchor: "s" });
    expect(html).toContain("<summary>Steps 3 to 5 of busy: not needed</summary>");
    for (const step of trace.steps) expect(html).toContain(`id="s${String(step.index)}"`);
    expect(html).toContain("Cycle: one waits for b, held by two, which waits for a, held by one.");
    expect(html).toContain("<div>a by one</div>");
    expect(html.match(/<tr/g)).toHaveLength(trace.steps.length + 4);
  });

  it("puts the two sides of a race below the last step, each in its lane", () => {
    const { html } = traceTable({ trace: traceOf("race"), page, anchor: "s" });
    expect(html.match(/<th scope="row" class="num">next<\/th>/g)).toHaveLength(2);
  });

  it("escapes what scenarios say", () => {
    const trace = traceOf("deadlock-bystander");
    const [step, ...steps] = trace.steps;
    if (step === undefined) throw new Error("the trace has steps");
    const hostile = { ...trace, steps: [{ ...step, action: "<script>alert(1)</script>" }, ...steps] };
    expect(traceTable({ trace: hostile, page, anchor: "s" }).html).not.toContain("<script>");
  });

  it("says of each step what came of delaying it, with its address", () => {
    const { html } = traceExplanation({ trace: traceOf("use-after-free"), page, anchor: "m1-s" });
    expect(html).toContain('<a href="#m1-s3">3–6</a>');
    expect(html).toContain("reader does not come to that step; the others alone never bring it about");
  });

  it("says why steps were not examined", () => {
    const { html } = traceExplanation({ trace: traceOf("livelock"), page, anchor: "s" });
    expect(html).toContain("not examined: it is a matter of all runs, not of this one");
  });
});
