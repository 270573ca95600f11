/** Answers a question: the first state in which it held, told as a trace, or how far the search looked. */
import { assert } from "../source/assert.ts";
import { describeLimit } from "../limits.ts";
import { printSchedule, type Schedule } from "../trace/schedule.ts";
import { Narrator } from "./narrate.ts";
import type { ReachAnswer } from "./result.ts";
import { runSchedule } from "./runner.ts";
import { placeOf, type Scenario } from "./scenario.ts";
import type { SearchOutcome } from "./search.ts";

/** States are numbered breadth first, so the smallest is nearest. */
export function answerReach(
  scenario: Scenario,
  outcome: SearchOutcome,
  scheduleTo: (state: number) => Schedule,
): ReachAnswer {
  const answers = scenario.program.properties.flatMap((property, index) => {
    const state = property.reach === undefined ? undefined : outcome.sometimes.get(index);
    return state === undefined ? [] : [{ property, state }];
  });
  const [first] = answers.sort((a, b) => a.state - b.state);
  if (first === undefined) return notReached(outcome);
  const schedule = scheduleTo(first.state);
  const { runner, execution } = runSchedule(scenario.program, schedule);
  assert(execution.kind === "done", "what the search did can be done again");
  const { reach } = first.property;
  const place = reach?.kind === "at" ? placeOf(scenario.sources, first.property.span) : null;
  const who = reach?.kind === "at" ? `, with ${scenario.names.tasks[reach.task] ?? "a task"} there` : "";
  const where = place === null ? "" : ` right before ${place.file}:${String(place.line)}${who}`;
  const trace = new Narrator(scenario, runner).trace({
    schedule,
    steps: execution.steps,
    end: { kind: "reached", message: `what was asked holds here${where}` },
    shortest: true,
    fewestSwitches: false,
  });
  const told = { steps: schedule.steps.length, schedule: printSchedule(schedule), trace };
  return { kind: "reached", ...told, ...(place === null ? {} : { place }) };
}

function notReached(outcome: SearchOutcome): ReachAnswer {
  if (outcome.isExhausted) return { kind: "never" };
  const { limit } = outcome;
  const message = limit === null ? "the search ended before every state was seen" : describeLimit(limit);
  return { kind: "not-within-bounds", ...(limit === null ? {} : { limit }), message };
}
