/** Kits: texts that scenarios include by path. Complete models of subsystems come as more entries of this table. */
const kits: ReadonlyMap<string, string> = new Map<string, string>();

/** Text of a kit; null when there is none of that path. */
export function kitText(path: string): string | null {
  return kits.get(path) ?? null;
}

/** Paths of all kits, sorted. */
export function kitPaths(): readonly string[] {
  return [...kits.keys()].sort();
}
