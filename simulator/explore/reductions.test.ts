/** What each reduction does and does not merge, on small models with the arithmetic of their counts. */
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import { defaultExploreLimits as limits } from "../limits.ts";
import { explore } from "./explore.ts";
import type { ExploreResult, Reduction } from "./result.ts";
import { searchProgram } from "./search.ts";

function scenario(text: string) {
  const outcome = compile({ files: [{ name: "t.scn", text, firstLine: 1 }], constants: new Map(), options: {} });
  if (outcome.kind === "rejected") throw new Error(outcome.diagnostics.map(({ message }) => message).join("\n"));
  return outcome.scenario;
}

const run = (text: string, reductions: readonly Reduction[]): ExploreResult =>
  explore(scenario(text), { limits, reductions });
const states = (text: string, reductions: readonly Reduction[]): number => run(text, reductions).states;
const remarks = (text: string): readonly string[] =>
  searchProgram(scenario(text).program, { limits, reductions: ["symmetry"] }).remarks;

describe("symmetry", () => {
  // Each task is at one of 3 positions: before its first step, between, at its end. 3 tasks: 3^3 states, as multisets
  // of 3 out of 3 kinds: C(5, 3) = 10. The value of x is 3 bits of which tasks have written: told by the positions.
  const counter = "atomic_t x;\ntask t[3] { atomic_inc(&x); atomic_inc(&x); }";
  it("keeps one of the states in which tasks have changed places", () => {
    expect([states(counter, []), states(counter, ["symmetry"])]).toEqual([27, 10]);
  });

  it("moves a task's own element of an array with it", () => {
    const own = "u8 a[3];\ntask t[3] { WRITE_ONCE(a[me], 1); WRITE_ONCE(a[me], 2); }";
    expect([states(own, []), states(own, ["symmetry"])]).toEqual([27, 10]);
    expect(remarks(own)).toEqual([]);
  });

  it.each([
    ["another's element", "u8 a[2];\ntask t[2] { WRITE_ONCE(a[1 - me], 1); }", "depends on `me`"],
    ["me as a value", "u8 x;\ntask t[2] { WRITE_ONCE(x, me); }", "depends on `me`"],
    ["an index over all", "u8 a[2];\ntask t[2] { WRITE_ONCE(a[me], 1); }\nalways(a[0] < 2);", "another way"],
    ["a pointer to an element", "u8 a[2], *p;\ntask t[2] { WRITE_ONCE(p, &a[me]); }", "another way"],
    [
      "a shared local",
      "int *p;\ntask t[2] { int x = 0; WRITE_ONCE(p, &x); WRITE_ONCE(p, NULL); }",
      "local variable is shared",
    ],
  ])("is off for %s", (_, text, reason) => {
    expect(remarks(text).join()).toContain(reason);
    expect(states(text, ["symmetry"])).toBe(states(text, []));
  });

  it("renames owners: the same lock held by either task is one state", () => {
    const locked = "spinlock_t l; u8 x;\ntask t[2] { spin_lock(&l); WRITE_ONCE(x, 1); spin_unlock(&l); }";
    const reduced = states(locked, ["symmetry"]);
    // Positions of each: before, holding, having written, ended; the two middle ones exclude each other, and x is told by
    // whether somebody wrote: 16 - 4 = 12 pairs. Without order: (12 - 2 pairs of equals) / 2 + 2 = 7.
    expect([states(locked, []), reduced]).toEqual([12, 7]);
  });
});

describe("merging", () => {
  it("makes one transition of a section that a lock protects", () => {
    const text = "struct mutex m; u8 x, y;\ntask t[2] { mutex_lock(&m); x = 1; y = x; mutex_unlock(&m); }";
    // Before or after for each task.
    expect(states(text, ["merging", "dead-locals"])).toBe(4);
  });

  it("does not where somebody tries the lock", () => {
    const text =
      "struct mutex m; u8 x; bool failed;\ntask t { mutex_lock(&m); x = 1; mutex_unlock(&m); }\n" +
      'task u { if (!mutex_trylock(&m)) note("failed"); else mutex_unlock(&m); }';
    const reduced = run(text, ["merging", "dead-locals"]);
    expect(reduced.notes.map((note) => note.reached)).toEqual([true]);
  });

  it("does not lose a deadlock of two locks taken in two orders", () => {
    const text =
      "struct mutex a, b;\ntask t { mutex_lock(&a); mutex_lock(&b); mutex_unlock(&b); mutex_unlock(&a); }\n" +
      "task u { mutex_lock(&b); mutex_lock(&a); mutex_unlock(&a); mutex_unlock(&b); }";
    expect(run(text, ["merging"]).class).toBe("deadlock");
  });

  it("does not hide a race inside a section from an access without the lock", () => {
    const text =
      "struct mutex m; u8 x;\ntask t { mutex_lock(&m); x = 1; mutex_unlock(&m); }\ntask u { WRITE_ONCE(x, 2); }";
    expect(run(text, ["merging"]).class).toBe("data-race");
  });

  it("sees what a property reads after every step that writes it", () => {
    const text = "struct mutex m; u8 x;\ntask t { mutex_lock(&m); x = 1; x = 0; mutex_unlock(&m); }\nalways(x == 0);";
    expect([run(text, ["merging"]).class, run(text, ["merging"]).trace?.steps.length]).toEqual(["always", 2]);
  });

  it("takes nothing for movable that two unfinished transitions enable only together", () => {
    const text =
      "u8 x, y;\ntask t { WRITE_ONCE(x, 1); WRITE_ONCE(x, 0); }\ntask u { WRITE_ONCE(y, 1); WRITE_ONCE(y, 0); }\n" +
      "task v { await(x && y); assert(0); }";
    expect(run(text, []).class).toBe("assertion");
    expect(run(text, ["merging"]).class).toBe("assertion");
  });
});

describe("dead pointers into the heap", () => {
  const heap = "struct n { int v; };\nstruct n *a;\nu8 x;\n";
  const body = "p = kzalloc(sizeof(*p), GFP_ATOMIC); p = xchg(&a, p); kfree(p); WRITE_ONCE(x, 1);";

  it("are cleared where nobody tells addresses apart", () => {
    const text = `${heap}task t[2] { struct n *p; ${body} }`;
    expect(states(text, ["dead-locals"])).toBeLessThan(states(text, []));
  });

  it("stay where somebody does, and no step is merged or put off", () => {
    const text = `${heap}task t[2] { struct n *p; ${body} if (p < READ_ONCE(a)) WRITE_ONCE(x, 2); }`;
    expect(states(text, ["merging", "partial-order"])).toBe(states(text, []));
  });

  it("do not keep a violation from being told when slots run out as it is found", () => {
    const text = `${heap}init { a = kzalloc(sizeof(struct n), GFP_KERNEL); }
task t[2] { struct n *p, *q; p = READ_ONCE(a); WRITE_ONCE(a, p); if ((unsigned long)p & 32) WRITE_ONCE(x, READ_ONCE(x) + 1);
p = xchg(&a, NULL); kfree(p); q = kzalloc(sizeof(*q), GFP_ATOMIC); if (p == q) WRITE_ONCE(x, 1); }`;
    expect([run(text, []).class, run(text, ["symmetry"]).class]).toEqual(["double-free", "double-free"]);
  });
});

describe("partial order", () => {
  it("lets a task go alone that touches what nobody else does any more", () => {
    const text =
      "u8 x, y, z;\ntask t { WRITE_ONCE(x, 1); WRITE_ONCE(x, 2); }\ntask u { WRITE_ONCE(y, 1); WRITE_ONCE(y, 2); }";
    // Unreduced 3 x 3; alone: t's two steps, then u's two.
    expect([states(text, []), states(text, ["partial-order"])]).toEqual([9, 5]);
  });

  it("does not put off a task for ever", () => {
    const text =
      "u8 x, y;\ntask t { forever { WRITE_ONCE(x, 1 - READ_ONCE(x)); } }\ntask u { WRITE_ONCE(y, 1); assert(0); }";
    expect(run(text, ["partial-order"]).class).toBe("assertion");
  });
});
