/** __free() and __cleanup() behind local variables (include/linux/cleanup.h): what is called when their scope is left. */
import { checkValue } from "./check-expression.ts";
import { isError, type CheckContext } from "./context.ts";
import { noteResult } from "./missing-function.ts";
import type { Declarator, DeclarationSyntax, SyntaxExpr } from "../parse/syntax.ts";
import type { Statement } from "../tree.ts";
import { voidType } from "./types.ts";

/**
 * The rest of a block behind a declaration whose variables are cleaned up, as the body of a guard that releases them, the
 * last one first, on every way out. Null when the declaration has none.
 */
export function checkCleanup(
  c: CheckContext,
  node: DeclarationSyntax,
  rest: () => readonly Statement[],
): Statement | null {
  const cleaned = node.declarators.map((each) => each.declarator).filter((each) => hasCleanup(each));
  const [first] = cleaned;
  if (first === undefined) return null;
  const release = cleaned.reverse().flatMap((declarator) => releaseOf(c, declarator));
  const region = c.newRegion("guard", first.span);
  c.body?.regions.push(region);
  const body = rest();
  c.body?.regions.pop();
  return { kind: "guard", acquire: [], body, release, span: first.span };
}

function hasCleanup(declarator: Declarator): boolean {
  return declarator.cleanup !== undefined && declarator.cleanup !== null;
}

/** `f(&variable);` */
function releaseOf(c: CheckContext, { name, cleanup }: Declarator): readonly Statement[] {
  if (name === null || cleanup === undefined || cleanup === null) return [];
  const { span } = cleanup;
  const variable: SyntaxExpr = { kind: "name", name, span };
  const address: SyntaxExpr = { kind: "unary", op: "&", operand: variable, span };
  const callee: SyntaxExpr = { kind: "name", name: cleanup.function, span };
  const expression = checkValue(c, { kind: "call", callee, args: [address], span });
  noteResult(c, expression, voidType);
  return isError(expression) ? [] : [{ kind: "expression", expression, span }];
}
