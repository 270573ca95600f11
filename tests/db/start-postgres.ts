import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { openDataHome } from "#lib/launcher/data-home.server.ts";
import { startEmbeddedDatabase } from "#lib/launcher/embedded-database.server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The scratch server's administrator, connected to no test's database. */
    databaseAdminUrl: string;
    databaseUrl: string;
    databaseOwnerUrl: string;
  }
}

/**
 * Vitest global set-up: one real PostgreSQL for all database tests, the same binaries, roles and migrations as
 * `npm start` uses, in a data home that is thrown away. Only fsync is off: these tests do not pull the plug.
 */
export default async function startPostgres(project: TestProject): Promise<() => Promise<void>> {
  const home = openDataHome(mkdtempSync(join(tmpdir(), "hunkbook-test-")));
  const database = await startEmbeddedDatabase({
    home,
    root: resolve(import.meta.dirname, "../.."),
    searchPath: process.env.PATH ?? "",
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off" },
    report: (event) => {
      if (event.kind === "exited") console.error(`test database ${event.how}`);
    },
  });
  project.provide("databaseAdminUrl", database.adminUrl);
  project.provide("databaseUrl", database.url);
  project.provide("databaseOwnerUrl", database.ownerUrl);
  return async () => {
    await database.stop("orderly");
    rmSync(home.path, { recursive: true, force: true });
  };
}
