/**
 * Mails and threads as plain text: what a page serves at the same address with .txt, and what people quote. A mail's text is
 * never folded, trimmed or re-indented; only control characters that a terminal would obey are made visible.
 */
import type { ThreadNode } from "./thread.ts";

export interface TextMail {
  readonly messageId: string;
  readonly fromName: string;
  readonly fromAddress: string;
  readonly toText: string;
  readonly ccText: string;
  readonly subject: string;
  /** The Date field as sent; when it was missing, the clamped instant. */
  readonly sentHeader: string;
  readonly sentAtMs: number;
  readonly body: string;
  readonly oddities: readonly { readonly code: string; readonly message: string }[];
}

/** One mail: the fields that a reader needs, a blank line, the text. Oddities stand between, so that nobody misses them. */
export function renderMail(mail: TextMail): string {
  const fields = [
    ["From", sender(mail)],
    ["To", mail.toText],
    ["Cc", mail.ccText],
    ["Subject", mail.subject],
    ["Date", mail.sentHeader === "" ? `${isoMinute(mail.sentAtMs)} (not in the mail)` : mail.sentHeader],
    ["Message-ID", `<${mail.messageId}>`],
    ...mail.oddities.map(({ code, message }) => ["X-Oddity", `${code}: ${message}`]),
  ];
  const head = fields.filter(([, value]) => value !== "").map(([name, value]) => `${name}: ${visible(value ?? "")}`);
  return `${head.join("\n")}\n\n${visible(mail.body)}`;
}

/**
 * A thread: its tree, one line a mail, then every mail below its own rule. Ghosts stand in the tree as "not imported".
 *
 * @param nodes in reading order, parents first
 */
export function renderThread(nodes: readonly ThreadNode[], mails: ReadonlyMap<string, TextMail>): string {
  const tree = renderTree(nodes, mails);
  const parts = nodes.flatMap((node, i) => {
    const mail = mails.get(node.messageId);
    return mail ? [`${ruler(i + 1, nodes.length)}\n${renderMail(mail)}`] : [];
  });
  return [tree, ...parts].join("\n");
}

const DEPTH_SHOWN_MAX = 12;
const NAME_WIDTH = 20;

/** `  1 2026-01-12 09:00 Ada Example           [PATCH 0/3] ...`, indented by depth. */
export function renderTree(nodes: readonly ThreadNode[], mails: ReadonlyMap<string, TextMail>): string {
  const depths = new Map<string, number>();
  const numberWidth = String(nodes.length).length;
  let above = "";
  const lines = nodes.map((node, i) => {
    const depth = node.parent === null ? 0 : (depths.get(node.parent) ?? 0) + 1;
    depths.set(node.messageId, depth);
    const number = String(i + 1).padStart(numberWidth);
    const indent = "  ".repeat(Math.min(depth, DEPTH_SHOWN_MAX));
    const mail = mails.get(node.messageId);
    if (!mail) return `${number} ${"-".repeat(16)} ${indent}not imported: <${visible(node.messageId)}>`;
    const name = visible(mail.fromName || mail.fromAddress)
      .slice(0, NAME_WIDTH)
      .padEnd(NAME_WIDTH);
    // A reply to the same subject repeats it for nobody's benefit.
    const subject = bare(mail.subject) === bare(above) ? '"' : visible(mail.subject);
    above = mail.subject;
    return `${number} ${isoMinute(mail.sentAtMs)} ${name} ${indent}${subject}`;
  });
  return `${lines.join("\n")}\n`;
}

function ruler(number: number, count: number): string {
  const label = ` ${number} of ${count} `;
  return `${"=".repeat(4)}${label}${"=".repeat(Math.max(4, 68 - label.length))}`;
}

function sender({ fromName, fromAddress }: TextMail): string {
  if (fromName === "") return fromAddress;
  return fromAddress === "" ? fromName : `${fromName} <${fromAddress}>`;
}

function bare(subject: string): string {
  return subject.replace(/^(?:re|fwd?|aw|sv)\s*:\s*/i, "");
}

/** UTC to the minute, in the order that sorts. */
function isoMinute(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 16).replace("T", " ");
}

/** Escapes C0 but tab and LF, DEL and C1: a terminal must not obey a mail. Other text stays as it is. */
function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
