/** Names of notebooks in URLs. */

/** First parts of paths under /n/ that pages use. */
const reservedSlugs = new Set(["new", "edit", "import"]);
const slugUnitsMax = 60;

/** `May MOVE drop the anon_vma lock?` -> `may-move-drop-the-anon-vma-lock`. Letters outside of a-z lose their marks or go. */
export function slugOf(title: string): string {
  const plain = title
    .slice(0, 400)
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim()
    .replace(/ /g, "-");
  const slug = plain.length <= slugUnitsMax ? plain : cutAtWord(plain);
  if (slug === "") return "notebook";
  return reservedSlugs.has(slug) ? `notebook-${slug}` : slug;
}

function cutAtWord(plain: string): string {
  const cut = plain.slice(0, slugUnitsMax + 1);
  const at = cut.lastIndexOf("-");
  return at > 20 ? cut.slice(0, at) : plain.slice(0, slugUnitsMax);
}

/** Whether a person may choose this slug. */
export function isSlug(text: string): boolean {
  return /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) && text.length <= slugUnitsMax + 30 && !reservedSlugs.has(text);
}
