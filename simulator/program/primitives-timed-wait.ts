/** Waits and wake-ups in timed code: the engine keeps the queues. */
import type { PrimitiveOp } from "../lang/tree.ts";
import type { TaskContext } from "./context.ts";
import { binary, constant, isNonZero, isZero, one, select, zero } from "./expressions.ts";
import type { Expr } from "./ir.ts";
import { argument, checkMaySleep, type Operation, type TimedHandler } from "./primitives-context.ts";
import type { Asked } from "./asked.ts";
import { ask, askInSteps, checkAlive } from "./requests.ts";
import { bitShape, queueWords } from "./types.ts";

/** MAX_SCHEDULE_TIMEOUT: who waits so long waits without bound, and has all of it left. */
const maxScheduleTimeout = constant(0x7fff_ffff);

/** Asks with a bound: args[at] is the time in jiffies (a millisecond each), -1 for none. @returns what is left */
function askBounded(context: TaskContext, asked: Asked, jiffies: Expr): Expr {
  const isEndless = context.code.keep(binary("eq", jiffies, maxScheduleTimeout), bitShape);
  const limit = select(isEndless, constant(-1), jiffies);
  const left = ask(context, { ...asked, args: [...asked.args, limit], answers: "value", blocks: true });
  return select(isEndless, jiffies, left);
}

export const waitHandlers: Partial<Readonly<Record<PrimitiveOp, TimedHandler>>> = {
  "wait-for-completion": waitForCompletion,
  "wait-for-completion-timeout": waitForCompletion,
  "prepare-to-wait": (operation) => enterQueue(operation, argument(operation, 2)),
  "add-wait-queue": (operation) => enterQueue(operation, constant(-1)),
  "finish-wait": (operation) => leaveQueue(operation, one),
  "remove-wait-queue": (operation) => leaveQueue(operation, zero),
  "set-current-state": ({ context, call, args: [state] }) => {
    const { spelling, span } = call;
    ask(context, { kind: "queue-prepare", spelling, args: [zero, state ?? zero, zero, zero], span });
    return zero;
  },
  schedule: scheduleInTime,
  "wake-up": wakeQueue,
  "wake-up-process": wakeProcess,
  "sleep-for": (operation) => {
    checkMaySleep(operation.context, operation.call.spelling);
    return passTime(operation, "sleep");
  },
  "delay-for": (operation) => passTime(operation, "work"),
  "same-value": toJiffies,
};

function waitForCompletion(operation: Operation): Expr {
  const { context, call } = operation;
  const { spelling, span } = call;
  const address = argument(operation, 0);
  const isLimited = call.op === "wait-for-completion-timeout";
  checkAlive(context, address, "completion");
  checkMaySleep(context, spelling);
  const asked: Asked = { kind: "completion-wait", spelling, args: [address], span };
  if (isLimited) return askBounded(context, asked, argument(operation, 1));
  ask(context, { ...asked, args: [address, constant(-1)], blocks: true });
  return zero;
}

function enterQueue(operation: Operation, state: Expr): Expr {
  const { context, call } = operation;
  const queue = argument(operation, 0);
  checkAlive(context, queue, "wait-queue");
  const staying = context.code.loadSilently(argument(operation, 1), bitShape, "wait-queue");
  const exclusive = call.attributes.wait.exclusive ? one : zero;
  const args = [queue, state, exclusive, staying];
  return ask(context, { kind: "queue-prepare", spelling: call.spelling, args, span: call.span, answers: "bit" });
}

function leaveQueue(operation: Operation, runs: Expr): Expr {
  const { context, call } = operation;
  const queue = argument(operation, 0);
  checkAlive(context, queue, "wait-queue");
  ask(context, { kind: "queue-finish", spelling: call.spelling, args: [queue, runs], span: call.span });
  return zero;
}

function wakeQueue(operation: Operation): Expr {
  const { context, call } = operation;
  const queue = argument(operation, 0);
  checkAlive(context, context.code.offset(queue, queueWords.waiters), "wait-queue");
  const args = [queue, argument(operation, 1), argument(operation, 2)];
  ask(context, { kind: "wake-up", spelling: call.spelling, args, span: call.span });
  return zero;
}

function scheduleInTime(operation: Operation): Expr {
  const { context, call } = operation;
  const { spelling, span } = call;
  const { wait } = call.attributes;
  if (context.task < 0) return wait.timeout ? argument(operation, 0) : zero;
  if (wait.state !== 0)
    ask(context, { kind: "queue-prepare", spelling, args: [zero, constant(wait.state), zero, zero], span });
  checkMaySleep(context, spelling);
  const asked: Asked = { kind: "schedule", spelling, args: [], span };
  context.noteIdle(call);
  if (wait.timeout) return askBounded(context, asked, argument(operation, 0));
  ask(context, { ...asked, args: [constant(-1)], blocks: true });
  return zero;
}

function wakeProcess(operation: Operation): Expr {
  const { context, call } = operation;
  const { code, unit } = context;
  const handles = unit.taskHandles();
  const handle = argument(operation, 0);
  code.check(isNonZero(handle), { class: "null-deref", message: `${call.spelling} on a task that is NULL` });
  const offset = code.keep(binary("sub", handle, constant(handles.base)));
  const end = constant(handles.stride * handles.count);
  const isKnown = binary("and", binary("lt-u", offset, end), isZero(binary("mod-u", offset, constant(handles.stride))));
  const message = `${call.spelling} on something that is no task of the scenario`;
  code.check(isKnown, { class: "wild-pointer", message });
  const args = [binary("div-u", offset, constant(handles.stride)), argument(operation, 1)];
  return ask(context, { kind: "wake-up-process", spelling: call.spelling, args, span: call.span, answers: "bit" });
}

/** msleep, udelay and kin: args end with the nanoseconds of their unit; usleep_range has two times. */
function passTime(operation: Operation, kind: "sleep" | "work"): Expr {
  const { context, call, args } = operation;
  const unit = args[args.length - 1];
  const unitNs = unit?.kind === "constant" ? unit.value >>> 0 : 1;
  const [lo, hi] = [argument(operation, 0), argument(operation, 1)].map(
    (value) => ({ value, isUnsigned: true, unitNs }) as const,
  );
  if (lo === undefined || hi === undefined) return zero;
  const time = args.length > 2 ? ({ kind: "uniform", lo, hi } as const) : ({ kind: "fixed", time: lo } as const);
  askInSteps(context, { kind, spelling: call.spelling, args: [], time, span: call.span });
  return zero;
}

/** msecs_to_jiffies and kin: a jiffy is a millisecond, as HZ says. */
function toJiffies(operation: Operation): Expr {
  const value = argument(operation, 0);
  if (!operation.call.spelling.startsWith("usecs")) return value;
  return binary("div-u", binary("add", value, constant(999)), constant(1000));
}
