/** What is wrong with a notebook, as values with stable codes; gcc's form for people. */

/** Stable code -> title. Codes are never renumbered or reused; wording may improve. */
export const notebookDiagnosticCodes = {
  NBK001: "notebook too large",
  NBK002: "NUL byte or other character that cannot be stored",
  NBK003: "not UTF-8",
  NBK004: "fence without an end",
  NBK005: "merge conflict marker",
  NBK006: "unknown kind of block",
  NBK007: "malformed or missing id",
  NBK008: "duplicate id",
  NBK009: "line that mail software cuts or changes",
  NBK010: "no hunkbook block",
  NBK011: "hunkbook block in a wrong place",
  NBK012: "unknown key",
  NBK013: "key twice",
  NBK014: "bad value of a key",
  NBK015: "format of a newer version",
  NBK016: "too many blocks or lines",
  NBK017: "cut by mail quoting",
  NBK020: "malformed parameter",
  NBK021: "parameter out of its range",
  NBK022: "name declared twice",
  NBK023: "unknown parameter",
  NBK030: "malformed variant",
  NBK031: "unknown variant",
  NBK032: "variants that extend each other",
  NBK033: "switch that is applied in part",
  NBK034: "variant that sets a parameter",
  NBK040: "malformed hunk switch",
  NBK041: "hunk without a mail",
  NBK042: "hunk in two switches",
  NBK043: "switch value is neither 0 nor 1",
  NBK044: "switch set like a parameter",
  NBK045: "unknown switch",
  NBK050: "unknown cell option",
  NBK051: "bad value of a cell option",
  NBK052: "unknown cell",
  NBK053: "cells that use each other",
  NBK054: "cells that disagree about an option",
  NBK060: "malformed run",
  NBK061: "unknown command",
  NBK062: "malformed limit",
  NBK063: "which scenario is meant",
  NBK064: "unknown run",
  NBK065: "unknown machine profile",
  NBK066: "malformed or unknown cost",
  NBK067: "sweep that cannot be run",
  NBK070: "malformed predicate",
  NBK071: "malformed claim",
  NBK090: "not supported yet by this version",
} as const;
export type NotebookDiagnosticCode = keyof typeof notebookDiagnosticCodes;

export type NotebookDiagnostic = {
  readonly code: NotebookDiagnosticCode;
  readonly severity: "error" | "warning";
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  /** Column just behind the last character meant. */
  readonly endColumn: number;
  readonly lineText: string;
  readonly message: string;
  readonly notes: readonly { readonly line: number; readonly message: string }[];
  /** Index of the block that it speaks of; null when it concerns the whole file. */
  readonly blockIndex: number | null;
};

/** Text of a diagnostic in gcc's form: `file:line:col: error: text [NBK012]`, the line, a caret line, notes. */
export function renderNotebookDiagnostic(diagnostic: NotebookDiagnostic, fileName: string): string {
  const place = `${fileName}:${diagnostic.line}:${diagnostic.column}`;
  const lines = [`${place}: ${diagnostic.severity}: ${diagnostic.message} [${diagnostic.code}]`];
  if (diagnostic.lineText !== "") lines.push(...excerpt(diagnostic));
  for (const note of diagnostic.notes) lines.push(`${fileName}:${note.line}: note: ${note.message}`);
  return lines.join("\n");
}

/** Longest part of a line that is shown. */
const excerptUnitsMax = 160;

function excerpt(diagnostic: NotebookDiagnostic): string[] {
  const start = diagnostic.column - 1;
  const from = start > excerptUnitsMax - 40 ? start - 40 : 0;
  const shown = diagnostic.lineText.slice(from, from + excerptUnitsMax);
  const lead = diagnostic.lineText.slice(from, start).replace(/[^\t]/g, " ");
  const width = Math.max(1, Math.min(diagnostic.endColumn - 1, from + shown.length) - start);
  return [`  ${printable(shown)}`, `  ${lead}^${"~".repeat(width - 1)}`];
}

/** Control and direction characters as a middle dot: what a terminal would act on must not reach one. */
function printable(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\u00b7")
    .replace(/\p{Cs}/gu, "\u00b7");
}
