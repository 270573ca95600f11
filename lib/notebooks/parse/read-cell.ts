/** `scn` blocks: the scenario's text and the `//| key: value` options at its top. */
import { nearestHint } from "../nearest-hint.ts";
import type { NotebookSink, SourceLine } from "./source.ts";
import type { CellOption, ScenarioCell } from "../types.ts";

type OptionRule = { readonly pattern: RegExp; readonly accepts: string };

/** Options that the notebook itself reads. */
const notebookKeys = new Map<string, OptionRule>([
  ["use", { pattern: /^#?[a-z][a-z0-9-]{0,31}(?:[ \t,]+#?[a-z][a-z0-9-]{0,31})*$/, accepts: "ids of scn blocks" }],
  ["file", { pattern: /^[^\s<>"]{1,500}$/, accepts: "a path" }],
  ["variant", { pattern: /^[A-Za-z][A-Za-z0-9_+-]{0,31}$/, accepts: "the name of a variant" }],
  ["line", { pattern: /^[1-9][0-9]{0,8}$/, accepts: "a line number" }],
  ["fuzz", { pattern: /^[0-3]$/, accepts: "0 to 3" }],
]);

/** Options of the scenario language, with what each accepts. They are handed to the engine as they are. */
const languageKeys = new Map<string, OptionRule>([
  ["recursion", { pattern: /^(?:100|[1-9][0-9]?)$/, accepts: "1 to 100" }],
  ["races", { pattern: /^(?:error|note|off)$/, accepts: "error, note or off" }],
  ["reuse", { pattern: /^(?:on|off)$/, accepts: "on or off" }],
  ["oom", { pattern: /^(?:on|off)$/, accepts: "on or off" }],
  ["signals", { pattern: /^(?:on|off)$/, accepts: "on or off" }],
  ["warn", { pattern: /^(?:error|note)$/, accepts: "error or note" }],
  ["lockdep", { pattern: /^(?:instances|strict)$/, accepts: "instances or strict" }],
]);

/** Every key that may stand at a cell's top. */
export const cellKeys: readonly string[] = [...notebookKeys.keys(), ...languageKeys.keys()];

/** Reads the options at a block's top, and reports such lines further down, where they would be comments only. */
export function readOptions(lines: readonly SourceLine[], sink: NotebookSink): CellOption[] {
  const options: CellOption[] = [];
  let isTop = true;
  for (const line of lines) {
    if (!line.text.startsWith("//|")) {
      if (line.text.trim() !== "") isTop = false;
      continue;
    }
    const match = /^\/\/\|[ \t]*([^:\s]+)[ \t]*:[ \t]*(.*)$/.exec(line.text);
    if (match === null) {
      sink.report({ code: "NBK050", line, message: "an option is written //| key: value" });
      continue;
    }
    const value = (match[2] ?? "").trimEnd();
    if (!isTop) {
      const message = "options stand at the top of the block, before its first other line";
      sink.report({ code: "NBK050", line, message });
      continue;
    }
    options.push({
      key: match[1] ?? "",
      value,
      line: line.number,
      column: line.text.length - (match[2] ?? "").length + 1,
    });
  }
  return options;
}

type CellSource = {
  readonly id: string;
  readonly lines: readonly SourceLine[];
  readonly text: string;
  readonly textLine: number;
  readonly blockIndex: number;
  readonly sink: NotebookSink;
};

/** Reads one `scn` block. */
export function readCell(source: CellSource): ScenarioCell {
  const uses: { readonly id: string; readonly line: number; readonly column: number }[] = [];
  const options: CellOption[] = [];
  const single = new Map<string, CellOption>();
  for (const option of readOptions(source.lines, source.sink)) {
    const line = source.lines.find((candidate) => candidate.number === option.line);
    if (line === undefined || !isValidOption(option, line, source.sink)) continue;
    if (option.key === "use") {
      for (const word of option.value.split(/[ \t,]+/)) {
        uses.push({ id: word.replace(/^#/, ""), line: option.line, column: option.column });
      }
    } else if (single.has(option.key)) {
      const notes = [{ line: single.get(option.key)?.line ?? 0, message: "first given here" }];
      source.sink.report({ code: "NBK013", line, message: `option "${option.key}" is given twice`, notes });
    } else {
      single.set(option.key, option);
      if (languageKeys.has(option.key)) options.push(option);
    }
  }
  return {
    id: source.id,
    text: source.text,
    line: source.textLine,
    uses,
    variant: single.get("variant")?.value ?? null,
    file: single.get("file")?.value ?? null,
    options,
    blockIndex: source.blockIndex,
  };
}

function isValidOption(option: CellOption, line: SourceLine, sink: NotebookSink): boolean {
  const place = { column: option.column, endColumn: option.column + option.value.length };
  const rule = languageKeys.get(option.key) ?? notebookKeys.get(option.key);
  if (rule === undefined) {
    const message = `unknown option "${option.key}"${nearestHint(option.key, cellKeys)}`;
    sink.report({ code: "NBK050", line, message, column: line.text.indexOf(option.key) + 1 });
    return false;
  }
  if (rule.pattern.test(option.value)) return true;
  const message = `"${option.value}" is not a value of ${option.key}, which takes ${rule.accepts}`;
  sink.report({ code: "NBK051", line, message, ...place });
  return false;
}
