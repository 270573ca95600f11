/** Constant expressions for globals: numbers, addresses of globals and functions plus offsets, whole constant structs. */
import type { CheckContext } from "./context.ts";
import type { Expr, GlobalStore, GlobalValue, Place, Type } from "../tree.ts";

type Cell = { readonly offset: number; readonly type: Type; readonly value: Expr };

/** The cells that a value sets; reports what is not constant (SCN067). */
export function globalValue(c: CheckContext, cell: Cell): readonly GlobalStore[] {
  const { offset, type, value } = cell;
  if (value.kind === "load" && type.kind === "record") {
    const copied = copiedStores(c, value.place, offset);
    if (copied !== null) return copied;
  }
  const constant = constantOf(value);
  if (constant !== null) return [{ offset, type, value: constant }];
  c.error("SCN067", value.span, "a global is initialised by a constant; set it in init { } instead");
  return [];
}

/** A compound literal at file scope as the value of a struct. */
function copiedStores(c: CheckContext, place: Place, offset: number): readonly GlobalStore[] | null {
  if (place.kind !== "variable" || !place.symbol.hidden) return null;
  const source = c.globals.find((global) => global.symbol === place.symbol);
  return source?.stores.map((store) => ({ ...store, offset: store.offset + offset })) ?? null;
}

function constantOf(value: Expr): GlobalValue | null {
  switch (value.kind) {
    case "constant":
      return { kind: "number", value: value.value };
    case "function":
      return { kind: "function", function: value.function };
    case "address":
      return addressOf(value.place, 0);
    case "convert":
      return value.how === "reinterpret" || value.how === "keep" ? constantOf(value.operand) : null;
    case "pointer-add": {
      const base = constantOf(value.pointer);
      if (base?.kind !== "address" || value.index.kind !== "constant") return null;
      return { ...base, offset: base.offset + value.index.value * value.stride };
    }
    case "binary": {
      // A tagged pointer: (unsigned long)&x + 1 or | 1. Objects stand at multiples of 8, so | of low bits is +.
      const base = constantOf(value.left);
      const right = value.right.kind === "constant" ? value.right.value : null;
      if (base?.kind !== "address" || right === null) return null;
      const isTag = value.op === "or" && right >= 0 && right < 4 && base.offset % 4 === 0;
      return value.op === "add" || isTag ? { ...base, offset: base.offset + right } : null;
    }
    case "load":
    case "unary":
    case "compare":
    case "pointer-difference":
    case "logical":
    case "conditional":
    case "comma":
    case "assign":
    case "update":
    case "let":
    case "bound":
    case "call":
    case "primitive":
    case "statements":
    case "choose":
    case "me":
    case "atomic":
      return null;
  }
}

function addressOf(place: Place, offset: number): GlobalValue | null {
  switch (place.kind) {
    case "variable":
      return place.symbol.storage === "local" || place.symbol.storage === "parameter"
        ? null
        : { kind: "address", symbol: place.symbol, offset };
    case "member":
      return addressOf(place.base, offset + place.field.offset);
    case "element":
      return place.index.kind === "constant" ? addressOf(place.base, offset + place.index.value * place.stride) : null;
    case "deref": {
      const base = constantOf(place.pointer);
      return base?.kind === "address" ? { ...base, offset: base.offset + offset } : null;
    }
    case "literal":
      return null;
  }
}
