/**
 * Waits that stand directly in a `forever`: the task that sleeps in one has no work and is at rest. `schedule()` counts
 * also behind an `if` there, which is how kernel threads wait by hand.
 */
import type { Expr, PrimitiveCall, PrimitiveOp, Statement } from "../lang/tree.ts";

/** Primitives of an expression that are surely evaluated with it, in order: not those behind && or ?:, nor in calls. */
function primitivesOf(expr: Expr | null): readonly PrimitiveCall[] {
  if (expr === null) return [];
  switch (expr.kind) {
    case "primitive":
      return expr.op === "wait-event" ? [expr] : [...expr.args.flatMap(primitivesOf), expr];
    case "convert":
    case "unary":
      return primitivesOf(expr.operand);
    case "assign":
      return primitivesOf(expr.value);
    case "compare":
    case "binary":
      return [...primitivesOf(expr.left), ...primitivesOf(expr.right)];
    case "logical":
      return primitivesOf(expr.left);
    case "let":
      return [...primitivesOf(expr.value), ...primitivesOf(expr.body)];
    case "comma":
      return expr.items.flatMap(primitivesOf);
    case "constant":
    case "load":
    case "address":
    case "function":
    case "pointer-add":
    case "pointer-difference":
    case "conditional":
    case "update":
    case "bound":
    case "call":
    case "statements":
    case "choose":
    case "me":
    case "atomic":
      return [];
  }
}

/** Expressions that a statement evaluates itself. */
function expressionsOf(statement: Statement): readonly Expr[] {
  switch (statement.kind) {
    case "expression":
      return [statement.expression];
    case "declare":
      return statement.initialiser?.stores.map((store) => store.value) ?? [];
    case "if":
      return [statement.condition];
    case "block":
    case "while":
    case "do-while":
    case "for":
    case "switch":
    case "label":
    case "goto":
    case "break":
    case "continue":
    case "return":
    case "guard":
    case "atomic":
    case "forever":
    case "await":
    case "assert":
    case "note":
    case "ghost":
    case "work":
    case "sleep":
    case "span":
      return [];
  }
}

/** Calls of schedule in a statement, in blocks and branches of `if` too. */
function schedulesIn(statement: Statement): readonly PrimitiveCall[] {
  const own = expressionsOf(statement)
    .flatMap(primitivesOf)
    .filter((call) => call.op === "schedule");
  if (statement.kind === "block") return statement.statements.flatMap(schedulesIn);
  if (statement.kind !== "if") return own;
  return [...own, ...schedulesIn(statement.then), ...(statement.else === null ? [] : schedulesIn(statement.else))];
}

/** The waits of a statement that stands directly in a forever. */
export function waitsIn(statement: Statement): readonly PrimitiveCall[] {
  const events = expressionsOf(statement)
    .flatMap(primitivesOf)
    .filter((call) => call.op === "wait-event");
  return [...events, ...schedulesIn(statement)];
}

const beginnings: ReadonlySet<PrimitiveOp> = new Set<PrimitiveOp>([
  "wait-event",
  "prepare-to-wait",
  "set-current-state",
]);

/** Whether the body of a forever begins to wait at once: then its head is no rest, only the sleep is. */
export function beginsWithWait(body: readonly Statement[]): boolean {
  for (const statement of body) {
    const [first] = expressionsOf(statement).flatMap(primitivesOf);
    if (first !== undefined) return beginnings.has(first.op);
    const passes =
      statement.kind === "label" ||
      statement.kind === "work" ||
      (statement.kind === "declare" && statement.initialiser === null);
    if (!passes) return false;
  }
  return false;
}
