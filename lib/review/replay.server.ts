/** A schedule of a run, walked through again for a page. */
import { db } from "../db/client.server.ts";
import { environment } from "../env.server.ts";
import type { Viewer } from "../people/viewer.ts";
import { parseRunInput, type RunInput } from "../runs/run-input.ts";
import { exploredOf } from "../runs/run-result.ts";
import { openSandbox, type SandboxOutcome } from "../runs/sandbox.server.ts";
import { readTrace, type ResultTrace } from "../runs/trace-schema.ts";
import { readRunPage } from "./read-run-page.server.ts";
import type { RunMember, RunPage } from "./run-page.ts";

/** Wall time of one replay: it is one run of one schedule. */
const replayMsMax = 5_000;
/** Replays at once in this process: they share the machine with the pages. */
const replaysMax = 2;
const scheduleCharactersMax = 8_000;

let replaysNow = 0;

export type Replay =
  | { readonly kind: "replayed"; readonly trace: ResultTrace; readonly isStored: boolean }
  /** For the person: what happened and the way out. */
  | { readonly kind: "refused"; readonly message: string };

export type ReplayPage = { readonly page: RunPage; readonly member: RunMember; readonly replay: Replay };

/**
 * Runs one schedule of a member of an ask; null when there is no such ask for this viewer, or no such member. The trace
 * that the run itself found is not run again.
 */
export async function replayForPage(
  viewer: Viewer,
  askId: string,
  asked: { readonly ordinal: number; readonly schedule: string },
): Promise<ReplayPage | null> {
  const page = await readRunPage(viewer, askId);
  const member = page?.members.find((candidate) => candidate.ordinal === asked.ordinal);
  if (page === null || member === undefined) return null;
  const stored = storedTrace(member);
  if (stored?.schedule === asked.schedule)
    return { page, member, replay: { kind: "replayed", trace: stored, isStored: true } };
  return { page, member, replay: await replayAgain(member.runKey, asked.schedule) };
}

function storedTrace({ result }: RunMember): ResultTrace | undefined {
  return exploredOf(result)?.trace;
}

async function replayAgain(runKey: string, schedule: string): Promise<Replay> {
  if (!/^1:[0-9_]*:[0-9_x.]*$/.test(schedule)) return refused("That is no schedule: one looks like 1::0.1.0_2x3.");
  if (schedule.length > scheduleCharactersMax)
    return refused(`A schedule of more than ${scheduleCharactersMax} characters is replayed by the command only.`);
  const row = await db().run.findUnique({ where: { key: runKey }, select: { input: true } });
  if (row === null) return refused("The run's input is no longer stored.");
  if (replaysNow >= replaysMax) return refused("Other replays are running. Try again in a few seconds.");
  replaysNow += 1;
  try {
    return await inSandbox(parseRunInput(row.input), schedule);
  } finally {
    replaysNow -= 1;
  }
}

async function inSandbox(input: RunInput, schedule: string): Promise<Replay> {
  const opening = await openSandbox({ weak: environment().HUNKBOOK_WEAK_SANDBOX === "1" ? "allowed" : "refused" });
  if (opening.kind === "refused") return refused(`This server runs nothing: ${opening.reason}`);
  try {
    const request = { kind: "replay", input, schedule } as const;
    return replayOf(await opening.sandbox.run({ request, timeMsMax: replayMsMax }));
  } finally {
    opening.sandbox.close();
  }
}

function replayOf(outcome: SandboxOutcome): Replay {
  switch (outcome.kind) {
    case "replayed": {
      const reading = readTrace(outcome.trace);
      if (reading.kind === "trace") return { kind: "replayed", trace: reading.trace, isStored: false };
      return refused("The engine's answer is not a trace.");
    }
    case "not-replayable":
      return refused(`This schedule does not fit the scenario: ${outcome.message}.`);
    case "result":
      return refused("The scenario does not compile with the present engine.");
    case "stopped":
      return refused(`The replay was stopped (${outcome.reason}). The command has no such bound.`);
    case "failed":
      return refused("The engine failed. The schedule was not replayed.");
    case "cancelled":
    case "survey":
    case "timeline":
      throw new Error("assert: nobody cancelled the replay");
  }
}

function refused(message: string): Replay {
  return { kind: "refused", message };
}
