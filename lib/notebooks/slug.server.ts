/** Free slugs. */
import { randomBytes } from "node:crypto";
import type { Transaction } from "../db/client.server.ts";
import { base32 } from "../hash.ts";
import type { Visibility } from "../people/permissions.ts";
import { slugOf } from "./slug.ts";

/**
 * A slug for a title: readable and free for a public notebook; with 80 random bits for one that is seen by its link only
 * or not at all, so that nothing about it can be guessed.
 */
export async function chooseSlug(
  transaction: Transaction,
  notebook: { readonly title: string; readonly visibility: Visibility },
): Promise<string> {
  const plain = slugOf(notebook.title);
  if (notebook.visibility !== "public") return `${plain}-${base32(randomBytes(10)).toLowerCase()}`;
  const rows = await transaction.notebook.findMany({
    where: { slug: { startsWith: plain } },
    select: { slug: true },
    take: 1_000,
  });
  const taken = new Set(rows.map((row) => row.slug));
  if (!taken.has(plain)) return plain;
  for (let number = 2; number <= taken.size + 1; number += 1) {
    if (!taken.has(`${plain}-${number}`)) return `${plain}-${number}`;
  }
  return `${plain}-${base32(randomBytes(5)).toLowerCase()}`;
}
