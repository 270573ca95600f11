import { existsSync, readFileSync, statSync } from "node:fs";
import { decodeNotebook } from "../notebooks/parse/decode.ts";
import type { NotebookDiagnostic } from "../notebooks/diagnostics.ts";
import { notebookBytesMax, parseNotebook } from "../notebooks/parse/parse.ts";
import type { Notebook } from "../notebooks/types.ts";
import { UsageError } from "./usage.ts";

/** A notebook as the command was given it. */
export type NotebookFile = {
  /** As written on the command line; `<stdin>` for -. */
  readonly name: string;
  readonly text: string;
  readonly notebook: Notebook;
};

export type NotebookReading =
  | { readonly kind: "read"; readonly file: NotebookFile }
  /** The file's bytes are no notebook: binary, too large, of another charset. */
  | { readonly kind: "refused"; readonly name: string; readonly diagnostics: readonly NotebookDiagnostic[] };

const standardInput = 0;

/** `FILE` or `FILE#cell`. A file whose own name has a # is found first. */
export function splitTarget(target: string): { readonly path: string; readonly cellId: string | null } {
  const at = target.lastIndexOf("#");
  if (at < 0 || existsSync(target)) return { path: target, cellId: null };
  return { path: target.slice(0, at), cellId: target.slice(at + 1) };
}

/**
 * Reads and parses a notebook file; what is wrong inside it stands in the notebook's diagnostics.
 *
 * @throws UsageError when the file cannot be read
 */
export function readNotebookFile(path: string): NotebookReading {
  const name = path === "-" ? "<stdin>" : path;
  const decoded = decodeNotebook(readBytes(path));
  if (decoded.kind === "refused") return { kind: "refused", name, diagnostics: decoded.diagnostics };
  return { kind: "read", file: { name, text: decoded.text, notebook: parseNotebook(decoded.text).notebook } };
}

/** A file this far above the bound is not worth reading to say so. */
const readBytesMax = 64 * notebookBytesMax;

function readBytes(path: string): Uint8Array {
  try {
    if (path === "-") return readFileSync(standardInput);
    const { size } = statSync(path);
    if (size <= readBytesMax) return readFileSync(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const message = error.code === "ENOENT" ? `there is no file ${path}` : `cannot read ${path}: ${error.message}`;
    throw new UsageError(message, { cause: error });
  }
  throw new UsageError(
    `${path} is far too large for a notebook (at most ${String(notebookBytesMax)} bytes); hunkbook import reads mailboxes`,
  );
}
