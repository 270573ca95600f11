/**
 * The mm kit against itself: each operation alone, each pair of operations, and the controls that must fail.
 *
 * Operations stand in tests/scenarios/mm/operations: their defines and includes, then a task and what it must be seen to
 * do. A pair is two of them in the world of tests/scenarios/mm/world.scn. The other scenarios of tests/scenarios/mm are
 * whole; `// run: NAME=V` gives constants as elsewhere. `UPDATE_EXPECTED=1` accepts.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  compile,
  defaultExploreLimits,
  explore,
  parseCellOptions,
  reductionNames,
  renderDiagnostic,
} from "../../index.ts";

const folder = new URL("../../../tests/scenarios/mm/", import.meta.url);
const accept = process.env["UPDATE_EXPECTED"] === "1";
const read = (name: string): string => readFileSync(new URL(name, folder), "utf8");
const world = read("world.scn");

type Operation = { readonly name: string; readonly head: readonly string[]; readonly body: string };

function readOperation(name: string): Operation {
  const lines = read(`operations/${name}.scn`).split("\n");
  const isHead = (line: string): boolean => /^#(define|include)\b/.test(line);
  return { name, head: lines.filter(isHead), body: lines.filter((line) => !isHead(line)).join("\n") };
}

const operations = readdirSync(new URL("operations/", folder))
  .filter((name) => name.endsWith(".scn"))
  .sort()
  .map((name) => readOperation(name.replace(/\.scn$/, "")));

/** Pairs that cannot meet, with the reason. */
const apart: readonly { readonly why: string; readonly one: readonly string[]; readonly other: readonly string[] }[] = [
  {
    why: "a process that ends does nothing else",
    one: ["exit"],
    other: ["exit", "move", "munmap", "adjust", "mremap", "cow", "fork"],
  },
  { why: "one begins with a large folio, the other with two small ones", one: ["split-folio"], other: ["khugepaged"] },
  {
    why: "the model of the other is of folios of one page",
    one: ["split-folio", "khugepaged"],
    other: ["migrate", "cow", "mremap", "fork", "split-folio", "khugepaged"],
  },
];

function canMeet(a: Operation, b: Operation): boolean {
  return !apart.some(
    ({ one, other }) =>
      (one.includes(a.name) && other.includes(b.name)) || (one.includes(b.name) && other.includes(a.name)),
  );
}

/** The scenario in which these operations run at the same time. */
function together(parts: readonly Operation[]): string {
  const head = [...new Set(parts.flatMap((part) => part.head))];
  const defines = head.filter((line) => line.startsWith("#define"));
  const isLarge = defines.some((line) => line.includes("WORLD_OF_TWO_PAGES"));
  const sizes = isLarge
    ? ["#define NR_FOLIOS 4", "#define PTRS_PER_TABLE 2"]
    : ["#define WORLD_OF_TWO_PAGES 0", "#define NR_FOLIOS 3", "#define NR_TABLES 3"];
  return [
    ...sizes,
    "#define NR_VMAS 3",
    `#define NR_ANON_VMAS ${defines.some((line) => line.includes("NR_MMS")) ? "5" : "2"}`,
    ...defines,
    "#include <mm/vma.h>",
    ...head.filter((line) => line.startsWith("#include")),
    world,
    ...parts.map((part) => part.body),
  ].join("\n");
}

/** What a search says, without the counts that depend on the reductions. */
function outcome(name: string, text: string, constants: ReadonlyMap<string, number> = new Map()): string {
  const { language: options } = parseCellOptions({ name, text, firstLine: 1 });
  const compiled = compile({ files: [{ name, text, firstLine: 1 }], constants, options });
  if (compiled.kind === "rejected") return compiled.diagnostics.map((one) => renderDiagnostic(one)).join("\n");
  const result = explore(compiled.scenario, { limits: defaultExploreLimits, reductions: reductionNames });
  const verdict = [result.verdict, result.class, result.limit, result.message].filter((part) => part !== undefined);
  const notes = result.notes.flatMap((note) => (note.reached ? [`  reached: ${note.text}`] : []));
  return [verdict.join(" "), ...new Set(notes)].join("\n");
}

function compareWithExpected(file: string, actual: string): void {
  const url = new URL(file, folder);
  if (accept) writeFileSync(url, `${actual}\n`);
  expect(`${actual}\n`).toBe(existsSync(url) ? readFileSync(url, "utf8") : "(no expected file)");
}

describe("operations of the mm kit", () => {
  it("are there", () => expect(operations.length).toBeGreaterThanOrEqual(15));

  it("hold alone, and are seen to do their work", { timeout: 300_000 }, () => {
    const lines = operations.map((one) => `${one.name}: ${outcome(`${one.name}.scn`, together([one]))}`);
    compareWithExpected("alone.expected", lines.join("\n"));
    expect(lines.filter((line) => !/^[a-z-]+: holds\b/.test(line))).toEqual([]);
  });

  it.each(operations.map((one) => one.name))("hold beside %s", { timeout: 600_000 }, (name) => {
    const at = operations.findIndex((one) => one.name === name);
    const partners = operations.slice(at + 1).filter((other) => canMeet(operations[at]!, other));
    const lines = partners.map((other) => {
      const text = together([operations[at]!, other]);
      return `${name} || ${other.name}: ${outcome(`${name}+${other.name}.scn`, text)}`;
    });
    compareWithExpected(`pairs-${name}.expected`, lines.join("\n"));
    expect(lines.filter((line) => !/^[a-z-]+ \|\| [a-z-]+: holds\b/.test(line))).toEqual([]);
  });
});

describe("scenarios of the mm kit", () => {
  const names = readdirSync(folder).filter((name) => name.endsWith(".scn") && name !== "world.scn");

  it.each(names)("%s", { timeout: 300_000 }, (name) => {
    const text = read(name);
    const runs = text.split("\n").flatMap((line) => (line.startsWith("// run:") ? [line.slice(7).trim()] : []));
    const sections = (runs.length > 0 ? runs : [""]).map((run) => {
      const constants = new Map(run.split(" ").flatMap((pair) => constantOf(pair)));
      return `${run === "" ? "" : `== ${run}\n`}${outcome(name, text, constants)}`;
    });
    compareWithExpected(name.replace(/\.scn$/, ".expected"), sections.join("\n"));
  });
});

function constantOf(pair: string): readonly [string, number][] {
  const [name, value] = pair.split("=");
  return name === undefined || value === undefined ? [] : [[name, Number(value)]];
}
