/**
 * Questions of every scenario under tests/reach: a line `// reach: EXPR` is asked in every state, `// reach: LINE EXPR` or
 * `// reach: TASK:LINE EXPR` at a line. Answers as text beside it; `UPDATE_EXPECTED=1` accepts.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile, defaultExploreLimits, explore, renderDiagnostic, renderTrace, replay } from "../index.ts";
import type { CompileInput, ReachAnswer, ReachQuestion, Reduction, Scenario } from "../index.ts";

const folder = new URL("../../tests/reach/", import.meta.url);
const limits = { ...defaultExploreLimits, statesMax: 50_000 };

function questionOf(text: string): ReachQuestion {
  const at = /^(?:([\w#]+):)?(\d+) (.*)$/.exec(text);
  if (at === null) return { expression: text };
  const [, task, line, expression = ""] = at;
  return { expression, line: Number(line), ...(task === undefined ? {} : { task }) };
}

function inputOf(text: string, question: ReachQuestion): CompileInput {
  const files = [{ name: "q.scn", text, firstLine: 1 }];
  return { files, constants: new Map(), options: { races: "off" }, reach: question };
}

function answer(scenario: Scenario, reductions: readonly Reduction[]): ReachAnswer {
  const { reach } = explore(scenario, { limits, reductions });
  if (reach === undefined) throw new Error("a question has an answer");
  return reach;
}

function tell(text: string, asked: string): string {
  const compiled = compile(inputOf(text, questionOf(asked)));
  const title = `== ${asked}`;
  if (compiled.kind === "rejected") return [title, ...compiled.diagnostics.map(renderDiagnostic)].join("\n");
  const told = answer(compiled.scenario, []);
  const reduced = answer(compiled.scenario, ["dead-locals"]);
  expect(reduced.kind).toBe(told.kind);
  if (told.kind !== "reached") return `${title}\n${told.kind}`;
  expect(replay(compiled.scenario, told.schedule).kind).toBe("replayed");
  if (reduced.kind === "reached") expect(reduced.steps).toBe(told.steps);
  return `${title}\nreached after ${String(told.steps)}\n${renderTrace(told.trace, { columns: 72 })}`;
}

describe("reach", () => {
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".scn"))) {
    it(`answers the questions of ${name}`, () => {
      const text = readFileSync(new URL(name, folder), "utf8");
      const asked = text.split("\n").flatMap((line) => (line.startsWith("// reach: ") ? [line.slice(10)] : []));
      const actual = `${asked
        .map((each) => tell(text, each))
        .join("\n")
        .trimEnd()}\n`;
      const expectedFile = new URL(name.replace(/\.scn$/, ".expected"), folder);
      if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(expectedFile, actual);
      expect(actual).toBe(existsSync(expectedFile) ? readFileSync(expectedFile, "utf8") : "(no expected file)");
    });
  }

  it("does not change the verdict or the number of states", () => {
    const text = "int x;\ntask t[2] { int a;\na = xchg(&x, me);\nWRITE_ONCE(x, a + 1); }\nalways(x < 9);";
    const bare = compile({ files: [{ name: "q.scn", text, firstLine: 1 }], constants: new Map(), options: {} });
    const asked = compile(inputOf(text, { expression: "a == 1 && me == 0", line: 4 }));
    if (bare.kind === "rejected" || asked.kind === "rejected") throw new Error("both compile");
    const [without, with_] = [bare, asked].map((each) => explore(each.scenario, { limits, reductions: [] }));
    expect([with_?.verdict, with_?.states, with_?.transitions]).toEqual([
      without?.verdict,
      without?.states,
      without?.transitions,
    ]);
  });

  it("says when a limit ended the search", () => {
    const text = "int x; task t { for (;;) WRITE_ONCE(x, x + 1); }";
    const compiled = compile(inputOf(text, { expression: "x == 100000" }));
    if (compiled.kind === "rejected") throw new Error("it compiles");
    const { reach } = explore(compiled.scenario, { limits: { ...limits, statesMax: 50 }, reductions: [] });
    expect(reach).toMatchObject({ kind: "not-within-bounds", limit: "states" });
  });
});
