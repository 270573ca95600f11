/** Bytes of a notebook -> text, or why they are none. */
import { notebookBytesMax, textProblem } from "./parse.ts";
import type { NotebookDiagnostic, NotebookDiagnosticCode } from "../diagnostics.ts";

export type DecodedNotebook =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "refused"; readonly diagnostics: readonly NotebookDiagnostic[] };

/** Decodes UTF-8 strictly: a file that is too large, binary or of another charset is refused, naming the byte. */
export function decodeNotebook(bytes: Uint8Array): DecodedNotebook {
  if (bytes.length > notebookBytesMax) {
    const message = `the notebook has ${bytes.length} bytes; at most ${notebookBytesMax} (256 kB) are allowed: split it`;
    return refused("NBK001", message);
  }
  const bad = invalidUtf8At(bytes);
  if (bad !== null) {
    const hex = (bytes[bad] ?? 0).toString(16).padStart(2, "0");
    return refused("NBK003", `byte 0x${hex} at offset ${bad} is not UTF-8; save the file as UTF-8`);
  }
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const problem = textProblem(text);
  return problem === null ? { kind: "text", text } : refused(problem.code, problem.message);
}

function refused(code: NotebookDiagnosticCode, message: string): DecodedNotebook {
  const place = { line: 1, column: 1, endColumn: 2, lineText: "", notes: [], blockIndex: null };
  return { kind: "refused", diagnostics: [{ code, severity: "error", message, ...place }] };
}

/**
 * Offset of the first byte that cannot stand in UTF-8, or null. Linear.
 *
 * @source The Unicode Standard 16, table 3-7 (well-formed byte sequences)
 */
export function invalidUtf8At(bytes: Uint8Array): number | null {
  for (let at = 0; at < bytes.length;) {
    const units = sequenceLength(bytes, at);
    if (units === 0) return at;
    at += units;
  }
  return null;
}

/** Bytes of the well-formed sequence at an offset; 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length =
    lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  if (length === 0) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let k = 2; k < length; k += 1) if (((bytes[at + k] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
