/**
 * Whether an expression only looks: no stores but to its own locals, no primitive that acts, no choose, no call of a
 * function that is not pure itself. Functions in recursion are taken as pure while they are being judged.
 */
import { unreachable } from "../../source/assert.ts";
import type { Span } from "../../source/span.ts";
import type { Expr, FunctionSymbol, LocalInitialiser, Place, PrimitiveOp, Statement } from "../tree.ts";

/** What changes something, and where. */
export type Impurity = { readonly span: Span; readonly what: string };

/** Primitives that look at a lock, count or context, or are no step. */
const pureOps: ReadonlySet<PrimitiveOp> = new Set<PrimitiveOp>([
  "smp-mb",
  "smp-rmb",
  "smp-wmb",
  "barrier",
  "atomic-read",
  "refcount-read",
  "bit-test",
  "spin-is-locked",
  "mutex-is-locked",
  "rwsem-is-locked",
  "rwsem-is-contended",
  "completion-done",
  "folio-test-locked",
  "rcu-read-lock-held",
  "bug-on",
  "warn-on",
  "lockdep-assert-held",
  "might-sleep",
  "cpu-relax",
  "use-mm",
  "tlb-flush",
  "irqs-disabled",
  "in-atomic",
  "waitqueue-active",
  "current",
  "seqcount-read",
  "seqcount-raw-begin",
  "seqcount-retry",
  "lockdep-is-held",
  "srcu-read-lock-held",
  "same-value",
]);

export class PurityJudge {
  readonly #functions = new Map<FunctionSymbol, Impurity | null>();
  readonly #ownStores: "ignore" | "count";
  /** Functions that are being judged: what they store to their own locals dies with them. */
  #functionDepth = 0;

  /** @param options whether a store to a local counts when it stands in the expression itself */
  constructor(options: { readonly ownStores: "ignore" | "count" } = { ownStores: "ignore" }) {
    this.#ownStores = options.ownStores;
  }

  /** The first thing that acts, null when the expression is pure. Linear; each function is judged once. */
  ofExpression(expr: Expr): Impurity | null {
    switch (expr.kind) {
      case "constant":
      case "function":
      case "bound":
      case "me":
        return null;
      case "load":
      case "address":
        return this.#ofPlace(expr.place);
      case "unary":
      case "convert":
      case "atomic":
        return this.ofExpression(expr.operand);
      case "binary":
      case "compare":
      case "pointer-difference":
      case "logical":
        return this.ofExpression(expr.left) ?? this.ofExpression(expr.right);
      case "pointer-add":
        return this.ofExpression(expr.pointer) ?? this.ofExpression(expr.index);
      case "conditional":
        return this.#ofAll([expr.condition, expr.then, expr.else]);
      case "comma":
        return this.#ofAll(expr.items);
      case "let":
        return this.ofExpression(expr.value) ?? this.ofExpression(expr.body);
      case "assign":
        return this.#ofStore(expr.place, expr.span) ?? this.ofExpression(expr.value);
      case "update":
        return this.#ofStore(expr.place, expr.span) ?? this.ofExpression(expr.compute);
      case "call":
        return this.#ofCall(expr);
      case "primitive":
        if (!pureOps.has(expr.op)) return { span: expr.span, what: `\`${expr.spelling}\` does` };
        return this.#ofAll(expr.args);
      case "statements":
        return this.#ofStatements(expr.statements) ?? (expr.value === null ? null : this.ofExpression(expr.value));
      case "choose":
        return { span: expr.span, what: "choose decides" };
    }
    return unreachable(expr);
  }

  #ofAll(exprs: readonly Expr[]): Impurity | null {
    for (const expr of exprs) {
      const impurity = this.ofExpression(expr);
      if (impurity !== null) return impurity;
    }
    return null;
  }

  #ofPlace(place: Place): Impurity | null {
    switch (place.kind) {
      case "variable":
        return null;
      case "deref":
        return this.ofExpression(place.pointer);
      case "member":
        return this.#ofPlace(place.base);
      case "element":
        return this.#ofPlace(place.base) ?? this.ofExpression(place.index);
      case "literal":
        return this.#ofInitialiser(place.initialise);
    }
    return unreachable(place);
  }

  #ofInitialiser(initialiser: LocalInitialiser): Impurity | null {
    return this.#ofAll(initialiser.stores.map((store) => store.value));
  }

  /** Storing to a local of one's own is no change that anybody else sees. */
  #ofStore(place: Place, span: Span): Impurity | null {
    const isFree = this.#ownStores === "ignore" || this.#functionDepth > 0;
    if (isFree && isOwnPlace(place)) return this.#ofPlace(place);
    return { span, what: "this assignment does" };
  }

  #ofCall(expr: Extract<Expr, { kind: "call" }>): Impurity | null {
    const args = this.#ofAll(expr.args);
    if (args !== null) return args;
    if (expr.callee.kind === "indirect") return { span: expr.span, what: "a call through a pointer may" };
    const symbol = expr.callee.function;
    const inside = this.#ofFunction(symbol);
    return inside === null ? null : { span: inside.span, what: `\`${symbol.name}\` does` };
  }

  #ofFunction(symbol: FunctionSymbol): Impurity | null {
    const known = this.#functions.get(symbol);
    if (known !== undefined) return known;
    this.#functions.set(symbol, null);
    const { definition } = symbol;
    let impurity: Impurity | null = null;
    this.#functionDepth += 1;
    if (definition.kind === "body") impurity = this.#ofStatements(definition.body.statements);
    if (definition.kind === "stub" && definition.lo < definition.hi)
      impurity = { span: symbol.span, what: "a stub with bounds decides" };
    this.#functionDepth -= 1;
    this.#functions.set(symbol, impurity);
    return impurity;
  }

  #ofStatements(statements: readonly Statement[]): Impurity | null {
    for (const statement of statements) {
      const impurity = this.#ofStatement(statement);
      if (impurity !== null) return impurity;
    }
    return null;
  }

  #ofStatement(statement: Statement): Impurity | null {
    switch (statement.kind) {
      case "expression":
        return this.ofExpression(statement.expression);
      case "declare":
        return statement.initialiser === null ? null : this.#ofInitialiser(statement.initialiser);
      case "block":
        return this.#ofStatements(statement.statements);
      case "if":
        return (
          this.ofExpression(statement.condition) ??
          this.#ofStatements([statement.then, ...(statement.else === null ? [] : [statement.else])])
        );
      case "while":
      case "do-while":
        return this.ofExpression(statement.condition) ?? this.#ofStatement(statement.body);
      case "for":
        return this.#ofFor(statement);
      case "switch":
        return this.ofExpression(statement.value) ?? this.#ofStatement(statement.body);
      case "return":
        return statement.value === null ? null : this.ofExpression(statement.value);
      case "label":
      case "goto":
      case "break":
      case "continue":
      case "assert":
      case "note":
      case "work":
        return null;
      case "atomic":
        return this.#ofStatements(statement.body);
      case "span":
        return this.#ofStatements(statement.body);
      case "forever":
        return { span: statement.span, what: "`forever` never ends" };
      case "await":
        return { span: statement.span, what: "`await` waits" };
      case "sleep":
        return { span: statement.span, what: "`sleep` sleeps" };
      case "guard":
        return { span: statement.span, what: "a guard takes a lock" };
      case "ghost":
        return { span: statement.span, what: "a ghost statement writes" };
    }
    return unreachable(statement);
  }

  #ofFor(statement: Extract<Statement, { kind: "for" }>): Impurity | null {
    const parts = [statement.condition, statement.advance].filter((each): each is Expr => each !== null);
    return this.#ofStatements(statement.initial) ?? this.#ofAll(parts) ?? this.#ofStatement(statement.body);
  }
}

function isOwnPlace(place: Place): boolean {
  switch (place.kind) {
    case "variable":
      return place.symbol.storage === "local" || place.symbol.storage === "parameter";
    case "member":
    case "element":
      return isOwnPlace(place.base);
    case "literal":
      return true;
    case "deref":
      return false;
  }
}
