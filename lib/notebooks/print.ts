/** A notebook as text again. */
import type { Notebook } from "./types.ts";

/** print(parse(text)) = text, byte for byte: blocks keep what they were read from. */
export function printNotebook(notebook: Pick<Notebook, "blocks">): string {
  return notebook.blocks.map((block) => block.raw).join("");
}
