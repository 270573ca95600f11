/**
 * Whether a scenario can tell one address of the heap from another. kmalloc gives out addresses that no stale pointer has;
 * which of them it is, a program can learn only by ordering addresses, by counting between objects, or by taking an
 * address for a number. One that does none of this behaves the same whatever addresses it gets: two states that differ by
 * a renaming of heap objects are bisimilar, so a dead pointer need not be kept for the sake of its address.
 *
 * Judged by types, over all functions that any task can come to, and in doubt the answer is yes. It matters only of
 * what tasks allocate and somebody frees: what is never freed has no stale pointers, and init runs alone and has no states. What a pointer may do:
 * be copied, compared for equality, tested for NULL and for an error number, go to a member and back (container_of), and
 * lend its low three bits to flags, which are 0 in every address of an object. Reading an object as another record through
 * `void *` is not looked for.
 */
import { walkBody, walkExpression, type Visitor } from "../mutate/tree-walk.ts";
import type { Body, Expr, FunctionSymbol, RecordInfo, Statement, Type, TypedUnit } from "../lang/tree.ts";
import { functionBase, memoryBase, type AddressUse } from "./ir.ts";

/** Larger records would spread heap objects too far. */
const reachBytesMax = 2048;
/** Low bits that are 0 in the address of every object. */
const flagBits = 7;
const errorNumbersFrom = 0xffff_f001;

/** O(nodes of the tree). */
export function judgeAddresses(unit: TypedUnit): AddressUse {
  const reachBytes = unit.records.reduce((most, record) => Math.max(most, record.size), 8);
  if (reachBytes > reachBytesMax || unit.records.some(mixesPointersAndNumbers))
    return { observed: true, reachBytes: 0 };
  const judge = new Judge(unit, reachBytes);
  return judge.isObserved() ? { observed: true, reachBytes: 0 } : { observed: false, reachBytes };
}

/** A union in which the same bytes are a pointer and a number. */
function mixesPointersAndNumbers(record: RecordInfo): boolean {
  if (!record.isUnion) return false;
  const pointers = new Set<number>();
  const numbers = new Set<number>();
  for (const field of record.fields) collectScalars(field.type, 0, { pointers, numbers });
  return [...pointers].some((offset) => numbers.has(offset));
}

function collectScalars(
  type: Type,
  offset: number,
  into: { readonly pointers: Set<number>; readonly numbers: Set<number> },
): void {
  switch (type.kind) {
    case "pointer":
      into.pointers.add(offset);
      return;
    case "integer":
    case "enum":
      into.numbers.add(offset - (offset % 4));
      return;
    case "array":
      // Elements narrower than a pointer may begin anywhere in one.
      into.numbers.add(offset);
      for (let at = 0; at < type.length; at += 1) collectScalars(type.of, offset + at * 4, into);
      return;
    case "record":
      for (const field of type.record.fields) collectScalars(field.type, offset + field.offset, into);
      return;
    case "object":
      // Primitives do not work on what another member wrote: the tags of the cells differ.
      return;
    case "void":
    case "function":
    case "error":
      return;
  }
}

class Judge {
  readonly #unit: TypedUnit;
  readonly #reachBytes: number;
  /** Conversions of an address to a number, or back, that tell nothing of it. */
  readonly #harmless = new Set<Expr>();
  /** What tasks can come to; what init can. */
  readonly #functions = { tasks: new Set<FunctionSymbol>(), init: new Set<FunctionSymbol>() };
  #who: "tasks" | "init" = "tasks";
  /** What the pointers point to whose values are observed; "any" when a pointer may point to anything. */
  readonly #observed = new Set<Type | "any">();
  readonly #allocated = new Set<Type>();
  readonly #freed = new Set<Type | "any">();

  constructor(unit: TypedUnit, reachBytes: number) {
    this.#unit = unit;
    this.#reachBytes = reachBytes;
  }

  isObserved(): boolean {
    const { tasks, inits, properties, globals } = this.#unit;
    this.#who = "init";
    for (const body of inits) walkBody(body, this.#visitor);
    this.#walkFunctions();
    this.#who = "tasks";
    for (const task of tasks) walkBody(task.body, this.#visitor);
    for (const property of properties) walkExpression(property.condition, this.#visitor);
    for (const { stores } of globals) {
      for (const { value } of stores) if (value.kind === "function") this.#functions.tasks.add(value.function);
    }
    this.#walkFunctions();
    const isAmong = (types: ReadonlySet<Type | "any">, object: Type): boolean =>
      [...types].some((type) => type === "any" || contains(object, type) || contains(type, object));
    return [...this.#allocated].some((object) => isAmong(this.#freed, object) && isAmong(this.#observed, object));
  }

  #walkFunctions(): void {
    // The set grows as functions are looked at, and what is added is visited too.
    for (const symbol of this.#functions[this.#who]) {
      if (symbol.definition.kind === "body") walkBody(symbol.definition.body, this.#visitor);
    }
  }

  /** The value of this pointer, or of what may be one, is observed. */
  #observe(expr: Expr): void {
    this.#observed.add(pointee(expr));
  }

  readonly #visitor: Visitor = {
    statement: (statement) => this.#statement(statement),
    expression: (expr) => this.#expression(expr),
  };

  /** The parts of statements that a walk leaves out. */
  #statement(statement: Statement): void {
    const walk = (statements: readonly Statement[]): void => {
      const body: Body = { statements, locals: [], span: statement.span };
      walkBody(body, this.#visitor);
    };
    if (statement.kind === "guard") {
      walk(statement.acquire);
      walk(statement.release);
    }
    if (statement.kind === "ghost") walk(statement.body);
    if (statement.kind === "assert") walkExpression(statement.condition, this.#visitor);
    if (statement.kind === "note" && statement.condition !== null) walkExpression(statement.condition, this.#visitor);
  }

  #expression(expr: Expr): void {
    switch (expr.kind) {
      case "compare":
        return this.#compare(expr);
      case "pointer-difference":
        this.#observe(expr.left);
        this.#observe(expr.right);
        return;
      case "pointer-add":
        if (expr.index.kind !== "constant" || !this.#isNear(expr.index.value * expr.stride))
          this.#observe(expr.pointer);
        return;
      // Steps that add up lead anywhere.
      case "update":
        if (expr.type.kind === "pointer") this.#observe(expr);
        return;
      case "assign":
        if (expr.type.kind === "pointer" && addsToItself(expr)) this.#observe(expr);
        return;
      case "unary":
        if (expr.op === "logical-not") this.#release(expr.operand);
        return;
      case "binary":
        if (expr.op === "and" && (isFlags(expr.right) || isFlags(expr.left))) {
          this.#release(expr.left);
          this.#release(expr.right);
        }
        return;
      case "convert":
        return this.#convert(expr);
      case "constant":
        if (expr.type.kind === "pointer" && isHeapLike(expr.value)) this.#observe(expr);
        return;
      case "function":
        // Whoever takes its address, a task may call it.
        this.#functions.tasks.add(expr.function);
        if (this.#who === "init") this.#functions.init.add(expr.function);
        return;
      case "call":
        if (expr.callee.kind === "direct") this.#functions[this.#who].add(expr.callee.function);
        return;
      case "primitive":
        return this.#primitive(expr);
      case "load":
      case "address":
      case "logical":
      case "conditional":
      case "comma":
      case "let":
      case "bound":
      case "statements":
      case "choose":
      case "me":
      case "atomic":
        return;
    }
  }

  #primitive(expr: Extract<Expr, { kind: "primitive" }>): void {
    if (expr.op === "kmalloc" && expr.attributes.object !== null && this.#who === "tasks")
      this.#allocated.add(expr.attributes.object);
    if (expr.op !== "kfree" && expr.op !== "kfree-rcu") return;
    let [object] = expr.args;
    while (object?.kind === "convert") object = object.operand;
    this.#freed.add(object === undefined ? "any" : pointee(object));
  }

  #isNear(bytes: number): boolean {
    return Math.abs(bytes) <= this.#reachBytes;
  }

  #compare(expr: Extract<Expr, { kind: "compare" }>): void {
    const { left, right } = expr;
    if (expr.op === "eq" || expr.op === "ne") {
      if (left.kind !== "constant" || !isHeapLike(left.value)) this.#release(right);
      if (right.kind !== "constant" || !isHeapLike(right.value)) this.#release(left);
      return;
    }
    // IS_ERR: no address is that large.
    const bound = right.kind === "constant" ? right : left.kind === "constant" ? left : null;
    if (bound !== null && isUnsigned(bound.type) && bound.value >= errorNumbersFrom) {
      this.#release(left);
      this.#release(right);
      return;
    }
    if (left.type.kind === "pointer") this.#observe(left);
    if (right.type.kind === "pointer") this.#observe(right);
  }

  #convert(expr: Extract<Expr, { kind: "convert" }>): void {
    const { operand, type } = expr;
    const isFrom = operand.type.kind === "pointer";
    const isTo = type.kind === "pointer";
    if (!isFrom && isTo) {
      // What is no address with flags is a number that may happen to be an address.
      if (!this.#release(operand)) this.#observed.add("any");
      return;
    }
    if (isFrom && isTo) {
      if (!isPlainCast(operand, type)) this.#observed.add("any");
      return;
    }
    if (expr.how === "boolean") {
      this.#release(operand);
      return;
    }
    if (isFrom && type.kind !== "void" && !this.#harmless.has(expr)) this.#observe(operand);
  }

  /** Marks the conversion inside of an address with flags as harmless; whether it is one. */
  #release(expr: Expr): boolean {
    if (expr.kind === "convert") {
      if (expr.type.kind !== "integer" || expr.type.bits !== 32) return false;
      if (expr.operand.type.kind !== "pointer") return this.#release(expr.operand);
      this.#harmless.add(expr);
      return true;
    }
    if (expr.kind !== "binary" || !["add", "sub", "and", "or", "xor"].includes(expr.op)) return false;
    const [address, number] = expr.right.kind === "constant" ? [expr.left, expr.right] : [expr.right, expr.left];
    if (number.kind !== "constant" || (expr.op === "sub" && address === expr.right)) return false;
    const isFlag = isFlags(number);
    const isMask = expr.op === "and" && ~number.value >>> 0 <= flagBits;
    const isOffset = (expr.op === "add" || expr.op === "sub") && this.#isNear(number.value | 0);
    return ((isFlag && expr.op !== "and") || isMask || isOffset) && this.#release(address);
  }
}

/** What an expression points to. */
function pointee(expr: Expr): Type | "any" {
  if (expr.type.kind !== "pointer" || expr.type.to.kind === "void") return "any";
  return expr.type.to;
}

/** Whether a pointer to one type may point into an object of another. */
function contains(object: Type, what: Type): boolean {
  if (isSame(object, what)) return true;
  if (object.kind === "array") return contains(object.of, what);
  return object.kind === "record" && object.record.fields.some((field) => contains(field.type, what));
}

function isFlags(expr: Expr): boolean {
  return expr.kind === "constant" && expr.value >= 0 && expr.value <= flagBits;
}

function isHeapLike(value: number): boolean {
  return value >>> 0 >= memoryBase && value >>> 0 < functionBase;
}

function isUnsigned(type: Type): boolean {
  return type.kind === "pointer" || (type.kind === "integer" && !type.signed && type.bits === 32);
}

/** `p = p + 1` and the like. */
function addsToItself(expr: Extract<Expr, { kind: "assign" }>): boolean {
  const { place, value } = expr;
  if (place.kind !== "variable" || value.kind !== "pointer-add") return false;
  const from = value.pointer;
  return from.kind === "load" && from.place.kind === "variable" && from.place.symbol === place.symbol;
}

/** A cast after which no number is taken for an address, nor an address for a number. */
function isPlainCast(operand: Expr, to: Extract<Type, { kind: "pointer" }>): boolean {
  if (operand.type.kind !== "pointer" || operand.kind === "constant") return true;
  const from = operand.type.to;
  const target = to.to;
  if (target.kind === "void" || target.kind === "function" || target.kind === "object") return true;
  if (isSame(from, target)) return true;
  if (from.kind === "void") {
    if (operand.kind === "primitive" && (operand.op === "kmalloc" || operand.op === "cache-alloc")) return true;
    return target.kind === "record" || target.kind === "array";
  }
  return beginsWith(target, from) || beginsWith(from, target);
}

function isSame(one: Type, other: Type): boolean {
  if (one.kind === "record" && other.kind === "record") return one.record === other.record;
  if (one.kind === "integer" && other.kind === "integer") return one.bits === other.bits;
  if (one.kind === "object" && other.kind === "object") return one.object === other.object;
  if (one.kind === "array" && other.kind === "array") return isSame(one.of, other.of);
  return one.kind === other.kind;
}

/** Whether what lies at the beginning of a type is another. */
function beginsWith(type: Type, what: Type): boolean {
  if (isSame(type, what)) return true;
  if (type.kind === "array") return beginsWith(type.of, what);
  if (type.kind !== "record") return false;
  return type.record.fields.some((field) => field.offset === 0 && beginsWith(field.type, what));
}
