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
  kitText,
  reductionNames,
  renderDiagnostic,
  type ExploreResult,
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

type Given = { readonly constants?: ReadonlyMap<string, number>; readonly kits?: ReadonlyMap<string, string> };

function search(name: string, text: string, { constants = new Map(), kits = new Map() }: Given): ExploreResult {
  const { language: options } = parseCellOptions({ name, text, firstLine: 1 });
  const compiled = compile({ files: [{ name, text, firstLine: 1 }], constants, options, kits });
  if (compiled.kind === "rejected")
    throw new Error(compiled.diagnostics.map((one) => renderDiagnostic(one)).join("\n"));
  return explore(compiled.scenario, { limits: defaultExploreLimits, reductions: reductionNames });
}

/** What a search says, without the counts that depend on the reductions. */
function outcome(name: string, text: string, given: Given = {}): string {
  const result = search(name, text, given);
  const verdict = [result.verdict, result.class, result.limit, result.message].filter((part) => part !== undefined);
  const notes = result.notes.flatMap((note) => (note.reached ? [`  reached: ${note.text}`] : []));
  return [verdict.join(" "), ...new Set(notes)].join("\n");
}

function compareWithExpected(file: string, actual: string): void {
  const url = new URL(file, folder);
  if (accept) writeFileSync(url, `${actual}\n`);
  expect(`${actual}\n`).toBe(existsSync(url) ? readFileSync(url, "utf8") : "(no expected file)");
}

/** All pairs take some minutes: KIT_PAIRS=all. Without it each operation runs beside those that change the most. */
const allPairs = process.env["KIT_PAIRS"] === "all";
const usualPartners: readonly string[] = ["move", "munmap"];
if (!allPairs) console.log(`mm kit: pairs with ${usualPartners.join(" and ")} only; all with KIT_PAIRS=all`);

describe("operations of the mm kit", () => {
  it("are there", () => expect(operations.length).toBeGreaterThanOrEqual(15));

  it("hold alone, and are seen to do their work", { timeout: 300_000 }, () => {
    const lines = operations.map((one) => `${one.name}: ${outcome(`${one.name}.scn`, together([one]))}`);
    compareWithExpected("alone.expected", lines.join("\n"));
    expect(lines.filter((line) => !/^[a-z-]+: holds\b/.test(line))).toEqual([]);
  });

  it.each(operations.map((one) => one.name))("hold beside %s", { timeout: 600_000 }, (name) => {
    const at = operations.findIndex((one) => one.name === name);
    const partners = operations
      .slice(at + 1)
      .filter((other) => canMeet(operations[at]!, other))
      .filter((other) => allPairs || [name, other.name].some((each) => usualPartners.includes(each)));
    const lines = partners.map((other) => {
      const text = together([operations[at]!, other]);
      return `${name} || ${other.name}: ${outcome(`${name}+${other.name}.scn`, text)}`;
    });
    const known = readFileSync(new URL(`pairs-${name}.expected`, folder), "utf8");
    if (allPairs) compareWithExpected(`pairs-${name}.expected`, lines.join("\n"));
    else for (const line of lines) expect(known).toContain(line);
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
      return `${run === "" ? "" : `== ${run}\n`}${outcome(name, text, { constants })}`;
    });
    compareWithExpected(name.replace(/\.scn$/, ".expected"), sections.join("\n"));
  });
});

function constantOf(pair: string): readonly [string, number][] {
  const [name, value] = pair.split("=");
  return name === undefined || value === undefined ? [] : [[name, Number(value)]];
}

type HandMade = {
  /** What is missing. */
  readonly drop: string;
  /** The kit, and what in its text becomes what. */
  readonly kit: string;
  readonly edits: readonly (readonly [from: string, to: string])[];
  /** Operations that run together, or a whole scenario. */
  readonly beside: readonly string[] | string;
  readonly constants?: Readonly<Record<string, number>>;
  /** The class of violation that notices it, or why nothing does. */
  readonly expected: { readonly killed: string } | { readonly survives: string };
};

const handMade: readonly HandMade[] = [
  {
    drop: "the second look at mapping after the trylock",
    kit: "mm/anon_vma.h",
    edits: [
      [
        "\tif (MAPPING_RECHECKED && READ_ONCE(folio->mapping) != mapping) {\n\t\tanon_vma_unlock_read(anon_vma);\n\t\trcu_read_unlock();\n\t\tgoto again;\n\t}\n",
        "",
      ],
    ],
    beside: ["referenced", "move", "munmap"],
    expected: { killed: "use-after-free" },
  },
  {
    drop: "the second look at mapping after the sleep",
    kit: "mm/anon_vma.h",
    edits: [
      [
        "\tif (MAPPING_RECHECKED && READ_ONCE(folio->mapping) != mapping) {\n\t\tanon_vma_unlock_read(anon_vma);\n\t\tput_anon_vma(anon_vma);\n\t\tlookup->retry = true;\n\t\treturn NULL;\n\t}\n",
        "",
      ],
    ],
    beside: ["page-idle", "move", "munmap"],
    expected: { killed: "assertion" },
  },
  {
    drop: "the second look at mapcount after the trylock",
    kit: "mm/anon_vma.h",
    edits: [["\tif (!folio_mapped(folio)) {\n\t\tanon_vma_unlock_read(anon_vma);\n\t\tanon_vma = NULL;\n\t}\n", ""]],
    beside: ["referenced", "munmap"],
    expected: { killed: "use-after-free" },
  },
  {
    drop: "the first look at mapcount",
    kit: "mm/anon_vma.h",
    edits: [["!mapping_is_anon(mapping) || !folio_mapped(folio)", "!mapping_is_anon(mapping)"]],
    beside: ["referenced", "munmap"],
    expected: { killed: "use-after-free" },
  },
  {
    drop: "the RCU section of a walk that tries the lock",
    kit: "mm/anon_vma.h",
    edits: [
      ["\tlookup->retry = false;\n\trcu_read_lock();", "\tlookup->retry = false;"],
      [
        "\tif (!mapping_is_anon(mapping) || !folio_mapped(folio)) {\n\t\trcu_read_unlock();\n",
        "\tif (!mapping_is_anon(mapping) || !folio_mapped(folio)) {\n",
      ],
      ["\t\tif (lookup->try_lock) {\n\t\t\trcu_read_unlock();\n", "\t\tif (lookup->try_lock) {\n"],
      [
        "\t\tanon_vma_unlock_read(anon_vma);\n\t\trcu_read_unlock();\n\t\tgoto again;",
        "\t\tanon_vma_unlock_read(anon_vma);\n\t\tgoto again;",
      ],
      ["\t\t\tstale_locks++;\n\t}\n\trcu_read_unlock();\n", "\t\t\tstale_locks++;\n\t}\n"],
    ],
    beside: ["referenced", "munmap"],
    expected: { killed: "use-after-free" },
  },
  {
    drop: "the read lock of a walk",
    kit: "mm/anon_vma.h",
    edits: [
      ["return NO_RMAP_LOCK || down_read_trylock(anon_vma_rwsem(anon_vma));", "return 1;"],
      ["\tif (!NO_RMAP_LOCK)\n\t\tup_read(anon_vma_rwsem(anon_vma));", ""],
    ],
    beside: ["referenced", "adjust"],
    expected: { killed: "data-race" },
  },
  {
    drop: "the pin of a walk that sleeps",
    kit: "mm/anon_vma.h",
    edits: [
      [
        "\tif (!atomic_inc_not_zero(&anon_vma->refcount)) {\n\t\trcu_read_unlock();\n\t\treturn NULL;\n\t}\n\tif (!folio_mapped(folio)) {\n\t\trcu_read_unlock();\n\t\tput_anon_vma(anon_vma);\n",
        "\tif (!folio_mapped(folio)) {\n\t\trcu_read_unlock();\n",
      ],
      ["\t\tput_anon_vma(anon_vma);\n\t\tlookup->retry = true;", "\t\tlookup->retry = true;"],
      ["\tif (atomic_dec_and_test(&anon_vma->refcount)) {\n\t\t/* Ours", "\tif (0) {\n\t\t/* Ours"],
    ],
    beside: ["page-idle", "move", "munmap"],
    expected: { killed: "use-after-free" },
  },
  {
    drop: "the look at mapcount after the pin",
    kit: "mm/anon_vma.h",
    edits: [
      [
        "\tif (!folio_mapped(folio)) {\n\t\trcu_read_unlock();\n\t\tput_anon_vma(anon_vma);\n\t\treturn NULL;\n\t}\n\trcu_read_unlock();\n\tanon_vma_lock_read",
        "\trcu_read_unlock();\n\tanon_vma_lock_read",
      ],
    ],
    beside: ["page-idle", "munmap"],
    expected: { killed: "assertion" },
  },
  {
    drop: "the zero test of folio_get_anon_vma()",
    kit: "mm/anon_vma.h",
    edits: [
      [
        "\tif (!atomic_inc_not_zero(&anon_vma->refcount)) {\n\t\tanon_vma = NULL;\n\t\tgoto out;\n\t}\n",
        "\tatomic_inc(&anon_vma->refcount);\n",
      ],
    ],
    beside: ["migrate", "munmap"],
    expected: { killed: "use-after-free" },
  },
  {
    drop: "the second look at mapcount in folio_get_anon_vma()",
    kit: "mm/anon_vma.h",
    edits: [
      [
        "\tif (!folio_mapped(folio)) {\n\t\trcu_read_unlock();\n\t\tput_anon_vma(anon_vma);\n\t\treturn NULL;\n\t}\nout:",
        "out:",
      ],
    ],
    beside: ["migrate", "munmap"],
    expected: {
      survives: "a stranger may be pinned and put again; its folio is mapped nowhere, so that no walk goes by this pin",
    },
  },
  {
    drop: "the wait of anon_vma_free() for whoever has the lock",
    kit: "mm/anon_vma.h",
    edits: [["rwsem_is_locked(anon_vma_rwsem(anon_vma))", "0"]],
    beside: ["page-idle", "munmap"],
    expected: {
      survives:
        "who has the lock of a freed anon_vma is in RCU still, sees mapcount 0 and lets go; the wait orders the two looks where memory is weaker than here",
    },
  },
  {
    drop: "the root's write lock of unlink_anon_vmas()",
    kit: "mm/anon_vma.h",
    edits: [
      [
        "\t\t\troot = anon_vma_root(anon_vma);\n\t\t\tdown_write(&root->rwsem);\n\t\t}\n\t\tanon_vma_interval_tree_remove",
        "\t\t}\n\t\tanon_vma_interval_tree_remove",
      ],
    ],
    beside: ["referenced", "munmap"],
    expected: { killed: "data-race" },
  },
  {
    drop: "the root's write lock of a VMA adjustment",
    kit: "mm/vma_adjust.h",
    edits: [["\tstruct anon_vma *anon_vma = vma->anon_vma;\n", "\tstruct anon_vma *anon_vma = NULL;\n"]],
    beside: ["adjust", "unmap"],
    expected: { killed: "data-race" },
  },
  {
    drop: "the root's write lock of MOVE",
    kit: "mm/userfaultfd.h",
    edits: [["#define MOVE_LOCKS_ROOT (!MOVE_NO_LOCK && !FLAG)", "#define MOVE_LOCKS_ROOT 0"]],
    beside: ["referenced", "move", "munmap"],
    expected: {
      survives: "x1 of the race table: the second look at mapping is enough for safety, a reference may be missed",
    },
  },
  {
    drop: "the root's write lock of MOVE, with a plain index",
    kit: "mm/userfaultfd.h",
    edits: [["#define MOVE_LOCKS_ROOT (!MOVE_NO_LOCK && !FLAG)", "#define MOVE_LOCKS_ROOT 0"]],
    beside: ["move", "referenced"],
    constants: { FOLIO_INDEX_PLAIN: 1 },
    expected: { killed: "data-race" },
  },
  {
    drop: "the folio lock of MOVE",
    kit: "mm/userfaultfd.h",
    edits: [
      ["\tif (!folio_trylock(folio))\n\t\terr = folio_test_large(folio) ? -EAGAIN : 1;\n", ""],
      ["\t\tfolio_unlock(m->folio);\n\t\tfolio_put(m->folio);", "\t\tfolio_put(m->folio);"],
    ],
    beside: ["move"],
    expected: { killed: "assertion" },
  },
  {
    drop: "MOVE's reference of the folio",
    kit: "mm/userfaultfd.h",
    edits: [
      ["\t\tfolio_get(folio);\n\t\tm->folio = folio;", "\t\tm->folio = folio;"],
      ["\t\tfolio_unlock(m->folio);\n\t\tfolio_put(m->folio);", "\t\tfolio_unlock(m->folio);"],
    ],
    beside: ["migrate", "move"],
    expected: {
      survives: "pages are not given to others here, and the look at the pte after the sleep sees the change",
    },
  },
  {
    drop: "both page table locks of MOVE",
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
    beside: ["move", "referenced"],
    expected: { killed: "data-race" },
  },
  {
    drop: "the second look at the ptes in MOVE",
    kit: "mm/userfaultfd.h",
    edits: [
      [
        "pte != m->pte || get_pte(dst_table, m->dst) != PTE_NONE) {\n\t\terr = -EAGAIN;\n\t\tgoto out;\n\t}\n\tif (folio_test_large",
        "0) {\n\t\terr = -EAGAIN;\n\t\tgoto out;\n\t}\n\tif (folio_test_large",
      ],
    ],
    beside: "two-movers.scn",
    expected: { killed: "finally" },
  },
  {
    drop: "the look at the pte after MOVE slept",
    kit: "mm/userfaultfd.h",
    edits: [["\tif (m->pte != PTE_NONE && pte != m->pte) {\n\t\terr = -EAGAIN;\n\t\tgoto out;\n\t}\n", ""]],
    beside: ["migrate", "move"],
    expected: {
      survives:
        "MOVE's reference makes migration, split and collapse give up: in a pair of operations the page stays the same",
    },
  },
  {
    drop: "the VMA locks of MOVE",
    kit: "mm/vma.h",
    edits: [
      ["if (vma && !down_read_trylock(&vma->vm_lock))\n\t\t\tvma = NULL;", ""],
      [
        "static void vma_end_read(struct vm_area_struct *vma)\n{\n\tup_read(&vma->vm_lock);",
        "static void vma_end_read(struct vm_area_struct *vma)\n{",
      ],
    ],
    beside: ["move", "munmap"],
    constants: { MOVE_MMAP_FALLBACK: 0 },
    expected: { killed: "use-after-free" },
  },
  {
    drop: "the VMA's write lock of munmap()",
    kit: "mm/munmap.h",
    edits: [
      ["\t\tvma_start_write(vma);\n", ""],
      ["\t\tvma_end_write(vma);\n", ""],
    ],
    beside: ["move", "munmap"],
    expected: { killed: "use-after-free" },
  },
  {
    drop: "the order of munmap(): page tables before the trees",
    kit: "mm/munmap.h",
    edits: [
      [
        "\tunlink_anon_vmas(vma);\n\tfor (address = start; address < end; address += PTRS_PER_TABLE)\n\t\tfree_pgtables(mm, address, end);",
        "\tfor (address = start; address < end; address += PTRS_PER_TABLE)\n\t\tfree_pgtables(mm, address, end);\n\tunlink_anon_vmas(vma);",
      ],
    ],
    beside: ["munmap", "referenced"],
    expected: { killed: "use-after-free" },
  },
  {
    drop: "the grace period before a VMA is freed",
    kit: "mm/munmap.h",
    edits: [["\tsynchronize_rcu();\n", ""]],
    beside: ["munmap", "referenced"],
    expected: { survives: "the look-up of a VMA is one step here, and no walk stands on a VMA by RCU alone" },
  },
  {
    drop: "the page table lock of walks and of the zap",
    kit: "mm/pgtable.h",
    edits: [
      ["\tif (table)\n\t\tspin_lock(&table->ptl);\n", ""],
      [
        "static void pte_unmap_unlock(struct page_table *table)\n{\n\tspin_unlock(&table->ptl);",
        "static void pte_unmap_unlock(struct page_table *table)\n{",
      ],
    ],
    beside: ["munmap", "referenced"],
    expected: { killed: "data-race" },
  },
  {
    drop: "the root's write lock of anon_vma_fork()",
    kit: "mm/fork.h",
    edits: [
      ["\tanon_vma_lock_write(anon_vma);\n", ""],
      ["\tanon_vma_unlock_write(anon_vma);\n", ""],
    ],
    beside: ["fork", "referenced"],
    expected: { survives: "nobody knows the child's own tree before its first page: the lock is for who comes later" },
  },
  {
    drop: "the root's write lock of anon_vma_clone()",
    kit: "mm/anon_vma.h",
    edits: [["\t\t\troot = anon_vma_root(pavc->anon_vma);\n\t\t\tdown_write(&root->rwsem);\n", ""]],
    beside: ["fork", "referenced"],
    expected: { killed: "data-race" },
  },
  {
    drop: "a child's reference of its root",
    kit: "mm/fork.h",
    edits: [["\tget_anon_vma(anon_vma->root);", ""]],
    beside: "family.scn",
    constants: { WALKER: 1 },
    expected: { killed: "use-after-free" },
  },
  {
    drop: "migration's pin of the anon_vma",
    kit: "mm/migrate.h",
    edits: [
      ["\tanon_vma = folio_get_anon_vma(src);\n\tif (!anon_vma)\n\t\tgoto unlock_src;\n", ""],
      ["put:\n\tput_anon_vma(anon_vma);\n", "put:\n"],
    ],
    beside: ["migrate", "munmap"],
    expected: { killed: "use-after-free" },
  },
  {
    drop: "the freeze of the references in migration",
    kit: "mm/migrate.h",
    edits: [["\tif (atomic_cmpxchg(&src->refcount, 1, 0) != 1)\n\t\treturn false;\n", ""]],
    beside: ["migrate", "page-idle"],
    expected: { killed: "finally" },
  },
  {
    drop: "the read lock of remove_migration_ptes()",
    kit: "mm/rmap.h",
    edits: [
      [
        "\tif (!anon_vma_trylock_read(anon_vma))\n\t\tanon_vma_lock_read(anon_vma);\n\trmap_walk_tree(folio, anon_vma, rwc);\n\tanon_vma_unlock_read(anon_vma);",
        "\trmap_walk_tree(folio, anon_vma, rwc);",
      ],
    ],
    beside: ["adjust", "migrate"],
    expected: { killed: "data-race" },
  },
  {
    drop: "the folio lock of try_to_unmap()",
    kit: "mm/try_to_unmap.h",
    edits: [
      ["\tif (!folio_trylock(folio))\n\t\treturn false;\n", ""],
      ["\t\tfolio_unlock(folio);\n\t\treturn false;", "\t\treturn false;"],
      ["\tfolio_unlock(folio);\n\treturn unmapped;", "\treturn unmapped;"],
    ],
    beside: ["move", "unmap"],
    expected: { killed: "assertion" },
  },
  {
    drop: "the folio lock of copy on write",
    kit: "mm/cow.h",
    edits: [
      ["\tif (!folio_trylock(folio)) {", "\tif (0) {"],
      ["\tfolio_move_anon_rmap(folio, vma);\n\tfolio_unlock(folio);", "\tfolio_move_anon_rmap(folio, vma);"],
      ["\t\tfolio_unlock(folio);\n\t\treturn false;", "\t\treturn false;"],
    ],
    beside: ["cow"],
    expected: { killed: "assertion" },
  },
  {
    drop: "the look at the references under the lock in copy on write",
    kit: "mm/cow.h",
    edits: [["if (folio_test_ksm(folio) || atomic_read(&folio->refcount) != 1)", "if (folio_test_ksm(folio))"]],
    beside: ["cow", "fork"],
    expected: { killed: "finally" },
  },
  {
    drop: "the root's write lock of khugepaged",
    kit: "mm/khugepaged.h",
    edits: [
      ["\tanon_vma_lock_write(vma->anon_vma);\n", ""],
      ["\tanon_vma_unlock_write(vma->anon_vma);\n", ""],
    ],
    beside: ["khugepaged", "unmap"],
    expected: { killed: "assertion" },
  },
  {
    drop: "the root's write lock of a folio split",
    kit: "mm/huge.h",
    edits: [
      ["\tanon_vma_lock_write(anon_vma);\n", ""],
      ["\tanon_vma_unlock_write(anon_vma);\n", ""],
    ],
    beside: ["adjust", "split-folio"],
    expected: { killed: "data-race" },
  },
  {
    drop: "the root's read lock of memory_failure()",
    kit: "mm/memory_failure.h",
    edits: [
      [
        "\tstruct anon_vma *anon_vma = folio_lock_anon_vma_read(folio, &lookup);",
        "\tstruct anon_vma *anon_vma = folio_anon_vma(folio);",
      ],
      ["\tanon_vma_unlock_read(anon_vma);\n\treturn found;", "\treturn found;"],
    ],
    beside: ["adjust", "memory-failure"],
    expected: { killed: "data-race" },
  },
];

function mutated({ kit, edits, drop }: HandMade): ReadonlyMap<string, string> {
  let text = kitText(kit) ?? "";
  for (const [from, to] of edits) {
    expect(text.split(from).length, `${drop}: the text stands once in ${kit}`).toBe(2);
    text = text.replace(from, () => to);
  }
  return new Map([[kit, text]]);
}

describe("without", () => {
  it.each(handMade)("$drop", { timeout: 120_000 }, (mutant) => {
    const { beside, expected } = mutant;
    const parts = typeof beside === "string" ? [] : operations.filter((one) => beside.includes(one.name));
    if (typeof beside !== "string") expect(parts.length).toBe(beside.length);
    const text = typeof beside === "string" ? read(beside) : together(parts);
    const constants = new Map(Object.entries(mutant.constants ?? {}));
    const result = search("mutant.scn", text, { constants, kits: mutated(mutant) });
    if ("killed" in expected)
      expect(`${result.class ?? ""}: ${result.message ?? ""}`).toContain(`${expected.killed}: `);
    else
      expect(result.verdict, `${result.class ?? ""}: ${result.message ?? ""}; expected: ${expected.survives}`).toBe(
        "holds",
      );
  });
});
