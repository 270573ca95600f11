/** From a run's input to what the simulator takes. */
import { findProfile, overrideCosts, parseProfile, type MachineProfile, type SimulateOptions } from "#simulator";
import type { RunInput } from "./run-input.ts";

type SimulateInput = NonNullable<RunInput["simulate"]>;

/**
 * The machine of a run, with the costs that are set over it.
 *
 * @throws Error on a name, profile or cost that the notebook's parser or the command should have refused
 */
export function machineOf({
  profile,
  profileText,
  costs,
}: Pick<SimulateInput, "profile" | "profileText" | "costs">): MachineProfile {
  const found = profileText === undefined ? findProfile(profile) : parseProfile(profileText);
  if (found.kind !== "profile") throw new Error(`assert: an unchecked machine profile: ${found.message}`);
  const pairs = Object.entries(costs).map(([name, value]) => ({ name, value }));
  const overridden = overrideCosts(found.profile, pairs);
  if (overridden.kind !== "profile") throw new Error(`assert: an unchecked cost: ${overridden.message}`);
  return overridden.profile;
}

/** Everything but who listens. */
export function simulateOptions(
  input: Pick<RunInput, "seed">,
  asked: SimulateInput,
): Omit<SimulateOptions, "onProgress" | "timeline"> {
  const { cpus, untilNs, warmUpNs, replications, eventsMax } = asked;
  return {
    profile: machineOf(asked),
    ...(cpus === undefined ? {} : { cpus }),
    ...{ untilNs, warmUpNs, replications, eventsMax },
    seed: input.seed,
  };
}
