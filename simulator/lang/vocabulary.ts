/** The words of the language for completion and hover, made of the tables that the checker reads. */
import { intConstants, unsignedConstants } from "./primitives/builtin-constants.ts";
import { primitives } from "./primitives/primitives.ts";
import { specials } from "./check/specials.ts";
import { defineMacros, integerTypedefs, objectTags, objectTypedefs, ownWords } from "./preprocess/words.ts";

export type VocabularyEntry = {
  readonly name: string;
  readonly kind: "primitive" | "macro" | "keyword" | "type" | "constant" | "own";
  /** As C, or the language, would write it. */
  readonly signature: string;
  /** One line. */
  readonly doc: string;
};

const keywords: readonly (readonly [string, string, string])[] = [
  ["if", "if (condition) statement else statement", "Chooses by a condition."],
  ["while", "while (condition) statement", "Repeats while the condition holds."],
  ["do", "do statement while (condition);", "Repeats at least once."],
  ["for", "for (first; condition; advance) statement", "Counts."],
  ["switch", "switch (value) { case 1: ... default: ... }", "Chooses by a value."],
  ["goto", "goto label;", "Jumps within the function."],
  ["break", "break;", "Leaves the loop or switch."],
  ["continue", "continue;", "Goes on with the next round of the loop."],
  ["return", "return value;", "Leaves the function; in a task it ends the task."],
  ["struct", "struct name { members };", "Declares a struct."],
  ["union", "union name { members };", "Declares a union whose members are one cell."],
  ["enum", "enum name { A, B = 4 };", "Declares constants."],
  ["typedef", "typedef type name;", "Names a type."],
  ["static", "static", "Accepted; inside a function the variable keeps its value."],
  ["const", "const", "The variable is never written."],
  ["volatile", "volatile", "Accesses count as marked."],
  ["sizeof", "sizeof(x)", "C's size for a 32-bit machine."],
  ["typeof", "typeof(x)", "The type of an expression."],
  ["__auto_type", "__auto_type x = value;", "The type of the value."],
  ["fallthrough", "fallthrough;", "Falls through to the next case on purpose."],
];

function typeEntry(name: string, doc: string): VocabularyEntry {
  return { name, kind: "type", signature: name, doc };
}

/** All entries, by kind, then in the order of the tables. */
export const vocabulary: readonly VocabularyEntry[] = [
  ...ownWords.map((word): VocabularyEntry => ({ ...word, kind: "own" })),
  ...keywords.map(([name, signature, doc]): VocabularyEntry => ({ name, kind: "keyword", signature, doc })),
  ...["void", "bool", "char", "short", "int", "long", "unsigned", "signed"].map((name) =>
    typeEntry(name, "A type of C."),
  ),
  ...[...integerTypedefs.keys()]
    .filter((name) => name !== "bool")
    .map((name) => typeEntry(name, "An integer of one cell.")),
  ...Object.keys(objectTypedefs).map((name) => typeEntry(name, "An object of the kernel; all-zero is ready.")),
  ...Object.keys(objectTags).map((name) => typeEntry(`struct ${name}`, "An object of the kernel; all-zero is ready.")),
  ...[...primitives.values()].map(({ name, signature, doc }): VocabularyEntry => ({
    name,
    kind: "primitive",
    signature,
    doc,
  })),
  ...specials.map((special): VocabularyEntry => ({ ...special, kind: "macro" })),
  ...Object.keys(defineMacros).map((name): VocabularyEntry => ({
    name,
    kind: "macro",
    signature: `${name}(name);`,
    doc: "Declares the object, ready for use.",
  })),
  {
    name: "IS_ENABLED",
    kind: "macro",
    signature: "IS_ENABLED(OPTION)",
    doc: "1 when the option is a define other than 0.",
  },
  { name: "NULL", kind: "constant", signature: "NULL", doc: "The null pointer." },
  ...[...intConstants, ...unsignedConstants].map(([name, value]): VocabularyEntry => ({
    name,
    kind: "constant",
    signature: `${name} = ${value}`,
    doc: "A constant of the kernel.",
  })),
];
