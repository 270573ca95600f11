// npm run build: everything that is made from the sources, each part only when it is stale.
//   prisma/generated   the database client
//   dist/              what runs outside Next: launcher, worker, sandbox child, command (one bundle each)
//   .next/             the pages
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { bundle } from "./bundle.mjs";
import { runThrough } from "./install.mjs";

/** What the pages are made of. A test is not part of what runs. */
const sources = [
  "app",
  "lib",
  "simulator",
  "prisma",
  "public",
  "scripts",
  "next.config.js",
  "postcss.config.mjs",
  "proxy.ts",
  "tsconfig.json",
  "tsconfig.next.json",
  "package.json",
  "package-lock.json",
];

/** dist/NAME.mjs and the module it is bundled from. */
const entries = {
  launcher: "lib/launcher/launch.server.ts",
  worker: "lib/runs/worker-main.server.ts",
  child: "lib/runs/child-main.server.ts",
  hunkbook: "lib/cli/main.server.ts",
};

/** Files that the command finds beside its bundle. */
const besideBundles = ["lib/cli/calibrate.c"];

/** The sources' fingerprint: equal fingerprints make equal builds. */
export function fingerprint(root) {
  const hash = createHash("sha256").update(`node ${process.versions.node.split(".")[0]}\0`);
  for (const file of sources.flatMap((source) => filesUnder(join(root, source)))) {
    const content = createHash("sha256").update(readFileSync(file)).digest("hex");
    hash.update(`${relative(root, file)}\0${content}\0`);
  }
  return hash.digest("hex");
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error.code === "ENOTDIR") return [path];
    throw error;
  }
  return entries
    .filter((entry) => entry.name !== "generated" && !/[.]test[.]tsx?$/.test(entry.name))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)]));
}

const bundlesMarker = (root) => join(root, "dist/built-from");
const pagesMarker = (root) => join(root, ".next/built-from");
const isFresh = (marker, print) => existsSync(marker) && readFileSync(marker, "utf8") === print;

/** Generates the client and bundles dist/, when the sources changed. */
export async function buildBundles(root, print) {
  if (isFresh(bundlesMarker(root), print)) return;
  mkdirSync(join(root, "dist"), { recursive: true });
  rmSync(bundlesMarker(root), { force: true });
  await generateClient(root);
  await bundle({ root, entries: { simulator: "simulator/index.ts" } });
  const digest = createHash("sha256")
    .update(readFileSync(join(root, "dist/simulator.mjs")))
    .digest("hex");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  writeFileSync(join(root, "dist/engine.json"), `${JSON.stringify({ digest, version })}\n`);
  await bundle({ root, entries, simulatorAside: true });
  for (const file of besideBundles) copyFileSync(join(root, file), join(root, "dist", basename(file)));
  writeFileSync(bundlesMarker(root), print);
}

/**
 * `prisma generate` works without an engine, but looks for its binary and would download it: any program that exits
 * with 0 in its place is enough.
 */
export async function generateClient(root) {
  const schema = readFileSync(join(root, "prisma/schema.prisma"));
  const print = createHash("sha256")
    .update(schema)
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const marker = join(root, "prisma/generated/generated-from");
  if (isFresh(marker, print)) return;
  await runThrough({
    command: process.execPath,
    args: [join(root, "node_modules/prisma/build/index.js"), "generate"],
    root,
    environment: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: ["/bin/true", "/usr/bin/true"].find(existsSync) ?? "true",
      CHECKPOINT_DISABLE: "1",
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
    },
    output: "pipe",
  });
  writeFileSync(marker, print);
}

/** How the pages are built, or null when they are fresh. The marker says what they were built from. */
export function pagesBuild(root, print) {
  if (isFresh(pagesMarker(root), print)) return null;
  rmSync(pagesMarker(root), { force: true });
  return {
    command: process.execPath,
    args: [join(root, "node_modules/next/dist/bin/next"), "build"],
    environment: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    workingDirectory: root,
  };
}

/** Notes that the pages are what these sources make. */
export function markPagesBuilt(root, print) {
  writeFileSync(pagesMarker(root), print);
}

if (process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, "..");
  const print = fingerprint(root);
  await buildBundles(root, print);
  const pages = pagesBuild(root, print);
  if (pages) {
    await runThrough({ ...pages, root });
    markPagesBuilt(root, print);
  }
}
