// Prisma's schema engine as WebAssembly: the only part of `prisma migrate` that works without downloading a binary.
// A development tool: it writes and checks migration SQL. Applying it is lib/db/migrate.server.ts.
import { randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import pg from "pg";

/**
 * SQL that leads from what the migrations make to what schema.prisma says.
 *
 * The migrations are replayed in databases of their own in the scratch server, dropped afterwards. The adapter's stock
 * shadow database must not be used: with a connection string it replays into the database it is connected to.
 *
 * @returns {Promise<{ sql: string, isEmpty: boolean }>}
 */
export async function diffMigrationsToSchema({ root, scratchAdminUrl }) {
  const engine = await loadEngine(root, new ScratchFactory(scratchAdminUrl));
  try {
    const diff = await engine.diff({
      from: { tag: "migrations", ...migrationList(root) },
      to: { tag: "schemaDatamodel", files: [schemaFile(root)] },
      script: true,
      exitCode: true,
      shadowDatabaseUrl: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    return { sql: diff.stdout ?? "", isEmpty: diff.exitCode !== 2 };
  } finally {
    engine.free();
  }
}

async function loadEngine(root, factory) {
  const folder = dirname(createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm"));
  const glue = await import(pathToFileURL(join(folder, "schema_engine_bg.js")).href);
  const { instance } = await WebAssembly.instantiate(readFileSync(join(folder, "schema_engine_bg.wasm")), {
    "./schema_engine_bg.js": glue,
  });
  // The engine reports a panic of its own here before it traps.
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) };
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  const { path, content } = schemaFile(root);
  return glue.SchemaEngine.new(
    { datamodels: [[path, content]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(factory),
  );
}

function schemaFile(root) {
  const path = "prisma/schema.prisma";
  return { path, content: readFileSync(join(root, path), "utf8") };
}

function migrationList(root) {
  const baseDir = join(root, "prisma/migrations");
  const names = readdirSync(baseDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return {
    baseDir,
    shadowDbInitScript: "",
    lockfile: {
      path: "migration_lock.toml",
      content: readFileSync(join(baseDir, "migration_lock.toml"), "utf8"),
    },
    migrationDirectories: names.map((name) => ({
      path: name,
      migrationFile: {
        path: "migration.sql",
        content: { tag: "ok", value: readFileSync(join(baseDir, name, "migration.sql"), "utf8") },
      },
    })),
  };
}

/** Every connection, main or shadow, is a fresh empty database. */
class ScratchFactory extends PrismaPg {
  #adminUrl;

  constructor(adminUrl) {
    super({ connectionString: adminUrl });
    this.#adminUrl = adminUrl;
  }

  async connectToShadowDb() {
    const database = `scratch_${randomUUID().replaceAll("-", "")}`;
    await runOnce(this.#adminUrl, `create database ${database}`);
    const url = new URL(this.#adminUrl);
    url.pathname = `/${database}`;
    const connection = await new PrismaPg({ connectionString: url.href }).connect();
    const stock = connection.queryRaw;
    connection.queryRaw = (query) => queryWithCharColumns(connection, stock, query);
    const dispose = connection.dispose.bind(connection);
    connection.dispose = async () => {
      await dispose();
      await runOnce(this.#adminUrl, `drop database ${database} with (force)`);
    };
    return connection;
  }
}

async function runOnce(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

const catalogueCharType = 18;
const textType = 25;

/** The engine reads one-byte "char" columns of the catalogue; the stock adapter refuses their type as unknown. */
async function queryWithCharColumns(connection, stock, query) {
  const charColumns = new Set();
  const once = Object.create(connection, {
    performIO: {
      value: async (asked) => {
        const result = await connection.performIO(asked);
        for (const [index, field] of result.fields.entries()) {
          if (field.dataTypeID !== catalogueCharType) continue;
          charColumns.add(index);
          field.dataTypeID = textType;
        }
        return result;
      },
    },
  });
  const result = await stock.call(once, query);
  const columnTypes = result.columnTypes.map((type, index) =>
    charColumns.has(index) ? ColumnTypeEnum.Character : type,
  );
  return { ...result, columnTypes };
}
