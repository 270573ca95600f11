/**
 * Lines that do not survive a mail at column 0: `git mailinfo` takes them for the start of a patch and drops what follows,
 * an mbox for the start of the next mail, a reader for a quote or a signature.
 *
 * @source git mailinfo.c (patchbreak, is_scissors_line); RFC 4155 (From_ lines); RFC 3676, 4.3 (signatures)
 */

const starts: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /^---(?:\s|$)/, what: "git takes a line of --- for the end of the mail's text" },
  { pattern: /^diff -/, what: "git takes it for the start of a patch" },
  { pattern: /^\+\+\+ /, what: "git takes it for the start of a patch" },
  { pattern: /^Index: /, what: "git takes it for the start of a patch" },
  { pattern: /^From /, what: "an mbox takes it for the start of the next mail" },
  { pattern: /^-- ?$/, what: "mail software takes it for the start of a signature" },
  { pattern: /^-{1,2} ?(?:>8|8<|>%|%<)/, what: "git takes it for a scissors line" },
];

/** What mail would do to a line, or null. A `>` is a quote in prose; inside a block it cannot be told from one either. */
export function mailHazard(line: string, where: { readonly isProse: boolean }): string | null {
  for (const { pattern, what } of starts) if (pattern.test(line)) return what;
  if (line.startsWith(">") && where.isProse) return "a mail reads a line that begins with > as a quote";
  return null;
}
