import { describe, expect, it } from "vitest";
import { analyse } from "./analyse.ts";
import { specialChecks } from "./check/check-special.ts";
import { primitives } from "./primitives/primitives.ts";
import { specialNames } from "./check/specials.ts";
import { vocabulary } from "./vocabulary.ts";

describe("the built-in tables", () => {
  it("have a check for every macro that is listed, and list every check", () => {
    expect([...specialChecks.keys()].sort()).toEqual([...specialNames].sort());
  });

  it("name no primitive twice and none that is a macro too", () => {
    const names = vocabulary
      .filter((each) => each.kind === "primitive" || each.kind === "macro")
      .map((each) => each.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it("say one line about each word", () => {
    for (const entry of vocabulary) {
      expect(entry.doc, entry.name).toMatch(/^[^\n]+\.$/);
      expect(entry.signature.length, entry.name).toBeGreaterThan(0);
    }
  });

  /** A value for each parameter type of the table, so that every row is checked once. */
  const values: Readonly<Record<string, string>> = {
    "spinlock_t *": "&sl",
    "raw_spinlock_t *": "&rsl",
    "rwlock_t *": "&rw",
    "struct mutex *": "&m",
    "struct rw_semaphore *": "&sem",
    "struct semaphore *": "&count",
    "struct completion *": "&done",
    "atomic_t *": "&a",
    "atomic_long_t *": "&al",
    "atomic64_t *": "&a64",
    "refcount_t *": "&ref",
    "struct rcu_head *": "&head",
    "struct kmem_cache *": "cache",
    "lock *": "&m",
    "wait_queue_head_t *": "&queue",
    "wait_queue_entry_t *": "&entry",
    "seqcount_t *": "&sequence",
    "seqlock_t *": "&sequences",
    "struct srcu_struct *": "&srcu",
    "local_lock_t *": "&local",
    "queue &": "queue",
    VAL: "VAL != 0",
    "spinlock_t &": "sl",
    "task *": "current",
    "T *": "&cell",
    T: "1",
    "word *": "&flags",
    condition: "cell",
    "folio *": "&folio",
    "flags &": "flags",
    callback: "callback",
    "const void *": "&cell",
    gfp: "GFP_KERNEL",
    subclass: "1",
    ignored: "cell",
    "...": "cell",
  };

  const declarations = `spinlock_t sl; raw_spinlock_t rsl; rwlock_t rw; struct mutex m; struct rw_semaphore sem; struct semaphore count;
struct completion done; atomic_t a; atomic_long_t al; atomic64_t a64; refcount_t ref; struct rcu_head head;
struct folio { folio_lock_t lock; } folio; struct kmem_cache *cache = KMEM_CACHE(folio, 2); int cell; unsigned long flags;
wait_queue_head_t queue; wait_queue_entry_t entry; seqcount_t sequence; seqlock_t sequences; struct srcu_struct srcu; local_lock_t local;
static void callback(struct rcu_head *rcu) { }
`;

  it("type a call of every primitive", () => {
    const calls = [...primitives.values()].map(
      ({ name, parameters }) => `${name}(${parameters.map((each) => values[each] ?? "1").join(", ")});`,
    );
    const text = `${declarations}task t {\n${calls.join("\n")}\n}\n`;
    const outcome = analyse({ files: [{ name: "all", text, firstLine: 1 }], constants: new Map(), kit: () => null });
    expect(outcome.diagnostics.map((each) => `${each.at.line} ${each.message}`)).toEqual([]);
    expect(calls.length).toBeGreaterThan(250);
  });
});
