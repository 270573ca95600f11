/**
 * Wait queues and what stands behind them: who is on a queue, who sleeps, who is woken ("Blocking").
 *
 * Whether a task sleeps is its bit in one of two words of the engine, as TASK_INTERRUPTIBLE and TASK_UNINTERRUPTIBLE are
 * bits of its state in the kernel; a queue has a bit for each task on it. A wake-up clears the sleeping bit of those on
 * the queue that sleep so, which is all that a sleeper waits for.
 * Source: kernel/sched/wait.c and include/linux/wait.h (6.12): ___wait_event, prepare_to_wait, __wake_up_common,
 * autoremove_wake_function, finish_wait.
 */
import { binary, cell, constant, isNonZero, isZero, one, select, temp, zero } from "./expressions.ts";
import type { TaskContext } from "./context.ts";
import type { Expr, ScalarShape } from "./ir.ts";
import { argument, checkMaySleep, labelOf, type Operation } from "./primitives-context.ts";
import { isPending, noteInterrupted, noteSignal, pickUnless, signalArrives } from "./primitives-signal.ts";
import { entryBits, entryShape, queueWords, readerMaskShape, wordShape } from "./types.ts";

/** Bits of a task's state, as in include/linux/sched.h. */
const taskInterruptible = 1;
const taskUninterruptible = 2;
const taskWakeKill = 0x100;
/** MAX_SCHEDULE_TIMEOUT: who waits so long waits without bound. */
const maxScheduleTimeout = 0x7fff_ffff;

/** Whether a wait of so many jiffies can end by time. */
export function isBounded(jiffies: Expr): boolean {
  return !(jiffies.kind === "constant" && jiffies.value === maxScheduleTimeout);
}

/** This task's bit; 0 in init and properties, which never sleep. */
export function ownBit(context: TaskContext): Expr {
  return context.task < 0 ? zero : constant(1 << context.task);
}

function without(word: Expr, bits: Expr): Expr {
  return binary("and", word, binary("xor", bits, constant(-1)));
}

/** The words of those that sleep: by TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, and, where signals come, TASK_WAKEKILL. */
function sleepers(context: TaskContext): readonly { readonly cell: number; readonly bit: number }[] {
  const { unit } = context;
  const make = (name: string): number => unit.hidden({ name, task: -1, shape: unit.taskMask, print: "sleepers" });
  return [
    { cell: make("sleeping interruptibly"), bit: taskInterruptible },
    { cell: make("sleeping"), bit: taskUninterruptible },
    ...(unit.options.signals === true ? [{ cell: make("sleeping until killed"), bit: taskWakeKill }] : []),
  ];
}

/** Tasks whose wait an autoremoved entry has left: their queue may be gone. */
function takenOff(context: TaskContext): number {
  const { unit } = context;
  return unit.hidden({ name: "taken off its queue", task: -1, shape: unit.taskMask, print: "sleepers" });
}

/** Sets this task's state; 0 is TASK_RUNNING. */
export function setState(context: TaskContext, state: Expr): void {
  if (context.task < 0) return;
  const own = ownBit(context);
  for (const word of sleepers(context)) {
    const set = isNonZero(binary("and", state, constant(word.bit)));
    context.code.assignCell(word.cell, select(set, binary("or", cell(word.cell), own), without(cell(word.cell), own)));
  }
}

function isAwake(context: TaskContext): Expr {
  const asleep = sleepers(context)
    .slice(0, 2)
    .reduce<Expr>((sum, word) => binary("or", sum, cell(word.cell)), zero);
  return isZero(binary("and", asleep, ownBit(context)));
}

/** Ends the sleep of some tasks. */
function wake(context: TaskContext, tasks: Expr): void {
  for (const word of sleepers(context)) context.code.assignCell(word.cell, without(cell(word.cell), tasks));
}

/** The tasks that sleep in one of the states of a mode. */
function asleepIn(context: TaskContext, mode: Expr): Expr {
  return sleepers(context)
    .slice(0, 2)
    .reduce<Expr>(
      (sum, word) =>
        binary("or", sum, select(isNonZero(binary("and", mode, constant(word.bit))), cell(word.cell), zero)),
      zero,
    );
}

/** A queue's words. */
class Queue {
  readonly #context: TaskContext;
  readonly #address: Expr;
  readonly #shape: ScalarShape;

  constructor(context: TaskContext, address: Expr) {
    this.#context = context;
    this.#address = address;
    this.#shape = readerMaskShape(context.unit.widths);
  }

  load(word: keyof typeof queueWords): Expr {
    const { code } = this.#context;
    return code.loadSilently(code.offset(this.#address, queueWords[word]), this.#shape, "wait-queue");
  }

  store(word: keyof typeof queueWords, value: Expr): void {
    const { code } = this.#context;
    code.storeSilently(code.offset(this.#address, queueWords[word]), value, { shape: this.#shape, tag: "wait-queue" });
  }

  /** Puts this task on the queue; 1 if nobody was on it. */
  enter(options: { readonly exclusive: boolean; readonly staying: Expr }): Expr {
    const own = ownBit(this.#context);
    const off = takenOff(this.#context);
    this.#context.code.assignCell(off, without(cell(off), own));
    const waiters = this.load("waiters");
    this.store("waiters", binary("or", waiters, own));
    const exclusive = this.load("exclusive");
    this.store("exclusive", options.exclusive ? binary("or", exclusive, own) : without(exclusive, own));
    const staying = this.load("staying");
    this.store("staying", select(options.staying, binary("or", staying, own), without(staying, own)));
    return isZero(waiters);
  }

  leave(): void {
    const own = ownBit(this.#context);
    for (const word of ["waiters", "exclusive", "staying"] as const) this.store(word, without(this.load(word), own));
  }
}

/** Number of bits set (Hacker's Delight, 5-1). */
function populationOf(word: Expr): Expr {
  const pairs = binary("sub", word, binary("and", binary("shr-u", word, one), constant(0x5555_5555)));
  const fours = binary(
    "add",
    binary("and", pairs, constant(0x3333_3333)),
    binary("and", binary("shr-u", pairs, constant(2)), constant(0x3333_3333)),
  );
  const eights = binary("and", binary("add", fours, binary("shr-u", fours, constant(4))), constant(0x0f0f_0f0f));
  return binary("shr-u", binary("mul", eights, constant(0x0101_0101)), constant(24));
}

/** Takes `count` bits out of a set, any of them, and adds them to the temporary `into`. */
function pickAny(
  context: TaskContext,
  options: { readonly from: Expr; readonly count: Expr; readonly into: number },
): void {
  const { code } = context;
  const set = code.newTemp(wordShape);
  const left = code.newTemp(wordShape);
  const rest = code.newTemp(wordShape);
  const skip = code.newTemp(wordShape);
  const [head, pick, skipping] = [code.newLabel(), code.newLabel(), code.newLabel()];
  const [drop, found, done] = [code.newLabel(), code.newLabel(), code.newLabel()];
  code.assignTemp(set, options.from);
  code.assignTemp(left, options.count);
  code.place(head);
  code.branch(binary("and", isNonZero(temp(set)), isNonZero(temp(left))), pick, done);
  code.place(pick);
  code.emit({ kind: "choose", temp: skip, lo: zero, hi: binary("sub", populationOf(temp(set)), one), step: false });
  code.assignTemp(rest, temp(set));
  code.place(skipping);
  code.branch(isNonZero(temp(skip)), drop, found);
  code.place(drop);
  code.assignTemp(rest, binary("and", temp(rest), binary("sub", temp(rest), one)));
  code.assignTemp(skip, binary("sub", temp(skip), one));
  code.jump(skipping);
  code.place(found);
  code.assignTemp(rest, binary("and", temp(rest), binary("sub", zero, temp(rest))));
  code.assignTemp(options.into, binary("or", temp(options.into), temp(rest)));
  code.assignTemp(set, binary("xor", temp(set), temp(rest)));
  code.assignTemp(left, binary("sub", temp(left), one));
  code.jump(head);
  code.place(done);
}

/**
 * wake_up and kin, one step: everybody on the queue who sleeps in a state of the mode and is not exclusive, and so many
 * exclusive waiters. Which of those is not promised by the interface, so all choices are explored.
 */
function lowerWakeUp(operation: Operation): Expr {
  const { context } = operation;
  const { code } = context;
  const [count, mode] = [argument(operation, 1), argument(operation, 2)];
  const queue = new Queue(context, argument(operation, 0));
  code.begin(labelOf(operation));
  const waiters = queue.load("waiters");
  const exclusive = queue.load("exclusive");
  const staying = queue.load("staying");
  const hit = code.keep(binary("and", waiters, asleepIn(context, mode)));
  const woken = code.newTemp(wordShape);
  code.assignTemp(woken, select(isZero(count), hit, without(hit, exclusive)));
  const some = code.newLabel();
  const go = code.newLabel();
  code.branch(binary("and", isNonZero(count), isNonZero(binary("and", hit, exclusive))), some, go);
  code.place(some);
  pickAny(context, { from: binary("and", hit, exclusive), count, into: woken });
  code.place(go);
  wake(context, temp(woken));
  const gone = code.keep(without(temp(woken), staying));
  queue.store("waiters", without(waiters, gone));
  queue.store("exclusive", without(exclusive, gone));
  const off = takenOff(context);
  code.assignCell(off, binary("or", cell(off), gone));
  return zero;
}

/** wake_up_process(p), wake_up_state(p, mode): args are the handle and the mode. Yields whether it slept. */
function lowerWakeUpProcess(operation: Operation): Expr {
  const { context, call } = operation;
  const { code, unit } = context;
  const handles = unit.taskHandles();
  const handle = argument(operation, 0);
  code.begin(labelOf(operation));
  code.check(isNonZero(handle), { class: "null-deref", message: `${call.spelling} on a task that is NULL` });
  const offset = code.keep(binary("sub", handle, constant(handles.base)));
  const end = constant(handles.stride * handles.count);
  const known = binary("and", binary("lt-u", offset, end), isZero(binary("mod-u", offset, constant(handles.stride))));
  code.check(known, {
    class: "wild-pointer",
    message: `${call.spelling} on something that is no task of the scenario`,
  });
  const bit = code.keep(binary("shl", one, binary("div-u", offset, constant(handles.stride))));
  const slept = code.keep(isNonZero(binary("and", asleepIn(context, argument(operation, 1)), bit)));
  wake(context, select(slept, bit, zero));
  return slept;
}

/** schedule and schedule_timeout: goes on when woken, with a bound also at any time. Yields the jiffies that are left. */
function lowerSchedule(operation: Operation): Expr {
  const { context, call } = operation;
  const { code } = context;
  const { wait } = call.attributes;
  if (wait.state !== 0) {
    code.begin({ text: `${call.spelling}() begins`, address: null });
    setState(context, constant(wait.state));
  }
  const jiffies = argument(operation, 0);
  const bounded = wait.timeout && isBounded(jiffies);
  context.noteIdle(call);
  code.begin(labelOf(operation, null));
  checkMaySleep(context, call.spelling);
  if (context.task < 0) return wait.timeout ? jiffies : zero;
  if (bounded) return lowerBoundedSleep(operation, jiffies);
  const ends = wakingSignal(operation);
  code.guard(binary("or", isAwake(context), ends), { text: "a wake-up", address: null }, { sleeps: true });
  noteWaking(context, ends);
  setState(context, zero);
  return wait.timeout ? jiffies : zero;
}

/** Whether this task sleeps by hand in a state of that bit. */
function sleepsIn(context: TaskContext, bit: number): Expr {
  const word = sleepers(context).find((candidate) => candidate.bit === bit);
  return word === undefined ? zero : isNonZero(binary("and", cell(word.cell), ownBit(context)));
}

/** 1 when a signal ends a sleep by hand: one that is interruptible, or killable. One that is pending does so at once. */
function wakingSignal(operation: Operation): Expr {
  const { context } = operation;
  if (context.unit.options.signals !== true) return zero;
  const [any, fatal] = [sleepsIn(context, taskInterruptible), sleepsIn(context, taskWakeKill)];
  const known = binary(
    "or",
    binary("and", any, isPending(context, "interruptible")),
    binary("and", fatal, isPending(context, "killable")),
  );
  return context.code.keep(binary("and", pickUnless(context, known), binary("or", any, fatal)));
}

/** What a task knows when a signal has ended its sleep by hand. */
function noteWaking(context: TaskContext, ends: Expr): void {
  const any = sleepsIn(context, taskInterruptible);
  noteSignal(context, "interruptible", binary("and", ends, any));
  noteSignal(context, "killable", binary("and", ends, isZero(any)));
}

/** Woken (chosen first: that is what "at rest" asks for), or the time is over; a signal leaves time over. */
function lowerBoundedSleep(operation: Operation, jiffies: Expr): Expr {
  const { context } = operation;
  const signal = wakingSignal(operation);
  const over = pickUnless(context, zero);
  const awake = binary("or", isAwake(context), signal);
  context.code.guard(select(over, isZero(awake), awake), { text: "a wake-up", address: null }, { sleeps: true });
  const left = context.code.keep(select(over, zero, jiffies));
  noteWaking(context, signal);
  setState(context, zero);
  return left;
}

const stateNames: ReadonlyMap<number, string> = new Map([
  [0, "TASK_RUNNING"],
  [taskInterruptible, "TASK_INTERRUPTIBLE"],
  [taskUninterruptible, "TASK_UNINTERRUPTIBLE"],
  [taskUninterruptible | taskWakeKill, "TASK_KILLABLE"],
]);

function stateName(state: Expr): string {
  return state.kind === "constant" ? (stateNames.get(state.value) ?? String(state.value)) : "...";
}

export type WaitOp =
  | "prepare-to-wait"
  | "add-wait-queue"
  | "finish-wait"
  | "remove-wait-queue"
  | "wake-up"
  | "waitqueue-active"
  | "init-wait"
  | "set-current-state"
  | "schedule"
  | "wake-up-process"
  | "current";

/** Everything but wait_event: each is one step. */
export function lowerWait(operation: Operation, op: WaitOp): Expr {
  const { context } = operation;
  switch (op) {
    case "wake-up":
      return lowerWakeUp(operation);
    case "wake-up-process":
      return lowerWakeUpProcess(operation);
    case "schedule":
      return lowerSchedule(operation);
    case "set-current-state":
      context.code.begin({ text: `${operation.call.spelling}(${stateName(argument(operation, 0))})`, address: null });
      setState(context, argument(operation, 0));
      return zero;
    case "current":
      return context.ownHandle;
    case "init-wait":
      context.code.begin(labelOf(operation));
      storeEntry(context, argument(operation, 0), argument(operation, 1));
      return zero;
    case "waitqueue-active":
      context.code.begin(labelOf(operation));
      return isNonZero(new Queue(context, argument(operation, 0)).load("waiters"));
    case "prepare-to-wait":
    case "add-wait-queue":
    case "finish-wait":
    case "remove-wait-queue":
      return lowerQueueing(operation, op);
  }
}

function storeEntry(context: TaskContext, address: Expr, value: Expr): void {
  context.code.storeSilently(address, value, { shape: entryShape, tag: "wait-queue" });
}

/**
 * Before the scope of an entry ends: it must be off its queue, by hand or by the wake-up that took it off, else a later
 * wake-up follows a pointer into a dead frame. To be called where the frame dies.
 */
export function checkEntryOffQueue(context: TaskContext, address: number): void {
  // The engine of timed code knows who is on a queue.
  if (context.task < 0 || context.unit.timed !== null) return;
  const { code } = context;
  const entry = code.loadSilently(constant(address), entryShape, "wait-queue");
  const woken = binary("and", cell(takenOff(context)), ownBit(context));
  const off = binary("or", isZero(binary("and", entry, constant(entryBits.queued))), isNonZero(woken));
  const message = "the scope of a wait queue entry ends while it is on a queue: finish_wait() takes it off";
  code.check(off, { class: "use-after-scope", message });
}

function lowerQueueing(
  operation: Operation,
  op: "prepare-to-wait" | "add-wait-queue" | "finish-wait" | "remove-wait-queue",
): Expr {
  const { context, call } = operation;
  const { code } = context;
  const queue = new Queue(context, argument(operation, 0));
  const entry = argument(operation, 1);
  code.begin(labelOf(operation));
  const staying = binary("and", code.loadSilently(entry, entryShape, "wait-queue"), constant(entryBits.stays));
  if (op === "finish-wait" || op === "remove-wait-queue") {
    queue.leave();
    storeEntry(context, entry, staying);
    const off = takenOff(context);
    code.assignCell(off, without(cell(off), ownBit(context)));
    if (op === "finish-wait") setState(context, zero);
    return zero;
  }
  storeEntry(context, entry, binary("or", staying, constant(entryBits.queued)));
  const first = code.keep(queue.enter({ exclusive: call.attributes.wait.exclusive, staying }));
  if (op === "prepare-to-wait") setState(context, argument(operation, 2));
  return first;
}

/** What the pieces of a wait_event share. */
export class Waiting {
  readonly operation: Operation;
  readonly queue: Expr;
  readonly #phase: number;

  constructor(operation: Operation, phase: number) {
    this.operation = operation;
    this.queue = argument(operation, 0);
    this.#phase = phase;
  }

  label(text: string): { readonly text: string; readonly address: Expr } {
    return { text: `${this.operation.call.spelling}(%)${text}`, address: this.queue };
  }

  /** A step: on the queue, in the state that the wait has. */
  enter(): void {
    const { context, call } = this.operation;
    const { state, exclusive } = call.attributes.wait;
    context.code.begin(this.label(" queues"));
    new Queue(context, this.queue).enter({ exclusive, staying: zero });
    setState(context, constant(state));
    context.code.assignTemp(this.#phase, one);
  }

  /** Off the queue, unless a wake-up did that: then the queue may be gone. */
  leave(): void {
    const { context } = this.operation;
    const { code } = context;
    const off = takenOff(context);
    const own = ownBit(context);
    const on = code.newLabel();
    const done = code.newLabel();
    code.branch(isZero(binary("and", cell(off), own)), on, done);
    code.place(on);
    new Queue(context, this.queue).leave();
    code.place(done);
    code.assignCell(off, without(cell(off), own));
    setState(context, zero);
    code.assignTemp(this.#phase, zero);
  }

  /** The step that goes on when woken; sets `over` when the time is, `interrupted` when a signal ends it. */
  sleep(ends: { readonly over: number | null; readonly interrupted: number | null }): void {
    const { operation } = this;
    const { context, call } = operation;
    const { code } = context;
    context.noteIdle(call);
    code.begin(this.label(" goes on"));
    checkMaySleep(context, call.spelling);
    // Woken is what the first choice means: a task is at rest in it as long as nobody woke it.
    const early = ends.over === null ? zero : pickUnless(context, zero);
    const asleep = isZero(isAwake(context));
    const signal = signalArrives(operation, asleep) ?? zero;
    if (ends.over !== null) code.assignTemp(ends.over, early);
    if (ends.interrupted !== null) code.assignTemp(ends.interrupted, signal);
    const unasked = binary("or", early, signal);
    code.guard(select(unasked, asleep, isAwake(context)), this.label(""), { sleeps: true });
    if (ends.interrupted !== null) noteInterrupted(operation, signal);
    this.leave();
  }
}
