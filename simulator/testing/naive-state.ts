/** A state of the naive explorer: everything that the rule of the language says a state holds, one number each. */

export type Alive = "yes" | "no";

export type State = {
  position: number[];
  temps: Record<string, number>[];
  cells: number[];
  unwritten: boolean[];
  memory: number[];
  unwrittenMemory: boolean[];
  alive: Record<string, Alive>;
  readers: Record<string, number>;
  stacks: number[][];
};

/** By hand: structuredClone costs more than the step that the copy is made for. */
export function copyOf(state: State): State {
  return {
    position: [...state.position],
    temps: state.temps.map((temps) => ({ ...temps })),
    cells: [...state.cells],
    unwritten: [...state.unwritten],
    memory: [...state.memory],
    unwrittenMemory: [...state.unwrittenMemory],
    alive: { ...state.alive },
    readers: { ...state.readers },
    stacks: state.stacks.map((stack) => [...stack]),
  };
}

const bits = (flags: readonly boolean[]): string => flags.map(Number).join("");

export function keyOf(state: State): string {
  const { temps, alive, readers, stacks } = state;
  const rest = JSON.stringify([temps, alive, readers, stacks]);
  return `${state.position.join()} ${state.cells.join()} ${state.memory.join()} ${bits(state.unwritten)} ${bits(state.unwrittenMemory)} ${rest}`;
}
