/** The notebook file as Monaco colours, completes and explains it: Markdown with live blocks, C inside scn blocks. */
import type * as monaco from "monaco-editor/editor/editor.api";
import { describeWord, completionsFor } from "#lib/editor/vocabulary.ts";

export const notebookLanguage = "hunkbook";

/** @source the Monarch format of Monaco: states, regular expressions, token names */
const tokens: monaco.languages.IMonarchLanguage = {
  defaultToken: "",
  keywords: [
    ...["if", "else", "for", "while", "do", "switch", "case", "default", "break", "continue", "return", "goto"],
    ...["struct", "union", "enum", "typedef", "sizeof", "static", "const", "volatile", "extern", "inline"],
    ...["void", "char", "short", "int", "long", "signed", "unsigned", "bool"],
    ...[
      "task",
      "init",
      "always",
      "sometimes",
      "finally",
      "forever",
      "choose",
      "atomic",
      "await",
      "note",
      "assert",
      "me",
    ],
  ],
  tokenizer: {
    root: [
      [/^```scn\b.*$/, { token: "tag", next: "@scenario" }],
      [/^```(hunkbook|param|variant|hunks|run|claim|expect)\b.*$/, { token: "tag", next: "@block" }],
      [/^```.*$/, { token: "comment", next: "@plain" }],
      [/^#{1,6} .*$/, "keyword"],
      [/`[^`]*`/, "string"],
      [/\*\*[^*]+\*\*/, "strong"],
    ],
    plain: [
      [/^```\s*$/, { token: "comment", next: "@pop" }],
      [/.+/, "comment"],
    ],
    block: [
      [/^```\s*$/, { token: "tag", next: "@pop" }],
      [/^\/\/\|.*$/, "annotation"],
      [/#\s.*$/, "comment"],
      [/^(check|simulate|sweep|compare|ablate|reach|limit|needs)\b/, "keyword"],
      [/\b(holds|violated|inconclusive|rejected|extends|apply|in)\b/, "keyword"],
      [/^[a-z-]+:/, "annotation"],
      [/#[a-z][a-z0-9-]*/, "tag"],
      [/"[^"]*"/, "string"],
      [/<[^>\s]+@[^>\s]+>/, "string"],
      [/[A-Za-z_][\w-]*/, ""],
      [/\d[\w.]*/, "number"],
    ],
    scenario: [
      [/^```\s*$/, { token: "tag", next: "@pop" }],
      [/^\/\/\|.*$/, "annotation"],
      [/\/\/.*$/, "comment"],
      [/\/\*/, { token: "comment", next: "@comment" }],
      [/^\s*#\s*\w+/, "annotation"],
      [/[A-Za-z_]\w*/, { cases: { "@keywords": "keyword", "[A-Z][A-Z0-9_]+": "number", "@default": "" } }],
      [/\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]*\b/, "number"],
      [/"([^"\\]|\\.)*"/, "string"],
      [/'([^'\\]|\\.)*'/, "string"],
    ],
    comment: [
      [/\*\//, { token: "comment", next: "@pop" }],
      [/[^*]+/, "comment"],
      [/\*/, "comment"],
    ],
  },
};

export function registerNotebookLanguage(api: typeof monaco): void {
  api.languages.register({ id: notebookLanguage });
  api.languages.setMonarchTokensProvider(notebookLanguage, tokens);
  api.languages.setLanguageConfiguration(notebookLanguage, {
    comments: { lineComment: "//", blockComment: ["/*", "*/"] },
    brackets: [
      ["{", "}"],
      ["[", "]"],
      ["(", ")"],
    ],
    autoClosingPairs: [
      { open: "{", close: "}" },
      { open: "(", close: ")" },
      { open: "[", close: "]" },
      { open: '"', close: '"', notIn: ["string"] },
    ],
  });
  defineThemes(api);
  api.languages.registerHoverProvider(notebookLanguage, {
    provideHover: (model, position) => {
      const word = model.getWordAtPosition(position)?.word;
      const described = word === undefined ? null : describeWord(word);
      if (described === null) return null;
      return { contents: [{ value: `\`\`\`c\n${described.signature}\n\`\`\`` }, { value: described.doc }] };
    },
  });
  api.languages.registerCompletionItemProvider(notebookLanguage, {
    triggerCharacters: ["`", "|", "#"],
    provideCompletionItems: (model, position) => ({ suggestions: suggestionsAt(api, model, position) }),
  });
}

function suggestionsAt(
  api: typeof monaco,
  model: monaco.editor.ITextModel,
  position: monaco.Position,
): monaco.languages.CompletionItem[] {
  const { startColumn, endColumn } = model.getWordUntilPosition(position);
  const range = new api.Range(position.lineNumber, startColumn, position.lineNumber, endColumn);
  return completionsFor(blockAbove(model, position.lineNumber)).map(({ name, signature, doc, kind }) => ({
    label: name,
    kind: api.languages.CompletionItemKind[kind === "word" ? "Keyword" : "Function"],
    detail: signature,
    documentation: doc,
    insertText: name,
    range,
  }));
}

/** The kind of live block that a line stands in, null in prose. */
function blockAbove(model: monaco.editor.ITextModel, lineNumber: number): string | null {
  for (let line = lineNumber - 1; line >= 1; line--) {
    const text = model.getLineContent(line);
    if (!text.startsWith("```")) continue;
    return /^```([a-z]+)/.exec(text)?.[1] ?? null;
  }
  return null;
}

/** Colours of the page's own scale; a theme cannot read CSS variables, so they stand here once more. */
function defineThemes(api: typeof monaco): void {
  api.editor.defineTheme("hunkbook-light", {
    base: "vs",
    inherit: true,
    rules: [
      { token: "keyword", foreground: "7a3e9d" },
      { token: "string", foreground: "1f6a3c" },
      { token: "comment", foreground: "666b70" },
      { token: "number", foreground: "9a4a00" },
      { token: "tag", foreground: "1d5b8f" },
      { token: "annotation", foreground: "5d4a00" },
    ],
    colors: {
      "editor.background": "#ffffff",
      "editorRuler.foreground": "#deded8",
      "editorLineNumber.foreground": "#54595f",
    },
  });
  api.editor.defineTheme("hunkbook-dark", {
    base: "vs-dark",
    inherit: true,
    rules: [
      { token: "keyword", foreground: "cfa1ea" },
      { token: "string", foreground: "8fd3a6" },
      { token: "comment", foreground: "969da5" },
      { token: "number", foreground: "f0ab6c" },
      { token: "tag", foreground: "84bdf0" },
      { token: "annotation", foreground: "dcc476" },
    ],
    colors: {
      "editor.background": "#1b1e22",
      "editorRuler.foreground": "#2f343a",
      "editorLineNumber.foreground": "#a4abb3",
    },
  });
}
