const columns = 72;
/** Blanks at which a line may end: not between a number and its unit. */
const breaks = /(?<!\+-) (?!%|\+-|(?:ns|us|ms|s)\b)/;

/** Lines of at most 72 columns; what continues a sentence is indented. */
export function folded(sentence: string): readonly string[] {
  const lines: string[] = [];
  for (const word of sentence.split(breaks)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines;
}
