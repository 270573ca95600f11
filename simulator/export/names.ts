/** Names of the exported model: the source's where they can be, made unique and kept off the words of Promela and C. */
import { isScratch } from "./sequence.ts";
import type { Variable } from "./term.ts";

const reserved = new Set(
  (
    "active assert atomic bit bool break byte c_code c_decl c_expr c_state c_track chan d_step d_proctype do else empty " +
    "enabled eval false fi for full get_priority goto hidden if in init inline int len local ltl mtype nempty never nfull " +
    "nr_pr notrace np_ od of pc_value pid print printf printm priority proctype provided return run select set_priority " +
    "short show skip timeout trace true typedef unless unsigned xr xs auto case char const continue default double enum " +
    "extern float inline long register restrict signed sizeof static struct switch union void volatile while asm now " +
    "main exit printf malloc free memset memcpy abort stdin stdout stderr errno time index remove rename signal"
  ).split(" "),
);

/** A word that neither Promela nor the C that SPIN writes has taken. */
export function identifierOf(text: string): string {
  const word = text
    .replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .replace(/^(?=\d)/, "n");
  const safe = word === "" ? "x" : word;
  return reserved.has(safe) || /^[A-Z][A-Z0-9_]{0,7}$/.test(safe) ? `${safe}_` : safe;
}

/** Hands out names once each, inside one scope and those around it. */
export class Scope {
  readonly #taken = new Set<string>();
  readonly #around: Scope | null;

  constructor(around: Scope | null) {
    this.#around = around;
  }

  has(name: string): boolean {
    return this.#taken.has(name) || (this.#around?.has(name) ?? false);
  }

  claim(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.has(name); number += 1) name = `${wanted}_${String(number)}`;
    this.#taken.add(name);
    return name;
  }
}

/** Names variables: globals first, so that no local hides one. */
export function nameVariables(
  variables: readonly Variable[],
  options: { readonly tasks: readonly string[]; readonly isShared: (variable: Variable) => boolean },
): { readonly nameOf: (variable: Variable) => string; readonly globals: Scope } {
  const names = new Map<Variable, string>();
  const globals = new Scope(null);
  for (const task of options.tasks) globals.claim(identifierOf(task));
  for (const variable of variables) {
    if (!options.isShared(variable)) continue;
    const owner = variable.task >= 0 ? `${options.tasks[variable.task] ?? ""}_` : "";
    names.set(variable, globals.claim(identifierOf(owner + variable.name)));
  }
  const locals = options.tasks.map(() => new Scope(globals));
  for (const variable of variables) {
    if (options.isShared(variable)) continue;
    const scope = locals[variable.task] ?? globals;
    names.set(variable, scope.claim(identifierOf(variable.name)));
  }
  return {
    globals,
    nameOf: (variable) => (isScratch(variable) ? variable.name.replace(" ", "_") : (names.get(variable) ?? "x")),
  };
}
