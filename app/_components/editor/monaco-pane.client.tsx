"use client";
import { useEffect, useImperativeHandle, useRef, useState, type ReactNode, type Ref } from "react";
import type { Diagnosis } from "#lib/editor/diagnose.ts";
import type { CodeEditor, Monaco } from "./monaco.ts";

export type PaneHandle = { readonly setText: (text: string) => void; readonly goTo: (line: number) => void };

type Props = {
  readonly ref: Ref<PaneHandle>;
  readonly text: string;
  readonly diagnosis: Diagnosis | null;
  readonly onChange: (text: string) => void;
  readonly onSave: () => void;
};

type Running = { readonly monaco: Monaco; readonly editor: CodeEditor };

/** The whole file in one Monaco. It is loaded only here, when somebody edits on a window wide enough. */
export function MonacoPane({ ref, text, diagnosis, onChange, onSave }: Props): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const [running, setRunning] = useState<Running | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const latest = useRef({ onChange, onSave, text });
  useEffect(() => {
    latest.current = { onChange, onSave, text };
  });
  useEffect(() => {
    let disposed = false;
    let editor: CodeEditor | null = null;
    void import("./monaco.ts")
      .then(({ setUpMonaco, createEditor }) => {
        if (disposed || host.current === null) return;
        const monaco = setUpMonaco();
        editor = createEditor(host.current, {
          text: latest.current.text,
          isDark: prefersDark(),
          label: "Notebook text. Press Escape, then Tab, to leave the editor.",
        });
        wire({ monaco, editor }, latest);
        setRunning({ monaco, editor });
      })
      .catch((error: unknown) => setFailure(`The editor could not be loaded (${String(error)}). Use text mode.`));
    return () => {
      disposed = true;
      editor?.dispose();
    };
  }, []);
  useEffect(() => {
    if (running !== null && diagnosis !== null) mark(running, diagnosis);
  }, [running, diagnosis]);
  useImperativeHandle(
    ref,
    () => ({
      setText: (next) => running?.editor.setValue(next),
      goTo: (line) => {
        running?.editor.revealLineInCenter(line);
        running?.editor.setPosition({ lineNumber: line, column: 1 });
        running?.editor.focus();
      },
    }),
    [running],
  );
  return (
    <div className="monaco-box" data-no-keys>
      {failure === null ? null : <p className="notice notice-error">{failure}</p>}
      <div ref={host} className="monaco-host" />
    </div>
  );
}

type Latest = { readonly current: { readonly onChange: (text: string) => void; readonly onSave: () => void } };

function wire({ monaco, editor }: Running, latest: Latest): void {
  editor.onDidChangeModelContent(() => latest.current.onChange(editor.getValue()));
  editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS, () => latest.current.onSave());
  // Monaco keeps Tab for itself (WCAG 2.1.2): after Escape, Tab moves on, until something is typed.
  editor.onKeyDown((event) => {
    if (event.keyCode === monaco.KeyCode.Escape) editor.updateOptions({ tabFocusMode: true });
    else if (event.keyCode !== monaco.KeyCode.Tab && event.keyCode !== monaco.KeyCode.Shift)
      editor.updateOptions({ tabFocusMode: false });
  });
}

function mark({ monaco, editor }: Running, diagnosis: Diagnosis): void {
  const model = editor.getModel();
  if (model === null) return;
  monaco.editor.setModelMarkers(
    model,
    "hunkbook",
    diagnosis.markers.map((marker) => ({
      startLineNumber: marker.line,
      startColumn: marker.column,
      endLineNumber: marker.endLine,
      endColumn: Math.max(marker.endColumn, marker.column + 1),
      message: marker.message,
      code: marker.code,
      severity: monaco.MarkerSeverity[marker.severity === "error" ? "Error" : "Warning"],
    })),
  );
}

function prefersDark(): boolean {
  const chosen = document.documentElement.dataset["theme"];
  return chosen === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark";
}
