/**
 * Markup crosses to the browser twice: as HTML, and as the copy that React hydrates from. In the copy every `<` and `"`
 * is written as six characters, so a patch of 2,000 lines would pass 400 kB. Here the fragments that rows are made of
 * become one private character each; measured in docs/decisions/0060.
 */

/** Longest first: a fragment must not eat the beginning of a longer one. */
const fragments: readonly string[] = [
  '<span class="ln" id="L',
  "<tr class=c><td>",
  "<tr class=a><td><td>",
  "<tr class=d><td>",
  '<i class="',
  "</span>",
  "&#34;",
  "&#39;",
  "&amp;",
  "&lt;",
  "&gt;",
  "</i>",
  "<td>",
  "</b>",
  "<b>",
  "</a>",
  '">',
  '="',
  "<",
  ">",
  '"',
];
const firstCode = 0xe000;
const codeOf = new Map(fragments.map((fragment, at) => [fragment, String.fromCharCode(firstCode + at)]));
const fragmentPattern = new RegExp(
  fragments.map((fragment) => fragment.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"),
  "g",
);
const codePattern = new RegExp(
  `[${codeOf.get(fragments[0] ?? "") ?? ""}-${String.fromCharCode(firstCode + fragments.length - 1)}]`,
  "g",
);

/** The same markup in fewer bytes. A private character that the text itself holds is kept, as a character reference. */
export function packMarkup(html: string): string {
  return html
    .replace(codePattern, (character) => `&#${character.charCodeAt(0)};`)
    .replace(fragmentPattern, (fragment) => codeOf.get(fragment) ?? fragment);
}

/** The markup again; `unpackMarkup(packMarkup(html))` draws what `html` draws. */
export function unpackMarkup(packed: string): string {
  return packed.replace(codePattern, (code) => fragments[code.charCodeAt(0) - firstCode] ?? "");
}
