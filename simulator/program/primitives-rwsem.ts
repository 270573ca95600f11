/**
 * rw_semaphore. Words: owner of a write lock; two bits a task for its read locks; two bits a task for how it waits
 * (0 not, 1 for read, 2 for write, 3 granted read and not yet gone on).
 *
 * Taking it has two steps, the first always enabled: take, or mark as waiting; then go on when granted.
 * Source: docs of the scenario language, "Blocking"; a writer is granted when nobody holds, all waiting readers together.
 */
import { assert } from "../source/assert.ts";
import { binary, constant, isNonZero, isZero, one, select, zero } from "./expressions.ts";
import type { CodeLabel } from "./assembler.ts";
import type { Expr, ScalarShape } from "./ir.ts";
import { argument, checkMaySleep, errorInterrupted, labelOf, pickBit, type Operation } from "./primitives-context.ts";
import { noteInterrupted, signalArrives } from "./primitives-signal.ts";
import { lockWords, ownerShape, pairShape } from "./types.ts";

/** The three words as loaded in one step. */
type Words = { readonly owner: Expr; readonly readers: Expr; readonly waiters: Expr };

class Rwsem {
  readonly operation: Operation;
  readonly shift: number;
  readonly #address: Expr;
  readonly #pair: ScalarShape;
  readonly #owner: ScalarShape;

  constructor(operation: Operation) {
    this.operation = operation;
    this.#address = argument(operation, 0);
    this.#pair = pairShape(operation.context.unit.widths);
    this.#owner = ownerShape(operation.context.unit.widths);
    this.shift = 2 * (operation.context.self - 1);
  }

  get code(): Operation["context"]["code"] {
    return this.operation.context.code;
  }

  load(): Words {
    const { code } = this;
    return {
      owner: code.loadSilently(this.#address, this.#owner, "rwsem"),
      readers: code.loadSilently(code.offset(this.#address, lockWords.readers), this.#pair, "rwsem"),
      waiters: code.loadSilently(code.offset(this.#address, lockWords.waiters), this.#pair, "rwsem"),
    };
  }

  setOwner(value: Expr): void {
    this.code.storeSilently(this.#address, value, { shape: this.#owner, tag: "rwsem" });
  }

  setReaders(value: Expr): void {
    this.code.storeSilently(this.code.offset(this.#address, lockWords.readers), value, {
      shape: this.#pair,
      tag: "rwsem",
    });
  }

  setWaiters(value: Expr): void {
    this.code.storeSilently(this.code.offset(this.#address, lockWords.waiters), value, {
      shape: this.#pair,
      tag: "rwsem",
    });
  }

  get self(): Expr {
    return constant(this.operation.context.self);
  }

  /** This task's two bits of a word. */
  own(word: Expr): Expr {
    return binary("and", binary("shr-u", word, constant(this.shift)), constant(3));
  }

  withOwn(word: Expr, value: number): Expr {
    const cleared = binary("and", word, constant(~(3 << this.shift)));
    return binary("or", cleared, constant(value << this.shift));
  }

  addRead(readers: Expr): Expr {
    this.code.emit({ kind: "limit", unless: binary("ne", this.own(readers), constant(3)), limit: "width" });
    return binary("add", readers, constant(1 << this.shift));
  }
}

/** Low bits of the pairs of tasks that wait for read (1, not 3). */
function waitingReaders(waiters: Expr): Expr {
  const low = binary("and", waiters, constant(0x5555_5555));
  return binary("and", low, binary("xor", binary("shr-u", waiters, constant(1)), constant(-1)));
}

/** Whether anybody waits: a pair with exactly one bit set. Granted readers (3) hold already. */
function someoneWaits(waiters: Expr): Expr {
  const differs = binary("xor", waiters, binary("shr-u", waiters, constant(1)));
  return isNonZero(binary("and", differs, constant(0x5555_5555)));
}

function nobodyHolds(words: Words): Expr {
  return binary("and", isZero(words.owner), isZero(words.readers));
}

/** Gives all waiting readers their read lock, in the step that lets them. A task's own pair is as `waiters` says. */
function grantReaders(rwsem: Rwsem, words: { readonly readers: Expr; readonly waiters: Expr }): void {
  const { code } = rwsem;
  const waiting = code.keep(waitingReaders(words.waiters));
  const full = binary("and", binary("and", words.readers, binary("shr-u", words.readers, constant(1))), waiting);
  code.emit({ kind: "limit", unless: isZero(full), limit: "width" });
  const readers = code.keep(binary("add", words.readers, waiting));
  const waiters = code.keep(binary("or", words.waiters, binary("shl", waiting, constant(1))));
  rwsem.setReaders(readers);
  rwsem.setWaiters(waiters);
}

export type RwsemOp =
  | "down-read"
  | "down-read-trylock"
  | "up-read"
  | "down-write"
  | "down-write-trylock"
  | "up-write"
  | "downgrade-write"
  | "rwsem-is-locked"
  | "rwsem-is-contended";

export function lowerRwsem(operation: Operation, op: RwsemOp): Expr {
  const rwsem = new Rwsem(operation);
  switch (op) {
    case "down-read":
      return lowerDown(rwsem, "read");
    case "down-write":
      return lowerDown(rwsem, "write");
    case "down-read-trylock":
    case "down-write-trylock":
      return lowerTrylock(rwsem, op === "down-read-trylock" ? "read" : "write");
    case "up-read":
    case "up-write":
    case "downgrade-write":
      return lowerUp(rwsem);
    case "rwsem-is-locked":
    case "rwsem-is-contended": {
      operation.context.code.begin(labelOf(operation));
      const words = rwsem.load();
      return op === "rwsem-is-contended" ? someoneWaits(words.waiters) : isZero(nobodyHolds(words));
    }
  }
}

/** Fails on a writer or any waiter; for write also on any holder. */
function lowerTrylock(rwsem: Rwsem, side: "read" | "write"): Expr {
  const { code } = rwsem;
  code.begin(labelOf(rwsem.operation));
  const words = rwsem.load();
  const holders = side === "read" ? isZero(words.owner) : nobodyHolds(words);
  const taken = code.keep(binary("and", holders, isZero(someoneWaits(words.waiters))));
  if (side === "write") {
    rwsem.setOwner(select(taken, rwsem.self, words.owner));
    return taken;
  }
  const full = binary("and", taken, binary("eq", rwsem.own(words.readers), constant(3)));
  code.emit({ kind: "limit", unless: isZero(full), limit: "width" });
  rwsem.setReaders(select(taken, binary("add", words.readers, constant(1 << rwsem.shift)), words.readers));
  return taken;
}

function lowerUp(rwsem: Rwsem): Expr {
  const { code, operation } = rwsem;
  code.begin(labelOf(operation));
  const words = rwsem.load();
  const held =
    operation.call.op === "up-read" ? isNonZero(rwsem.own(words.readers)) : binary("eq", words.owner, rwsem.self);
  code.check(held, {
    class: "unlock-not-held",
    message: `${operation.call.spelling}: this task does not hold the lock so`,
  });
  if (operation.call.op === "up-read") {
    rwsem.setReaders(binary("sub", words.readers, constant(1 << rwsem.shift)));
    return zero;
  }
  rwsem.setOwner(zero);
  if (operation.call.op === "downgrade-write") {
    grantReaders(rwsem, { readers: code.keep(rwsem.addRead(words.readers)), waiters: words.waiters });
  }
  return zero;
}

function lowerDown(rwsem: Rwsem, side: "read" | "write"): Expr {
  const { code, operation } = rwsem;
  code.begin(labelOf(operation));
  checkMaySleep(operation.context, operation.call.spelling);
  const words = rwsem.load();
  const spelling = operation.call.spelling;
  code.check(binary("ne", words.owner, rwsem.self), {
    class: "self-deadlock",
    message: `${spelling}: this task holds the lock for write already`,
  });
  if (side === "write") {
    const message = `${spelling}: this task holds the lock for read already`;
    code.check(isZero(rwsem.own(words.readers)), { class: "self-deadlock", message });
  }
  if (code.mode !== "steps") {
    takeAtOnce(rwsem, { side, words });
    return zero;
  }
  const take = code.newLabel();
  const queue = code.newLabel();
  const done = code.newLabel();
  const result = code.newTemp({ bits: 32, signed: true });
  code.assignTemp(result, zero);
  decide(rwsem, { side, words, take, queue });
  code.place(take);
  if (side === "read") rwsem.setReaders(rwsem.addRead(words.readers));
  else rwsem.setOwner(rwsem.self);
  code.jump(done);
  code.place(queue);
  rwsem.setWaiters(rwsem.withOwn(words.waiters, side === "read" ? 1 : 2));
  lowerWait(rwsem, { side, result });
  code.place(done);
  return { kind: "temp", temp: result };
}

type Decision = {
  readonly side: "read" | "write";
  readonly words: Words;
  readonly take: CodeLabel;
  readonly queue: CodeLabel;
};

/** Step 1: take or queue. With someone waiting and nobody holding, a reader may steal or be handed off: both. */
function decide(rwsem: Rwsem, decision: Decision): void {
  const { code } = rwsem;
  const { words, take, queue } = decision;
  if (decision.side === "write") {
    code.branch(nobodyHolds(words), take, queue);
    return;
  }
  const waits = someoneWaits(words.waiters);
  const refused = binary("or", isNonZero(words.owner), binary("and", waits, isNonZero(words.readers)));
  const allowed = code.newLabel();
  const either = code.newLabel();
  code.branch(refused, queue, allowed);
  code.place(allowed);
  code.branch(waits, either, take);
  code.place(either);
  code.branch(pickBit(rwsem.operation.context), queue, take);
}

/** Inside an atomic block: one step, enabled when step 1 would take it. */
function takeAtOnce(rwsem: Rwsem, options: { readonly side: "read" | "write"; readonly words: Words }): void {
  const { code, operation } = rwsem;
  const { words } = options;
  if (options.side === "write") {
    code.guard(nobodyHolds(words), labelOf(operation), { sleeps: true });
    rwsem.setOwner(rwsem.self);
    return;
  }
  const refused = binary(
    "or",
    isNonZero(words.owner),
    binary("and", someoneWaits(words.waiters), isNonZero(words.readers)),
  );
  code.guard(isZero(refused), labelOf(operation), { sleeps: true });
  rwsem.setReaders(rwsem.addRead(words.readers));
}

/** Step 2: go on when granted, or leave the queue on a signal. */
function lowerWait(rwsem: Rwsem, options: { readonly side: "read" | "write"; readonly result: number }): void {
  const { code, operation } = rwsem;
  const done = code.newLabel();
  code.begin({ text: `${operation.call.spelling}(%) granted`, address: argument(operation, 0) });
  const words = rwsem.load();
  const signal = signalArrives(operation, options.side === "write" ? isZero(nobodyHolds(words)) : one);
  if (signal !== null) lowerLeaveQueue(rwsem, { signal, words, done, result: options.result });
  if (options.side === "write") {
    code.guard(nobodyHolds(words), labelOf(operation), { sleeps: true });
    rwsem.setOwner(rwsem.self);
    rwsem.setWaiters(rwsem.withOwn(words.waiters, 0));
    code.place(done);
    return;
  }
  const granted = code.keep(binary("eq", rwsem.own(words.waiters), constant(3)));
  code.guard(binary("or", granted, nobodyHolds(words)), labelOf(operation), { sleeps: true });
  const goOn = code.newLabel();
  const grant = code.newLabel();
  code.branch(granted, goOn, grant);
  code.place(goOn);
  rwsem.setWaiters(rwsem.withOwn(words.waiters, 0));
  code.jump(done);
  code.place(grant);
  const others = code.keep(rwsem.withOwn(words.waiters, 0));
  grantReaders(rwsem, { readers: code.keep(rwsem.addRead(words.readers)), waiters: others });
  code.place(done);
}

type Leaving = { readonly signal: Expr; readonly words: Words; readonly done: CodeLabel; readonly result: number };

/** A killed waiter leaves; if it was what kept readers waiting beside readers, they are granted now. */
function lowerLeaveQueue(rwsem: Rwsem, leaving: Leaving): void {
  const { code } = rwsem;
  assert(leaving.done.index === -1, "the way out is not placed yet");
  const leave = code.newLabel();
  const stay = code.newLabel();
  const grant = code.newLabel();
  const gone = code.newLabel();
  const waits = binary("ne", rwsem.own(leaving.words.waiters), constant(3));
  code.branch(binary("and", leaving.signal, waits), leave, stay);
  code.place(leave);
  const others = code.keep(rwsem.withOwn(leaving.words.waiters, 0));
  rwsem.setWaiters(others);
  const writerWaits = isNonZero(
    binary(
      "and",
      binary("and", others, binary("xor", binary("shl", others, constant(1)), constant(-1))),
      constant(-0x5555_5556),
    ),
  );
  code.branch(binary("and", isZero(leaving.words.owner), isZero(writerWaits)), grant, gone);
  code.place(grant);
  grantReaders(rwsem, { readers: leaving.words.readers, waiters: others });
  code.place(gone);
  noteInterrupted(rwsem.operation);
  code.assignTemp(leaving.result, constant(errorInterrupted));
  code.jump(leaving.done);
  code.place(stay);
}
