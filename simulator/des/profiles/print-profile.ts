/** A profile as the file that parseProfile reads. */
import type { Figure, MachineProfile } from "../profile.ts";
import { profileFormat } from "./parse-profile.ts";

/** JSON, two blanks deep, ending in a line end. Equal profiles give equal bytes. */
export function printProfile(profile: MachineProfile): string {
  const { name, title, cpus, tlb, preemption, hz, baseSliceNs, gracePeriodNs, figures, operations } = profile;
  const file = {
    format: profileFormat,
    name,
    title,
    cpus: cpus.map((kind) => ({ name: kind.name, count: kind.count, speed: printed(kind.speed) })),
    tlb,
    preemption,
    hz,
    baseSlice: printed(baseSliceNs),
    gracePeriodLo: printed(gracePeriodNs.lo),
    gracePeriodHi: printed(gracePeriodNs.hi),
    figures: printedAll(figures),
    operations: printedAll(operations ?? {}),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function printedAll(figures: Readonly<Record<string, Figure>>): Record<string, object> {
  return Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, printed(figure)]));
}

function printed({ value, unit, basis, source, low, high }: Figure): object {
  return basis === "measured" ? { value, unit, basis, source } : { value, low, high, unit, basis, source };
}
