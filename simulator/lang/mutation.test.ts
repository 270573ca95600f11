/**
 * Nothing that a user writes may crash, hang or blow up the front end: mutations of the corpus, and texts built to hit
 * each limit. The seed is printed, so that a failure replays.
 */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderDiagnostic } from "../source/diagnostic.ts";
import { analyse, type AnalyseOutcome } from "./analyse.ts";
import { parseCellOptions } from "./cell-options.ts";

const corpus = ["../../tests/language/", "../../tests/diagnostics/"].flatMap((path) => {
  const folder = new URL(path, import.meta.url);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".scn"))
    .map((name) => readFileSync(new URL(name, folder), "utf8"));
});

/** An explosion, not slowness: the slowest text takes a fortieth of it, and a busy machine is no failure. */
const analysisMsMax = 20_000;

function analyseText(text: string): AnalyseOutcome {
  const started = performance.now();
  const file = { name: "mutant.scn", text, firstLine: 1 };
  parseCellOptions(file);
  const outcome = analyse({ files: [file], constants: new Map([["N", 2]]), kit: () => null });
  for (const diagnostic of outcome.diagnostics) expect(renderDiagnostic(diagnostic)).toContain(`[${diagnostic.code}]`);
  expect(performance.now() - started).toBeLessThan(analysisMsMax);
  return outcome;
}

const fragments = [
  ..."( ) { } [ ] ; , # ## \" ' /* */ // \\\n * & -> . = == ? : ++ ... @ \u0000 \ud800 \u201c".split(" "),
  ..."#if 1|#else|#endif|#define N N N|#include <x>|struct|union|enum|typedef|static|sizeof|typeof|case 1:|goto out;|return".split(
    "|",
  ),
  ..."atomic {|forever {|ghost |choose(0, 1)|await(|assert(|task t {|init {|always(|guard(mutex)(|({|__stub|0x|1.5|99999999999".split(
    "|",
  ),
  ..."-2147483648 / -1|1 << 31|container_of(|kmalloc(|READ_ONCE(|int (*f)(int)|, ##__VA_ARGS__|= { [0 ... 9] = 1 }".split(
    "|",
  ),
];

type Edit = { readonly at: number; readonly remove: number; readonly insert: string };

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof(fc.constant(0), fc.nat({ max: 12 }), fc.nat({ max: 400 })),
  insert: fc.oneof(fc.constant(""), fc.constantFrom(...fragments), fc.string({ maxLength: 8, unit: "binary" })),
});

function applyEdit(text: string, { at, remove, insert }: Edit): string {
  const offset = Math.floor(at * text.length);
  return text.slice(0, offset) + insert + text.slice(offset + remove);
}

describe("mutated programs", () => {
  it("are analysed or rejected with diagnostics, in bounded time", { timeout: 60_000 }, () => {
    const seed = Number(process.env["FUZZ_SEED"] ?? 20261);
    const runs = Number(process.env["FUZZ_RUNS"] ?? 400);
    console.log(`mutation test: seed ${seed}, ${runs} runs`);
    fc.assert(
      fc.property(fc.constantFrom(...corpus), fc.array(edit, { minLength: 1, maxLength: 6 }), (text, edits) => {
        const outcome = analyseText(edits.reduce(applyEdit, text));
        if (outcome.kind === "rejected")
          expect(outcome.diagnostics.some((each) => each.severity === "error")).toBe(true);
      }),
      { seed, numRuns: runs },
    );
  });
});

/** Texts near 64 kB that would be slow or deep in a careless compiler. */
const hostile: readonly (readonly [string, string])[] = [
  ["open brackets", "int x = " + "(".repeat(60_000)],
  ["open braces", "task t " + "{".repeat(60_000)],
  ["open squares", "int x" + "[".repeat(60_000)],
  ["pointers", "int " + "*".repeat(60_000) + "p;"],
  ["array dimensions", "int a" + "[1]".repeat(20_000) + ";"],
  ["unary operators", "int x = " + "-+!~".repeat(15_000) + "1;"],
  ["casts", "int x = " + "(int)".repeat(12_000) + "1;"],
  ["sums", "int x = " + "1+".repeat(30_000) + "1;"],
  ["assignments", "task t { int x; " + "x=".repeat(30_000) + "1; }"],
  ["conditionals", "int x = " + "1?".repeat(20_000) + "1;"],
  ["commas", "task t { int x; x" + ",x".repeat(30_000) + "; }"],
  ["else if", "task t { " + "if (1) ; else ".repeat(4_000) + "; }"],
  ["nested ifs", "task t { " + "if (1) ".repeat(9_000) + "; }"],
  ["labels", "task t { " + "a: ".repeat(20_000) + "; }"],
  ["members", "struct s { struct s *p; } *x; task t { x" + "->p".repeat(20_000) + "; }"],
  ["calls of calls", "int f(int); task t { " + "f(".repeat(20_000) + "1"],
  ["function types", "int " + "(*".repeat(20_000) + "f"],
  ["nested structs", "struct a { ".repeat(5_000)],
  ["initialiser braces", "int x = " + "{".repeat(60_000)],
  ["statement expressions", "task t { int x = " + "({".repeat(20_000)],
  ["conditional directives", "#if 1\n".repeat(10_000)],
  ["unclosed macro call", "#define F(x) x\nint x = " + "F(".repeat(20_000)],
  [
    "macro that doubles",
    Array.from({ length: 60 }, (_, i) => `#define A${i + 1} A${i} A${i}\n`).join("") + "#define A0 x\nint A60;",
  ],
  [
    "macro arguments that double",
    Array.from({ length: 40 }, (_, i) => `#define B${i + 1}(x) B${i}(x x)\n`).join("") + "#define B0(x) x\nint B40(y);",
  ],
  ["stringified growth", "#define S(x) #x\n#define D(x) S(x x)\n" + "const char *p = D(D(D(D(a))));"],
  ["#if nesting", "#if " + "(".repeat(60_000) + "\n#endif"],
  ["#if operators", "#if " + "1+".repeat(30_000) + "1\n#endif\n"],
  ["comment stars", "/" + "*".repeat(60_000)],
  ["quotes", '"\\'.repeat(20_000)],
  ["backslashes", "\\\n".repeat(30_000)],
  ["digits", "int x = " + "9".repeat(60_000) + ";"],
  ["dots and exponents", "int x = " + "1e+".repeat(20_000) + ";"],
  ["long name", "int " + "a".repeat(60_000) + "; task t { " + "b".repeat(2_000) + " = 1; }"],
  ["unknown names", "task t { " + Array.from({ length: 6_000 }, (_, i) => `u${i}=1;`).join("") + " }"],
  ["NUL bytes", "\u0000".repeat(60_000)],
  ["line ends only", "\r\n".repeat(30_000)],
  ["strays in a skipped group", "#if 0\n" + "@\u0000\n".repeat(15_000) + "#endif\n"],
  ["range initialisers", "int a[60000] = { [0 ... 59999] = 1 }; int b[60000] = { [0 ... 59999] = 2 };"],
  ["nested ranges", "int a[250][250] = { [0 ... 249] = { [0 ... 249] = 1 }, [0 ... 249] = { [0 ... 249] = 1 } };"],
  ["many cases", "task t { switch (1) { " + Array.from({ length: 5_000 }, (_, i) => `case ${i}: `).join("") + "} }"],
  ["typeof chain", "int x0;" + Array.from({ length: 2_000 }, (_, i) => `typeof(x${i}) x${i + 1};`).join("\n")],
  ["specifiers", "unsigned ".repeat(7_000) + "x;"],
  ["line markers", "__LINE__ ".repeat(7_000)],
];

describe("hostile programs", () => {
  it.each(hostile)("%s end with a value in time", (_, text) => {
    analyseText(text);
  });

  it("many files and constants are read in order", () => {
    const files = Array.from({ length: 50 }, (_, index) => ({
      name: `f${index}`,
      text: `int v${index};\n`,
      firstLine: index * 10 + 1,
    }));
    const outcome = analyse({
      files: [...files, { name: "last", text: "int x = w1;", firstLine: 7 }],
      constants: new Map(),
      kit: () => null,
    });
    expect(outcome.diagnostics.map((each) => `${each.at.file}:${each.at.line}:${each.at.column} ${each.code}`)).toEqual(
      ["last:7:9 SCN040"],
    );
  });
});
