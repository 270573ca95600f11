/**
 * From the simulator's places to the reader's. The simulator sees a cell as the file `#id` with its first line 1, so that
 * results do not depend on where the cell stands; a person wants the line of the notebook file.
 */
import type { Notebook } from "../notebooks/types.ts";

/** A copy of any result part in which every place in a cell of this notebook speaks of the file `fileName`. */
export function inNotebookLines<T>(value: T, options: { readonly notebook: Notebook; readonly fileName: string }): T {
  const lineOfCell = new Map(options.notebook.cells.map((cell) => [`#${cell.id}`, cell.line]));
  const translate = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(translate);
    if (typeof part !== "object" || part === null) return part;
    const copy = Object.fromEntries(Object.entries(part).map(([key, member]) => [key, translate(member)]));
    const first = typeof copy["file"] === "string" ? lineOfCell.get(copy["file"]) : undefined;
    if (first === undefined) return copy;
    return {
      ...copy,
      file: options.fileName,
      line: moved(copy["line"], first),
      endLine: moved(copy["endLine"], first),
    };
  };
  // The copy has the shape of what was given: only texts and numbers of places differ.
  return translate(value) as T;
}

/** Sentences name places as `#cell:line`; those that are of this notebook are rewritten too. */
export function textInNotebookLines(
  text: string,
  options: { readonly notebook: Notebook; readonly fileName: string },
): string {
  const lineOfCell = new Map(options.notebook.cells.map((cell) => [cell.id, cell.line]));
  return text.replace(/#([a-z][a-z0-9-]{0,31}):(\d+)/g, (whole, id: string, line: string) => {
    const first = lineOfCell.get(id);
    return first === undefined ? whole : `${options.fileName}:${String(first + Number(line) - 1)}`;
  });
}

function moved(line: unknown, first: number): unknown {
  return typeof line === "number" ? first + line - 1 : line;
}
