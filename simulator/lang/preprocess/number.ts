/** Reads preprocessing numbers: integer constants with suffixes, times, and what is neither. */

export type NumberReading =
  /** `value` is not negative. `longs` counts the l suffixes. */
  | {
      readonly kind: "integer";
      readonly value: bigint;
      readonly unsigned: boolean;
      readonly longs: number;
      readonly decimal: boolean;
    }
  /** A number with a unit glued to it: `10us`, `1.5ms`; value times 1 ns. */
  | { readonly kind: "time"; readonly value: number; readonly unitNs: number }
  | { readonly kind: "real"; readonly value: number }
  | { readonly kind: "malformed"; readonly why: string };

/** Units of the language's times, in nanoseconds. */
export const timeUnits: ReadonlyMap<string, number> = new Map([
  ["ns", 1],
  ["us", 1_000],
  ["ms", 1_000_000],
  ["s", 1_000_000_000],
]);

/** Longest constant that is read; longer ones fit no type anyway. */
const digitsMax = 64;

/** Reads the text of a number token. Linear. */
export function readNumber(text: string): NumberReading {
  if (text.length > digitsMax) return { kind: "malformed", why: "it is too long" };
  const hex = /^0[xX]([0-9a-fA-F]+)([a-zA-Z]*)$/.exec(text);
  if (hex !== null) return withSuffix(BigInt(`0x${hex[1] ?? "0"}`), hex[2] ?? "", false);
  const binary = /^0[bB]([01]+)([a-zA-Z]*)$/.exec(text);
  if (binary !== null) return withSuffix(BigInt(`0b${binary[1] ?? "0"}`), binary[2] ?? "", false);
  const real = /^([0-9]*\.[0-9]*|[0-9]+[eE][+-]?[0-9]+|[0-9]*\.[0-9]*[eE][+-]?[0-9]+)([a-zA-Z]*)$/.exec(text);
  if (real !== null) return readReal(real[1] ?? "", real[2] ?? "");
  const decimal = /^([0-9]+)([a-zA-Z]*)$/.exec(text);
  if (decimal === null) return { kind: "malformed", why: "no number is written like this" };
  const digits = decimal[1] ?? "0";
  const unit = timeUnits.get(decimal[2] ?? "");
  if (unit !== undefined) return { kind: "time", value: Number(digits), unitNs: unit };
  if (!digits.startsWith("0") || digits === "0") return withSuffix(BigInt(digits), decimal[2] ?? "", true);
  if (/[89]/.test(digits)) return { kind: "malformed", why: "a leading 0 makes it octal, which has no digits 8 and 9" };
  return withSuffix(BigInt(`0o${digits.slice(1)}`), decimal[2] ?? "", false);
}

function withSuffix(value: bigint, suffix: string, decimal: boolean): NumberReading {
  const lower = suffix.toLowerCase();
  if (!/^(u?l{0,2}|l{1,2}u)$/.test(lower))
    return { kind: "malformed", why: `\`${suffix}\` is no suffix of an integer` };
  const longs = lower.length - (lower.includes("u") ? 1 : 0);
  return { kind: "integer", value, unsigned: lower.includes("u"), longs, decimal };
}

function readReal(digits: string, suffix: string): NumberReading {
  const value = Number(digits);
  if (!Number.isFinite(value)) return { kind: "malformed", why: "no number is written like this" };
  const unit = timeUnits.get(suffix);
  if (unit !== undefined) return { kind: "time", value, unitNs: unit };
  return { kind: "real", value };
}
