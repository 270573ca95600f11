/** Random scripts whose locks nest and are taken in one order, so that every one of them must come to its end. */
import type { ScriptedTask, Step } from "./scripted-world.ts";
import type { RequestKind, Site } from "../des/timed-code.ts";

/** Integer in lo..hi. */
export type Draw = (lo: number, hi: number) => number;

type Section = {
  readonly take: readonly RequestKind[];
  readonly attempt: readonly RequestKind[];
  readonly release: readonly RequestKind[];
  readonly isAtomic: boolean;
};

/** By lock number: sleeping locks first, spinning ones after them, so that nobody sleeps with preemption off. */
const sections: readonly Section[] = [
  { take: ["mutex-lock"], attempt: ["mutex-trylock"], release: ["mutex-unlock"], isAtomic: false },
  {
    take: ["down-write", "down-read"],
    attempt: ["down-write-trylock", "down-read-trylock"],
    release: ["up-write", "up-read"],
    isAtomic: false,
  },
  { take: ["folio-lock"], attempt: ["folio-trylock"], release: ["folio-unlock"], isAtomic: false },
  {
    take: ["down-read", "down-write"],
    attempt: ["down-read-trylock", "down-write-trylock"],
    release: ["up-read", "up-write"],
    isAtomic: false,
  },
  { take: ["mutex-lock"], attempt: ["mutex-trylock"], release: ["mutex-unlock"], isAtomic: false },
  {
    take: ["read-lock", "write-lock"],
    attempt: ["read-trylock", "write-trylock"],
    release: ["read-unlock", "write-unlock"],
    isAtomic: true,
  },
  { take: ["spin-lock"], attempt: ["spin-trylock"], release: ["spin-unlock"], isAtomic: true },
  { take: ["spin-lock"], attempt: ["spin-trylock"], release: ["spin-unlock"], isAtomic: true },
];

type Context = { readonly isAtomic: boolean; readonly irqForm: Site["irq"] };

/** The first `lock` is the lowest number that may still be taken. */
function block(draw: Draw, lock: number, context: Context): Step[] {
  const steps: Step[] = [];
  for (let left = draw(1, 3); left > 0; left -= 1) steps.push(...piece(draw, lock, context));
  return steps;
}

function piece(draw: Draw, lock: number, context: Context): Step[] {
  const number = draw(lock, sections.length + 1);
  const section = sections[number];
  if (section === undefined || draw(0, 4) === 0) return [leaf(draw, context)];
  const way = draw(0, section.take.length - 1);
  const inside = block(draw, number + 1, { ...context, isAtomic: context.isAtomic || section.isAtomic });
  // Interrupts stay off at the end of a lock taken inside another.
  const release: Step = [section.release[way] ?? "pause", number, context.isAtomic ? 1 : 0];
  if (draw(0, 5) > 0) return [[section.take[way] ?? "pause", number], ...inside, release];
  return [[section.attempt[way] ?? "pause", number], ["skip", inside.length + 1], ...inside, release];
}

function leaf(draw: Draw, { isAtomic, irqForm }: Context): Step {
  const kind = draw(0, isAtomic ? 5 : 9);
  // Under a lock whose other takers have interrupts off, a flush would wait for them for ever.
  if (kind === 0) return isAtomic && irqForm !== "none" ? ["pause"] : ["tlb-flush", 900];
  if (kind === 1) return ["pause"];
  if (kind <= 5) return ["work", draw(0, 1) === 0 ? draw(0, 2000) : draw(0, 3_000_000)];
  if (kind === 6) return ["cond-resched"];
  if (kind === 7) return ["synchronize-rcu"];
  return ["sleep", draw(0, 1) === 0 ? draw(0, 20_000) : draw(0, 5_000_000)];
}

/** Tasks of one to four kinds, one that awaits the first's end, and perhaps an interrupt that takes the last lock. */
export function randomScripts(draw: Draw, cpus: number): ScriptedTask[] {
  const irqForm = draw(0, 3) === 0 ? "irqsave" : "none";
  const tasks = Array.from({ length: draw(1, 4) }, (_, kind): ScriptedTask => ({
    name: `kind${String(kind)}`,
    count: draw(1, 4),
    nice: draw(0, 2) === 0 ? draw(-20, 19) : 0,
    ...(draw(0, 2) === 0 ? { cpus: [draw(0, cpus - 1)] } : {}),
    rounds: draw(1, 6),
    irqForm,
    script: [
      ["use-mm", draw(900, 901)],
      ["span-begin", 0],
      ...block(draw, 0, { isAtomic: false, irqForm }),
      ["span-end", 0],
      ...(kind === 0
        ? ([
            ["set", 0],
            ["complete-all", 800],
          ] as const)
        : []),
    ],
  }));
  tasks.push({
    name: "waiter",
    script: [
      ["await", 0],
      ["work", 500],
      ["completion-wait", 800, -1],
      ["work", 500],
    ],
  });
  if (draw(0, 1) === 0) tasks.push(interrupt(draw, irqForm));
  return tasks;
}

/** It may take a lock only where all others do so with interrupts off. */
function interrupt(draw: Draw, irqForm: Site["irq"]): ScriptedTask {
  const work: Step = ["work", draw(0, 50_000)];
  const last = sections.length - 1;
  const script: Step[] = irqForm === "none" ? [work] : [["spin-lock", last], work, ["spin-unlock", last]];
  return { name: "interrupt", count: draw(1, 3), irq: true, script };
}
