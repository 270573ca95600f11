/**
 * "Can this ever happen?": an expression that is asked at a line of the source, or in every state. It becomes tokens of the
 * program, `__reach((EXPR), "EXPR");` before the statement on that line, or a `sometimes` at the end; so it is read in
 * the scope that it is asked in, by the rules that everything else is read by.
 */
import type { Report } from "../source/diagnostic.ts";
import { locate, type Span } from "../source/span.ts";
import type { Token } from "./preprocess/token.ts";
import { bodiesOf, innerStatements } from "./statements.ts";
import type { Statement, TypedUnit } from "./tree.ts";

export type ReachQuestion = {
  /** Of the scenario language, pure. At a line it may name locals and `me`; without one, what is declared at the top. */
  readonly expression: string;
  /** A task by name, all of its instances; or one of them: `mover#1`. Absent: every task that comes to the line. */
  readonly task?: string;
  /** Name of the file that the line is of; needed where several files have it. */
  readonly file?: string;
  /** As the user counts. Absent: the expression is asked in every state. */
  readonly line?: number;
};

/** The statement that a call of this name makes: as note(EXPR, "text"), told apart by its file. */
export const reachWord = "__reach";
/** Name of the text that diagnostics about the expression point into. */
export const reachFile = "reach";

/** Where the question goes in: before a statement, which is bracketed where it is the only one of an if or loop. */
export type ReachSpot = {
  readonly span: Span;
  readonly isAlone: boolean;
  /** The span is that of a declared name: what is declared begins further left. */
  readonly isDeclaration: boolean;
};

export type SpotOutcome =
  { readonly kind: "spot"; readonly spot: ReachSpot } | { readonly kind: "none"; readonly message: string };

/** The first statement that begins on the line asked for. O(statements). */
export function findReachSpot(unit: TypedUnit, question: ReachQuestion & { readonly line: number }): SpotOutcome {
  const { file, line } = question;
  const spots = bodiesOf(unit).flatMap((body) => listSpots(body.statements, false));
  const isAsked = (span: Span): boolean => {
    const at = locate(unit.sources, span);
    return (
      at.line === line && (file === undefined || at.file === file) && unit.sources.files[span.file]?.isKit === false
    );
  };
  const found = spots.filter((spot) => isAsked(spot.span)).sort((a, b) => a.span.start - b.span.start);
  const files = new Set(found.map((spot) => spot.span.file));
  const [first] = found;
  if (first !== undefined && files.size === 1) return { kind: "spot", spot: first };
  const where = file === undefined ? `line ${String(line)}` : `${file}:${String(line)}`;
  if (first !== undefined)
    return { kind: "none", message: `several files have a statement on ${where}; name the file` };
  return { kind: "none", message: `no statement begins on ${where}${nearestLines(unit, spots, line)}` };
}

function listSpots(statements: readonly Statement[], isAlone: boolean): readonly ReachSpot[] {
  return statements.flatMap((statement) => [
    ...(isPlace(statement) ? [{ span: statement.span, isAlone, isDeclaration: statement.kind === "declare" }] : []),
    ...innerStatements(statement).flatMap((inner) => listSpots(inner.statements, inner.isAlone)),
  ]);
}

/** Blocks and labels are no place to stand at: what follows them is. */
function isPlace(statement: Statement): boolean {
  return statement.kind !== "block" && statement.kind !== "label" && statement.kind !== "ghost";
}

function nearestLines(unit: TypedUnit, spots: readonly ReachSpot[], line: number): string {
  const lines = spots.map((spot) => locate(unit.sources, spot.span).line);
  const before = Math.max(...lines.filter((each) => each < line), 0);
  const after = Math.min(...lines.filter((each) => each > line), Number.MAX_SAFE_INTEGER);
  const near = [before, after].filter((each) => each > 0 && each < Number.MAX_SAFE_INTEGER);
  return near.length === 0 ? "" : `; the nearest lines where one does are ${near.map(String).join(" and ")}`;
}

/** The program with the question in it, or why the expression cannot stand anywhere. */
export function withReach(
  tokens: readonly Token[],
  of: { readonly file: number; readonly expression: string; readonly spot: ReachSpot | null },
): { readonly tokens: readonly Token[]; readonly report: Report | null } {
  const asked = tokens.filter((token) => token.span.file === of.file && token.kind !== "end");
  const rest = tokens.filter((token) => token.span.file !== of.file || token.kind === "end");
  const report = refuse(asked, of.file);
  if (report !== null) return { tokens: rest, report };
  const word = of.spot === null ? "sometimes" : reachWord;
  const make = (kind: Token["kind"], text: string): Token => ({
    kind,
    text,
    span: { file: of.file, start: 0, end: of.expression.length },
    startsLine: false,
    spaced: false,
    painted: true,
  });
  const mark = (text: string): Token => make("punctuator", text);
  const text = make("string", `"${of.expression.replace(/[\\"]/g, "\\$&").replace(/\s+/g, " ")}"`);
  const call = [
    make("identifier", word),
    mark("("),
    mark("("),
    ...asked,
    mark(")"),
    mark(","),
    text,
    mark(")"),
    mark(";"),
  ];
  if (of.spot === null) return { tokens: [...rest.slice(0, -1), ...call, ...rest.slice(-1)], report: null };
  return { tokens: insert(rest, call, { ...of.spot, mark }), report: null };
}

function insert(
  tokens: readonly Token[],
  call: readonly Token[],
  at: ReachSpot & { readonly mark: (text: string) => Token },
): readonly Token[] {
  const inside = (token: Token): boolean =>
    token.span.file === at.span.file && token.span.start >= at.span.start && token.span.end <= at.span.end;
  const named = tokens.findIndex((token) => token.kind !== "end" && inside(token));
  const first = at.isDeclaration ? declarationStart(tokens, named) : named;
  const last = tokens.findLastIndex((token) => token.kind !== "end" && inside(token));
  const statement = tokens.slice(first, last + 1);
  const put = at.isAlone ? [at.mark("{"), ...call, ...statement, at.mark("}")] : [...call, ...statement];
  return [...tokens.slice(0, first), ...put, ...tokens.slice(last + 1)];
}

/** Behind the bracket, `;` or label that ends what stands before. */
function declarationStart(tokens: readonly Token[], named: number): number {
  const ends = new Set([";", "{", "}", ":"]);
  const isEnd = (token: Token | undefined): boolean => (token?.kind !== "punctuator" ? false : ends.has(token.text));
  let first = named;
  while (first > 0 && !isEnd(tokens[first - 1])) first -= 1;
  return first;
}

/** Only one whole expression goes in: nothing that would end the brackets around it. */
function refuse(asked: readonly Token[], file: number): Report | null {
  const at = (token: Token | undefined, message: string): Report => ({
    code: "SCN113",
    span: token?.span ?? { file, start: 0, end: 0 },
    message,
  });
  if (asked.length === 0) return at(undefined, "the question is empty; write an expression, as in `x == 2 && y == 0`");
  let depth = 0;
  for (const token of asked) {
    if (token.kind !== "punctuator") continue;
    if (token.text === ";" || token.text === "{" || token.text === "}")
      return at(token, `\`${token.text}\` does not stand in a question; ask one expression`);
    if (token.text === "(" || token.text === "[") depth += 1;
    if (token.text === ")" || token.text === "]") depth -= 1;
    if (depth < 0) return at(token, `this \`${token.text}\` has no partner`);
  }
  return depth === 0 ? null : at(asked[asked.length - 1], "a bracket of the question is not closed");
}
