/** Times and their distributions: 10us, N us, exp(T), uniform(A, B), normal(M, S), lognormal(M, P99), pareto(S, A). */
import { checkInteger } from "./check-expression.ts";
import { isError, type CheckContext } from "./context.ts";
import { constantValue } from "./fold.ts";
import { readNumber, timeUnits } from "../preprocess/number.ts";
import type { SyntaxExpr } from "../parse/syntax.ts";
import type { Duration, Time } from "../tree.ts";

type Call = Extract<SyntaxExpr, { kind: "call" }>;

const parameterCounts: ReadonlyMap<string, number> = new Map([
  ["exp", 1],
  ["uniform", 2],
  ["normal", 2],
  ["lognormal", 2],
  ["pareto", 2],
]);

/** A time or distribution; null after a report. */
export function checkDuration(c: CheckContext, node: SyntaxExpr): Duration | null {
  if (node.kind === "call" && node.callee.kind === "name" && c.lookup(node.callee.name) === null) {
    const count = parameterCounts.get(node.callee.name);
    if (count !== undefined) return checkDistribution(c, node, { name: node.callee.name, count });
  }
  const time = checkTime(c, node);
  return time === null ? null : { kind: "fixed", time };
}

function checkDistribution(
  c: CheckContext,
  node: Call,
  distribution: { readonly name: string; readonly count: number },
): Duration | null {
  const { name, count } = distribution;
  const [first, second] = node.args;
  if (first === undefined || node.args.length !== count) {
    c.error("SCN063", node.span, `${name} takes ${count} argument${count === 1 ? "" : "s"}`);
    return null;
  }
  const a = checkTime(c, first);
  if (a === null) return null;
  if (name === "exp") return { kind: "exponential", mean: a };
  if (second === undefined) return null;
  if (name === "pareto") return checkPareto(c, a, second);
  const b = checkTime(c, second);
  if (b === null) return null;
  if (name === "normal") return { kind: "normal", mean: a, deviation: b };
  return name === "uniform"
    ? ordered(c, node, { kind: "uniform", lo: a, hi: b })
    : ordered(c, node, { kind: "lognormal", median: a, p99: b });
}

/** Bounds that are constants must be in order. */
function ordered(
  c: CheckContext,
  node: Call,
  duration: Extract<Duration, { kind: "uniform" | "lognormal" }>,
): Duration | null {
  const [lo, hi] = duration.kind === "uniform" ? [duration.lo, duration.hi] : [duration.median, duration.p99];
  if (lo.kind === "constant" && hi.kind === "constant" && lo.ns > hi.ns) {
    c.error("SCN095", node.span, `the second time of ${duration.kind} must not be the smaller one`);
    return null;
  }
  return duration;
}

function checkPareto(c: CheckContext, scale: Time, node: SyntaxExpr): Duration | null {
  const reading = node.kind === "number" ? readNumber(node.text) : null;
  const shape = reading?.kind === "real" ? reading.value : constantValue(checkInteger(c, node, "the shape of pareto"));
  if (shape !== null && shape > 0) return { kind: "pareto", scale, shape };
  c.error("SCN095", node.span, "the shape of pareto is a positive number, such as 1.5");
  return null;
}

function checkTime(c: CheckContext, node: SyntaxExpr): Time | null {
  if (node.kind === "time") return timeWithUnit(c, node);
  const reading = node.kind === "number" ? readNumber(node.text) : null;
  if (reading?.kind === "time") return { kind: "constant", ns: reading.value * reading.unitNs };
  if (reading?.kind === "integer" && reading.value === 0n) return { kind: "constant", ns: 0 };
  c.error("SCN095", node.span, "a time has a unit: ns, us, ms or s, as in 10us or (N + 1) us");
  return null;
}

function timeWithUnit(c: CheckContext, node: Extract<SyntaxExpr, { kind: "time" }>): Time | null {
  const unitNs = timeUnits.get(node.unit) ?? 1;
  const reading = node.value.kind === "number" ? readNumber(node.value.text) : null;
  if (reading?.kind === "real") return { kind: "constant", ns: reading.value * unitNs };
  const value = checkInteger(c, node.value, "the time");
  if (isError(value)) return null;
  const constant = constantValue(value);
  if (constant === null) return { kind: "scaled", value, unitNs };
  if (constant >= 0) return { kind: "constant", ns: constant * unitNs };
  c.error("SCN095", node.span, "a time is not negative");
  return null;
}
