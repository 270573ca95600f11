/**
 * HTML as a value. Long text (mail, diffs, traces) is written as one string, because as JSX rows its copy for hydration
 * triples the page (docs/decisions/0060). Everything that is put into a template is escaped, unless it is Markup itself.
 * (The tag is not called html: formatters lay such templates out, and white space counts in mail.)
 */
export class Markup {
  readonly html: string;
  constructor(html: string, made: typeof madeHere) {
    if (made !== madeHere) throw new Error("Markup comes from the html template only.");
    this.html = html;
  }
}

const madeHere = Symbol("made by the html template");

type Part = string | number | Markup | readonly Markup[];

/** `html\`<b>${text}</b>\``: the text is escaped. */
export function markup(fragments: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let out = fragments[0] ?? "";
  for (let i = 0; i < parts.length; i++) out += partHtml(parts[i] ?? "") + (fragments[i + 1] ?? "");
  return new Markup(out, madeHere);
}

/** Text as Markup, with what a reader could not see made visible. */
export function text(value: string): Markup {
  return new Markup(markInvisible(escapeHtml(value)), madeHere);
}

/** HTML that a sanitiser wrote. Only lib/notebooks/markdown.ts does; whoever calls this vouches for it. */
export function fromSanitiser(html: string): Markup {
  return new Markup(html, madeHere);
}

/** The same tokens in plain text, for text that goes on to Markdown. */
export function withVisibleTokens(value: string): string {
  return value.replace(invisible, (character) => codePointName(character));
}

export const nothing: Markup = markup``;

function partHtml(part: Part): string {
  if (part instanceof Markup) return part.html;
  if (typeof part === "object") return part.map((item) => item.html).join("");
  return escapeHtml(String(part));
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

/**
 * Controls, direction marks and invisible characters as tokens that can be seen: a diff must not read otherwise than it
 * compiles ("Trojan Source", CVE-2021-42574). Tab and LF stay.
 */
const invisible =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

function markInvisible(escaped: string): string {
  return escaped.replace(invisible, (character) => {
    const name = codePointName(character);
    return `<span class="tok" title="${name}, an invisible character">${name}</span>`;
  });
}

function codePointName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
