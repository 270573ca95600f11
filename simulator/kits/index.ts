/**
 * Kits: texts in the scenario language that scenarios include by path. The core reads no files, so each text is a
 * string of a TypeScript module (docs/decisions/0016); each folder here has one table of path and text.
 */
import { linuxKits } from "./linux/linux-kits.ts";
import { mmKits } from "./mm/mm-kits.ts";

const kits: ReadonlyMap<string, string> = new Map<string, string>([...linuxKits, ...mmKits]);

/** Text of a kit; null when there is none of that path. */
export function kitText(path: string): string | null {
  return kits.get(path) ?? null;
}

/** Paths of all kits, sorted. */
export function kitPaths(): readonly string[] {
  return [...kits.keys()].sort();
}
