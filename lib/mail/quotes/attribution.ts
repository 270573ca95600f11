/**
 * Attribution lines: "On Tue, Aug 26, 2025 at 8:52 AM A. Uthor <a@example.org> wrote:" and their many relatives.
 *
 * A line counts as one when it ends in a colon, stands above a block quoted one deeper, and holds a verb of saying or a
 * date together with an address; it may be wrapped over three lines and may itself be quoted.
 */

export interface AttributedPerson {
  /** As written, quotes removed; "" when only an address stands there. */
  readonly name: string;
  /** Lower case, or "" when none stands there. */
  readonly address: string;
}

export interface Attribution extends AttributedPerson {
  /** The depth of the text that it introduces: one more than its own. */
  readonly depth: number;
  /** First and last body line of the attribution, 0-based, end exclusive. */
  readonly lineStart: number;
  readonly lineEnd: number;
  readonly text: string;
}

const VERB = new RegExp(
  [
    String.raw`\b(?:wrote|writes|write|said|says|wrotes|schrieb|schreef|skrev|napsal|napisał\(?a?\)?|escribió|scrisse|ha scritto|escreveu)\b`,
    String.raw`a écrit`,
    "写道",
    "寫道",
    "写到",
    "のメール",
    "пишет",
    "писал",
  ].join("|"),
  "iu",
);
const ADDRESS = /[<(["'\s]?([\w.+=/%-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){0,8})[>)\]"']?/u;
const MONTH = "(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zé]{0,7}";
const WEEKDAY = "(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}";
/** What dates are made of; the name begins behind the last of these. */
const DATE_TOKEN = new RegExp(
  [
    String.raw`\b\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s?(?:[ap]\.?m\b\.?)?`,
    String.raw`[+-]\d{4}\b`,
    String.raw`\b(?:19|20)\d{2}\b`,
    String.raw`\b\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b`,
    String.raw`\b\d{1,2}(?:st|nd|rd|th)?\b`,
    String.raw`\b${MONTH}\b\.?`,
    String.raw`\b${WEEKDAY}\b\.?`,
    String.raw`\((?:[A-Z]{2,5}|GMT[+-]\d+)\)`,
    String.raw`\b(?:GMT|UTC|CES?T|P[SD]T|E[SD]T|IST|JST|AM|PM)\b`,
    "[年月日时]",
  ].join("|"),
  "giu",
);
const LEAD = /^(?:\*+\s*)?(?:on|at|am|le|el|dne|den|em|il|op|w dniu|在|于)\s+/iu;
const TEXT_LENGTH_MAX = 600;

/** Whether the joined text of one to three lines reads as an attribution. */
export function isAttribution(text: string): boolean {
  if (text.length > TEXT_LENGTH_MAX) return false;
  const trimmed = normaliseBlanks(text).trim();
  if (!/[:：]$/u.test(trimmed)) return false;
  if (VERB.test(trimmed)) return true;
  return ADDRESS.test(trimmed) && /\d{1,2}:\d{2}|\b(?:19|20)\d{2}\b/.test(trimmed);
}

/** Who is quoted, as far as the text tells. Never fails: unknown parts are "". */
export function attributedPerson(text: string): AttributedPerson {
  const flat = normaliseBlanks(text).replace(/\s+/g, " ").trim();
  const verb = VERB.exec(flat);
  const beforeVerb = verb === null ? flat.replace(/[:：]$/u, "") : flat.slice(0, verb.index);
  const address = (ADDRESS.exec(beforeVerb) ?? ADDRESS.exec(flat))?.[1]?.toLowerCase() ?? "";
  const afterVerb = verb === null ? "" : flat.slice(verb.index + verb[0].length);
  // "schrieb A. Uthor:" has the name behind the verb, and nothing but a date before it.
  const name = nameWithout({ text: beforeVerb, address }) || nameWithout({ text: afterVerb, address });
  return { name, address };
}

function nameWithout({ text, address }: { text: string; address: string }): string {
  let rest = text;
  if (address !== "") rest = cutAddress(rest, address);
  rest = rest.replace(/[:：]\s*$/u, "").replace(LEAD, "");
  DATE_TOKEN.lastIndex = 0;
  const tokens = [...rest.matchAll(DATE_TOKEN)];
  const last = tokens.at(-1);
  const first = tokens[0];
  const behind = last === undefined ? rest : rest.slice(last.index + last[0].length);
  const name = cleanName(behind);
  if (name !== "") return name;
  return first === undefined ? "" : cleanName(rest.slice(0, first.index));
}

/** Removes the address with its brackets; what follows it ("via list", "[quoted]") is no name. */
function cutAddress(text: string, address: string): string {
  const at = text.toLowerCase().indexOf(address);
  if (at < 0) return text;
  const before = text.slice(0, at).replace(/[<([\s]*(?:mailto:)?$/u, "");
  const behind = text.slice(at + address.length).replace(/^[>)\]\s]+/u, "");
  return before.trim() === "" ? behind : before;
}

function cleanName(text: string): string {
  return text
    .replace(/^(?:[\s,;.*'"-]|\b(?:at|um|à|um|of|via|the|kl)\b(?=\s))+/iu, "")
    .replace(/[\s,;:'"*<([-]+$/u, "")
    .replace(/\s+(?:on|in|via)$/iu, "")
    .trim();
}

/** NBSP and narrow NBSP are blanks here, though they stay as they are in the text (5.1.4). */
function normaliseBlanks(text: string): string {
  return text.replace(/[\u00a0\u202f\u2007]/g, " ");
}
