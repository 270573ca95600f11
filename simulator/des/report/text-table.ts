/** Tables and folded sentences in 72 columns. */

/** What a mail can quote twice without a break. */
export const columnsMax = 72;

export type TableColumn = { readonly title: string; readonly width: number };

/**
 * Lines of a table: the first column is text, the others are right-aligned. A row whose first cell does not fit says it on
 * a line of its own.
 */
export function tableLines(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): readonly string[] {
  const [first, ...others] = columns;
  const width = first?.width ?? 0;
  const line = (head: string, cells: readonly string[]): string =>
    (head.padEnd(width) + cells.map((cell, index) => cell.padStart(others[index]?.width ?? 0)).join("")).trimEnd();
  return [
    line(
      first?.title ?? "",
      others.map(({ title }) => title),
    ),
    ...rows.flatMap(([head = "", ...cells]) =>
      head.length < width ? [line(head, cells)] : [...clipped(head), line("", cells)],
    ),
  ];
}

/** Blanks at which a line may end: not before a unit or a `+-`, nor behind one. */
const breaks = /(?<!\+-) (?!%|\+-|(?:ns|us|ms|s)\b)/;

/** Words in lines of at most 72 columns; `lead` stands before the first, two blanks more before the others. */
export function foldedLines(words: string, lead = ""): readonly string[] {
  const lines: string[] = [];
  for (const word of words.split(breaks)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columnsMax) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? `${lead}${word}` : `${lead}  ${word}`);
  }
  return lines;
}

/** A name longer than a line goes on in the next: nothing of it is lost. */
function clipped(text: string): readonly string[] {
  return text.match(new RegExp(`.{1,${String(columnsMax)}}`, "g")) ?? [];
}
