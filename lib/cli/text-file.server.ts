import { readFileSync, statSync } from "node:fs";
import { UsageError } from "./usage.ts";

const standardInput = 0;
const bytesMax = 16_000_000;

/**
 * A text file that a person named; - is standard input. Bytes that are no UTF-8 become replacement characters.
 *
 * @throws UsageError when it cannot be read or is far too large
 */
export function readTextFile(path: string): string {
  try {
    if (path === "-") return readFileSync(standardInput, "utf8");
    if (statSync(path).size <= bytesMax) return readFileSync(path, "utf8");
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const message = error.code === "ENOENT" ? `there is no file ${path}` : `cannot read ${path}: ${error.message}`;
    throw new UsageError(message, { cause: error });
  }
  throw new UsageError(`${path} is too large: at most ${String(bytesMax)} bytes`);
}
