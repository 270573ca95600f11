/**
 * The rows r, u, m and s of the race table under the variants a and b, with one lock or one second look missing at a time:
 * what notices it. The list stands in tests/mutants/race-table.txt, each entry with what one expects and why.
 *
 * Left alone this checks that the list is whole, and row s. All rows take some minutes: RACE_TABLE_ROWS=all, or
 * `npm run mutants:race-table`. UPDATE_EXPECTED=1 writes the outcomes; the sentences stay as they are.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  applyMutant,
  compile,
  explore,
  kitText,
  reductionNames,
  renderDiagnostic,
  surveyMutants,
  type CompileInput,
  type Mutant,
} from "#simulator";
import { describe, expect, it } from "vitest";
import { parseNotebook } from "./parse/parse.ts";
import { planRuns } from "./plan/plan.ts";
import { sourceFiles } from "./plan/source-files.ts";
import type { PlannedRun } from "./types.ts";

const root = join(import.meta.dirname, "../..");
const listPath = join(root, "tests/mutants/race-table.txt");
const accept = process.env["UPDATE_EXPECTED"] === "1";
const rows = ["r", "u", "m", "s"] as const;
type Row = (typeof rows)[number];
const variants = ["a", "b"] as const;
const rowsToRun: readonly Row[] = process.env["RACE_TABLE_ROWS"] === "all" ? rows : ["s"];

/** Looks and locks that the survey cannot take out by itself: another function looked first, or another name lets go. */
const byHand: readonly {
  readonly what: string;
  readonly kit: string;
  readonly edits: readonly (readonly [from: string, to: string])[];
}[] = [
  {
    what: "the folio lock of MOVE",
    kit: "mm/userfaultfd.h",
    edits: [
      ["\tif (!folio_trylock(folio))\n\t\terr = folio_test_large(folio) ? -EAGAIN : 1;\n", ""],
      ["\t\tfolio_unlock(m->folio);\n\t\tfolio_put(m->folio);", "\t\tfolio_put(m->folio);"],
    ],
  },
  {
    what: "both page table locks of MOVE",
    kit: "mm/userfaultfd.h",
    edits: [
      [
        "\tdouble_pt_lock(dst_table, src_table);\n\tpte = get_pte(src_table, m->src);\n",
        "\tpte = get_pte(src_table, m->src);\n",
      ],
      [
        "\t\tmove_batch(m, dst_table, src_table);\nout:\n\tdouble_pt_unlock(dst_table, src_table);",
        "\t\tmove_batch(m, dst_table, src_table);\nout:",
      ],
    ],
  },
  {
    what: "the look at both ptes under their locks in MOVE",
    kit: "mm/userfaultfd.h",
    edits: [
      [
        "\tif (pte != m->pte || get_pte(dst_table, m->dst) != PTE_NONE) {\n\t\terr = -EAGAIN;\n\t\tgoto out;\n\t}\n\tif (folio_test_large(m->folio) ||",
        "\tif (folio_test_large(m->folio) ||",
      ],
    ],
  },
  {
    what: "the look at the pte under the source's lock in MOVE",
    kit: "mm/userfaultfd.h",
    edits: [
      [
        "\tif (get_pte(src_table, m->src) != m->pte) {\n\t\terr = -EAGAIN;\n\t\tgoto out;\n\t}\n\tfolio = pfn_folio",
        "\tfolio = pfn_folio",
      ],
    ],
  },
  {
    what: "the look at the pte after MOVE slept",
    kit: "mm/userfaultfd.h",
    edits: [["\tif (m->pte != PTE_NONE && pte != m->pte) {\n\t\terr = -EAGAIN;\n\t\tgoto out;\n\t}\n", ""]],
  },
  {
    what: "the zero test of folio_get_anon_vma()",
    kit: "mm/anon_vma.h",
    edits: [
      [
        "\tif (!atomic_inc_not_zero(&anon_vma->refcount)) {\n\t\tanon_vma = NULL;\n\t\tgoto out;\n\t}\n",
        "\tatomic_inc(&anon_vma->refcount);\n",
      ],
    ],
  },
  {
    what: "the look at mapcount after the pin of a walk that sleeps",
    kit: "mm/anon_vma.h",
    edits: [
      [
        "\tif (!folio_mapped(folio)) {\n\t\trcu_read_unlock();\n\t\tput_anon_vma(anon_vma);\n\t\treturn NULL;\n\t}\n\trcu_read_unlock();\n\tanon_vma_lock_read",
        "\trcu_read_unlock();\n\tanon_vma_lock_read",
      ],
    ],
  },
  {
    what: "the second look at mapping after the sleep",
    kit: "mm/anon_vma.h",
    edits: [
      [
        "\tif (MAPPING_RECHECKED && READ_ONCE(folio->mapping) != mapping) {\n\t\tanon_vma_unlock_read(anon_vma);\n\t\tput_anon_vma(anon_vma);\n\t\tlookup->retry = true;\n\t\treturn NULL;\n\t}\n",
        "",
      ],
    ],
  },
];

type Broken = { readonly key: string; readonly input: CompileInput };

function editedKit({ kit, edits, what }: (typeof byHand)[number]): string {
  let text = kitText(kit) ?? "";
  for (const [from, to] of edits) {
    expect(text.split(from).length, `${what}: the text stands once in ${kit}`).toBe(2);
    text = text.replace(from, () => to);
  }
  return text;
}

function plannedRun(row: Row, variant: string): PlannedRun {
  const { notebook } = parseNotebook(readFileSync(join(root, "notebooks/rmap-race-table.hb.md"), "utf8"));
  const plan = planRuns(notebook, { cellId: row, variants: [variant] });
  const [run] = plan.kind === "planned" ? plan.members : [];
  if (run === undefined) throw new Error(`${row} has no variant ${variant}`);
  return run;
}

function inputOf(run: PlannedRun): CompileInput {
  const constants = new Map(Object.entries({ ...run.parameters, ...run.defines, ...run.switches }));
  return { files: sourceFiles(run.cells), constants, options: {} };
}

/** The function of a kit that a line stands in: line numbers change with every edit above. */
function functionAt(file: string, line: number): string {
  const lines = (kitText(file.slice(1, -1)) ?? "").split("\n").slice(0, line);
  const heads = lines.flatMap((text) => /^[a-z].*?\b(\w+)\(/.exec(text)?.[1] ?? []);
  return heads.at(-1) ?? "";
}

/** Of a kind, in a function: what is dropped, by the text up to the explanation. */
function keyOf({ kind, place, text }: Mutant): string {
  const what = text.replace(/ and what lets go of it dropped$/, "").replace(/^re-check (`.*`) dropped: .*$/, "$1");
  return `${kind} <${place.file.slice(1, -1)}> ${functionAt(place.file, place.line)}(): ${what}`;
}

/** The row with each lock and each second look missing in turn. */
function broken(input: CompileInput): readonly Broken[] {
  const surveyed = surveyMutants(input)
    .mutants.filter((mutant) => mutant.kind !== "swap-calls")
    .map((mutant) => ({ key: keyOf(mutant), input: applyMutant(input, mutant) }));
  const text = input.files.map((file) => file.text).join("\n");
  const hand = byHand
    .filter(({ kit }) => kit !== "mm/userfaultfd.h" || text.includes("uffdio_move("))
    .map((one) => ({
      key: `by hand <${one.kit}> ${one.what}`,
      input: { ...input, kits: new Map([[one.kit, editedKit(one)]]) },
    }));
  return [...surveyed, ...hand];
}

function outcome(run: PlannedRun, input: CompileInput): string {
  const compiled = compile(input);
  if (compiled.kind === "rejected")
    throw new Error(compiled.diagnostics.map((one) => renderDiagnostic(one)).join("\n"));
  const result = explore(compiled.scenario, { limits: run.limits, reductions: reductionNames });
  return result.verdict === "violated" ? (result.class ?? "violated") : result.verdict;
}

/** An entry of the list: what is missing, why it is noticed or not, and by row what each variant said. */
type Entry = { readonly why: string; readonly outcomes: Map<string, string> };

function readList(): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  if (!existsSync(listPath)) return entries;
  for (const block of readFileSync(listPath, "utf8")
    .split("\n\n")
    .filter((text) => !text.startsWith("#"))) {
    const [key = "", ...lines] = block.trim().split("\n");
    const why = lines.find((line) => line.startsWith("  why: "))?.slice(7) ?? "";
    const told = lines.filter((line) => !line.startsWith("  why: ")).map((line) => line.trim().split(": "));
    entries.set(key, { why, outcomes: new Map(told.map(([row = "", text = ""]) => [row, text])) });
  }
  return entries;
}

const head = `# Locks and second looks of the race table's rows (notebooks/rmap-race-table.hb.md), each missing in turn: what the rows say
# under the variants a and b. A class is what noticed it. "why" is by hand; the outcomes are written by
# RACE_TABLE_ROWS=all UPDATE_EXPECTED=1 npx vitest run --project unit lib/notebooks/race-table-mutants.test.ts`;

function writeList(entries: ReadonlyMap<string, Entry>): void {
  const blocks = [...entries].map(([key, { why, outcomes }]) =>
    [key, ...[...outcomes].map(([row, text]) => `  ${row}: ${text}`), `  why: ${why}`].join("\n"),
  );
  writeFileSync(listPath, `${[head, ...blocks].join("\n\n")}\n`);
}

describe("the list of locks and second looks of the race table", () => {
  const list = readList();

  it("has every one that the rows use, and no other", () => {
    const used = rows.flatMap((row) =>
      variants.flatMap((variant) =>
        broken(inputOf(plannedRun(row, variant))).map(({ key }) => `${row} ${variant} ${key}`),
      ),
    );
    const listed = [...list].flatMap(([key, { outcomes }]) =>
      [...outcomes].flatMap(([row, text]) => text.split(", ").map((one) => `${row} ${one.slice(0, 1)} ${key}`)),
    );
    if (!accept) expect(listed.sort()).toEqual([...new Set(used)].sort());
  });

  it("says of each that nothing notices why that is so", () => {
    const unexplained = [...list].filter(
      ([, { why, outcomes }]) =>
        why.length < 20 && [...outcomes.values()].some((text) => /holds|inconclusive/.test(text)),
    );
    expect(unexplained.map(([key]) => key)).toEqual([]);
  });
});

describe("row by row", () => {
  it.each(rowsToRun)("%s says what the list says", { timeout: 1_800_000 }, (row) => {
    const list = readList();
    const found = new Map<string, string[]>();
    for (const variant of variants) {
      const run = plannedRun(row, variant);
      for (const { key, input } of broken(inputOf(run)))
        found.set(key, [...(found.get(key) ?? []), `${variant} ${outcome(run, input)}`]);
    }
    for (const [key, texts] of found) {
      const entry = list.get(key) ?? { why: "", outcomes: new Map<string, string>() };
      if (accept) list.set(key, { ...entry, outcomes: entry.outcomes.set(row, texts.join(", ")) });
      else expect(`${key}: ${texts.join(", ")}`).toBe(`${key}: ${entry.outcomes.get(row) ?? "(not in the list)"}`);
    }
    if (accept) writeList(list);
  });
});
