/** Type names: typedefs of the user, of the kernel, and what to say about others. */
import type { CheckContext } from "./context.ts";
import type { BaseType } from "../parse/syntax.ts";
import type { Type } from "../tree.ts";
import { errorType, integerTypes } from "./types.ts";
import { unsupportedType } from "../primitives/unsupported.ts";
import { integerTypedefs, objectTypedefs } from "../preprocess/words.ts";

/** The type that a name stands for; reports unknown ones once. */
export function namedType(c: CheckContext, base: Extract<BaseType, { kind: "named" }>): Type {
  const entity = c.lookup(base.name);
  if (entity?.kind === "typedef") return entity.type;
  const builtin = builtinType(base.name);
  if (builtin !== null && entity === null) return builtin;
  if (c.unknownReported.has(`type ${base.name}`)) return errorType;
  c.unknownReported.add(`type ${base.name}`);
  const unsupported = unsupportedType(base.name);
  if (unsupported !== null) {
    c.error("SCN100", base.span, `not supported yet by this version: ${unsupported} (\`${base.name}\`)`);
    return errorType;
  }
  const tag = c.lookupTag(base.name);
  if (tag !== null) {
    const replacement = `${tag.word} ${base.name}`;
    const message = `\`${base.name}\` is no type name; did you mean \`${replacement}\`?`;
    c.report({ code: "SCN041", span: base.span, message, suggestion: { span: base.span, replacement } });
    return errorType;
  }
  const near = c.nearest(base.name, (each) => each.kind === "typedef", [
    ...integerTypedefs.keys(),
    ...Object.keys(objectTypedefs),
  ]);
  const hint = near === null ? "; declare it with typedef or struct" : `; did you mean \`${near}\`?`;
  c.report({
    code: "SCN041",
    span: base.span,
    message: `unknown type \`${base.name}\`${hint}`,
    suggestion: near === null ? null : { span: base.span, replacement: near },
  });
  return errorType;
}

function builtinType(name: string): Type | null {
  const integer = integerTypedefs.get(name);
  if (integer !== undefined) {
    const found = Object.entries(integerTypes).find(([key]) => key === integer);
    if (found !== undefined) return { ...found[1], name };
  }
  const object = Object.entries(objectTypedefs).find(([key]) => key === name)?.[1];
  return object === undefined ? null : { kind: "object", object };
}
