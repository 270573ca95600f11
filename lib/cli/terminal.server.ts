import { writeSync } from "node:fs";

/** Where a command writes. Everything that goes to a person passes `printable`: notebooks and mails are strangers' text. */
export type Terminal = {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Redraws one line on standard error; "" removes it. Does nothing when that is no terminal. */
  readonly progress: (text: string) => void;
};

const standardOutput = 1;
const standardError = 2;

/** The process's own output, written synchronously: nothing is lost when the command ends. */
export function processTerminal(): Terminal {
  const isInteractive = process.stderr.isTTY;
  let hasProgress = false;
  const clear = (): void => {
    if (hasProgress) writeAll(standardError, "\r\u001b[K");
    hasProgress = false;
  };
  return {
    out: (text) => {
      clear();
      writeAll(standardOutput, text);
    },
    error: (text) => {
      clear();
      writeAll(standardError, text);
    },
    progress: (text) => {
      if (!isInteractive) return;
      clear();
      if (text === "") return;
      writeAll(standardError, text);
      hasProgress = true;
    },
  };
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  for (let at = 0; at < bytes.length;) at += writeSome(descriptor, bytes.subarray(at));
}

/** A pipe may be full (EAGAIN) or its reader gone (EPIPE: `hunkbook ... | head`), which is no fault of the command. */
function writeSome(descriptor: number, bytes: Buffer): number {
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    if (error.code === "EAGAIN") return 0;
    if (error.code === "EPIPE") return bytes.length;
    throw error;
  }
}
