/** What one replication is asked to do. */
import type { FigureName, MachineProfile } from "./profile.ts";
import type { Recorder, ReplicationEnd, TimelineRecorder } from "./recorder.ts";
import type { TimedProgram } from "./timed-code.ts";

export type ReplicationSetting = {
  readonly program: TimedProgram;
  readonly profile: MachineProfile;
  /** Figures of the profile that are given otherwise, in its units. */
  readonly costs: ReadonlyMap<FigureName, number>;
  /** Number of CPUs; null for those of the profile. More than it has are of its last kind. */
  readonly cpus: number | null;
  readonly untilNs: number;
  /** Less than untilNs; 0 for none, and then `warmUpEnds` is told at 0. */
  readonly warmUpNs: number;
  readonly eventsMax: number;
  /** 0 to 2^32-1. With `replication` it decides all chance: see simulator/des/random/streams.ts. */
  readonly seed: number;
  /** From 0. */
  readonly replication: number;
  /**
   * For the oracles of the tests only: rwlocks grant all queued readers together, and the side that is not preferred only
   * when none of the other waits. null: as the kernel does.
   */
  readonly oracleRwlock: "writer" | "reader" | null;
};

export type RunReplication = (
  setting: ReplicationSetting,
  recorder: Recorder,
  timeline?: TimelineRecorder,
) => ReplicationEnd;
