/** Walks over the statements of a typed unit. */
import { unreachable } from "../source/assert.ts";
import type { Body, Statement, TypedUnit } from "./tree.ts";

/** All bodies that the user wrote: functions, tasks, init. */
export function bodiesOf(unit: TypedUnit): readonly Body[] {
  const functions = unit.functions.flatMap(({ definition }) => (definition.kind === "body" ? [definition.body] : []));
  return [...functions, ...unit.inits, ...unit.tasks.map((task) => task.body)];
}

/** Statements within a statement. `isAlone`: it stands where the grammar has room for one statement only. */
export type InnerStatements = { readonly statements: readonly Statement[]; readonly isAlone: boolean };

/** What stands directly inside; statements inside expressions are not looked for. */
export function innerStatements(statement: Statement): readonly InnerStatements[] {
  const alone = (inner: Statement): InnerStatements => ({ statements: [inner], isAlone: true });
  switch (statement.kind) {
    case "block":
      return [{ statements: statement.statements, isAlone: false }];
    case "span":
    case "atomic":
    case "forever":
    case "ghost":
    case "guard":
      return [{ statements: statement.body, isAlone: false }];
    case "if":
      return statement.else === null ? [alone(statement.then)] : [alone(statement.then), alone(statement.else)];
    case "while":
    case "do-while":
    case "for":
    case "switch":
      return [alone(statement.body)];
    case "label":
    case "expression":
    case "declare":
    case "goto":
    case "break":
    case "continue":
    case "return":
    case "await":
    case "assert":
    case "note":
    case "work":
    case "sleep":
      return [];
  }
  return unreachable(statement);
}
