/** One sentence for a violation: who, what, where. */
import type { Place } from "../trace/trace.ts";
import type { Narrator } from "./narrate.ts";
import { nodeAt, type NodeRef } from "./prepare.ts";
import type { Execution, Runner, StepEvent } from "./runner.ts";
import { placeOf, type Scenario } from "./scenario.ts";
import type { Finding } from "./search.ts";
import type { ViolationClass } from "./classes.ts";

export type MessageFacts = {
  readonly scenario: Scenario;
  readonly finding: Finding;
  readonly narrator: Narrator;
  readonly runner: Runner;
  readonly execution: Extract<Execution, { kind: "done" }>;
};

export type Told = { readonly message: string; readonly place: Place | null };

export function messageOf(facts: MessageFacts): Told {
  const { finding, scenario, narrator } = facts;
  if (finding.racing !== null) return tellRace(facts, finding.racing);
  if (finding.class === "deadlock" || finding.class === "cannot-finish") return tellStuck(facts);
  if (finding.order !== undefined) return tellLockOrder(narrator, finding.order);
  if (finding.cycle !== undefined) return tellLivelock(facts, finding.cycle);
  const property = scenario.program.properties[finding.property];
  if (property !== undefined) {
    const place = placeOf(scenario.sources, property.span);
    if (finding.class === "property-error")
      return {
        message: `${property.kind}("${property.text}") cannot be evaluated here: it reads memory that is not valid`,
        place,
      };
    return { message: `${property.kind}("${property.text}") does not hold`, place };
  }
  return tellFault(facts);
}

function at(place: Place): string {
  return `${place.file}:${String(place.line)}`;
}

function tellRace(facts: MessageFacts, tasks: readonly [number, number]): Told {
  const { narrator, runner, execution } = facts;
  const sides = tasks.map((task) => {
    const node = narrator.nodeOf(execution.state, task);
    const place = narrator.placeOfNode(node);
    const kind = nodeAt(runner.prepared, node)?.node;
    const events = runner.nextEvents(execution.state, task);
    return {
      task: narrator.taskName(task),
      place,
      kind: accessWord(kind?.kind),
      plain: isPlain(kind),
      address: firstAddress(events),
    };
  });
  const plain = sides.find((side) => side.plain) ?? sides[0];
  const name = plain === undefined ? "a cell" : (narrator.decoder.nameOf(plain.address) ?? "a cell");
  const told = sides.map(
    (side) =>
      `${side.task} ${side.kind} it${side.plain ? " unmarked" : ""}${side.place === null ? "" : ` (${at(side.place)})`}`,
  );
  return { message: `data race on ${name}: ${told.join(", ")}`, place: plain?.place ?? null };
}

function isPlain(node: { readonly kind: string } | undefined): boolean {
  return node !== undefined && "plain" in node && node.plain === true;
}

function accessWord(kind: string | undefined): string {
  if (kind === "load") return "reads";
  if (kind === "store") return "writes";
  return "accesses";
}

function firstAddress(events: readonly StepEvent[]): number {
  return events.find((event) => event.address !== 0)?.address ?? 0;
}

function tellStuck(facts: MessageFacts): Told {
  const { narrator, execution, finding } = facts;
  const waiters = narrator.waiters(execution.state, execution.steps);
  const told = waiters.map((waiter) => {
    const holders = waiter.holders.length === 0 ? "" : ` held by ${waiter.holders.join(" and ")}`;
    return `${waiter.task} waits in ${waiter.waitsFor}${holders}`;
  });
  const what = finding.class === "deadlock" ? "deadlock" : "cannot finish: from here some task can never end";
  return { message: told.length === 0 ? what : `${what}: ${told.join("; ")}`, place: waiters[0]?.place ?? null };
}

/** Where each lock of the circle is asked for: lines are the same whoever searches. */
export function tellLockOrder(
  narrator: Pick<Narrator, "placeOfNode">,
  order: { readonly message: string; readonly nodes: readonly number[] },
): Told {
  const places = order.nodes.map((node) => narrator.placeOfNode(node));
  const parts = order.message.split("; ").map((part, index) => {
    const place = places[index];
    return place === null || place === undefined ? part : `${part} (${at(place)})`;
  });
  return { message: `lock order: ${parts.join("; ")}`, place: places[places.length - 1] ?? null };
}

/** The last steps of the execution are the cycle. */
function tellLivelock(facts: MessageFacts, cycle: readonly { readonly task: number }[]): Told {
  const { narrator, execution, scenario } = facts;
  const last = execution.steps.length;
  const first = last - cycle.length + 1;
  const moving = [...new Set(cycle.map((step) => step.task))].sort((a, b) => a - b);
  const ending = moving.filter((task) => scenario.program.tasks[task]?.hasForever === false);
  const steps = cycle.length === 1 ? `step ${String(last)}` : `steps ${String(first)} to ${String(last)}`;
  const names = ending.map((task) => narrator.taskName(task)).join(" and ");
  const go = ending.length === 1 ? "goes on and never ends" : "go on and never end";
  const message = `livelock: ${steps} can repeat for ever, fair to every task; ${names} ${go}`;
  const start = execution.steps.slice(first - 1).find((step) => ending.includes(step.task));
  const place = start === undefined ? null : narrator.placeOfNode(narrator.nodeOf(start.before, start.task));
  return { message, place };
}

function tellFault(facts: MessageFacts): Told {
  const { finding, narrator, runner, execution } = facts;
  const reference = nodeAt(runner.prepared, execution.fault?.node ?? finding.node);
  if (reference === null) return { message: finding.class, place: null };
  const { node } = reference;
  const place = narrator.placeOfNode(execution.fault?.node ?? finding.node);
  const who = finding.task < 0 ? "init" : narrator.taskName(finding.actor ?? finding.task);
  const where = place === null ? "" : ` (${at(place)})`;
  if (node.kind === "check" && finding.class === "lock-leak") {
    const held = narrator.decoder.heldLocks(execution.state).filter((lock) => lock.task === who);
    const locks = held.map((lock) => lock.lock).join(" and ");
    return { message: `${who} ${held.length === 0 ? node.violation.message : `ends holding ${locks}`}${where}`, place };
  }
  if (node.kind === "check")
    return { message: `${who}: ${checkText(finding.class, node.violation.message)}${where}`, place };
  if (node.kind === "end") {
    const lock = runner.leakedLock();
    return {
      message: `${who} ends ${lock === null ? "inside an RCU read section" : `holding ${lock}`}${where}`,
      place,
    };
  }
  const text = headText(facts, reference) ?? faultTexts[finding.class] ?? finding.class;
  return { message: `${who}: ${text}${where}`, place };
}

/** What is wrong with an rcu_head whose memory is gone; null for other faults. */
function headText({ finding, runner }: MessageFacts, reference: NodeRef): string | null {
  const { node, task } = reference;
  const isGone = finding.class === "use-after-free" || finding.class === "use-after-scope";
  if (node.kind !== "load" || node.tag !== "rcu-head" || !isGone) return null;
  const { prepared } = runner;
  const gone = finding.class === "use-after-free" ? "freed memory" : "a variable whose scope has ended";
  // Whoever frees looks at what is queued (Callbacks.checkHeads); the others have the head as a value.
  if (node.address.kind === "cell") {
    return finding.class === "use-after-free"
      ? "frees memory with an rcu_head that is queued: RCU still links it and reads it"
      : `an rcu_head that is queued lies in ${gone}`;
  }
  if (task >= 0 && task === prepared.program.rcuTask) return `the rcu_head that is queued lies in ${gone}`;
  return `queues an rcu_head in ${gone}`;
}

/** What a failed check says. */
export function checkText(violation: ViolationClass, message: string): string {
  return violation === "assertion" ? `assertion "${message}" fails` : message;
}

/** What accesses and frees that fail say. */
export const faultTexts: Partial<Record<ViolationClass, string>> = {
  "null-deref": "access through a null pointer",
  "wild-pointer": "access through a pointer to no object of that kind",
  "out-of-bounds": "access behind the end of an object",
  "use-after-free": "access to freed memory",
  "use-after-scope": "access to a variable whose scope has ended",
  "double-free": "memory is freed a second time",
  "bad-free": "this is not the start of an object that this call may free",
  uninitialised: "reads a value that was never written",
  arithmetic: "the range of choose is empty",
  "lock-freed": "frees memory that holds a held lock",
  "atomic-blocks": "blocks inside an atomic block that has already acted",
};
