import { describe, expect, it } from "vitest";
import { foldArithmetic, normalise } from "./fold.ts";
import { readNumber } from "../preprocess/number.ts";
import type { ArithmeticOp, IntegerType } from "../tree.ts";
import { commonType, integerOfWords, integerTypes, typeName } from "./types.ts";

const { s8, u8, u16, bool, s32, u32, long, ulong, s64, u64 } = integerTypes;

describe("what a cell holds", () => {
  it.each([
    [256, u8, 0], // 255 + 1
    [200, s8, -56], // 200 - 256
    [-1, u16, 65535],
    [7, bool, 1],
    [0, bool, 0],
    [-1, u32, 4294967295],
    [4294967295, s32, -1],
    [2147483648, long, -2147483648],
  ] as const)("%i in %o is %i", (value, type, expected) => {
    expect(normalise(value, type)).toBe(expected);
  });
});

function fold(op: ArithmeticOp, left: number, right: number, type: IntegerType): number | string {
  const outcome = foldArithmetic(op, { left, right }, type);
  return outcome.kind === "value" ? outcome.value : outcome.code;
}

describe("arithmetic", () => {
  it("wraps at 32 bits", () => {
    expect(fold("add", 2147483647, 1, s32)).toBe(-2147483648);
    expect(fold("sub", 0, 1, u32)).toBe(4294967295);
    expect(fold("mul", 65537, 65537, s32)).toBe(131073); // 2^32 + 2^17 + 1, modulo 2^32
    expect(fold("div", -2147483648, -1, s32)).toBe(-2147483648);
  });

  it("divides towards 0 and takes the sign of the dividend", () => {
    expect([fold("div", -7, 2, s32), fold("mod", -7, 2, s32), fold("mod", 7, -2, s32)]).toEqual([-3, -1, 1]);
  });

  it("shifts by sign", () => {
    expect([fold("shr", -8, 1, s32), fold("shr", 4294967288, 1, u32), fold("shl", 1, 31, s32)]).toEqual([
      -4, 2147483644, -2147483648,
    ]);
  });

  it("refuses what has no value", () => {
    expect([fold("div", 1, 0, s32), fold("mod", 1, 0, u32), fold("shl", 1, 32, s32), fold("shr", 1, -1, s32)]).toEqual(
      Array(4).fill("SCN069"),
    );
  });

  it("refuses wide results that do not fit their one cell", () => {
    expect([
      fold("shl", 1, 31, u64),
      fold("shl", 1, 32, u64),
      fold("add", 2147483647, 1, s64),
      fold("sub", 0, 1, u64),
    ]).toEqual([2147483648, "SCN008", "SCN008", "SCN008"]);
  });
});

describe("the usual arithmetic conversions for ILP32", () => {
  it.each([
    [u8, s8, "int"],
    [s32, u32, "unsigned int"],
    [u32, long, "unsigned long"],
    [long, ulong, "unsigned long"],
    [u32, s64, "long long"],
    [s64, u64, "unsigned long long"],
    [bool, u16, "int"],
  ] as const)("%o and %o", (a, b, expected) => {
    expect(typeName(commonType(a, b))).toBe(expected);
    expect(typeName(commonType(b, a))).toBe(expected);
  });
});

describe("words of a type", () => {
  it.each([
    ["int long unsigned", "unsigned long"],
    ["long long", "long long"],
    ["unsigned", "unsigned int"],
    ["char signed", "s8"],
    ["int short", "short"],
  ])("%s", (words, expected) => {
    const type = integerOfWords(words.split(" "));
    expect(type === null || type === "void" ? type : typeName(type)).toBe(expected);
  });

  it.each(["char long", "signed unsigned", "int int", "float", "long long long", "bool int"])("%s is none", (words) => {
    expect(integerOfWords(words.split(" "))).toBeNull();
  });
});

describe("numbers", () => {
  it.each([
    ["0x1fUL", "integer"],
    ["017", "integer"],
    ["0b101", "integer"],
    ["10us", "time"],
    ["1.5ms", "time"],
    ["1e3", "real"],
    ["019", "malformed"],
    ["1lul", "malformed"],
    ["0x", "malformed"],
  ])("%s is of kind %s", (text, kind) => {
    expect(readNumber(text).kind).toBe(kind);
  });
});
