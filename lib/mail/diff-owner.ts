/**
 * Whose diff it is (mail-and-patches.md 5.6): the author of the quote depth at which it stands, who is seldom the author of
 * the mail. The attribution above the quote decides; without one, the ancestor that many steps up.
 */
import type { Attribution } from "./quotes/quotes.ts";

/** One step from a mail to its thread's root. */
export interface ChainLink {
  readonly messageId: string;
  /** Null for a ghost: it counts as a step, and nothing else is known of it. */
  readonly mail: { readonly fromName: string; readonly fromAddress: string; readonly body: string } | null;
}

export interface DiffOwner {
  /** As written; "" when nobody is named. */
  readonly name: string;
  /** "" when unknown. */
  readonly address: string;
}

/** The owner of a diff at `depth` (0 = the mail's own text) that begins on body line `line`. */
export function ownerOfDiff({
  depth,
  line,
  author,
  attributions,
  chain,
}: {
  readonly depth: number;
  readonly line: number;
  readonly author: DiffOwner;
  readonly attributions: readonly Attribution[];
  readonly chain: readonly ChainLink[];
}): DiffOwner {
  if (depth === 0) return author;
  const attribution = attributions.findLast((candidate) => candidate.depth === depth && candidate.lineEnd <= line);
  if (attribution && (attribution.address !== "" || attribution.name !== ""))
    return resolve(attribution, { depth, chain });
  const ancestor = chain[depth - 1]?.mail;
  return ancestor ? { name: ancestor.fromName, address: ancestor.fromAddress } : { name: "", address: "" };
}

/** An attribution often gives a name alone: the ancestor of that name gives the address. */
function resolve(
  attribution: Attribution,
  { depth, chain }: { depth: number; chain: readonly ChainLink[] },
): DiffOwner {
  const isSame = (link: ChainLink | undefined): boolean => {
    if (!link?.mail) return false;
    if (attribution.address !== "") return link.mail.fromAddress.toLowerCase() === attribution.address.toLowerCase();
    return nameKey(link.mail.fromName) === nameKey(attribution.name);
  };
  const expected = chain[depth - 1];
  const match = isSame(expected) ? expected : chain.find(isSame);
  if (match?.mail) return { name: match.mail.fromName, address: match.mail.fromAddress };
  return { name: attribution.name, address: attribution.address };
}

/** "Example, Ada" and "Ada Example" are one name. */
function nameKey(name: string): string {
  const words = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .split(" ");
  return words.sort().join(" ");
}
