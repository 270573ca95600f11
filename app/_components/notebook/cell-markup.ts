/** Prose and source of a notebook as markup. Every source line has an address, `#L33`, which traces and diagnostics name. */
import type { Piece } from "#lib/editor/highlight.server.ts";
import { renderProse } from "#lib/notebooks/markdown.ts";
import { fromSanitiser, markup, text, withVisibleTokens, type Markup } from "../ui/markup.ts";

export function proseMarkup(markdown: string): Markup {
  return fromSanitiser(renderProse(withVisibleTokens(markdown)));
}

/** @param firstLine line of the file on which the first of these lines stands */
export function sourceMarkup(lines: readonly (readonly Piece[])[], firstLine: number): Markup {
  const rows = lines.map(
    (line, at) => markup`<span class="ln" id="L${firstLine + at}">${line.map(pieceMarkup)}${"\n"}</span>`,
  );
  return markup`<pre class="source-lines" style="counter-reset:line ${firstLine - 1}">${rows}</pre>`;
}

/** Source that is not highlighted. */
export function plainLines(source: string): readonly (readonly Piece[])[] {
  return source
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => [{ text: line, kind: "" }]);
}

function pieceMarkup(piece: Piece): Markup {
  return piece.kind === "" ? text(piece.text) : markup`<i class="${piece.kind}">${text(piece.text)}</i>`;
}
