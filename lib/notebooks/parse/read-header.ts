/** The `hunkbook` block: which format, which language, about what. */
import { contentLines, readMessageId, splitPair, wordPlace, type BlockSource, type Word } from "./block-lines.ts";
import { nearestHint } from "../nearest-hint.ts";
import type { NotebookSink, SourceLine } from "./source.ts";
import type { Header, PatchPlace } from "../types.ts";

const headerKeys = ["format", "lang", "about", "patch", "engine"] as const;
type HeaderKey = (typeof headerKeys)[number];

/** What this version reads and writes. */
export const formatVersion = { major: 1, minor: 0 } as const;
const languages: readonly string[] = ["scn/1"];

type Entry = { readonly line: SourceLine; readonly value: Word };

/** Reads the block; a header with an error in it still yields what could be read. */
export function readHeader(source: BlockSource & { readonly openingLine: SourceLine }): Header {
  const entries = readEntries(source);
  const place = entries.get("patch");
  const header: Header = {
    format: readFormat(entries.get("format"), source),
    language: readLanguage(entries.get("lang"), source),
    about: readAbout(entries.get("about"), source.sink),
    patch: place === undefined ? null : readPatchPlace(place, source.sink),
    engine: readEngine(entries.get("engine"), source.sink),
    line: source.openingLine.number,
  };
  return header;
}

function readEntries({ lines, sink }: BlockSource): Map<HeaderKey, Entry> {
  const entries = new Map<HeaderKey, Entry>();
  for (const { line, text } of contentLines(lines)) {
    const pair = splitPair(text, ":");
    if (pair === null) {
      sink.report({ code: "NBK014", line, message: `expected ${"`"}key: value${"`"}; keys: ${headerKeys.join(", ")}` });
      continue;
    }
    const key = headerKeys.find((candidate) => candidate === pair.key.text);
    if (key === undefined) {
      const message = `unknown key "${pair.key.text}"${nearestHint(pair.key.text, headerKeys)}`;
      sink.report({ code: "NBK012", line, message, ...wordPlace(pair.key) });
      continue;
    }
    const earlier = entries.get(key);
    if (earlier !== undefined) {
      const notes = [{ line: earlier.line.number, message: "first given here" }];
      sink.report({ code: "NBK013", line, message: `"${key}" is given twice`, notes, ...wordPlace(pair.key) });
      continue;
    }
    entries.set(key, { line, value: pair.value });
  }
  return entries;
}

function readFormat(
  entry: Entry | undefined,
  source: BlockSource & { readonly openingLine: SourceLine },
): Header["format"] {
  if (entry === undefined) {
    const message = "the hunkbook block does not say its format; add `format: hunkbook/1`";
    source.sink.report({ code: "NBK014", line: source.openingLine, message });
    return formatVersion;
  }
  const match = /^hunkbook\/([0-9]{1,4})(?:\.([0-9]{1,4}))?$/.exec(entry.value.text);
  if (match === null) {
    const message = `"${entry.value.text}" is not a format; write hunkbook/1`;
    source.sink.report({ code: "NBK014", line: entry.line, message, ...wordPlace(entry.value) });
    return formatVersion;
  }
  const format = { major: Number(match[1]), minor: Number(match[2] ?? "0") };
  if (format.major !== formatVersion.major) {
    const message = `this version reads hunkbook/${formatVersion.major}, not hunkbook/${format.major}; update hunkbook`;
    source.sink.report({ code: "NBK015", line: entry.line, message, ...wordPlace(entry.value) });
  } else if (format.minor > formatVersion.minor) {
    const message = `format ${entry.value.text} is newer than hunkbook/1.${formatVersion.minor}: the notebook opens read-only`;
    source.sink.report({ code: "NBK015", line: entry.line, message, severity: "warning", ...wordPlace(entry.value) });
  }
  return format;
}

function readLanguage(entry: Entry | undefined, source: BlockSource & { readonly openingLine: SourceLine }): string {
  if (entry === undefined) {
    const message = "the hunkbook block does not say its language; add `lang: scn/1`";
    source.sink.report({ code: "NBK014", line: source.openingLine, message });
    return "scn/1";
  }
  if (!languages.includes(entry.value.text)) {
    const message = `unknown language "${entry.value.text}"; this version knows ${languages.join(", ")}`;
    source.sink.report({ code: "NBK014", line: entry.line, message, ...wordPlace(entry.value) });
  }
  return entry.value.text;
}

function readAbout(entry: Entry | undefined, sink: NotebookSink): string | null {
  if (entry === undefined) return null;
  const about = readMessageId(entry.value.text);
  if (about === null) {
    const message = "about: takes one Message-ID between < and >";
    sink.report({ code: "NBK014", line: entry.line, message, ...wordPlace(entry.value) });
  }
  return about;
}

function readPatchPlace(entry: Entry, sink: NotebookSink): PatchPlace | null {
  const match = /^([0-9]{1,4})\/([0-9]{1,4})(?:[ \t]+([^ \t"]+))?(?:[ \t]+"([^"]*)")?$/.exec(entry.value.text);
  const number = Number(match?.[1] ?? 0);
  const count = Number(match?.[2] ?? 0);
  if (match === null || number > count) {
    const message = 'patch: takes n/m, then a path and a "function" when they are known';
    sink.report({ code: "NBK014", line: entry.line, message, ...wordPlace(entry.value) });
    return null;
  }
  return { number, count, path: match[3] ?? null, functionName: match[4] ?? null };
}

function readEngine(entry: Entry | undefined, sink: NotebookSink): string | null {
  if (entry === undefined) return null;
  const match = /^>=\s*([0-9]{1,4}\.[0-9]{1,4})$/.exec(entry.value.text);
  if (match === null) {
    const message = "engine: takes the lowest version that will do, as >=0.1";
    sink.report({ code: "NBK014", line: entry.line, message, ...wordPlace(entry.value) });
  }
  return match?.[1] ?? null;
}
