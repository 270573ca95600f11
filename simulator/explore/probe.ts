/** Looks at single states: which properties fail there, which tasks race there, what steps lead from there. */
import type { ViolationClass } from "./classes.ts";
import { generate, type EngineModule } from "./generate.ts";
import type { Prepared } from "./prepare.ts";

/** A property that does not hold in a state, or cannot be evaluated there. */
export type PropertyFailure = {
  readonly class: ViolationClass;
  readonly property: number;
  /** Where its evaluation failed, -1 when it gave a value. */
  readonly node: number;
};

/** A module of its own, so that asking does not disturb a search. */
export class Probe {
  readonly prepared: Prepared;
  readonly scratch: Int32Array;
  readonly module: EngineModule;
  #failures: PropertyFailure[] = [];
  #races: (readonly [number, number])[] = [];

  constructor(prepared: Prepared, options: { readonly deadLocals: boolean }) {
    this.prepared = prepared;
    this.scratch = new Int32Array(prepared.image.words);
    this.module = generate(prepared, {
      traced: false,
      brief: true,
      deadLocals: options.deadLocals,
      symmetry: null,
      merging: null,
      partialOrder: null,
      scratch: this.scratch,
      host: {
        violation: () => undefined,
        limit: () => undefined,
        property: (code) => this.#failures.push(this.#failure(code)),
        sometimes: () => undefined,
        notes: () => undefined,
        race: (_, first, second) => this.#races.push([first, second]),
        mergedRace: () => undefined,
        deadlock: () => undefined,
        event: () => undefined,
        blocked: () => undefined,
      },
    }).module;
  }

  /** In the order of the source. */
  failures(state: Int32Array): readonly PropertyFailure[] {
    this.#failures = [];
    this.scratch.set(state);
    this.module.inspect();
    this.module.clearFault();
    return this.#failures;
  }

  /** Pairs of tasks whose next steps race. */
  races(state: Int32Array): readonly (readonly [number, number])[] {
    this.#races = [];
    this.scratch.set(state);
    this.module.races();
    this.module.clearFault();
    return this.#races;
  }

  /** No task can step and some task neither ended nor is idle. */
  isStuck(state: Int32Array): boolean {
    const { module, scratch } = this;
    scratch.set(state);
    if (module.quiet()) return false;
    return module.steps.every((step, task) => {
      module.setTask(task);
      module.startChoice();
      do {
        module.resetChoice();
        scratch.set(state);
        const result = step();
        module.clearFault();
        if (result !== 0) return false;
      } while (module.more());
      return true;
    });
  }

  #failure(code: number): PropertyFailure {
    const isError = code < 0;
    const property = isError ? -1 - code : code;
    const kind = this.prepared.program.properties[property]?.kind;
    return {
      class: isError ? "property-error" : kind === "finally" ? "finally" : "always",
      property,
      node: isError ? this.module.fault().node : -1,
    };
  }
}
