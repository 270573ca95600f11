/** Several of the command's runs at a time, each in a child of its own; answers come in the order of asking. */
import { availableParallelism } from "node:os";
import type { PlannedRun } from "../notebooks/types.ts";
import type { RunProgress } from "../runs/child-messages.ts";
import type { EngineOptions } from "../runs/run-input.ts";
import { runOverheadBytes, type Sandbox } from "../runs/sandbox.server.ts";
import { compute, openCommandSandbox, runKeyOf, surveyOf, type Computed } from "./compute.server.ts";

/** More children than this gain nothing: what they share is memory bandwidth. */
const runsAtOnceMax = 8;

/**
 * How many runs to compute at once: a core each, as long as each finds the memory that its limit allows. More at once
 * never changes a verdict; too little memory would stop runs that fit one by one.
 */
export function runsAtOnce(members: readonly PlannedRun[], options: { readonly isMany: boolean }): number {
  const needBytes = Math.max(1, ...members.map((member) => member.limits.memoryBytesMax)) + runOverheadBytes;
  const fitting = Math.max(1, Math.floor(process.availableMemory() / needBytes));
  return Math.max(
    1,
    Math.min(availableParallelism(), runsAtOnceMax, fitting, options.isMany ? fitting : members.length),
  );
}

export type RunPoolOptions = {
  readonly engineOptions: EngineOptions;
  readonly atOnce: number;
  readonly onWeakSandbox: (layers: readonly string[]) => void;
  readonly onProgress: (plan: PlannedRun, progress: RunProgress) => void;
};

export class RunPool {
  readonly #sandbox: Sandbox;
  readonly #options: RunPoolOptions;
  readonly #waiting: (() => void)[] = [];
  readonly #known = new Map<string, Promise<Computed>>();
  #running = 0;

  private constructor(sandbox: Sandbox, options: RunPoolOptions) {
    this.#sandbox = sandbox;
    this.#options = options;
  }

  /** @throws UsageError when no child process starts here */
  static async open(options: RunPoolOptions): Promise<RunPool> {
    return new RunPool(await openCommandSandbox(options.onWeakSandbox, { spares: options.atOnce }), options);
  }

  /**
   * Computes a run when its turn comes: first asked, first computed. Equal run keys mean equal result bytes, so a run that
   * the notebook asks for twice (a check and a subset of an ablation) is computed once.
   */
  async submit(plan: PlannedRun, overrides: Partial<EngineOptions> = {}): Promise<Computed> {
    const engineOptions = { ...this.#options.engineOptions, ...overrides };
    const key = runKeyOf(plan, engineOptions);
    const known = this.#known.get(key);
    if (known !== undefined) {
      const same = await known;
      if (same.end.kind === "finished") return { ...same, plan };
    }
    const answer = this.#compute(plan, engineOptions);
    this.#known.set(key, answer);
    return answer;
  }

  async #compute(plan: PlannedRun, engineOptions: EngineOptions): Promise<Computed> {
    await this.#turn();
    try {
      return await compute(plan, {
        sandbox: this.#sandbox,
        engineOptions,
        onProgress: (progress) => {
          this.#options.onProgress(plan, progress);
        },
      });
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** The mutants of a run's program. */
  survey(plan: PlannedRun): ReturnType<typeof surveyOf> {
    return surveyOf(plan, this.#sandbox);
  }

  close(): void {
    this.#sandbox.close();
  }

  async #turn(): Promise<void> {
    if (this.#running >= this.#options.atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }
}
