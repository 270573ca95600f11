/** Monaco with what a notebook needs of it and no more; loaded when somebody edits. */
import * as monaco from "monaco-editor/editor/editor.api";
import "monaco-editor/features/bracketMatching/register";
import "monaco-editor/features/caretOperations/register";
import "monaco-editor/features/clipboard/register";
import "monaco-editor/features/codicon/register";
import "monaco-editor/features/comment/register";
import "monaco-editor/features/contextmenu/register";
import "monaco-editor/features/cursorUndo/register";
import "monaco-editor/features/find/register";
import "monaco-editor/features/folding/register";
import "monaco-editor/features/gotoError/register";
import "monaco-editor/features/gotoLine/register";
import "monaco-editor/features/hover/register";
import "monaco-editor/features/indentation/register";
import "monaco-editor/features/linesOperations/register";
import "monaco-editor/features/multicursor/register";
import "monaco-editor/features/quickCommand/register";
import "monaco-editor/features/snippet/register";
import "monaco-editor/features/suggest/register";
import "monaco-editor/features/toggleTabFocusMode/register";
import "monaco-editor/features/unicodeHighlighter/register";
import "monaco-editor/features/wordHighlighter/register";
import "monaco-editor/features/wordOperations/register";
import { notebookLanguage, registerNotebookLanguage } from "./language.ts";

export type Monaco = typeof monaco;
export type CodeEditor = monaco.editor.IStandaloneCodeEditor;

let isSetUp = false;

/** Monaco, set up once a page. Its worker comes from our own origin, as the content policy asks. */
export function setUpMonaco(): Monaco {
  if (isSetUp) return monaco;
  isSetUp = true;
  self.MonacoEnvironment = {
    getWorker: () => new Worker(new URL("monaco-editor/editor/editor.worker.js", import.meta.url), { type: "module" }),
  };
  registerNotebookLanguage(monaco);
  return monaco;
}

/** One editor over a whole file. */
export function createEditor(
  host: HTMLElement,
  options: { readonly text: string; readonly isDark: boolean; readonly label: string },
): CodeEditor {
  return monaco.editor.create(host, {
    value: options.text,
    language: notebookLanguage,
    theme: options.isDark ? "hunkbook-dark" : "hunkbook-light",
    ariaLabel: options.label,
    automaticLayout: true,
    fontSize: 13,
    lineHeight: 20,
    tabSize: 8,
    insertSpaces: false,
    detectIndentation: false,
    minimap: { enabled: false },
    rulers: [72],
    scrollBeyondLastLine: false,
    renderWhitespace: "selection",
    wordBasedSuggestions: "currentDocument",
    fixedOverflowWidgets: true,
    padding: { top: 8, bottom: 8 },
  });
}
