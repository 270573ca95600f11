/**
 * The words of a unified diff: hunk headers, file headers, git's quoted paths, and the marks with which people say that
 * they left something out. Every pattern is anchored and linear.
 *
 * @source git 2.39 Documentation/diff-generate-patch.txt, apply.c (path stripping) and quote.c (C-style quoting).
 */

export interface HunkHeader {
  readonly oldStart: number;
  readonly oldCount: number;
  readonly newStart: number;
  readonly newCount: number;
  readonly heading: string;
}

const HUNK_HEADER = /^@@ -(\d{1,10})(?:,(\d{1,10}))? \+(\d{1,10})(?:,(\d{1,10}))? @@(.*)$/;

/** What a 32-bit column and a line number of any real file can hold. */
const LINE_NUMBER_MAX = 2 ** 31 - 1;

/** Reads "@@ -a[,b] +c[,d] @@ heading"; null for anything else, numbers above 2^31 - 1 among it. */
export function parseHunkHeader(text: string): HunkHeader | null {
  if (!text.startsWith("@@ -")) return null;
  const match = HUNK_HEADER.exec(text);
  if (match === null) return null;
  const [oldStart, oldCount, newStart, newCount] = [match[1], match[2] ?? "1", match[3], match[4] ?? "1"].map(Number);
  if (oldStart === undefined || oldCount === undefined || newStart === undefined || newCount === undefined) return null;
  if (Math.max(oldStart, newStart, oldCount, newCount) > LINE_NUMBER_MAX) return null;
  const heading = (match[5] ?? "").replace(/^ /, "");
  return { oldStart, oldCount, newStart, newCount, heading };
}

/** "@@@ -1,2 -1,2 +1,3 @@@": the hunk of a merge. */
export function isCombinedHunkHeader(text: string): boolean {
  return /^@@@+ -\d/.test(text);
}

/** "@@ -a,b +c,d @@ heading" as git writes it: a count of 1 is left out. */
export function formatHunkHeader(header: HunkHeader): string {
  const side = (start: number, count: number) => (count === 1 ? `${start}` : `${start},${count}`);
  const heading = header.heading === "" ? "" : ` ${header.heading}`;
  return `@@ -${side(header.oldStart, header.oldCount)} +${side(header.newStart, header.newCount)} @@${heading}`;
}

const ELISION = [
  /^\s*[[(<{]?\s*(?:\.{2,}|…+)\s*[\])>}]?\s*$/u,
  /^\s*[[(<{]\s*(?:\.{2,}|…)?\s*(?:snip(?:ped)?|cut|skip(?:ped)?|trim(?:med)?|elided|omitted|deleted)\b[^\])>}]{0,40}[\])>}]\s*$/iu,
  /^\s*[[(<{]\s*(?:\.{2,}|…)[^\])>}]{0,60}(?:\.{2,}|…)?\s*[\])>}]\s*$/u,
  /^\s*(?:-{2,}\s*)?(?:snip|8<|>8)(?:\s*-{2,})?\s*$/iu,
  /^\s?(?::|\[\s*\])\s*$/u,
];

/** "[...]", "<snip>", "…", "[ ... 14 lines ... ]", a lone " :": something was left out here. */
export function isElision(text: string): boolean {
  return text.length <= 100 && text.trim() !== "" && ELISION.some((pattern) => pattern.test(text));
}

/** Reads what follows "--- " or "+++ ": the path without its a/ or b/ and without a date. */
export function parsePathField(field: string): string {
  const path = field.startsWith('"') ? unquotePath(field) : (field.split("\t")[0] ?? "");
  // Plain diff -u of old puts the date behind blanks.
  const undated = path.replace(/\s+(?:\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}|\d{4}-\d\d-\d\d \d\d:\d\d\S*.*)$/, "");
  return stripPrefix(undated.trimEnd());
}

/**
 * Reads the paths of "--- X" and "+++ Y" together: plain diff names two trees ("linux.orig/mm/x.c", "linux/mm/x.c"), whose
 * names go, as patch -p1 has it.
 */
export function parsePathPair(fields: { before: string; after: string }): GitPaths {
  const oldPath = parsePathField(fields.before);
  const newPath = parsePathField(fields.after);
  const inside = (path: string) => path.slice(path.indexOf("/") + 1);
  const twoTrees = oldPath !== newPath && /^[^/]+\/./.test(oldPath) && inside(oldPath) === inside(newPath);
  return twoTrees ? { oldPath: inside(oldPath), newPath: inside(newPath) } : { oldPath, newPath };
}

/** Reads a path that stands without a/ or b/, as in "rename from X". */
export function parseBarePath(field: string): string {
  return field.startsWith('"') ? unquotePath(field) : field.trimEnd();
}

function stripPrefix(path: string): string {
  return /^[abciow]\//.test(path) ? path.slice(2) : path;
}

export interface GitPaths {
  readonly oldPath: string;
  readonly newPath: string;
}

/** Reads "diff --git a/X b/Y". Paths with blanks are split where both halves are equal, as git does. */
export function parseGitLine(text: string): GitPaths | null {
  if (!text.startsWith("diff --git ")) return null;
  const rest = text.slice("diff --git ".length).trimEnd();
  if (rest.startsWith('"')) {
    const end = closingQuote(rest);
    if (end < 0) return null;
    return { oldPath: stripPrefix(unquotePath(rest)), newPath: parsePathField(rest.slice(end + 1).trimStart()) };
  }
  const quotedAt = rest.indexOf(' "');
  if (quotedAt > 0)
    return { oldPath: stripPrefix(rest.slice(0, quotedAt)), newPath: parsePathField(rest.slice(quotedAt + 1)) };
  const middle = (rest.length - 1) / 2;
  if (Number.isInteger(middle) && rest[middle] === " ") {
    const [left, right] = [stripPrefix(rest.slice(0, middle)), stripPrefix(rest.slice(middle + 1))];
    if (left === right) return { oldPath: left, newPath: right };
  }
  const split = rest.indexOf(" b/");
  const at = split > 0 ? split : rest.indexOf(" ");
  if (at <= 0) return null;
  return { oldPath: stripPrefix(rest.slice(0, at)), newPath: stripPrefix(rest.slice(at + 1)) };
}

function closingQuote(text: string): number {
  for (let at = 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at;
  }
  return -1;
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, "\\": 92 };

/** Undoes git's C-style quoting ("\303\251t\303\251.c"): octal escapes are bytes of UTF-8. Reads to the closing quote. */
export function unquotePath(quoted: string): string {
  const end = closingQuote(quoted);
  const inner = quoted.slice(1, end < 0 ? undefined : end);
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (let at = 0; at < inner.length;) {
    const octal = /^\\([0-3][0-7]{2})/.exec(inner.slice(at, at + 4))?.[1];
    const escape = inner[at] === "\\" ? ESCAPES[inner[at + 1] ?? ""] : undefined;
    if (octal !== undefined) {
      bytes.push(Number.parseInt(octal, 8));
      at += 4;
    } else if (escape !== undefined) {
      bytes.push(escape);
      at += 2;
    } else {
      const character = String.fromCodePoint(inner.codePointAt(at) ?? 0xfffd);
      bytes.push(...encoder.encode(character));
      at += character.length;
    }
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** A line that can stand between "diff --git" and the first hunk. */
export function isExtendedHeader(text: string): boolean {
  return /^(?:index [0-9a-f]+[.,]|(?:old|new) mode |(?:new|deleted) file mode |similarity index |dissimilarity index |(?:rename|copy) (?:from|to) |Binary files |GIT binary patch$|mode [0-7])/.test(
    text,
  );
}
