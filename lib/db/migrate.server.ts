import { createHash, randomUUID } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import PgBoss from "pg-boss";
import { grantToApp } from "./roles.server.ts";
import { runLanes } from "./run-lanes.ts";

/** The lock id of Prisma's own schema engine: ours and Prisma's tools never migrate at the same time. */
const advisoryLockId = 72707369;

/** A history that cannot be continued; the text says which migration and what to do. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

/**
 * Brings a database to this program's schema: applies the missing migrations in the order of their names, each in one
 * transaction, then the queue's schema, then the app role's grants. Any number of processes may do this at once: one
 * works, the others wait for it and find nothing left to do.
 *
 * The history is kept in Prisma's table and form, so that Prisma's tools read it.
 *
 * @param options.directory the folder prisma/migrations
 * @param options.appUser role that gets rights on rows only; null when there is a single role for everything
 * @returns names of the migrations applied by this call
 * @throws MigrationError when a migration that was applied is not the one in the folder
 */
export async function migrate(options: {
  ownerUrl: string;
  appUser: string | null;
  directory: string;
}): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: options.ownerUrl });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [advisoryLockId]);
    const applied = await applyMissing(client, readMigrations(options.directory));
    await ensureQueue(options.ownerUrl);
    if (options.appUser !== null) await grantToApp(client, options.appUser);
    return applied;
  } finally {
    // Ends the session and with it the lock.
    await client.end();
  }
}

export type Migration = { readonly name: string; readonly sql: string; readonly checksum: string };

/** The migrations of a folder in the order of their names. */
export function readMigrations(directory: string): readonly Migration[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, "migration.sql")))
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(directory, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}

const historyTable = `create table if not exists _prisma_migrations (
  id varchar(36) primary key not null, checksum varchar(64) not null, finished_at timestamptz,
  migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
  started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`;

type HistoryRow = { readonly migration_name: string; readonly checksum: string; readonly finished_at: Date | null };

async function applyMissing(client: pg.Client, migrations: readonly Migration[]): Promise<string[]> {
  // IF NOT EXISTS would print a notice at every start.
  const table = await client.query("select to_regclass('_prisma_migrations') as found");
  if (table.rows[0].found === null) await client.query(historyTable);
  const history = await client.query<HistoryRow>(
    "select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null",
  );
  checkHistory(history.rows, migrations);
  const done = new Set(history.rows.map((row) => row.migration_name));
  const missing = migrations.filter((migration) => !done.has(migration.name));
  for (const migration of missing) await applyOne(client, migration);
  return missing.map((migration) => migration.name);
}

/** Refuses to build on a past that is not the one this program knows. */
function checkHistory(history: readonly HistoryRow[], migrations: readonly Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const row of history) {
    const migration = known.get(row.migration_name);
    if (!migration)
      throw new MigrationError(
        `The database has the migration ${row.migration_name}, which this program does not know: it was used by a newer ` +
          `version. Start that version, or give this one another database (HUNKBOOK_HOME or DATABASE_URL).`,
      );
    if (row.finished_at === null)
      throw new MigrationError(
        `The migration ${row.migration_name} was begun by another tool and never finished. ` +
          `Repair the database, then remove its row from _prisma_migrations.`,
      );
    if (row.checksum !== migration.checksum)
      throw new MigrationError(
        `The file prisma/migrations/${row.migration_name}/migration.sql was edited after it was applied to this database. ` +
          `Restore the file and put the change into a new migration (node scripts/migration-new.mjs NAME).`,
      );
  }
}

async function applyOne(client: pg.Client, migration: Migration): Promise<void> {
  await client.query("begin");
  try {
    await client.query(migration.sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       values ($1, $2, $3, now(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`The migration ${migration.name} failed and left nothing behind: ${reason}`, {
      cause: error,
    });
  }
}

/** The queue's tables are made by its library, as the owner; the web and the worker run it with migrate: false. */
async function ensureQueue(ownerUrl: string): Promise<void> {
  const boss = new PgBoss({ connectionString: ownerUrl, max: 1, supervise: false, schedule: false });
  const failures: unknown[] = [];
  boss.on("error", (error) => failures.push(error));
  await boss.start();
  try {
    for (const lane of runLanes) if (!(await boss.getQueue(lane))) await boss.createQueue(lane);
  } finally {
    await boss.stop({ graceful: false });
  }
  if (failures[0]) throw new MigrationError("The queue's tables could not be made", { cause: failures[0] });
}
