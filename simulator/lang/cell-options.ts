/** `//| key: value` lines at a cell's top: the language's options and the notebook's. */
import { resolveReport, type Diagnostic, type Report } from "../source/diagnostic.ts";
import { nearestName } from "../source/edit-distance.ts";
import { indexFile, type SourceFile, type Span } from "../source/span.ts";
import type { LanguageOptions } from "./options.ts";

export type CellOptionKey = (typeof cellOptionKeys)[number];

/** Keys that the language reads, then keys that the notebook reads. */
export const cellOptionKeys = [
  "recursion",
  "reuse",
  "oom",
  "signals",
  "warn",
  "races",
  "lockdep",
  "use",
  "file",
  "line",
  "fuzz",
  "variant",
] as const;

export type CellOption = {
  readonly key: CellOptionKey;
  readonly value: string;
  /** Line number as the user sees it. */
  readonly line: number;
};

export type CellOptions = {
  /** In order of occurrence; `use` may occur several times. */
  readonly list: readonly CellOption[];
  /** The language's options among them, typed. */
  readonly language: LanguageOptions;
  readonly diagnostics: readonly Diagnostic[];
};

/** Most calls open at once that `recursion` may ask for. */
const recursionMax = 100;

type Reading = { readonly options: LanguageOptions } | { readonly wanted: string };

/** Reads the value of a language option; "not ours" for the notebook's keys, whose values the notebook checks. */
function readLanguageOption(key: CellOptionKey, value: string): Reading | "not ours" {
  const onOff = (make: (on: boolean) => LanguageOptions): Reading =>
    value === "on" || value === "off" ? { options: make(value === "on") } : { wanted: "on or off" };
  switch (key) {
    case "recursion": {
      const depth = /^[0-9]{1,3}$/.test(value) ? Number(value) : 0;
      return depth >= 1 && depth <= recursionMax
        ? { options: { recursion: depth } }
        : { wanted: `a number from 1 to ${recursionMax}` };
    }
    case "reuse":
      return onOff((reuse) => ({ reuse }));
    case "oom":
      return onOff((oom) => ({ oom }));
    case "signals":
      return onOff((signals) => ({ signals }));
    case "warn":
      return value === "error" || value === "note" ? { options: { warn: value } } : { wanted: "error or note" };
    case "races":
      return value === "error" || value === "note" || value === "off"
        ? { options: { races: value } }
        : { wanted: "error, note or off" };
    case "lockdep":
      return value === "instances" || value === "strict"
        ? { options: { lockdep: value } }
        : { wanted: "instances or strict" };
    case "use":
    case "file":
    case "line":
    case "fuzz":
    case "variant":
      return "not ours";
  }
}

/**
 * Reads the option lines at the top of a cell's text (leading blank lines allowed; the first other line ends them).
 * Unknown keys (SCN110) name the nearest known one, bad values (SCN111) what is wanted; both leave the option out.
 */
export function parseCellOptions(file: SourceFile): CellOptions {
  const sources = { files: [indexFile(file, { isKit: false })] };
  const list: CellOption[] = [];
  const diagnostics: Diagnostic[] = [];
  let language: LanguageOptions = {};
  let offset = 0;
  for (const [index, text] of file.text.split("\n").entries()) {
    const start = offset;
    offset += text.length + 1;
    if (text.trim() === "") continue;
    if (!text.trimStart().startsWith("//|")) break;
    const outcome = readLine(text, start);
    if ("code" in outcome) {
      diagnostics.push(resolveReport(sources, outcome));
      continue;
    }
    const { key, value } = outcome;
    const repeated = key !== "use" && list.some((each) => each.key === key);
    const reading = repeated ? { wanted: "given once" } : readLanguageOption(key, value);
    if (reading !== "not ours" && "wanted" in reading) {
      const message = repeated
        ? `option \`${key}\` is given twice`
        : `\`${key}\` is ${reading.wanted}, not \`${value.slice(0, 60)}\``;
      diagnostics.push(resolveReport(sources, { code: "SCN111", span: outcome.span, message }));
      continue;
    }
    if (reading !== "not ours") language = { ...language, ...reading.options };
    list.push({ key, value, line: file.firstLine + index });
  }
  return { list, language, diagnostics };
}

type Line = { readonly key: CellOptionKey; readonly value: string; readonly span: Span };

function readLine(text: string, start: number): Line | Report {
  const lead = text.length - text.trimStart().length;
  const content = text.trim().slice(3);
  const span = { file: 0, start: start + lead, end: start + text.trimEnd().length };
  const colon = content.indexOf(":");
  if (colon < 0) return { code: "SCN110", span, message: "an option line is `//| key: value`" };
  const name = content.slice(0, colon).trim();
  const key = cellOptionKeys.find((each) => each === name);
  if (key !== undefined) return { key, value: content.slice(colon + 1).trim(), span };
  const near = nearestName(name, cellOptionKeys);
  const nameStart = span.start + 3 + content.indexOf(name);
  const nameSpan = { file: 0, start: nameStart, end: nameStart + name.length };
  const hint = near === null ? `; there are ${cellOptionKeys.join(", ")}` : `; did you mean \`${near}\`?`;
  return {
    code: "SCN110",
    span: nameSpan,
    message: `unknown option \`${name.slice(0, 60)}\`${hint}`,
    suggestion: near === null ? null : { span: nameSpan, replacement: near },
  };
}
