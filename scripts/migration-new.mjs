// node scripts/migration-new.mjs NAME: writes prisma/migrations/NNNN_NAME/migration.sql, from the migrations so far to
// prisma/schema.prisma. Read it before you commit it; once it is on main it is never edited again.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diffMigrationsToSchema } from "./schema-engine.mjs";
import { withScratchServer } from "./scratch-server.mjs";

const root = join(import.meta.dirname, "..");
const name = process.argv[2];
if (!name || !/^[a-z][a-z0-9_]*$/.test(name)) {
  console.error("Usage: node scripts/migration-new.mjs NAME   (lower case letters, digits, _)");
  process.exit(64);
}

const { sql, isEmpty } = await withScratchServer(root, (scratchAdminUrl) =>
  diffMigrationsToSchema({ root, scratchAdminUrl }),
);
if (isEmpty) {
  console.log("The migrations already make what prisma/schema.prisma says: nothing was written.");
} else {
  const directory = join(root, "prisma/migrations");
  const past = readdirSync(directory).filter((entry) => /^\d{4}_/.test(entry));
  const folder = `${String(past.length + 1).padStart(4, "0")}_${name}`;
  mkdirSync(join(directory, folder));
  writeFileSync(join(directory, folder, "migration.sql"), sql);
  console.log(`prisma/migrations/${folder}/migration.sql`);
}
