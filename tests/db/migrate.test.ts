import { cpSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { migrate, readMigrations } from "#lib/db/migrate.server.ts";
import { db } from "#lib/db/client.server.ts";
import { freshDatabase, type TestDatabase, withDatabase } from "./database.ts";

const directory = resolve(import.meta.dirname, "../../prisma/migrations");
const names = readMigrations(directory).map((migration) => migration.name);

async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function emptyDatabase(): Promise<string> {
  const name = `empty_${randomUUID().replaceAll("-", "")}`;
  await query(inject("databaseAdminUrl"), `create database ${name} owner hunkbook_owner`);
  return withDatabase(inject("databaseOwnerUrl"), name);
}

describe("migrations", () => {
  const scratch = mkdtempSync(join(tmpdir(), "hunkbook-migrations-"));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it("are applied exactly once when five runners start at the same moment", async () => {
    const ownerUrl = await emptyDatabase();
    const runners = Array.from({ length: 5 }, () => migrate({ ownerUrl, appUser: "hunkbook_app", directory }));
    const applied = await Promise.all(runners);
    expect(applied.flat()).toEqual(names);
    const rows = await query<{ migration_name: string; finished: boolean }>(
      ownerUrl,
      "select migration_name, finished_at is not null as finished from _prisma_migrations order by 1",
    );
    expect(rows).toEqual(names.map((name) => ({ migration_name: name, finished: true })));
  });

  it("refuse a file that was edited after it was applied, and name it", async () => {
    const ownerUrl = await emptyDatabase();
    const edited = join(scratch, "edited");
    cpSync(directory, edited, { recursive: true });
    await migrate({ ownerUrl, appUser: null, directory: edited });
    const file = join(edited, names[0]!, "migration.sql");
    writeFileSync(file, `${readFileSync(file, "utf8")}\n-- edited\n`);
    await expect(migrate({ ownerUrl, appUser: null, directory: edited })).rejects.toThrow(
      `prisma/migrations/${names[0]}/migration.sql was edited after it was applied`,
    );
  });

  it("refuse a database that a newer version has used", async () => {
    const ownerUrl = await emptyDatabase();
    const newer = join(scratch, "newer");
    cpSync(directory, newer, { recursive: true });
    mkdirSync(join(newer, "9999_later"));
    writeFileSync(join(newer, "9999_later/migration.sql"), "create table later (id int);");
    await migrate({ ownerUrl, appUser: null, directory: newer });
    await expect(migrate({ ownerUrl, appUser: null, directory })).rejects.toThrow(
      "9999_later, which this program does not know",
    );
  });

  it("leave nothing of a migration that fails half way", async () => {
    const ownerUrl = await emptyDatabase();
    const failing = join(scratch, "failing");
    cpSync(directory, failing, { recursive: true });
    mkdirSync(join(failing, "9999_failing"));
    writeFileSync(join(failing, "9999_failing/migration.sql"), "create table half (id int); select 1/0;");
    await expect(migrate({ ownerUrl, appUser: null, directory: failing })).rejects.toThrow(
      "9999_failing failed and left nothing",
    );
    expect(await query(ownerUrl, "select to_regclass('half') as found")).toEqual([{ found: null }]);
    writeFileSync(join(failing, "9999_failing/migration.sql"), "create table half (id int);");
    expect(await migrate({ ownerUrl, appUser: null, directory: failing })).toEqual(["9999_failing"]);
  });
});

describe("the app role", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });

  it("writes events and can neither change nor delete them", async () => {
    await db().event.create({ data: { kind: "test", subject: "subject", detail: {} } });
    expect(await db().event.count()).toBe(1);
    for (const sql of ["update event set kind = 'other'", "delete from event", "truncate event"])
      await expect(query(database.url, sql)).rejects.toThrow("permission denied for table event");
    expect(await db().event.count()).toBe(1);
  });

  it("has no way to change the schema or its history", async () => {
    await expect(query(database.url, "create table mine (id int)")).rejects.toThrow(
      "permission denied for schema public",
    );
    await expect(query(database.url, "drop table event")).rejects.toThrow("must be owner of table event");
    await expect(query(database.url, "delete from _prisma_migrations")).rejects.toThrow("permission denied");
  });

  it("reads and writes every other table, and the queue's partition", async () => {
    const tables = await query<{ name: string }>(
      database.ownerUrl,
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'pgboss')
       and tablename not in ('event', '_prisma_migrations')`,
    );
    expect(tables.length).toBeGreaterThan(35);
    for (const { name } of tables) {
      const [rights] = await query(
        database.url,
        `select has_table_privilege('${name}', 'select') and has_table_privilege('${name}', 'insert')
         and has_table_privilege('${name}', 'update') and has_table_privilege('${name}', 'delete') as all`,
      );
      expect({ name, ...rights }).toEqual({ name, all: true });
    }
  });
});

describe("a fresh test database", () => {
  it("is empty although another one was filled", async () => {
    expect(await query(inject("databaseUrl"), "select count(*)::int as events from event")).toEqual([{ events: 0 }]);
  });
});
