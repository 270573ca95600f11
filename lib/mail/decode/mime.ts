/**
 * The MIME structure of a mail as a list of leaves, in order, with their transfer encoding undone. Synchronous and linear:
 * line starts that may be boundaries are found once, and nesting, parts and headers are limited. Never throws.
 * Source: RFC 2045, RFC 2046 section 5.1. Own code and not a library's: decisions/0040.
 */
import type { HeaderField } from "./headers.ts";
import { fieldValue, parseHeaderBlock, parseParameters } from "./headers.ts";
import type { MailLimits, Oddity } from "../limits.ts";
import { decodeBase64, decodeQuotedPrintable } from "./transfer.ts";

export interface MimeLeaf {
  /** Lower case, `text/plain` when absent or unreadable. */
  readonly type: string;
  readonly charset: string | null;
  readonly isFlowed: boolean;
  readonly isAttachment: boolean;
  /** As the mail names it: data, never a path. */
  readonly fileName: string | null;
  /** Inside a multipart/alternative, as are its siblings of the same group; null elsewhere. */
  readonly alternativeGroup: number | null;
  readonly bytes: Uint8Array;
}

export interface MimeMail {
  readonly fields: readonly HeaderField[];
  readonly leaves: readonly MimeLeaf[];
  readonly oddities: readonly Oddity[];
}

/** Reads a whole mail. Beyond a limit the rest is one leaf of text, and an oddity says so. */
export function parseMime(bytes: Uint8Array, limits: MailLimits): MimeMail {
  const reader = new MimeReader(bytes, limits);
  const fields = reader.readEntity({ start: 0, end: bytes.length, depth: 0, defaultType: "text/plain", group: null });
  return { fields, leaves: reader.leaves, oddities: reader.oddities };
}

interface Range {
  readonly start: number;
  readonly end: number;
}

interface Entity extends Range {
  readonly depth: number;
  readonly defaultType: string;
  readonly group: number | null;
}

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;

class MimeReader {
  readonly leaves: MimeLeaf[] = [];
  readonly oddities: Oddity[] = [];
  readonly #bytes: Uint8Array;
  readonly #limits: MailLimits;
  /** Offsets of the lines that begin with "--". */
  readonly #dashLines: readonly number[];
  #groups = 0;

  constructor(bytes: Uint8Array, limits: MailLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
    this.#dashLines = findDashLines(bytes);
  }

  readEntity(entity: Entity): readonly HeaderField[] {
    const { start, end, depth } = entity;
    const header = parseHeaderBlock(this.#bytes.subarray(start, end), this.#limits);
    this.oddities.push(...header.oddities);
    const body: Range = { start: start + header.bodyStart, end };
    const content = parseParameters(fieldValue(header.fields, "content-type") ?? entity.defaultType);
    const isMultipart = content.value.startsWith("multipart/");
    if (isMultipart && this.#readMultipart(entity, body, content.parameters.get("boundary") ?? "", content.value))
      return header.fields;
    if (isMultipart && depth >= this.#limits.depthMax)
      this.#note(
        "depth-limit",
        `parts are nested more than ${this.#limits.depthMax} deep; the rest is shown as one text`,
      );
    this.#readLeaf(header.fields, body, { entity, isMultipart });
    return header.fields;
  }

  /** Reads the parts; false when there are none to be read and the body has to stand as one text. */
  #readMultipart(entity: Entity, body: Range, rawBoundary: string, type: string): boolean {
    if (entity.depth >= this.#limits.depthMax) return false;
    const boundary = rawBoundary.trimEnd();
    const parts = boundary === "" ? [] : this.#split(body, boundary);
    if (parts.length === 0) {
      this.#note("boundary-missing", `a ${type} part has no boundary line; its text is shown as it stands`);
      return false;
    }
    const group = type === "multipart/alternative" ? ++this.#groups : entity.group;
    const defaultType = type === "multipart/digest" ? "message/rfc822" : "text/plain";
    // The second part of multipart/signed is the signature: kept in the raw mail only.
    const wanted = type === "multipart/signed" ? parts.slice(0, 1) : parts;
    for (const part of wanted) {
      if (this.leaves.length >= this.#limits.partsMax) {
        this.#note("part-limit", `the mail has more than ${this.#limits.partsMax} parts; the rest was not read`);
        break;
      }
      this.readEntity({ ...part, depth: entity.depth + 1, defaultType, group });
    }
    return true;
  }

  #split(body: Range, boundary: string): Range[] {
    const wanted = new TextEncoder().encode(`--${boundary}`);
    const parts: Range[] = [];
    let partStart: number | null = null;
    for (let i = firstAtLeast(this.#dashLines, body.start); i < this.#dashLines.length; i++) {
      const at = this.#dashLines[i] ?? 0;
      if (at >= body.end) break;
      const delimiter = this.#delimiterAt(at, wanted, body.end);
      if (!delimiter) continue;
      if (partStart !== null) parts.push({ start: partStart, end: this.#beforeLineEnd(partStart, at) });
      partStart = delimiter.isLast ? null : delimiter.end;
      // One more than the limit is enough to know that it was passed.
      if (delimiter.isLast || parts.length > this.#limits.partsMax) return parts;
    }
    if (partStart === null) return parts;
    parts.push({ start: partStart, end: body.end });
    this.#note("boundary-unclosed", "the last part has no closing boundary: the mail may be cut off");
    return parts;
  }

  #delimiterAt(at: number, wanted: Uint8Array, end: number): { readonly end: number; readonly isLast: boolean } | null {
    for (let i = 0; i < wanted.length; i++) if (this.#bytes[at + i] !== wanted[i]) return null;
    let i = at + wanted.length;
    const isLast = this.#bytes[i] === DASH && this.#bytes[i + 1] === DASH;
    if (isLast) i += 2;
    while (i < end && this.#bytes[i] !== LF) {
      const byte = this.#bytes[i];
      if (byte !== 0x20 && byte !== 0x09 && byte !== CR) return null;
      i++;
    }
    return { end: Math.min(i + 1, end), isLast };
  }

  /** The line break before a boundary belongs to the boundary. */
  #beforeLineEnd(start: number, at: number): number {
    let end = at;
    if (end > start && this.#bytes[end - 1] === LF) end--;
    if (end > start && this.#bytes[end - 1] === CR) end--;
    return end;
  }

  #readLeaf(
    fields: readonly HeaderField[],
    body: Range,
    { entity, isMultipart }: { entity: Entity; isMultipart: boolean },
  ): void {
    const content = parseParameters(fieldValue(fields, "content-type") ?? entity.defaultType);
    const disposition = parseParameters(fieldValue(fields, "content-disposition") ?? "");
    const raw = this.#bytes.subarray(body.start, body.end);
    this.leaves.push({
      type: isMultipart || !content.value.includes("/") ? "text/plain" : content.value,
      charset: content.parameters.get("charset") ?? null,
      isFlowed: content.value === "text/plain" && content.parameters.get("format")?.trim().toLowerCase() === "flowed",
      isAttachment: disposition.value === "attachment",
      fileName: disposition.parameters.get("filename") ?? content.parameters.get("name") ?? null,
      alternativeGroup: entity.group,
      bytes: isMultipart ? raw : this.#undoTransfer(raw, fieldValue(fields, "content-transfer-encoding") ?? ""),
    });
  }

  #undoTransfer(raw: Uint8Array, encoding: string): Uint8Array {
    const name = parseParameters(encoding).value;
    if (name === "" || /^(?:[78]-?bits?|binary|none)$/.test(name)) return raw;
    if (name !== "quoted-printable" && name !== "base64") {
      this.#note(
        "transfer-unknown",
        `transfer encoding "${name.slice(0, 40)}" is not known; the text is shown as it stands`,
      );
      return raw;
    }
    const { bytes, damage } = name === "base64" ? decodeBase64(raw) : decodeQuotedPrintable(raw);
    if (damage !== null) this.#note("transfer-damaged", `${name}: ${damage}`);
    return bytes;
  }

  #note(code: Oddity["code"], message: string): void {
    if (!this.oddities.some((oddity) => oddity.code === code && oddity.message === message))
      this.oddities.push({ code, message });
  }
}

function findDashLines(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] === DASH && bytes[at + 1] === DASH) found.push(at);
    const lineEnd = bytes.indexOf(LF, at);
    if (lineEnd === -1) break;
    at = lineEnd + 1;
  }
  return found;
}

/** Index of the first element that is at least `least`, by bisection. */
function firstAtLeast(sorted: readonly number[], least: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
