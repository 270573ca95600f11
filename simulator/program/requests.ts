/**
 * Requests of timed code: what takes time, may wait or is measured is asked of the engine, which knows who holds what and
 * decides when the task goes on. Inside atomic blocks, init and properties it is asked and answered in the same instant.
 */
import type { Duration, Time } from "../lang/tree.ts";
import type { Asked } from "./asked.ts";
import type { Lowering, TaskContext } from "./context.ts";
import { binary, constant, temp, zero } from "./expressions.ts";
import { blockedAnswer, type Amount, type CellTag, type Drawn, type Expr } from "./ir.ts";
import { bitShape, wordShape } from "./types.ts";

/** Asks the engine. @returns the answer, 0 when none is used */
export function ask(context: TaskContext, asked: Asked): Expr {
  const { code } = context;
  const { timed } = code;
  if (timed === null) throw new Error("assert: only timed code asks");
  const site = context.unit.timed?.site(asked.kind, asked.spelling, asked.span ?? code.span, asked.irq ?? "none") ?? -1;
  const body = { kind: "request", site, args: asked.args, time: asked.time ?? null } as const;
  const blocks = asked.blocks === true;
  if (code.mode === "steps") {
    const id = asked.answers === undefined ? -1 : code.newTemp(asked.answers === "bit" ? bitShape : wordShape);
    code.emit({ ...body, temp: id, atOnce: false });
    return id < 0 ? zero : temp(id);
  }
  const label = { text: asked.spelling, address: asked.args[0] ?? null };
  if (blocks) code.mayBlockHere(label);
  const id = code.newTemp(wordShape);
  code.emit({ ...body, temp: id, atOnce: true });
  if (!blocks) return asked.answers === undefined ? zero : temp(id);
  const isAnswered = binary("ne", temp(id), constant(blockedAnswer));
  if (code.mode === "silent") {
    const message = `init waits in ${asked.spelling}, and nobody runs who could end that`;
    code.check(isAnswered, { class: "deadlock", message });
    return temp(id);
  }
  const [go, wait] = [code.newLabel(), code.newLabel()];
  code.branch(isAnswered, go, wait);
  code.place(wait);
  code.waitAndRepeat({ kind: "await", spelling: asked.spelling });
  code.place(go);
  return temp(id);
}

/** Asks for what only takes time or may only preempt: nothing where the code runs in one instant. */
export function askInSteps(context: TaskContext, asked: Asked): void {
  if (context.code.mode === "steps") ask(context, asked);
}

/** The address of a lock or queue must be that of a live object of its kind: else a violation, as in explore. */
export function checkAlive(context: TaskContext, address: Expr, tag: CellTag): void {
  context.code.loadSilently(address, wordShape, tag);
}

/** A time of the source as one that is drawn when the code gets there. */
export function lowerDuration(lowering: Lowering, context: TaskContext, duration: Duration): Drawn {
  const amount = (time: Time): Amount => lowerTime(lowering, context, time);
  switch (duration.kind) {
    case "fixed":
      return { kind: "fixed", time: amount(duration.time) };
    case "exponential":
      return { kind: "exponential", mean: amount(duration.mean) };
    case "uniform":
      return { kind: "uniform", lo: amount(duration.lo), hi: amount(duration.hi) };
    case "normal":
      return { kind: "normal", mean: amount(duration.mean), deviation: amount(duration.deviation) };
    case "lognormal":
      return { kind: "lognormal", median: amount(duration.median), p99: amount(duration.p99) };
    case "pareto":
      return { kind: "pareto", scale: amount(duration.scale), shape: duration.shape };
  }
}

function lowerTime(lowering: Lowering, context: TaskContext, time: Time): Amount {
  if (time.kind === "constant") return { value: constant(1), isUnsigned: false, unitNs: time.ns };
  const isUnsigned = time.value.type.kind === "integer" && !time.value.type.signed;
  const value = context.code.keep(lowering.expression(context, time.value), wordShape);
  return { value, isUnsigned, unitNs: time.unitNs };
}
