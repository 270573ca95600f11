/**
 * A schedule is data: which task made each step and what it chose. Its text is short and safe in URLs and mails, and
 * replays anywhere (shuttle, `scheduler/serialization.rs`).
 *
 * `1:C_C:T.T_C.Tx3`: format 1, the choices of init, then steps: task number, its choices, how often it repeats.
 */
export type ScheduledStep = { readonly task: number; readonly choices: readonly number[] };

export type Schedule = { readonly init: readonly number[]; readonly steps: readonly ScheduledStep[] };

export function printSchedule(schedule: Schedule): string {
  const parts: string[] = [];
  let last = "";
  let repeats = 0;
  const flush = (): void => {
    if (repeats > 0) parts.push(repeats === 1 ? last : `${last}x${String(repeats)}`);
  };
  for (const step of schedule.steps) {
    const text = [step.task, ...step.choices].map(String).join("_");
    if (text === last) {
      repeats += 1;
      continue;
    }
    flush();
    last = text;
    repeats = 1;
  }
  flush();
  return `1:${schedule.init.map(String).join("_")}:${parts.join(".")}`;
}

export type ParsedSchedule =
  { readonly kind: "schedule"; readonly schedule: Schedule } | { readonly kind: "malformed"; readonly message: string };

/** Steps of one schedule, repeats counted: a pasted text must not blow up. */
const scheduledStepsMax = 1_000_000;

export function parseSchedule(text: string): ParsedSchedule {
  const match = /^1:([0-9_]*):([0-9_x.]*)$/.exec(text.trim());
  if (match === null) return malformed("a schedule looks like 1::0.1.0_2x3");
  const init = numbers(match[1] ?? "");
  const steps: ScheduledStep[] = [];
  for (const part of (match[2] ?? "") === "" ? [] : (match[2] ?? "").split(".")) {
    const step = /^([0-9]+)((?:_[0-9]+)*)(?:x([0-9]+))?$/.exec(part);
    if (step === null) return malformed(`"${part.slice(0, 40)}" is not a step of a schedule`);
    const repeats = Number(step[3] ?? "1");
    if (steps.length + repeats > scheduledStepsMax) return malformed("the schedule is longer than a million steps");
    const choices = numbers((step[2] ?? "").slice(1));
    for (let count = 0; count < repeats; count += 1) steps.push({ task: Number(step[1]), choices });
  }
  return { kind: "schedule", schedule: { init, steps } };
}

function numbers(text: string): readonly number[] {
  return text === "" ? [] : text.split("_").map(Number);
}

function malformed(message: string): ParsedSchedule {
  return { kind: "malformed", message };
}
