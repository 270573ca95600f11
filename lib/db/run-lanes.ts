/**
 * The ways that runs wait: those that a person asked for, and the program's own, for which nobody waits. Each is a queue
 * of that name; a job is one run.
 */
export const runLanes = ["run", "background-run"] as const;
export type RunLane = (typeof runLanes)[number];
