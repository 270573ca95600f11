import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HunkLine } from "./found-diff.ts";
import { changedLines, functionOf, identifyHunks, similarity } from "./identity.ts";
import { trackHunks, type TrackedHunk } from "./track.ts";

type Lines = readonly Pick<HunkLine, "kind" | "text">[];

/** "-a;+b" in short: one line a word, the first character its kind. */
function hunk(lines: string, rest: Partial<TrackedHunk> = {}): TrackedHunk {
  const parsed: Lines = lines.split(";").map((line) => ({ kind: kindOf(line), text: line.slice(1) }));
  return { path: "mm/ring.c", oldPath: "mm/ring.c", heading: "int f(void)", oldStart: 10, ...rest, lines: parsed };
}

function kindOf(line: string): HunkLine["kind"] {
  return line.startsWith("+") ? "+" : line.startsWith("-") ? "-" : " ";
}

const states = (older: readonly TrackedHunk[], newer: readonly TrackedHunk[]) =>
  trackHunks(older, newer).map(({ older: from, newer: to, state, method }) => [from, to, state, method]);

describe("identifyHunks", () => {
  it("does not see white space, nor numbers, nor the function", () => {
    const [a] = identifyHunks([hunk(" \ta( x );-\tb;+\tc")]);
    const [b] = identifyHunks([hunk("  a(x);-  b;+  c", { oldStart: 99, heading: "g" })]);
    expect(b).toEqual(a);
  });

  it("sees path, context (H1) and changed lines (H2)", () => {
    const [a] = identifyHunks([hunk(" a;-b;+c")]);
    const [context] = identifyHunks([hunk(" z;-b;+c")]);
    const [path] = identifyHunks([hunk(" a;-b;+c", { path: "mm/other.c" })]);
    expect(context!.h1).not.toBe(a!.h1);
    expect(context!.h2).toBe(a!.h2);
    expect(path!.h2).not.toBe(a!.h2);
  });

  it("tells equal hunks of one file apart by their occurrence", () => {
    const twice = identifyHunks([hunk(" a;-b"), hunk(" a;-b", { oldStart: 80 })]);
    expect(new Set(twice.flatMap((one) => [one.h1, one.h2])).size).toBe(4);
  });
});

describe("functionOf", () => {
  it("is the name before the parenthesis, or what there is", () => {
    expect(functionOf("int folio_referenced(struct folio *folio, int is_locked,")).toBe("folio_referenced");
    expect(functionOf("struct anon_vma *folio_lock(const")).toBe("folio_lock");
    expect(functionOf("struct ring {")).toBe("structring");
    expect(functionOf("")).toBe("");
  });
});

describe("similarity", () => {
  it("agrees with a naive twin on multisets", () => {
    const words = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 8 });
    fc.assert(
      fc.property(words, words, (a, b) => {
        const left = [...b];
        let shared = 0;
        for (const word of a) {
          const at = left.indexOf(word);
          if (at >= 0) {
            left.splice(at, 1);
            shared += 1;
          }
        }
        const all = a.length + b.length - shared;
        expect(similarity(a, b)).toBeCloseTo(all === 0 ? 1 : shared / all);
      }),
    );
  });
});

describe("trackHunks", () => {
  it("says same, moved, changed, dropped and new", () => {
    const older = [
      hunk(" a;-b;+c"),
      hunk(" k;-l;+m", { oldStart: 40 }),
      hunk(" p;-one_line;-two_line;+three_line", { oldStart: 70, heading: "int g(void)" }),
      hunk(" x;-gone", { oldStart: 90, heading: "int h(void)" }),
    ];
    const newer = [
      hunk(" a;-b;+c"),
      hunk(" other;-l;+m", { oldStart: 44 }),
      hunk(" p;-one_line;-two_line;+four_line", { oldStart: 72, heading: "int g(void)" }),
      hunk("+fresh", { oldStart: 200, heading: "int i(void)" }),
    ];
    expect(states(older, newer)).toEqual([
      [0, 0, "same", "h1"],
      [1, 1, "moved", "h2"],
      [2, 2, "changed", "h3"],
      [3, null, "dropped", "none"],
      [null, 3, "new", "none"],
    ]);
  });

  it("follows a rename, and never joins across files", () => {
    expect(states([hunk("-a;+b")], [hunk("-a;+b", { path: "mm/new.c", oldPath: "mm/ring.c" })])).toEqual([
      [0, 0, "moved", "h3"],
    ]);
    expect(states([hunk("-a;+b")], [hunk("-a;+b", { path: "mm/new.c", oldPath: "mm/new.c" })])).toEqual([
      [0, null, "dropped", "none"],
      [null, 0, "new", "none"],
    ]);
  });

  it("asks, and does not join, where only the function is the same", () => {
    const pairs = trackHunks([hunk("-a;-b;-c")], [hunk("+x;+y;+z")]);
    expect(pairs.map((pair) => [pair.state, pair.question ?? false])).toEqual([
      ["changed", true],
      ["dropped", false],
      ["new", false],
    ]);
  });

  it("finds the pieces of a split hunk", () => {
    const parts = [
      "+first_long_line;+second_long_line;+third_long_line;+fourth_long_line",
      "+fifth_long_line;+sixth_long_line;+seventh_long_line",
    ];
    const pairs = states(
      [hunk(parts.join(";"))],
      parts.map((part, at) => hunk(part, { oldStart: 10 + at * 30 })),
    );
    expect(pairs).toEqual([
      [0, 0, "changed", "h3"],
      [0, 1, "split", "lines"],
    ]);
  });

  it("uses each hunk once but for splits and questions, and is the identity on equal versions", () => {
    const lines = fc
      .array(fc.constantFrom(" a", "-b", "+c", "+d", "-e"), { minLength: 1, maxLength: 4 })
      .map((all) => all.join(";"));
    const version = fc.array(fc.tuple(lines, fc.nat(300), fc.constantFrom("f(", "g(")), { maxLength: 8 });
    fc.assert(
      fc.property(version, version, (a, b) => {
        const make = (all: readonly (readonly [string, number, string])[]) =>
          all.map(([text, oldStart, heading]) => hunk(text, { oldStart, heading }));
        const [older, newer] = [make(a), make(b)];
        const pairs = trackHunks(older, newer).filter((pair) => pair.question !== true);
        const joined = pairs.filter((pair) => pair.state !== "split");
        expect(new Set(joined.map((pair) => pair.older ?? `new ${pair.newer}`)).size).toBe(joined.length);
        for (let at = 0; at < older.length; at += 1) expect(pairs.some((pair) => pair.older === at)).toBe(true);
        for (let at = 0; at < newer.length; at += 1) expect(pairs.some((pair) => pair.newer === at)).toBe(true);
        for (const pair of trackHunks(older, older)) expect([pair.state, pair.older]).toEqual(["same", pair.newer]);
        for (const pair of pairs) {
          if (pair.method === "h2")
            expect(changedLines(older[pair.older!]!)).toEqual(changedLines(newer[pair.newer!]!));
        }
      }),
    );
  });
});
