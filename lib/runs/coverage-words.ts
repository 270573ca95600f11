/** What no interleaving executed, in words and as an annotated source: one wording for the command and the pages. */
import type { ResultCoverage } from "./run-result.ts";

type Branch = ResultCoverage["branches"][number];
type Cell = { readonly id: string; readonly text: string };

/** Lines and conditions of a coverage that somebody should look at. */
export type Unreached = {
  readonly lines: readonly { readonly file: string; readonly line: number }[];
  /** Evaluated, but always with the same outcome. */
  readonly oneSided: readonly Branch[];
};

/** What was never reached, and conditions that were evaluated but went one way only; in the order of the source. */
export function unreachedOf(coverage: ResultCoverage): Unreached {
  return {
    lines: coverage.lines.filter((line) => !line.reached).map(({ place }) => ({ file: place.file, line: place.line })),
    oneSided: coverage.branches.filter((branch) => branch.taken !== branch.notTaken),
  };
}

/** `12 of 14 lines reached; 3 of 4 conditions went both ways`. */
export function coverageCounts(coverage: ResultCoverage): string {
  const lines = coverage.lines.filter((line) => line.reached).length;
  const both = coverage.branches.filter((branch) => branch.taken && branch.notTaken).length;
  const conditions = coverage.branches.length === 1 ? "condition" : "conditions";
  const ways = `${both} of ${coverage.branches.length} ${conditions} went both ways`;
  return `${lines} of ${coverage.lines.length} lines reached${coverage.branches.length === 0 ? "" : `; ${ways}`}`;
}

/** What "not reached" is worth: `never` only of a search that saw everything. */
export function coverageScope(coverage: ResultCoverage): string {
  return coverage.complete
    ? "in no interleaving within these bounds"
    : "not before the search ended; what is not reached here may be reached later";
}

/** `always true` or `always false`: null of a condition that went both ways, or was never evaluated. */
export function oneSidedWords(branch: Branch): string | null {
  if (branch.taken === branch.notTaken) return null;
  return branch.taken ? "always true" : "always false";
}

/** `7-9, 12` of lines in ascending order. */
export function lineRanges(lines: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const line of lines) {
    const range = ranges.at(-1);
    if (range !== undefined && line === range.last + 1) range.last = line;
    else ranges.push({ first: line, last: line });
  }
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(", ");
}

/**
 * The cells with a mark before each line, as gcov has it: `+` executed, `#####` not, `-` no code. One-sided conditions
 * stand below their line.
 *
 * @param options.lineOf the number to print for a line of a cell
 */
export function annotatedSource(
  coverage: ResultCoverage,
  cells: readonly Cell[],
  options: { readonly lineOf: (cellId: string, line: number) => number },
): readonly string[] {
  return cells.flatMap((cell) => annotatedCell(coverage, cell, options));
}

function annotatedCell(
  coverage: ResultCoverage,
  cell: Cell,
  options: { readonly lineOf: (cellId: string, line: number) => number },
): readonly string[] {
  const file = `#${cell.id}`;
  const marks = new Map(
    coverage.lines.filter(({ place }) => place.file === file).map(({ place, reached }) => [place.line, reached]),
  );
  if (marks.size === 0) return [];
  const branches = coverage.branches.filter(({ place }) => place.file === file);
  const rows = cell.text.replace(/\n$/, "").split("\n");
  return [
    `${file}:`,
    ...rows.flatMap((text, index) => {
      const reached = marks.get(index + 1);
      const mark = reached === undefined ? "-" : reached ? "+" : "#####";
      const number = String(options.lineOf(cell.id, index + 1)).padStart(5);
      return [
        `${mark.padStart(5)} ${number}  ${text}`.trimEnd(),
        ...branches
          .filter(({ place }) => place.line === index + 1)
          .flatMap((branch) => {
            const words = oneSidedWords(branch);
            return words === null ? [] : [`${" ".repeat(13)}^ (${branch.condition}) ${words}`];
          }),
      ];
    }),
  ];
}
