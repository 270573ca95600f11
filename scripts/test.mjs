// npm test: check, build, database, end-to-end in a real Chromium, and the short form of the chaos test.
// The last line is "N passed, N failed", with ", N skipped" when some were; each skip stands above with its reason.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { generateClient } from "./build.mjs";
import { checkParts } from "./check.mjs";
import { installPackages } from "./install.mjs";
import { details, runParts, tableLine, total } from "./parts.mjs";

const root = join(import.meta.dirname, "..");

/** A Chromium or Chrome: CHROME_PATH, else the usual names on the PATH and in /usr/bin. */
function findChromium() {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin"];
  const candidates = process.env.CHROME_PATH
    ? [process.env.CHROME_PATH]
    : names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there or not executable: the next candidate is tried.
    return false;
  }
}

const noChromium = {
  name: "end-to-end",
  ms: 0,
  passed: 0,
  failed: 1,
  skipped: [],
  output:
    "The end-to-end tests need a Chromium, and none was found. Install one (Debian: apt-get install chromium; " +
    "Ubuntu: snap install chromium), or set CHROME_PATH to the program of a Chromium or Chrome.",
};

async function main() {
  const report = (outcome) => {
    console.log(tableLine(outcome));
    const text = details(outcome);
    if (text !== "") console.log(text);
  };
  await installPackages(root, (line) => console.log(line));
  await generateClient(root);
  const run = (parts, atOnce, environment) => runParts({ root, parts, atOnce, environment, report });
  const outcomes = [
    ...(await run(checkParts(root), 2)),
    ...(await run([{ name: "build", args: [join(root, "scripts/build.mjs")] }], 1)),
    ...(await run([{ name: "schema drift", args: [join(root, "scripts/migration-drift.mjs")] }], 1)),
    ...(await run([{ name: "database tests", vitestProject: "db" }], 1)),
  ];
  const chromium = findChromium();
  if (chromium) {
    const environment = { ...process.env, CHROME_PATH: chromium };
    outcomes.push(...(await run([{ name: "end-to-end", vitestProject: "e2e", keepsOutput: true }], 1, environment)));
  } else {
    report(noChromium);
    outcomes.push(noChromium);
  }
  const chaos = [join(root, "tests/chaos/run.mjs"), "--kills", "6"];
  outcomes.push(...(await run([{ name: "chaos, short form", args: chaos, keepsOutput: true }], 1)));
  const { passed, failed, skipped } = total(outcomes);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
