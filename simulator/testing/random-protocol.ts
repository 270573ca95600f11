/**
 * Random protocols for the twin tests of the reductions: several tasks of one declaration, locks held over accesses that
 * they protect and over some that they do not, so that movers, symmetry and their exceptions all occur.
 *
 * A program is told which words of the language it has to use and what kind of hazard, if any; the rest is drawn.
 */
import fc from "fast-check";
import { localsOf, preludeOf } from "./protocol-declarations.ts";
import { access, hazards, outer, property, sleepingSections, spinning, type HazardKind } from "./protocol-parts.ts";
import type { Use } from "./word-uses.ts";

/** How many tasks each declaration has, and how many words each of them is given to use. */
export type Shape = { readonly tasks: readonly number[]; readonly words: readonly number[] };

export const shapes: readonly Shape[] = [
  { tasks: [2], words: [7] },
  { tasks: [3], words: [4] },
  { tasks: [3], words: [5] },
  { tasks: [1, 1], words: [8, 8] },
  { tasks: [2, 1], words: [3, 5] },
  { tasks: [2, 1], words: [4, 5] },
  { tasks: [2, 2], words: [3, 3] },
  { tasks: [1, 2], words: [6, 3] },
  { tasks: [1, 1, 1], words: [4, 4, 4] },
  { tasks: [3, 1], words: [2, 4] },
];

export type Plan = { readonly shape: Shape; readonly uses: readonly Use[]; readonly hazard: HazardKind };

type Piece = {
  readonly open: string;
  readonly close: string;
  readonly inner: readonly string[];
  readonly sleeps: boolean;
};

const randomSection = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...spinning).map((pair) => ({ pair, sleeps: false })),
      fc.constantFrom(...sleepingSections).map((pair) => ({ pair, sleeps: true })),
    ),
    fc.array(access, { minLength: 1, maxLength: 2 }),
  )
  .map(([{ pair, sleeps }, inner]): Piece => ({ open: pair[0], close: pair[1], inner, sleeps }));

/** The sections that the given words make, each with one access, and the other words in them. */
function piecesOf(uses: readonly Use[], accesses: readonly string[], sections: readonly Piece[]): readonly Piece[] {
  const own = uses
    .filter((use) => use.place === "task" && (use.close !== "" || use.sleeps))
    .map(({ open, close, sleeps }, index): Piece => {
      return { open, close, sleeps, inner: close === "" ? [] : [accesses[index] ?? ""] };
    });
  const pieces = [...own, ...sections];
  const inside = uses.filter((use) => use.place === "task" && use.close === "" && !use.sleeps);
  return inside.reduce<readonly Piece[]>((made, { open }, index) => {
    const sectioned = made.filter((piece) => piece.close !== "");
    const target = sectioned[index % Math.max(1, sectioned.length)];
    // Every third stands alone, between the sections.
    if (target === undefined || index % 3 === 2) return [...made, { open, close: "", inner: [], sleeps: false }];
    return made.map((piece) => (piece === target ? { ...piece, inner: [...piece.inner, open] } : piece));
  }, pieces);
}

/** Labels are unique in a task. */
const withLabel = (text: string, label: string): string => text.replaceAll("LABEL", label);

type BodyPlan = { readonly uses: readonly Use[]; readonly slip: string };

/** The statements of a task. */
function body({ uses, slip }: BodyPlan): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.array(access, { minLength: uses.length, maxLength: uses.length }),
      fc.array(randomSection, { maxLength: 1 }),
      fc.array(access, { maxLength: 1 }),
      fc.constantFrom(...outer),
      fc.integer({ min: 0, max: 5 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 99 })),
    )
    .map(([accesses, sections, extra, around, nested, order]) => {
      const labelled = uses.map((use, index) => ({ ...use, open: withLabel(use.open, `again${String(index)}`) }));
      const random = sections.map((piece) => ({ ...piece, open: withLabel(piece.open, "again") }));
      const pieces = piecesOf(labelled, accesses, random).map((piece, index) => {
        const text = [piece.open, ...piece.inner, piece.close].join(" ");
        return index === 0 && nested === 0 ? `${around[0]} ${text} ${around[1]}` : text;
      });
      const lines = [...pieces, ...extra]
        .map((text) => ({ text, at: order.next().value ?? 0 }))
        .toSorted((one, two) => one.at - two.at)
        .map(({ text }) => text);
      return [...lines, ...(slip === "" ? [] : [slip])].join("\n\t");
    });
}

/** What an irq task does, which may not sleep. */
const handler = fc.oneof(
  { weight: 5, arbitrary: fc.constant("") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "WRITE_ONCE(x, 1); wake_up(&queue);",
      "spin_lock(&spin); a = READ_ONCE(x); WRITE_ONCE(x, a); spin_unlock(&spin);",
      "if (spin_trylock(&spin)) { WRITE_ONCE(y, 1); spin_unlock(&spin); }",
      "atomic { x = (x + 1) % 3; } complete(&done);",
    ),
  },
);

/** Lines above the text; most programs have none. */
const options = fc.constantFrom("", "", "", "", "", "//| reuse: on\n", "//| lockdep: strict\n", "//| signals: on\n");

/** The words that each declaration is given. */
function shares(plan: Plan): readonly (readonly Use[])[] {
  let from = 0;
  return plan.shape.words.map((count) => plan.uses.slice(from, (from += count)));
}

/** What lets go on who waits for `ready`. */
const makeReady = "WRITE_ONCE(ready, 1); wake_up_all(&queue);";

/** A program by a plan. */
export function randomProtocol(plan: Plan): fc.Arbitrary<string> {
  const { tasks: counts } = plan.shape;
  return hazards[plan.hazard].chain(([here, there]) => {
    const slips = counts.map((_, index) => {
      if (counts.length === 1)
        return there === "" || there === here ? here : `if (choose(0, 1)) { ${here} } else { ${there} }`;
      return index === 0 ? here : index === counts.length - 1 ? there : "";
    });
    return fc
      .tuple(
        fc.tuple(...shares(plan).map((uses, index) => body({ uses, slip: slips[index] ?? "" }))),
        property,
        fc.integer({ min: 0, max: 7 }),
        handler,
        options,
      )
      .map(([bodies, check, forever, interrupt, lines]) => {
        const isAwaited = bodies.some((text) => text.includes("READY"));
        const last = counts.length - 1;
        const texts = bodies.map((text, index) => {
          const full = isAwaited && index === last ? `${makeReady}\n\t${text}` : text;
          return full.replaceAll("READY", "ready");
        });
        const tasks = texts.map((text, index) =>
          taskText(text, { index, count: counts[index] ?? 1, isForever: forever === index }),
        );
        const irq = interrupt === "" ? "" : `task interrupt irq {\n\tint a;\n\t${interrupt}\n}\n`;
        const inInit = plan.uses.filter((use) => use.place === "init").map((use) => use.open);
        const all = `${tasks.join("")}${irq}${check}\n`;
        return `${lines}${preludeOf(all, inInit)}${all}`;
      });
  });
}

function taskText(
  body: string,
  task: { readonly index: number; readonly count: number; readonly isForever: boolean },
): string {
  const inner = task.isForever ? `\tforever {\n\t${body}\n\t}` : `\t${body}`;
  const size = task.count === 1 ? "" : `[${String(task.count)}]`;
  return `task t${String(task.index)}${size} {\n\t${localsOf(body)}\n${inner}\n}\n`;
}
