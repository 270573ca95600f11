/** Types as written become types: specifiers, declarators, struct layout, enums. */
import { checkConstant, operandType } from "./check-expression.ts";
import type { CheckContext, RecordDraft } from "./context.ts";
import { reportTwice } from "./declared-twice.ts";
import { namedType } from "./check-type-name.ts";
import { cSizeOf, modelSize } from "./layout.ts";
import { checkUnion } from "./check-union.ts";
import { isUnsupportedTag } from "./place.ts";
import type {
  BaseType,
  Declarator,
  Derivation,
  MemberDeclaration,
  ParameterSyntax,
  Specifiers,
  TypeName,
} from "../parse/syntax.ts";
import type { EnumType, Field, RecordInfo, Type } from "../tree.ts";
import { errorType, integerOfWords, pointerTo, typeName, voidType, withVolatile } from "./types.ts";
import { measureRecord, recordDepthMax, recordPartsMax, typeParts, typePartsMax } from "./type-size.ts";
import { objectTags } from "../preprocess/words.ts";
import { unreachable } from "../../source/assert.ts";
import type { Span } from "../../source/span.ts";

/** Most elements of one array, and cells of one object: a state of the model holds them all. */
export const arrayLengthMax = 65_536;
/** Most bytes of one object. */
const objectBytesMax = 1_048_576;

/** The type of a cast, sizeof or compound literal. */
export function resolveTypeName(c: CheckContext, name: TypeName): Type {
  return resolveDeclarator(c, resolveSpecifiers(c, name.specifiers), name.declarator);
}

/** The type that the words before a declarator name. `auto` is an error here: declarations handle it. */
export function resolveSpecifiers(c: CheckContext, specifiers: Specifiers): Type {
  const type = resolveBase(c, specifiers.base);
  return specifiers.isVolatile ? withVolatile(type) : type;
}

function resolveBase(c: CheckContext, base: BaseType): Type {
  switch (base.kind) {
    case "words":
      return resolveWords(c, base);
    case "named":
      return namedType(c, base);
    case "record":
      return resolveRecord(c, base);
    case "enum":
      return resolveEnum(c, base);
    case "typeof":
      return operandType(c, base.operand);
    case "auto":
      c.error("SCN041", base.span, "__auto_type needs an initialiser: it takes that value's type");
      return errorType;
    case "error":
      return errorType;
  }
  return unreachable(base);
}

function resolveWords(c: CheckContext, base: Extract<BaseType, { kind: "words" }>): Type {
  const type = integerOfWords(base.words);
  if (type === "void") return voidType;
  if (type !== null) return type;
  if (base.words.some((word) => word === "float" || word === "double" || word === "_Complex")) {
    c.error("SCN007", base.span, "floating point is not part of the language: scale the value to an integer");
  } else {
    c.error("SCN041", base.span, `\`${base.words.join(" ")}\` is no type`);
  }
  return errorType;
}

function resolveEnum(c: CheckContext, base: Extract<BaseType, { kind: "enum" }>): Type {
  if (base.enumerators === null) {
    const known = c.lookupTag(base.tag ?? "");
    if (known !== null) return known.type;
    c.error("SCN041", base.span, `\`enum ${base.tag ?? ""}\` is not defined`);
    return errorType;
  }
  const enumerators: { readonly name: string; readonly value: number }[] = [];
  const type: EnumType = { kind: "enum", tag: base.tag ?? "", enumerators, volatile: false };
  if (base.tag !== null) declareTagOnce(c, base.tag, { type, span: base.span });
  let next = 0;
  for (const enumerator of base.enumerators) {
    const value =
      enumerator.value === null ? next : (checkConstant(c, enumerator.value, "the value of an enumerator") ?? next);
    enumerators.push({ name: enumerator.name, value: value | 0 });
    next = (value | 0) + 1;
    const before = c.lookupHere(enumerator.name);
    if (before !== null) {
      reportTwice(c, {
        span: enumerator.span,
        message: `\`${enumerator.name}\` is declared twice in this scope`,
        before,
      });
    }
    c.declare(enumerator.name, { kind: "enumerator", value: value | 0, type, span: enumerator.span });
  }
  return type;
}

function declareTagOnce(c: CheckContext, tag: string, entity: { readonly type: Type; readonly span: Span }): void {
  const before = c.lookupTagHere(tag);
  if (before !== null) {
    const notes = [{ span: before.span, message: "defined here" }];
    c.report({ code: "SCN043", span: entity.span, message: `\`enum ${tag}\` is defined twice`, notes });
  }
  c.declareTag(tag, { ...entity, word: "enum" });
}

/** Finds or makes the record of a tag; defines its members when they are given. */
function resolveRecord(c: CheckContext, base: Extract<BaseType, { kind: "record" }>): Type {
  const word = base.isUnion ? "union" : "struct";
  const known = base.tag === null ? null : base.members === null ? c.lookupTag(base.tag) : c.lookupTagHere(base.tag);
  if (known === null && base.members === null && base.tag !== null && !base.isUnion) {
    const object = Object.entries(objectTags).find(([tag]) => tag === base.tag)?.[1];
    if (object !== undefined) return { kind: "object", object };
  }
  if (known !== null && known.word !== word) {
    const notes = [{ span: known.span, message: "declared here" }];
    c.report({
      code: "SCN044",
      span: base.span,
      message: `\`${base.tag ?? ""}\` is declared as ${known.word} before`,
      notes,
    });
    return errorType;
  }
  const draft = known?.type.kind === "record" ? c.records[known.type.record.id] : undefined;
  const record = draft ?? newRecord(c, base);
  if (base.members !== null) defineRecord(c, record, { ...base, members: base.members });
  return { kind: "record", record, volatile: false };
}

/** Declares a struct or union whose members may follow. */
export function newRecord(c: CheckContext, base: Extract<BaseType, { kind: "record" }>): RecordDraft {
  const tag = base.tag ?? "";
  const { isUnion, span } = base;
  const record: RecordDraft = {
    id: c.records.length,
    tag,
    isUnion,
    complete: false,
    size: 0,
    cSize: 0,
    fields: [],
    span,
  };
  c.records.push(record);
  if (tag !== "") {
    c.declareTag(tag, { type: { kind: "record", record, volatile: false }, span, word: isUnion ? "union" : "struct" });
  }
  return record;
}

function defineRecord(
  c: CheckContext,
  record: RecordDraft,
  base: { readonly members: readonly MemberDeclaration[]; readonly span: Span },
): void {
  if (reportDefinedTwice(c, record, base.span)) return;
  record.span = base.span;
  const declared = base.members.flatMap((member) => declaredFields(c, member));
  // A member may have defined the same tag: to go on would put the struct inside itself.
  if (reportDefinedTwice(c, record, base.span)) return;
  const named = new Map<string, Span>();
  for (const field of declared) {
    const first = field.name === "" ? undefined : named.get(field.name);
    if (first !== undefined) {
      const notes = [{ span: first, message: "first declared here" }];
      const message = `member \`${field.name}\` is declared twice`;
      c.report({ code: "SCN043", span: field.span, message, notes });
    } else {
      named.set(field.name, field.span);
    }
  }
  layOut(c, record, reportLargeRecord(c, record, declared) ? [] : declared);
}

/** Reports a struct of too many members or levels: nobody could lay it out in time. */
function reportLargeRecord(c: CheckContext, record: RecordDraft, declared: readonly DeclaredField[]): boolean {
  const { parts, depth } = measureRecord(
    record,
    declared.map((field) => field.type),
  );
  if (depth > recordDepthMax) {
    c.error("SCN031", record.span, `this struct has more than ${recordDepthMax} structs within one another`);
  } else if (parts > recordPartsMax) {
    c.error(
      "SCN068",
      record.span,
      `this struct has more than ${recordPartsMax} members, those within its members included`,
    );
  } else {
    return false;
  }
  measureRecord(record, []);
  return true;
}

function reportDefinedTwice(c: CheckContext, record: RecordDraft, span: Span): boolean {
  if (!record.complete) return false;
  const notes = [{ span: record.span, message: "first defined here" }];
  c.report({ code: "SCN043", span, message: `\`struct ${record.tag}\` is defined twice`, notes });
  return true;
}

/** A member while its struct is being laid out. */
export type DeclaredField = { readonly name: string; readonly type: Type; readonly racy: boolean; readonly span: Span };

function declaredFields(c: CheckContext, member: MemberDeclaration): DeclaredField[] {
  const base = resolveSpecifiers(c, member.specifiers);
  if (member.declarators.length === 0) {
    if (base.kind === "record") {
      const type = storable(c, base, { what: "a member without a name", span: member.span });
      return [{ name: "", type, racy: member.specifiers.isRacy, span: member.span }];
    }
    if (base.kind !== "enum" && base.kind !== "error") c.error("SCN030", member.span, "this member has no name");
    return [];
  }
  return member.declarators.map((declarator) => {
    const type = resolveDeclarator(c, base, declarator);
    const name = declarator.name ?? "";
    const racy = member.specifiers.isRacy || declarator.isRacy;
    return {
      name,
      type: storable(c, type, { what: `member \`${name}\``, span: declarator.span }),
      racy,
      span: declarator.span,
    };
  });
}

/** A type that an object can have; reports void, functions and incomplete structs. */
export function storable(c: CheckContext, type: Type, at: { readonly what: string; readonly span: Span }): Type {
  if (reportTooDeep(c, type, at.span)) return errorType;
  if (type.kind === "void" || type.kind === "function") {
    c.error("SCN045", at.span, `${at.what} cannot be \`${typeName(type)}\``);
    return errorType;
  }
  const element = type.kind === "array" ? innermost(type) : type;
  if (element.kind === "record" && isUnsupportedTag(c, element.record, at.span)) return errorType;
  if (element.kind === "record" && !element.record.complete) {
    c.report({
      code: "SCN045",
      span: at.span,
      message: `${at.what} is \`${typeName(element)}\`, which is declared and not defined`,
      notes: [{ span: element.record.span, message: "declared here" }],
    });
    return errorType;
  }
  if (modelSize(type) > objectBytesMax) {
    c.error("SCN068", at.span, `${at.what} has ${modelSize(type)} bytes; an object may have ${objectBytesMax}`);
    return errorType;
  }
  return type;
}

/** Reports a type of more parts than a person can read; what follows would take long or forever. */
function reportTooDeep(c: CheckContext, type: Type, span: Span): boolean {
  if (typeParts(type) <= typePartsMax) return false;
  const message = `this type has more than ${typePartsMax} parts: pointers, arrays and parameters within one another; name a struct for some of them`;
  c.error("SCN031", span, message);
  return true;
}

function innermost(type: Type): Type {
  return type.kind === "array" ? innermost(type.of) : type;
}

/** Offsets: the model puts every member at a multiple of 4, C at its own alignment (i386: at most 4). */
function layOut(c: CheckContext, record: RecordDraft, declared: readonly DeclaredField[]): void {
  const fields: Field[] = [];
  let [offset, cOffset, size, cSize, alignment] = [0, 0, 0, 0, 1];
  if (record.isUnion) checkUnion(c, declared);
  for (const { name, type, racy } of declared) {
    const align = cAlignment(type);
    alignment = Math.max(alignment, align);
    const at = record.isUnion ? 0 : roundUp(offset, 4);
    const cAt = record.isUnion ? 0 : roundUp(cOffset, align);
    fields.push({ name, type, offset: at, cOffset: cAt, racy });
    offset = at + modelSize(type);
    cOffset = cAt + cSizeOf(type);
    size = Math.max(size, offset);
    cSize = Math.max(cSize, cOffset);
  }
  record.fields = fields;
  record.size = roundUp(size, 4);
  record.cSize = roundUp(cSize, alignment);
  record.complete = true;
}

function cAlignment(type: Type): number {
  if (type.kind === "array") return cAlignment(type.of);
  if (type.kind === "record") return recordAlignment(type.record);
  return Math.min(4, Math.max(1, modelSize(type)));
}

/** Linear in the members of the struct: those of structs within it were asked for when they were laid out. */
function recordAlignment(record: RecordInfo): number {
  const known = alignments.get(record);
  if (known !== undefined) return known;
  const alignment = record.fields.reduce((most, field) => Math.max(most, cAlignment(field.type)), 1);
  if (record.complete) alignments.set(record, alignment);
  return alignment;
}

const alignments = new WeakMap<RecordInfo, number>();

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Wraps a base type as the declarator says. */
export function resolveDeclarator(c: CheckContext, base: Type, declarator: Declarator): Type {
  let type = base;
  for (const derivation of declarator.derivations) {
    type = derive(c, type, derivation);
    if (reportTooDeep(c, type, declarator.span)) return errorType;
  }
  return type;
}

function derive(c: CheckContext, type: Type, derivation: Derivation): Type {
  if (type.kind === "error") return errorType;
  switch (derivation.kind) {
    case "pointer":
      return { ...pointerTo(type), volatile: derivation.isVolatile };
    case "array":
      return deriveArray(c, type, derivation);
    case "function":
      if (type.kind === "array" || type.kind === "function") {
        c.error("SCN062", derivation.span, `a function cannot return \`${typeName(type)}\``);
        return errorType;
      }
      return {
        kind: "function",
        result: type,
        parameters: derivation.parameters.map((each) => parameterType(c, each)),
      };
  }
  return unreachable(derivation);
}

function deriveArray(c: CheckContext, of: Type, derivation: Extract<Derivation, { kind: "array" }>): Type {
  if (of.kind === "void" || of.kind === "function" || (of.kind === "record" && !of.record.complete)) {
    c.error("SCN045", derivation.span, `there are no arrays of \`${typeName(of)}\``);
    return errorType;
  }
  // Length 0 stands for `[]`: declarations complete it from the initialiser, parameters make a pointer of it.
  if (derivation.size === null) return { kind: "array", of, length: 0 };
  const length = checkConstant(c, derivation.size, "the size of an array");
  if (length === null) return errorType;
  if (length < 1 || length > arrayLengthMax) {
    c.error("SCN068", derivation.span, `an array has 1 to ${arrayLengthMax} elements, not ${length}`);
    return errorType;
  }
  if (length * modelSize(of) > objectBytesMax) {
    c.error(
      "SCN068",
      derivation.span,
      `this array has ${length * modelSize(of)} bytes; an object may have ${objectBytesMax}`,
    );
    return errorType;
  }
  return { kind: "array", of, length };
}

/** The type of a parameter: arrays and functions become pointers (C11 6.7.6.3). */
export function parameterType(c: CheckContext, parameter: ParameterSyntax): Type {
  const type = resolveDeclarator(c, resolveSpecifiers(c, parameter.specifiers), parameter.declarator);
  if (type.kind === "array") return pointerTo(type.of);
  if (type.kind === "function") return pointerTo(type);
  if (type.kind !== "void") return type;
  c.error("SCN045", parameter.span, "a parameter cannot be `void`");
  return errorType;
}

/** Whether an `[]` of unknown size occurs where a size is needed. */
export function isUnsized(type: Type): boolean {
  return type.kind === "array" && (type.length === 0 || isUnsized(type.of));
}
