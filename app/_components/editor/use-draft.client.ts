"use client";
import { useMutation } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { errorWords, isRecord, post, RequestError } from "./requests.client.ts";

const pauseMs = 1_500;

export type Conflict = { readonly number: number; readonly text: string };

export type Draft = {
  /** Revision that a save is based on. */
  readonly base: number;
  /** What is kept where, in words. */
  readonly words: string;
  readonly isSaving: boolean;
  /** A newer revision than the one this text was made from; nothing was overwritten. */
  readonly conflict: Conflict | null;
  readonly typed: (text: string) => void;
  readonly save: (text: string) => void;
  /** Goes on from the newer revision, with the writer's text or with the other. */
  readonly settle: (choice: { readonly text: string; readonly saveIt: boolean }) => void;
};

type Options = { readonly slug: string; readonly baseNumber: number; readonly isDraft: boolean };

/** Keeps what is typed: as a draft on the server when typing pauses, as a revision when Save is pressed. */
export function useDraft({ slug, baseNumber, isDraft }: Options): Draft {
  const [base, setBase] = useState(baseNumber);
  const [words, setWords] = useState(isDraft ? `draft over revision ${baseNumber}` : `revision ${baseNumber}`);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const kept = useRef<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const address = `/api/v1/notebooks/${slug}`;
  const keeping = useMutation({
    mutationFn: (text: string) => post(`${address}/draft`, { change: "keep", text, base }),
    onSuccess: (_answer, text) => {
      kept.current = text;
      setWords(`draft kept ${new Date().toLocaleTimeString()}`);
    },
    onError: (error) => setWords(`not kept: ${errorWords(error)}`),
  });
  const saving = useMutation({
    mutationFn: (given: { readonly text: string; readonly base: number }) => post(address, given),
    onSuccess: (answer, { text }) => {
      const number = isRecord(answer) && typeof answer["number"] === "number" ? answer["number"] : base;
      kept.current = text;
      setBase(number);
      setConflict(null);
      setWords(`saved as revision ${number}`);
    },
    onError: (error) => {
      const found = conflictOf(error);
      if (found === null) setWords(`not saved: ${errorWords(error)}`);
      else {
        setConflict(found);
        setWords(`not saved: revision ${found.number} is newer`);
      }
    },
  });
  const { mutate: keep } = keeping;
  const typed = useCallback(
    (text: string): void => {
      // The first text is the one that the server sent.
      kept.current ??= text;
      clearTimeout(timer.current);
      if (text === kept.current) return;
      setWords("typing");
      timer.current = setTimeout(() => keep(text), pauseMs);
    },
    [keep],
  );
  useEffect(() => () => clearTimeout(timer.current), []);
  const { mutate: saveNow } = saving;
  const save = (text: string): void => {
    clearTimeout(timer.current);
    saveNow({ text, base });
  };
  const settle: Draft["settle"] = ({ text, saveIt }) => {
    if (conflict === null) return;
    setBase(conflict.number);
    setConflict(null);
    if (saveIt) saveNow({ text, base: conflict.number });
    else setWords(`revision ${conflict.number}`);
  };
  return { base, words, isSaving: saving.isPending, conflict, typed, save, settle };
}

function conflictOf(error: unknown): Conflict | null {
  if (!(error instanceof RequestError) || error.status !== 409 || !isRecord(error.detail)) return null;
  const { number, text } = error.detail;
  return typeof number === "number" && typeof text === "string" ? { number, text } : null;
}
