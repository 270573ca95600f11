/** Reads the notebook off the main thread. Answers only the newest text: typing goes on meanwhile. */
import { diagnose, type Diagnosis } from "#lib/editor/diagnose.ts";

export type DiagnoseRequest = { readonly version: number; readonly text: string };
export type DiagnoseAnswer = { readonly version: number; readonly diagnosis: Diagnosis };

self.onmessage = (event: MessageEvent<DiagnoseRequest>): void => {
  const { version, text } = event.data;
  const answer: DiagnoseAnswer = { version, diagnosis: diagnose(text) };
  self.postMessage(answer);
};
