"use client";
import { useEffect, useRef, useState } from "react";
import type { Diagnosis } from "#lib/editor/diagnose.ts";
import type { DiagnoseAnswer, DiagnoseRequest } from "./diagnose.worker.ts";

const pauseMs = 250;

/** The diagnosis of a text, a moment after typing pauses; null until the first. Work happens in a worker. */
export function useDiagnosis(text: string | null): Diagnosis | null {
  const [diagnosis, setDiagnosis] = useState<Diagnosis | null>(null);
  const worker = useRef<Worker | null>(null);
  const version = useRef(0);
  useEffect(() => {
    const made = new Worker(new URL("./diagnose.worker.ts", import.meta.url), { type: "module" });
    made.onmessage = (event: MessageEvent<DiagnoseAnswer>): void => {
      if (event.data.version === version.current) setDiagnosis(event.data.diagnosis);
    };
    worker.current = made;
    return () => made.terminate();
  }, []);
  useEffect(() => {
    if (text === null) return;
    const timer = setTimeout(() => {
      version.current += 1;
      const request: DiagnoseRequest = { version: version.current, text };
      worker.current?.postMessage(request);
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return diagnosis;
}
