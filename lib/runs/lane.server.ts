import type { RunLane } from "../db/run-lanes.ts";
import { systemPersonId } from "../people/known.server.ts";

/** The program's own runs never stand in a person's way. */
export function laneOf(personId: string): RunLane {
  return personId === systemPersonId ? "background-run" : "run";
}
