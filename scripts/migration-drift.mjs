// node scripts/migration-drift.mjs: exit code 2 and the missing SQL when prisma/schema.prisma and the migrations disagree.
import { join } from "node:path";
import { diffMigrationsToSchema } from "./schema-engine.mjs";
import { withScratchServer } from "./scratch-server.mjs";

const root = join(import.meta.dirname, "..");
const { sql, isEmpty } = await withScratchServer(root, (scratchAdminUrl) =>
  diffMigrationsToSchema({ root, scratchAdminUrl }),
);
if (!isEmpty) {
  console.error(`The migrations do not make what prisma/schema.prisma says. Missing:\n${sql}`);
  console.error("Write it with: node scripts/migration-new.mjs NAME");
  process.exitCode = 2;
}
