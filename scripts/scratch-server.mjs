// A throw-away PostgreSQL for development tools: its own data home, gone afterwards.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importSource } from "./bundle.mjs";

/** Runs `use` with the address of an empty scratch server's administrator. */
export async function withScratchServer(root, use) {
  const { openDataHome, readSecrets, prepareCluster, supervise } = await importSource({
    root,
    name: "scratch",
    source: "lib/launcher/scratch.server.ts",
  });
  const home = openDataHome(mkdtempSync(join(tmpdir(), "hunkbook-scratch-")));
  const secrets = readSecrets(home);
  const cluster = await prepareCluster({
    home,
    root,
    secrets,
    searchPath: process.env.PATH ?? "",
    settings: { fsync: "off" },
  });
  const server = supervise(cluster.plan, () => undefined);
  try {
    await server.ready;
    const host = encodeURIComponent(cluster.socketDirectory);
    return await use(`postgresql://${cluster.adminUser}:${secrets.admin}@localhost:5432/postgres?host=${host}`);
  } finally {
    await server.stop("orderly");
    cluster.removeSocketDirectory();
    rmSync(home.path, { recursive: true, force: true });
  }
}
