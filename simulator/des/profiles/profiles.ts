/** The machines that ship, by name. */
import { nearestName } from "../../source/edit-distance.ts";
import type { MachineProfile } from "../profile.ts";
import { arm64Phone } from "./arm64-phone.ts";
import { vm2 } from "./vm-2.ts";
import { x86Server } from "./x86-server.ts";

/** All of them, the measured one first: it is the default of `simulate`. */
export const machineProfiles: readonly MachineProfile[] = [vm2, x86Server, arm64Phone];

export const profileNames: readonly string[] = machineProfiles.map((profile) => profile.name);

/** The machine that a run without `profile=` is computed on. */
export const defaultProfile: MachineProfile = vm2;

export type ProfileFinding =
  | { readonly kind: "profile"; readonly profile: MachineProfile }
  | { readonly kind: "unknown"; readonly message: string };

/**
 * The machine of that name.
 *
 * @returns unknown with a message that names the nearest, and all there are
 */
export function findProfile(name: string): ProfileFinding {
  const profile = machineProfiles.find((candidate) => candidate.name === name);
  if (profile !== undefined) return { kind: "profile", profile };
  const nearest = nearestName(name, profileNames);
  const hint = nearest === null ? "" : `did you mean "${nearest}"? `;
  return { kind: "unknown", message: `there is no machine "${name}"; ${hint}there are ${profileNames.join(", ")}` };
}
