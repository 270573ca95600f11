/** Single costs set otherwise: `cost NAME=value` lines of a run cell. */
import { nearestName } from "../../source/edit-distance.ts";
import { figureMeanings, type Figure, type FigureName, type MachineProfile } from "../profile.ts";

export type CostOverride = { readonly name: string; readonly value: number };

export type OverrideOutcome =
  | { readonly kind: "profile"; readonly profile: MachineProfile }
  | { readonly kind: "unknown"; readonly message: string };

/** Longest time that a cost may be: ten simulated seconds. */
export const costNsMax = 10_000_000_000;

/**
 * What `cost` may name: the figures, the scheduler's base slice, the bounds of a grace period, and `speed.KIND` of the
 * profile's CPU kinds.
 */
export function costNames(profile: MachineProfile): readonly string[] {
  const speeds = profile.cpus.map((kind) => `speed.${kind.name}`);
  return [...figureNames, "baseSlice", "gracePeriodLo", "gracePeriodHi", ...speeds];
}

export const figureNames: readonly FigureName[] = Object.keys(figureMeanings).filter(isFigureName);

export function isFigureName(name: string): name is FigureName {
  return Object.hasOwn(figureMeanings, name);
}

/**
 * The profile with some costs set otherwise. Times are whole nanoseconds, speeds are above 0. A cost that is set has no
 * range: it is not swept. Of two settings of one name the later counts.
 *
 * @returns unknown with a message when a name or a value is not possible
 */
export function overrideCosts(profile: MachineProfile, costs: readonly CostOverride[]): OverrideOutcome {
  let current = profile;
  for (const cost of costs) {
    const problem = problemOf(current, cost);
    if (problem !== null) return { kind: "unknown", message: problem };
    current = withCost(current, cost);
  }
  const { lo, hi } = current.gracePeriodNs;
  if (lo.value > hi.value) {
    const bounds = `${String(lo.value)} and ${String(hi.value)} ns`;
    return {
      kind: "unknown",
      message: `a grace period lasts from gracePeriodLo to gracePeriodHi; ${bounds} are in the wrong order`,
    };
  }
  return { kind: "profile", profile: current };
}

function problemOf(profile: MachineProfile, { name, value }: CostOverride): string | null {
  const names = costNames(profile);
  if (!names.includes(name)) {
    const nearest = nearestName(name, names);
    const hint = nearest === null ? `there are ${names.join(", ")}` : `did you mean "${nearest}"?`;
    return `${profile.name} has no cost "${name}"; ${hint}`;
  }
  if (name.startsWith("speed."))
    return value >= speedMin && value <= speedMax
      ? null
      : `${name}=${String(value)}: a speed is from ${String(speedMin)} to ${String(speedMax)}; 1 is the CPU that work() is written for`;
  const least = name === "baseSlice" || name.startsWith("gracePeriod") ? 1 : 0;
  return Number.isInteger(value) && value >= least && value <= costNsMax
    ? null
    : `${name}=${String(value)}: a cost is whole nanoseconds from ${String(least)} to ${String(costNsMax)}`;
}

export const speedMin = 0.01;
export const speedMax = 100;

function withCost(profile: MachineProfile, { name, value }: CostOverride): MachineProfile {
  if (isFigureName(name))
    return { ...profile, figures: { ...profile.figures, [name]: given(profile.figures[name], value) } };
  const { lo, hi } = profile.gracePeriodNs;
  if (name === "baseSlice") return { ...profile, baseSliceNs: given(profile.baseSliceNs, value) };
  if (name === "gracePeriodLo") return { ...profile, gracePeriodNs: { lo: given(lo, value), hi } };
  if (name === "gracePeriodHi") return { ...profile, gracePeriodNs: { lo, hi: given(hi, value) } };
  const cpus = profile.cpus.map((kind) =>
    name === `speed.${kind.name}` ? { ...kind, speed: given(kind.speed, value) } : kind,
  );
  return { ...profile, cpus };
}

/** Whoever sets a cost answers for it: no range, and not measured by us. */
function given(figure: Figure, value: number): Figure {
  return {
    value,
    unit: figure.unit,
    basis: "estimate",
    source: `set for this run; the profile says ${String(figure.value)}`,
    low: value,
    high: value,
  };
}
