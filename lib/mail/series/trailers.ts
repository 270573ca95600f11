/**
 * Trailers: `Name: value` lines in the last paragraph of a commit message, and person trailers that a reply offers
 * (mail-and-patches.md 5.4).
 */
export interface Trailer {
  /** As written, with the usual capitals for known names: "Reviewed-by". */
  readonly name: string;
  readonly value: string;
  readonly kind: "person" | "link" | "reference";
  /** "# stable" tails and "[note]" lines that belong to it. */
  readonly note: string | null;
  /** Line in the text given, 0-based. */
  readonly line: number;
}

const TRAILER_LINE = /^\s{0,8}([A-Za-z][\w-]{1,60}):\s+(\S.*)$/;
const LINE_LENGTH_MAX = 1000;

const PERSON_NAMES = new Set(["cc", "reported-and-tested-by"]);
const LINK_NAMES = new Set(["link", "closes", "buglink", "bug", "url", "patchwork", "lore"]);
const REFERENCE_NAMES = new Set([
  "fixes",
  "message-id",
  "change-id",
  "base-commit",
  "based-on",
  "obsoleted-by",
  "depends-on",
  "prerequisite-change-id",
  "prerequisite-message-id",
  "prerequisite-patch-id",
  "upstream-commit",
  "cherry-picked-from",
  "stable-dep-of",
  "debug-id",
]);
const ADDRESS = /[^\s<>@]+@[^\s<>@]+/;

/** The trailers of a commit message: its last paragraph that holds any. */
export function parseCommitTrailers(message: string): Trailer[] {
  const lines = message.split("\n");
  let end = lines.length;
  while (end > 0 && (lines[end - 1] ?? "").trim() === "") end--;
  let start = end;
  while (start > 0 && (lines[start - 1] ?? "").trim() !== "") start--;
  return readTrailers(lines, { start, end, accept: () => true });
}

/**
 * The trailers that a reply gives: unquoted lines anywhere in its text. A person trailer needs an address, other kinds a
 * known name, so that prose with a colon is none.
 *
 * @param isQuoted tells whether line i of the text is quoted, part of a diff, or otherwise not the writer's own
 */
export function parseReplyTrailers(body: string, isQuoted: (line: number) => boolean): Trailer[] {
  const lines = body.split("\n");
  return readTrailers(lines, {
    start: 0,
    end: lines.length,
    accept: (trailer) =>
      !isQuoted(trailer.line) &&
      (trailer.kind === "person"
        ? /-by$/i.test(trailer.name) && ADDRESS.test(trailer.value)
        : trailer.kind === "link" && /^https?:/.test(trailer.value)),
  });
}

interface TrailerRange {
  readonly start: number;
  readonly end: number;
  readonly accept: (trailer: Trailer) => boolean;
}

function readTrailers(lines: readonly string[], { start, end, accept }: TrailerRange): Trailer[] {
  const trailers: Trailer[] = [];
  for (let line = start; line < end; line++) {
    const text = lines[line] ?? "";
    if (text.length > LINE_LENGTH_MAX) continue;
    const last = trailers.at(-1);
    const follows = last !== undefined && last.line + 1 + countNotes(last) === line;
    if (follows && /^\s*\[[^\]]*\]\s*$/.test(text)) {
      trailers[trailers.length - 1] = { ...last, note: joinNote(last.note, text.trim()) };
      continue;
    }
    const trailer = readTrailer(text, line);
    if (trailer && accept(trailer)) trailers.push(trailer);
  }
  return trailers;
}

function countNotes(trailer: Trailer): number {
  return (trailer.note ?? "").split("\n").filter((note) => note.startsWith("[")).length;
}

function joinNote(note: string | null, line: string): string {
  return note === null ? line : `${note}\n${line}`;
}

function readTrailer(text: string, line: number): Trailer | null {
  const match = TRAILER_LINE.exec(text);
  if (!match) return null;
  const [, rawName = "", rawValue = ""] = match;
  const kind = trailerKind(rawName.toLowerCase(), rawValue);
  if (!kind) return null;
  const tail = /^(.*\S)\s+(#\s.*)$/.exec(rawValue.trimEnd());
  const isLinkTail = tail !== null && (kind !== "reference" || rawName.toLowerCase() !== "fixes");
  return {
    name: usualName(rawName),
    value: (isLinkTail ? (tail[1] ?? "") : rawValue).trim(),
    kind,
    note: isLinkTail ? (tail[2] ?? "").trim() : null,
    line,
  };
}

/** Prose like "Note: this" is no trailer: a name is known, or ends in -by with an address behind it. */
function trailerKind(name: string, value: string): Trailer["kind"] | null {
  if (LINK_NAMES.has(name)) return "link";
  if (name === "fixes") return /^[0-9a-f]{6,40}\b/i.test(value) ? "reference" : null;
  if (REFERENCE_NAMES.has(name)) return "reference";
  if (PERSON_NAMES.has(name)) return "person";
  return name.endsWith("-by") || /-by-/.test(name) ? "person" : null;
}

function usualName(name: string): string {
  const lower = name.toLowerCase();
  if (lower === "message-id") return "Message-ID";
  if (REFERENCE_NAMES.has(lower) && /^(?:change-id|base-commit|prerequisite|debug-id)/.test(lower)) return lower;
  return lower.charAt(0).toUpperCase() + lower.slice(1);
}
