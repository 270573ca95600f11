// npm start. Installs, builds what is stale, then becomes the launcher (lib/launcher/launch.server.ts).
// Nothing but node: built-ins may be imported before the packages are there.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { installPackages } from "./install.mjs";

const nodeMinimum = [20, 19];
const parentPid = process.env.npm_lifecycle_event === undefined ? null : process.ppid;
const print = (line) => console.log(line);

// A terminal that closed (SIGHUP) takes stdout with it; stopping in order matters more than saying so.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error) => {
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });

process.exitCode = await main();

async function main() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < nodeMinimum[0] || (major === nodeMinimum[0] && minor < nodeMinimum[1])) {
    print(`Hunkbook needs Node ${nodeMinimum.join(".")} or newer; this is ${process.versions.node}.`);
    return 1;
  }
  const root = join(import.meta.dirname, "..");
  try {
    await installPackages(root, print);
    const { buildBundles, fingerprint, markPagesBuilt, pagesBuild } = await import("./build.mjs");
    const sources = fingerprint(root);
    await buildBundles(root, sources);
    const { launch } = await import(pathToFileURL(join(root, "dist/launcher.mjs")).href);
    return await launch({
      root,
      variables: process.env,
      parentPid,
      webBuild: pagesBuild(root, sources),
      onWebBuilt: () => markPagesBuilt(root, sources),
      print,
    });
  } catch (error) {
    print(error.message);
    return 1;
  }
}
