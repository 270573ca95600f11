/** Scenario text as coloured pieces, by the C grammar of TextMate; on the server only, kept by the text's hash. */
import { createCssVariablesTheme, createHighlighterCore, type HighlighterCore } from "shiki/core";
import { createJavaScriptRegexEngine } from "shiki/engine/javascript";
import { sha256Hex } from "../hash.ts";

/** What a piece is, in one letter: the class that the page's style sheet colours. */
export type PieceKind = "" | "k" | "f" | "s" | "c" | "n";
export type Piece = { readonly text: string; readonly kind: PieceKind };

const kindOfColour: Readonly<Record<string, PieceKind>> = {
  "var(--t-token-keyword)": "k",
  "var(--t-token-function)": "f",
  "var(--t-token-string)": "s",
  "var(--t-token-string-expression)": "s",
  "var(--t-token-comment)": "c",
  "var(--t-token-constant)": "n",
};

const theme = createCssVariablesTheme({ name: "words", variablePrefix: "--t-", fontStyle: false });
/** Words of the scenario language that C does not know. */
const languageWords = /\b(task|init|always|sometimes|finally|forever|choose|atomic|await|note|assert|me)\b/;
const keptMax = 500;

// Loading the grammar takes 100 ms: once a process. Texts are named by their hash, so what is kept is never stale.
let highlighter: Promise<HighlighterCore> | undefined;
const kept = new Map<string, readonly (readonly Piece[])[]>();

/** The lines of a text in pieces; joined they are the text. */
export async function highlightScenario(text: string): Promise<readonly (readonly Piece[])[]> {
  const key = sha256Hex(text);
  const known = kept.get(key);
  if (known) return known;
  highlighter ??= createHighlighterCore({
    themes: [theme],
    langs: [import("shiki/langs/c.mjs")],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  const { tokens } = (await highlighter).codeToTokens(text, { lang: "c", theme: "words" });
  const lines = tokens.map((line) =>
    line.flatMap((token, at) => {
      const kind = kindOfColour[token.color ?? ""] ?? "";
      return withLanguageWords({ text: token.content, kind: calmer(kind, token.content, line[at + 1]?.content ?? "") });
    }),
  );
  const oldest = kept.keys().next();
  if (kept.size >= keptMax && !oldest.done) kept.delete(oldest.value);
  kept.set(key, lines);
  return lines;
}

/** Colour is for what the eye looks for: operators and plain names have none, calls and numbers have. */
function calmer(kind: PieceKind, text: string, after: string): PieceKind {
  if (kind === "k") return /\w/.test(text) ? "k" : "";
  if (kind === "f") return after.startsWith("(") ? "f" : "";
  if (kind === "n") return /^(\d|[A-Z_]+$)/.test(text) ? "n" : "";
  return kind;
}

function withLanguageWords(piece: Piece): readonly Piece[] {
  if (piece.kind !== "" && piece.kind !== "f") return [piece];
  return piece.text
    .split(new RegExp(languageWords, "g"))
    .map((text, at) => ({ text, kind: at % 2 === 1 ? ("k" as const) : piece.kind }))
    .filter(({ text }) => text !== "");
}
