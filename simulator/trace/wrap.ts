/** Text in columns. */

export function pad(text: string, width: number): string {
  return text.padEnd(width);
}

export function trimEnd(text: string): string {
  return text.replace(/ +$/, "");
}

/** Breaks at blanks; a longer word behind punctuation, and only where there is none anywhere. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (let word of text.split(/ +/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    while (word.length > width) {
      const cut = cutBehindPunctuation(word, width);
      lines.push(word.slice(0, cut));
      word = word.slice(cut);
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "") lines.push(line);
  return lines;
}

/** The last place within the width behind a `.`, `,`, `(`, `>` or the like, if it leaves no crumb; else the width. */
function cutBehindPunctuation(word: string, width: number): number {
  for (let at = width; at > width / 3; at -= 1) if (/[.,:;(>=&|/-]/.test(word[at - 1] ?? "")) return at;
  return width;
}
