// Node 20 runs no TypeScript: what runs outside Next is bundled to dist/ first. npm packages stay where npm put them.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Bundles our own modules; output is the same bytes for the same sources.
 *
 * @param {{ root: string, entries: Record<string, string>, simulatorAside?: boolean }} options
 *   entries: output name (without .mjs) to source file; simulatorAside: leave the simulator to its own sibling bundle
 */
export async function bundle({ root, entries, simulatorAside = false }) {
  const { build, stop } = await import("esbuild");
  const result = await build({
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([out, source]) => ({ in: source, out })),
    outdir: join(root, "dist"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    sourcemap: "linked",
    sourcesContent: false,
    logLevel: "warning",
    metafile: true,
    plugins: [...(simulatorAside ? [simulatorSibling] : []), resolveInside(root)],
  });
  // Its service is a process of its own, of no use to a launcher that runs for weeks.
  await stop();
  return result;
}

/** esbuild takes `#lib/..` for a package when packages are external: these names are ours. */
const resolveInside = (root) => ({
  name: "resolve-inside",
  setup(build) {
    build.onResolve({ filter: /^#(lib|prisma)\// }, ({ path }) => ({ path: join(root, path.slice(1)) }));
    build.onResolve({ filter: /^#simulator$/ }, () => ({ path: join(root, "simulator/index.ts") }));
  },
});

const simulatorSibling = {
  name: "simulator-sibling",
  setup(build) {
    build.onResolve({ filter: /^#simulator$/ }, () => ({ path: "./simulator.mjs", external: true }));
  },
};

/** Bundles one module and imports it, for scripts that need a part of lib. */
export async function importSource({ root, name, source }) {
  await bundle({ root, entries: { [name]: source } });
  return import(pathToFileURL(join(root, "dist", `${name}.mjs`)).href);
}
