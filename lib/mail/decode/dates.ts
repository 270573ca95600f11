/**
 * The Date field (RFC 5322 section 3.3 and its obsolete forms) as an instant and the sender's own offset.
 * Parsed by hand: Date.parse accepts and rejects by engine version, and mail must read the same everywhere.
 */
import type { Oddity } from "../limits.ts";

export interface SentDate {
  /** Milliseconds since 1970-01-01 UTC, between 1970 and a day after the mail was received. */
  readonly atMs: number;
  /** Minutes east of UTC as the sender wrote it; 0 when unknown. */
  readonly offsetMinutes: number;
  readonly oddities: readonly Oddity[];
}

const DAY_MS = 86_400_000;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const ZONES: Readonly<Record<string, number>> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  est: -300,
  edt: -240,
  cst: -360,
  cdt: -300,
  mst: -420,
  mdt: -360,
  pst: -480,
  pdt: -420,
  cet: 60,
  cest: 120,
  bst: 60,
  jst: 540,
};

/**
 * Reads a Date field.
 *
 * @param receivedAtMs when the mail was received, or the present: the clamp's upper end, and the value when there is no date
 */
export function parseSentDate(field: string | null, receivedAtMs: number): SentDate {
  if (field === null || field.trim() === "") {
    const oddities: Oddity[] = [{ code: "date-missing", message: "no Date field; the time of receipt stands for it" }];
    return { atMs: clampMs(receivedAtMs, receivedAtMs), offsetMinutes: 0, oddities };
  }
  const parsed = parseDate(field);
  if (!parsed) {
    const message = `the date "${field.slice(0, 80)}" cannot be read; the time of receipt stands for it`;
    return {
      atMs: clampMs(receivedAtMs, receivedAtMs),
      offsetMinutes: 0,
      oddities: [{ code: "date-unreadable", message }],
    };
  }
  const atMs = clampMs(parsed.atMs, receivedAtMs);
  if (atMs === parsed.atMs) return { ...parsed, oddities: [] };
  const message = `the date "${field.slice(0, 80)}" lies before 1970 or after the day of receipt; moved there`;
  return { atMs, offsetMinutes: parsed.offsetMinutes, oddities: [{ code: "date-clamped", message }] };
}

function clampMs(atMs: number, receivedAtMs: number): number {
  return Math.min(Math.max(atMs, 0), Math.max(receivedAtMs, 0) + DAY_MS);
}

/** `[Mon, ]12 Jan 2026 09:00[:00] +0100[ (CET)]`, also `Mon Jan 12 09:00:00 2026 [+0100]` and ISO 8601; null when unreadable. */
export function parseDate(field: string): { readonly atMs: number; readonly offsetMinutes: number } | null {
  const text = field
    .slice(0, 200)
    .replace(/\([^()]*\)/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  const rfc =
    /^(?:[a-z]{2,9}\.?,? ?)?(\d{1,2})[ -]([a-z]{3})[a-z]*\.?[ -](\d{2,6}),? (\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)? ?(.*)$/i.exec(
      text,
    );
  if (rfc)
    return fromParts({
      day: rfc[1],
      month: monthNumber(rfc[2]),
      year: rfc[3],
      hour: rfc[4],
      minute: rfc[5],
      second: rfc[6],
      zone: rfc[7],
    });
  const unix = /^[a-z]{3},? ([a-z]{3}) (\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2}) (?:([a-z]{1,5}) )?(\d{4}) ?(.*)$/i.exec(
    text,
  );
  if (unix)
    return fromParts({
      day: unix[2],
      month: monthNumber(unix[1]),
      year: unix[7],
      hour: unix[3],
      minute: unix[4],
      second: unix[5],
      zone: unix[8] || unix[6],
    });
  const iso = /^(\d{4})-(\d\d)-(\d\d)[t ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)? ?(.*)$/i.exec(text);
  if (iso)
    return fromParts({
      day: iso[3],
      month: Number(iso[2]),
      year: iso[1],
      hour: iso[4],
      minute: iso[5],
      second: iso[6],
      zone: iso[7],
    });
  return null;
}

interface DateParts {
  readonly day: string | undefined;
  /** 1 to 12, or 0 when the name is unknown. */
  readonly month: number;
  readonly year: string | undefined;
  readonly hour: string | undefined;
  readonly minute: string | undefined;
  readonly second: string | undefined;
  readonly zone: string | undefined;
}

function fromParts(parts: DateParts): { atMs: number; offsetMinutes: number } | null {
  const day = Number(parts.day);
  const [hour, minute, second] = [Number(parts.hour), Number(parts.minute), Number(parts.second ?? 0)];
  const isPossible =
    parts.month >= 1 && parts.month <= 12 && day >= 1 && day <= 31 && hour <= 24 && minute <= 59 && second <= 60;
  if (!isPossible) return null;
  const offsetMinutes = zoneOffset(parts.zone ?? "");
  const local = Date.UTC(fullYear(parts.year ?? ""), parts.month - 1, day, hour, minute, second);
  return Number.isNaN(local) ? null : { atMs: local - offsetMinutes * 60_000, offsetMinutes };
}

/** RFC 5322 section 4.3: two digits below 50 are 20xx, other two and three digit years count from 1900. */
function fullYear(year: string): number {
  const number = Number(year);
  if (year.length === 2) return number < 50 ? 2000 + number : 1900 + number;
  return year.length === 3 ? 1900 + number : number;
}

function monthNumber(name: string | undefined): number {
  return MONTHS.indexOf((name ?? "").toLowerCase()) + 1;
}

function zoneOffset(zone: string): number {
  const numeric = /^(?:gmt|utc)?([+-])(\d{1,2}):?(\d\d)\b/i.exec(zone.trim());
  if (numeric) {
    const minutes = Math.min(Number(numeric[2]) * 60 + Number(numeric[3]), 16 * 60);
    return numeric[1] === "-" ? -minutes : minutes;
  }
  const name = /^[a-z]{1,5}/i.exec(zone.trim())?.[0].toLowerCase() ?? "";
  return ZONES[name] ?? 0;
}
