"use client";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import type { Diagnosis } from "#lib/editor/diagnose.ts";
import { ConflictNotice } from "./conflict-notice.client.tsx";
import { MonacoPane, type PaneHandle } from "./monaco-pane.client.tsx";
import { ProblemList } from "./problem-list.client.tsx";
import { RunPanel } from "./run-panel.client.tsx";
import { useDraft } from "./use-draft.client.ts";
import { useDiagnosis } from "./use-diagnosis.client.ts";

export type WorkbenchProps = {
  readonly slug: string;
  /** Revision that the text was made from. */
  readonly baseNumber: number;
  /** The text area's id: the text comes from there, so that it stands in the page once. */
  readonly textAreaId: string;
  readonly isDraft: boolean;
};

/** Narrower windows keep the text area: Monaco does not work with a phone's keyboard. */
const monacoWidthMin = 768;
const textModeKey = "hunkbook-text-mode";

export function Workbench({ slug, baseNumber, textAreaId, isDraft }: WorkbenchProps): ReactNode {
  const pane = useRef<PaneHandle>(null);
  const [text, setText] = useState<string | null>(null);
  const [mode, setMode] = useState<"text" | "monaco">("text");
  const draft = useDraft({ slug, baseNumber, isDraft });
  const diagnosis = useDiagnosis(text);
  useEffect(() => {
    const area = textArea(textAreaId);
    setText(area.value);
    setMode(window.innerWidth >= monacoWidthMin && localStorage.getItem(textModeKey) !== "1" ? "monaco" : "text");
    const onInput = (): void => setText(area.value);
    area.addEventListener("input", onInput);
    return () => area.removeEventListener("input", onInput);
  }, [textAreaId]);
  useEffect(() => {
    if (text === null) return;
    textArea(textAreaId).hidden = mode === "monaco";
    document.documentElement.dataset["editor"] = mode;
  }, [mode, text, textAreaId]);
  const { typed } = draft;
  useEffect(() => {
    if (text !== null) typed(text);
  }, [text, typed]);
  const change = useCallback(
    (next: string): void => {
      textArea(textAreaId).value = next;
      setText(next);
    },
    [textAreaId],
  );
  const replace = useCallback(
    (next: string): void => {
      change(next);
      pane.current?.setText(next);
    },
    [change],
  );
  if (text === null) return null;
  const toggle = (): void => {
    localStorage.setItem(textModeKey, mode === "monaco" ? "1" : "0");
    setMode(mode === "monaco" ? "text" : "monaco");
  };
  return (
    <>
      <Bar draft={draft} text={text} mode={mode} onToggle={toggle} />
      {draft.conflict === null ? null : <ConflictNotice draft={draft} mine={text} onTake={replace} />}
      {mode === "monaco" ? (
        <MonacoPane ref={pane} text={text} diagnosis={diagnosis} onChange={change} onSave={() => draft.save(text)} />
      ) : null}
      <SidePanel
        slug={slug}
        text={text}
        diagnosis={diagnosis}
        base={draft.base}
        onGo={(line) => pane.current?.goTo(line)}
      />
    </>
  );
}

type BarProps = {
  readonly draft: ReturnType<typeof useDraft>;
  readonly text: string;
  readonly mode: "text" | "monaco";
  readonly onToggle: () => void;
};

function Bar({ draft, text, mode, onToggle }: BarProps): ReactNode {
  return (
    <div className="form-row editor-bar">
      <button type="button" className="button button-main" onClick={() => draft.save(text)} disabled={draft.isSaving}>
        Save
      </button>
      <span role="status" className="soft small">
        {draft.words}
      </span>
      <span className="ml-auto soft small">
        {mode === "monaco" ? "Tab indents. To leave the editor: Esc, then Tab; or Ctrl+M." : ""}
      </span>
      <button type="button" className="button-quiet" onClick={onToggle}>
        {mode === "monaco" ? "Text mode" : "Editor"}
      </button>
    </div>
  );
}

type SideProps = {
  readonly slug: string;
  readonly text: string;
  readonly base: number;
  readonly diagnosis: Diagnosis | null;
  readonly onGo: (line: number) => void;
};

function SidePanel({ slug, text, base, diagnosis, onGo }: SideProps): ReactNode {
  return (
    <aside className="editor-side" aria-label="Runs and problems">
      <RunPanel slug={slug} text={text} base={base} runs={diagnosis?.runs ?? []} />
      <ProblemList markers={diagnosis?.markers ?? []} onGo={onGo} />
    </aside>
  );
}

function textArea(id: string): HTMLTextAreaElement {
  const element = document.getElementById(id);
  if (element instanceof HTMLTextAreaElement) return element;
  throw new Error(`assert: the edit page has no text area ${id}`);
}
