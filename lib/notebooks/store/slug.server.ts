/** Free slugs. */
import { randomBytes } from "node:crypto";
import type { Transaction } from "../../db/client.server.ts";
import { base32 } from "../../hash.ts";
import type { Visibility } from "../../people/permissions.ts";
import { slugOf } from "../slug.ts";

/** Names the advisory lock under which slugs are given out one at a time, so that no two writers choose the same. */
const slugLock = 727_073_73;

/**
 * A free slug for the rest of this transaction: the wish itself, or null when it is taken; without a wish a readable one
 * made from the title for a public notebook, and one with 80 random bits for a notebook that is seen by its link only or
 * not at all, so that nothing about it can be guessed.
 */
export async function chooseSlug(
  transaction: Transaction,
  notebook: { readonly title: string; readonly visibility: Visibility; readonly wish: string | null },
): Promise<string | null> {
  await transaction.$executeRaw`select pg_advisory_xact_lock(${slugLock}::bigint)`;
  const plain = notebook.wish ?? slugOf(notebook.title);
  if (notebook.wish === null && notebook.visibility !== "public") return `${plain}-${randomPart(10)}`;
  const numbered = Array.from({ length: 98 }, (_, index) => `${plain}-${index + 2}`);
  const rows = await transaction.notebook.findMany({
    where: { slug: { in: [plain, ...numbered] } },
    select: { slug: true },
  });
  const taken = new Set(rows.map((row) => row.slug));
  if (!taken.has(plain)) return plain;
  if (notebook.wish !== null) return null;
  const free = numbered.find((slug) => !taken.has(slug));
  return free ?? `${plain}-${randomPart(5)}`;
}

function randomPart(bytes: number): string {
  return base32(randomBytes(bytes)).toLowerCase();
}
