/** Declarations in bodies. */
import { checkValue } from "./check-expression.ts";
import { completeArray, globalInitialiser, localInitialiser } from "./check-initialiser.ts";
import { declareFunction } from "./check-function.ts";
import { objectOfDefine, startOfDefine } from "./check-define.ts";
import { isUnsized, resolveDeclarator, resolveSpecifiers, storable } from "./check-type.ts";
import type { CheckContext, VariableDraft } from "./context.ts";
import { reportTwice } from "./declared-twice.ts";
import { constant } from "./convert.ts";
import type { DeclarationSyntax, Declarator, DefineObject, InitDeclarator, Specifiers } from "../parse/syntax.ts";
import type { LocalInitialiser, Statement, Type } from "../tree.ts";
import { errorType, intType, nameType, unqualified } from "./types.ts";

/** A declaration statement: one "declare" per variable; typedefs, tags and prototypes yield nothing. */
export function checkLocalDeclaration(c: CheckContext, node: DeclarationSyntax): readonly Statement[] {
  const { specifiers } = node;
  const isAuto = specifiers.base.kind === "auto";
  const base = isAuto ? errorType : resolveSpecifiers(c, specifiers);
  return node.declarators.flatMap((each) => {
    const written = isAuto ? autoType(c, each) : resolveDeclarator(c, base, each.declarator);
    return declareOne(c, node, { each, written });
  });
}

/** The type of `__auto_type x = value;` */
function autoType(c: CheckContext, each: InitDeclarator): Type {
  const { initialiser, declarator } = each;
  if (initialiser?.kind !== "value" || declarator.derivations.length > 0) {
    c.error("SCN041", declarator.span, "__auto_type declares a name with an initialiser: it takes that value's type");
    return errorType;
  }
  return unqualified(c.within({ unevaluated: true }, () => checkValue(c, initialiser.value)).type);
}

type One = { readonly each: InitDeclarator; readonly written: Type };

function declareOne(c: CheckContext, node: DeclarationSyntax, one: One): readonly Statement[] {
  const { each, written } = one;
  const { declarator, initialiser } = each;
  const name = declarator.name ?? "";
  if (node.specifiers.isTypedef) {
    nameType(written, name);
    c.declare(name, { kind: "typedef", type: written, span: declarator.span });
    return [];
  }
  if (written.kind === "function") {
    declareFunction(c, { name, type: written, declarator, isDefinition: false });
    return [];
  }
  if (node.specifiers.isExtern && c.lookup(name)?.kind === "variable") return [];
  const completed = completeArray(c, written, initialiser);
  const type = checkedVariableType(c, completed, declarator);
  const isStatic = node.specifiers.isStatic || node.specifiers.isExtern;
  const symbol = newVariable(c, {
    declarator,
    type,
    specifiers: node.specifiers,
    ghost: node.ghost || c.mode.ghost,
    isStatic,
  });
  reportDuplicate(c, symbol);
  c.declare(name, { kind: "variable", symbol });
  if (isStatic) {
    const stores = initialiser === null ? [] : globalInitialiser(c, type, initialiser, `\`${name}\``);
    if (!c.mode.unevaluated) c.globals.push({ symbol, stores, isDefined: true });
    return [];
  }
  if (!c.mode.unevaluated) c.body?.locals.push(symbol);
  const first =
    initialiser === null ? null : c.within({ ghost: symbol.ghost }, () => localInitialiser(c, symbol, initialiser));
  noteKnownValue(symbol, first);
  return [{ kind: "declare", symbol, initialiser: type.kind === "error" ? null : first, span: declarator.span }];
}

/** A const integer with a constant initialiser can say how many objects are allocated. */
function noteKnownValue(symbol: VariableDraft, initialiser: LocalInitialiser | null): void {
  const value = initialiser?.stores[0]?.value;
  if (symbol.constant && symbol.type.kind === "integer" && value?.kind === "constant") symbol.known = value.value;
}

/** The type of a variable: complete, sized, not void. */
export function checkedVariableType(c: CheckContext, type: Type, declarator: Declarator): Type {
  const name = declarator.name ?? "";
  if (isUnsized(type)) {
    c.error("SCN037", declarator.span, `the size of array \`${name}\` is missing: write it, or an initialiser`);
    return errorType;
  }
  return storable(c, type, { what: `\`${name}\``, span: declarator.span });
}

type NewVariable = {
  readonly declarator: Declarator;
  readonly type: Type;
  readonly specifiers: Specifiers;
  readonly ghost: boolean;
  readonly isStatic: boolean;
};

function newVariable(c: CheckContext, from: NewVariable): VariableDraft {
  const { declarator, type, specifiers } = from;
  const name = declarator.name ?? "";
  return {
    kind: "variable",
    id: c.newId(),
    name: from.isStatic && c.body !== null ? `${c.body.name}.${name}` : name,
    storage: c.body === null ? "global" : from.isStatic ? "static" : "local",
    type,
    ghost: from.ghost,
    racy: specifiers.isRacy || declarator.isRacy,
    constant: isConstant(specifiers, declarator),
    addressTaken: false,
    hidden: false,
    depth: c.depth(),
    span: declarator.span,
  };
}

/** Whether the variable itself is const: `const int x`, `int *const p`, not `const int *p`. */
export function isConstant(specifiers: Specifiers, declarator: Declarator): boolean {
  const last = declarator.derivations[declarator.derivations.length - 1];
  if (last?.kind === "pointer") return last.isConst;
  const pointer = declarator.derivations.find((each) => each.kind === "pointer");
  return specifiers.isConst && pointer === undefined;
}

function reportDuplicate(c: CheckContext, symbol: VariableDraft): void {
  const before = c.lookupHere(symbol.name);
  if (before === null || symbol.storage === "static") return;
  reportTwice(c, { span: symbol.span, message: `\`${symbol.name}\` is declared twice in this scope`, before });
}

/** DEFINE_MUTEX(x); and its kin in a body. */
export function checkLocalDefine(c: CheckContext, node: DefineObject): readonly Statement[] {
  const object = objectOfDefine(node.macro);
  const type: Type = { kind: "object", object };
  const declarator: Declarator = { name: node.name, span: node.nameSpan, derivations: [], isRacy: false, stub: null };
  const specifiers = plainSpecifiers(node);
  const symbol = newVariable(c, { declarator, type, specifiers, ghost: false, isStatic: node.isStatic });
  reportDuplicate(c, symbol);
  c.declare(node.name, { kind: "variable", symbol });
  const start = startOfDefine(c, node);
  if (node.isStatic) {
    const stores = start === null ? [] : [{ offset: 0, type, value: { kind: "number", value: start } as const }];
    c.globals.push({ symbol, stores, isDefined: true });
    return [];
  }
  c.body?.locals.push(symbol);
  const initialiser: LocalInitialiser = {
    zeroFill: true,
    stores:
      start === null
        ? []
        : [
            {
              place: { kind: "variable", symbol, type, span: node.nameSpan },
              value: constant(start, intType, node.span),
            },
          ],
  };
  return [{ kind: "declare", symbol, initialiser, span: node.nameSpan }];
}

/** Specifiers of a declaration that a macro makes. */
export function plainSpecifiers(node: DefineObject): Specifiers {
  const base = { kind: "error", span: node.span } as const;
  return {
    base,
    isTypedef: false,
    isStatic: node.isStatic,
    isExtern: false,
    isConst: false,
    isVolatile: false,
    isRacy: false,
    span: node.span,
  };
}
