import { spawnUnderLauncher, settledWithin, signalGroup, type Urgency } from "./supervise.server.ts";

/** A program that runs once and ends by itself. */
export type StepPlan = {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
};

export type StepOutcome =
  | { readonly kind: "succeeded"; readonly output: string }
  | { readonly kind: "failed"; readonly how: string; readonly output: string };

export type Step = {
  readonly finished: Promise<StepOutcome>;
  readonly stop: (urgency: Urgency) => Promise<void>;
};

const outputCharactersMax = 100_000;

/** Starts a step like a supervised child: in a group of its own, ended with the launcher. Its output is kept. */
export function runStep(plan: StepPlan): Step {
  const child = spawnUnderLauncher({ ...plan, user: null, deathSignal: "KILL", stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString("utf8")).slice(-outputCharactersMax);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const finished = new Promise<StepOutcome>((resolve) => {
    child.once("error", (error) => resolve({ kind: "failed", how: error.message, output }));
    child.once("close", (code, signal) => {
      if (code === 0) resolve({ kind: "succeeded", output });
      else resolve({ kind: "failed", how: signal ? `ended by ${signal}` : `exit code ${code ?? "?"}`, output });
    });
  });
  return {
    finished,
    stop: async () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        signalGroup(child.pid, "SIGKILL");
      await settledWithin(
        finished.then(() => undefined),
        5_000,
      );
    },
  };
}
