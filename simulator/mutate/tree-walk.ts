/** Visits every list of statements and every expression of a body, in the order of the source. */
import { unreachable } from "../source/assert.ts";
import type { Body, Expr, LocalInitialiser, Place, Statement } from "../lang/tree.ts";

export type Visitor = {
  /** Statements that share a block, or one that stands alone. */
  readonly list?: (statements: readonly Statement[]) => void;
  readonly statement?: (statement: Statement) => void;
  /** `use` is what becomes of the value: nothing, or something. */
  readonly expression?: (expr: Expr, use: "dropped" | "used") => void;
};

/** O(nodes of the tree). */
export function walkBody(body: Body, visitor: Visitor): void {
  walkList(body.statements, visitor);
}

/** An expression and all inside it. */
export function walkExpression(expr: Expr, visitor: Visitor, use: "dropped" | "used" = "used"): void {
  visitor.expression?.(expr, use);
  const inside = (inner: Expr): void => walkExpression(inner, visitor);
  switch (expr.kind) {
    case "constant":
    case "function":
    case "bound":
    case "me":
      return;
    case "load":
    case "address":
      return walkPlace(expr.place, visitor);
    case "unary":
    case "atomic":
      return inside(expr.operand);
    case "convert":
      return walkExpression(expr.operand, visitor, expr.type.kind === "void" ? use : "used");
    case "binary":
    case "compare":
    case "pointer-difference":
    case "logical":
      inside(expr.left);
      return inside(expr.right);
    case "pointer-add":
      inside(expr.pointer);
      return inside(expr.index);
    case "conditional":
      inside(expr.condition);
      walkExpression(expr.then, visitor, use);
      return walkExpression(expr.else, visitor, use);
    case "comma":
      return expr.items.forEach((item, index) =>
        walkExpression(item, visitor, index < expr.items.length - 1 ? "dropped" : use),
      );
    case "assign":
      walkPlace(expr.place, visitor);
      return inside(expr.value);
    case "update":
      walkPlace(expr.place, visitor);
      return inside(expr.compute);
    case "let":
      inside(expr.value);
      return walkExpression(expr.body, visitor, use);
    case "call":
      if (expr.callee.kind === "indirect") inside(expr.callee.pointer);
      return expr.args.forEach(inside);
    case "primitive":
      return expr.args.forEach(inside);
    case "statements":
      walkList(expr.statements, visitor);
      if (expr.value !== null) walkExpression(expr.value, visitor, use);
      return;
    case "choose":
      inside(expr.lo);
      return inside(expr.hi);
  }
  return unreachable(expr);
}

function walkPlace(place: Place, visitor: Visitor): void {
  switch (place.kind) {
    case "variable":
      return;
    case "deref":
      return walkExpression(place.pointer, visitor);
    case "member":
      return walkPlace(place.base, visitor);
    case "element":
      walkPlace(place.base, visitor);
      return walkExpression(place.index, visitor);
    case "literal":
      return walkInitialiser(place.initialise, visitor);
  }
  return unreachable(place);
}

function walkInitialiser(initialiser: LocalInitialiser | null, visitor: Visitor): void {
  for (const { place, value } of initialiser?.stores ?? []) {
    walkPlace(place, visitor);
    walkExpression(value, visitor);
  }
}

function walkList(statements: readonly Statement[], visitor: Visitor): void {
  visitor.list?.(statements);
  for (const statement of statements) walkStatement(statement, visitor);
}

function walkStatement(statement: Statement, visitor: Visitor): void {
  visitor.statement?.(statement);
  switch (statement.kind) {
    case "expression":
      return walkExpression(statement.expression, visitor, "dropped");
    case "declare":
      return walkInitialiser(statement.initialiser, visitor);
    case "block":
      return walkList(statement.statements, visitor);
    case "if":
      walkExpression(statement.condition, visitor);
      walkList([statement.then], visitor);
      if (statement.else !== null) walkList([statement.else], visitor);
      return;
    case "while":
      walkExpression(statement.condition, visitor);
      return walkList([statement.body], visitor);
    case "do-while":
      walkList([statement.body], visitor);
      return walkExpression(statement.condition, visitor);
    case "for":
      walkList(statement.initial, visitor);
      if (statement.condition !== null) walkExpression(statement.condition, visitor);
      if (statement.advance !== null) walkExpression(statement.advance, visitor, "dropped");
      return walkList([statement.body], visitor);
    case "switch":
      walkExpression(statement.value, visitor);
      return walkList([statement.body], visitor);
    case "label":
    case "goto":
    case "break":
    case "continue":
      return;
    case "return":
      if (statement.value !== null) walkExpression(statement.value, visitor);
      return;
    // What a guard does at its ends is not written as calls.
    case "guard":
    case "atomic":
    case "forever":
    case "span":
      return walkList(statement.body, visitor);
    // What only looks is not part of the code under test.
    case "ghost":
    case "assert":
    case "note":
      return;
    case "await":
      return walkExpression(statement.condition, visitor);
    // Times are no steps: nothing in them is worth a mutant.
    case "work":
    case "sleep":
      return;
  }
  return unreachable(statement);
}
