/** Values of character constants and string literals. */

export type TextReading = { readonly value: string; readonly problem: string | null };

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["a", "\u0007"],
  ["b", "\b"],
  ["f", "\f"],
  ["v", "\v"],
  ["e", "\u001b"],
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["?", "?"],
]);

/** Resolves the escapes of a quoted token (quotes included in `text`). Linear. */
export function readQuotedText(text: string): TextReading {
  const inner = text.slice(1, -1);
  let value = "";
  let problem: string | null = null;
  for (let at = 0; at < inner.length; at++) {
    const char = inner.charAt(at);
    if (char !== "\\") {
      value += char;
      continue;
    }
    const escape = readEscape(inner, at + 1);
    problem ??= escape.problem;
    value += escape.value;
    at += escape.length;
  }
  return { value, problem };
}

type Escape = { readonly value: string; readonly length: number; readonly problem: string | null };

function readEscape(text: string, at: number): Escape {
  const char = text.charAt(at);
  const simple = simpleEscapes.get(char);
  if (simple !== undefined) return { value: simple, length: 1, problem: null };
  const hex = /^x[0-9a-fA-F]{1,2}/.exec(text.slice(at, at + 3))?.[0];
  if (hex !== undefined) return escaped(parseInt(hex.slice(1), 16), hex.length);
  const octal = /^[0-7]{1,3}/.exec(text.slice(at, at + 3))?.[0];
  if (octal !== undefined) return escaped(parseInt(octal, 8) & 255, octal.length);
  return { value: char, length: Math.min(1, char.length), problem: `unknown escape \`\\${char}\`` };
}

function escaped(code: number, length: number): Escape {
  return { value: String.fromCharCode(code), length, problem: null };
}
