import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { environment } from "#lib/env.server.ts";

/** A migrated, empty database that belongs to one test file. */
export type TestDatabase = {
  /** As the app role, what `db()` uses. */
  readonly url: string;
  /** As the owner. */
  readonly ownerUrl: string;
  /** As the server's administrator. */
  readonly adminUrl: string;
  readonly name: string;
};

/**
 * Makes a database of its own for the calling test file, by template (about 50 ms), and points DATABASE_URL and
 * DATABASE_OWNER_URL of this process at it, so that `db()` of lib/db connects there. Call it once a file, in beforeAll
 * or at the top: modules of lib may be imported before, they read the environment on first use.
 */
export async function freshDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const admin = new pg.Client({ connectionString: inject("databaseAdminUrl") });
  await admin.connect();
  try {
    await admin.query(`create database ${name} template hunkbook owner hunkbook_owner`);
    await admin.query(`grant connect on database ${name} to hunkbook_app`);
  } finally {
    await admin.end();
  }
  const made: TestDatabase = {
    url: withDatabase(inject("databaseUrl"), name),
    ownerUrl: withDatabase(inject("databaseOwnerUrl"), name),
    adminUrl: withDatabase(inject("databaseAdminUrl"), name),
    name,
  };
  process.env.DATABASE_URL = made.url;
  process.env.DATABASE_OWNER_URL = made.ownerUrl;
  if (environment().DATABASE_URL !== made.url)
    throw new Error("freshDatabase() must be called once a test file, before anything reads the environment.");
  return made;
}

/** The same server and role, another database. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
