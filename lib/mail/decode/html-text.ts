/**
 * HTML to readable text, for mails that have nothing else. One pass, no tree; the result is flagged and its white space is
 * never trusted. What it leaves out (styles, scripts, images, links' targets) stays in the raw mail.
 */
const SILENT = new Set(["style", "script", "head", "title", "template", "noscript", "svg", "math"]);
const BREAKS = new Set([
  "br",
  "p",
  "div",
  "tr",
  "li",
  "ul",
  "ol",
  "table",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "hr",
  "pre",
  "section",
  "article",
  "header",
  "footer",
  "dl",
  "dt",
  "dd",
]);
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  copy: "©",
  reg: "®",
  hellip: "…",
  mdash: "—",
  ndash: "–",
  lsquo: "‘",
  rsquo: "’",
  ldquo: "“",
  rdquo: "”",
  laquo: "«",
  raquo: "»",
  euro: "€",
  middot: "·",
  bull: "•",
  auml: "ä",
  ouml: "ö",
  uuml: "ü",
  Auml: "Ä",
  Ouml: "Ö",
  Uuml: "Ü",
  szlig: "ß",
  eacute: "é",
  egrave: "è",
  agrave: "à",
  ccedil: "ç",
  zwnj: "",
  zwj: "",
  shy: "",
};

/** The text of an HTML part: blocks become lines, `pre` keeps its blanks, quoted mails (`blockquote`) get `> `. */
export function htmlToText(html: string): string {
  const writer = new TextWriter();
  let silentUntil: string | null = null;
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    const textEnd = open === -1 ? html.length : open;
    if (silentUntil === null && textEnd > at) writer.text(decodeEntities(html.slice(at, textEnd)));
    if (open === -1) break;
    const tag = readTag(html, open);
    if (!tag) {
      if (silentUntil === null) writer.text("<");
      at = open + 1;
      continue;
    }
    at = tag.end;
    if (silentUntil !== null) {
      if (tag.isEnd && tag.name === silentUntil) silentUntil = null;
    } else if (SILENT.has(tag.name) && !tag.isEnd) silentUntil = tag.name;
    else writer.tag(tag.name, tag.isEnd ? "end" : "start");
  }
  return writer.finish();
}

interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
  readonly end: number;
}

function readTag(html: string, open: number): Tag | null {
  if (html.startsWith("<!--", open)) {
    const close = html.indexOf("-->", open + 4);
    return { name: "!--", isEnd: false, end: close === -1 ? html.length : close + 3 };
  }
  const name = /^<(\/?)([a-zA-Z!?][a-zA-Z0-9:-]{0,40})/.exec(html.slice(open, open + 48));
  if (!name) return null;
  const close = html.indexOf(">", open);
  return { name: (name[2] ?? "").toLowerCase(), isEnd: name[1] === "/", end: close === -1 ? html.length : close + 1 };
}

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));?/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
        ? String.fromCodePoint(code)
        : "\ufffd";
    },
  );
}

const QUOTE_DEPTH_MAX = 20;

class TextWriter {
  readonly #lines: string[] = [];
  #line = "";
  #preDepth = 0;
  #quoteDepth = 0;

  text(text: string): void {
    if (this.#preDepth > 0) {
      const [first = "", ...rest] = text.split("\n");
      this.#line += first;
      for (const line of rest) {
        this.#break();
        this.#line = line;
      }
      return;
    }
    const collapsed = text.replace(/[ \t\r\n\f]+/g, " ");
    this.#line += this.#line === "" || this.#line.endsWith(" ") ? collapsed.replace(/^ /, "") : collapsed;
  }

  tag(name: string, edge: "start" | "end"): void {
    const isBlock = BREAKS.has(name) || name === "blockquote";
    if (name === "br" || (isBlock && this.#line.trim() !== "")) this.#break();
    if (name === "p" && edge === "end" && this.#lines.at(-1) !== "") this.#lines.push("");
    const step = edge === "start" ? 1 : -1;
    if (name === "pre") this.#preDepth = Math.max(0, this.#preDepth + step);
    if (name === "blockquote") this.#quoteDepth = Math.min(QUOTE_DEPTH_MAX, Math.max(0, this.#quoteDepth + step));
  }

  finish(): string {
    if (this.#line.trim() !== "") this.#break();
    while (this.#lines.at(-1) === "") this.#lines.pop();
    return this.#lines.length === 0 ? "" : `${this.#lines.join("\n")}\n`;
  }

  #break(): void {
    const text = this.#preDepth > 0 ? this.#line : this.#line.trimEnd();
    this.#lines.push(this.#quoteDepth === 0 ? text : `${"> ".repeat(this.#quoteDepth)}${text}`);
    this.#line = "";
  }
}
