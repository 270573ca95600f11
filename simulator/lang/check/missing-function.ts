/**
 * Functions that a unit calls and nobody declares: pasted kernel code has many. One error lists them all, each with a
 * stub whose types are those of the first call and of what is done with its value.
 */
import type { CheckContext, MissingFunction } from "./context.ts";
import { editDistance, nearestName } from "../../source/edit-distance.ts";
import type { Expr, Type } from "../tree.ts";
import { typeName, unqualified } from "./types.ts";

/** The known name that a mistyped one means; null when it is more likely a function of the kernel that is missing. */
export function meantName(name: string, known: Iterable<string>): string | null {
  const near = nearestName(name, known);
  if (near === null) return null;
  const distance = editDistance(name, near);
  return distance <= (name.length >= 10 ? 2 : 1) ? near : null;
}

/** Notes what the value of a call is used as, when the call is to a missing function. */
export function noteResult(c: CheckContext, value: Expr, type: Type): void {
  const missing = c.missingCalls.get(value);
  if (missing === undefined || type.kind === "error") return;
  if (missing.result === null || missing.result.kind === "void") missing.result = unqualified(type);
}

/** One error that lists all missing functions, each with a stub to paste. */
export function reportMissingFunctions(c: CheckContext): void {
  const missing = [...c.missingFunctions.values()];
  const [first] = missing;
  if (first === undefined) return;
  const names = missing.map(({ name, near }) => `\`${name}\`${near === null ? "" : ` (or \`${near}\`?)`}`).join(", ");
  const what = missing.length === 1 ? "unknown function" : `${missing.length} unknown functions:`;
  const stubs = missing.map((each) => `  ${stubOf(each)}`).join("\n");
  c.report({
    code: "SCN049",
    span: first.span,
    message: `${what} ${names}`,
    notes: [
      {
        span: null,
        message: `define them, or paste stubs above (__stub returns 0, __stub(lo, hi) any value between):\n${stubs}`,
      },
    ],
  });
}

function stubOf({ name, parameters, result }: MissingFunction): string {
  const list = parameters.length === 0 ? "void" : parameters.map(writtenType).join(", ");
  const type = result === null ? "int" : writtenType(result);
  return `${type}${type.endsWith("*") ? "" : " "}${name}(${list}) __stub;`;
}

/** The type as a prototype can name it: what is not known is an int, what has no name a void pointer. */
function writtenType(type: Type): string {
  if (type.kind === "error") return "int";
  const name = typeName(type);
  return name.includes("{") || name.includes("(") ? "void *" : name;
}
