import type { SourceFile } from "#simulator";

/**
 * The cells of a planned run as the simulator's files: named `#id`, from line 1, so that results do not depend on where a
 * cell stands in its notebook. Functions of a cell that belongs to a variant replace those of the same name before it.
 */
export function sourceFiles(cells: readonly { readonly id: string; readonly text: string }[]): SourceFile[] {
  return cells.map(({ id, text }) => ({ name: `#${id}`, text, firstLine: 1, redefines: isOfVariant(text) }));
}

/** Reads the cell's own text rather than the plan: it is the text that the run key is computed from. */
function isOfVariant(text: string): boolean {
  for (const line of text.split("\n")) {
    if (/^\/\/\|[ \t]*variant[ \t]*:/.test(line)) return true;
    if (line.trim() !== "" && !line.startsWith("//|")) return false;
  }
  return false;
}
