/** What the run tests share: a built engine, a database, a person, a small notebook. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { db } from "#lib/db/client.server.ts";
import { ensureKnownPersons } from "#lib/people/known.server.ts";
import type { Viewer } from "#lib/people/viewer.ts";

const root = join(import.meta.dirname, "../..");

/** The engine must be built: results are named by its digest. */
export function requireEngine(): void {
  if (existsSync(join(root, "dist/engine.json")) && existsSync(join(root, "dist/child.mjs"))) return;
  throw new Error("dist/ is not built; `npm test` builds it, by hand it is `npm run build`");
}

/** A signed-in person. */
export async function makePerson(displayName: string): Promise<Extract<Viewer, { kind: "person" }>> {
  await ensureKnownPersons();
  const { id } = await db().person.create({ data: { displayName }, select: { id: true } });
  return { kind: "person", personId: id, displayName, isOperator: false };
}

/**
 * A notebook with one scenario: two tasks add to a counter under a lock, or without it in the variant `bare`.
 *
 * @param salt makes its run keys its own
 */
export function counterNotebook(salt: string): string {
  return `# Two tasks count

\`\`\`hunkbook
format: hunkbook/1
lang: scn/1
\`\`\`

\`\`\`variant
locked = LOCKED=1
bare = LOCKED=0
\`\`\`

\`\`\`scn #count
//| races: off
// ${salt}
spinlock_t l;
int counter;
task adder[2] {
	int seen;
	if (LOCKED)
		spin_lock(&l);
	seen = READ_ONCE(counter);
	WRITE_ONCE(counter, seen + 1);
	if (LOCKED)
		spin_unlock(&l);
}
finally(counter == 2);
\`\`\`

\`\`\`run #race
check locked bare
\`\`\`
`;
}

/** A notebook whose search goes on until its bound, some seconds at least. */
export function longNotebook(salt: string): string {
  return `# A long search

\`\`\`hunkbook
format: hunkbook/1
lang: scn/1
\`\`\`

\`\`\`scn #long
//| races: off
// ${salt}
unsigned int cell[6];
task walker[6] {
	forever {
		WRITE_ONCE(cell[me], READ_ONCE(cell[me]) + 1);
	}
}
\`\`\`

\`\`\`run #search
check base
limit states=400e6 memory=900m time=60s
\`\`\`
`;
}
