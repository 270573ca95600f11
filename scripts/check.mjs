// npm run check: everything that needs neither a database nor a browser, in under a minute on two cores.
import { join } from "node:path";
import { generateClient } from "./build.mjs";
import { installPackages } from "./install.mjs";
import { bin, details, runParts, tableLine, total } from "./parts.mjs";

/** Unit tests that explore for more than some seconds: `npm test` runs them, `npm run check` says that it does not. */
export const longTests = [
  "lib/notebooks/race-table-mutants.test.ts",
  "lib/notebooks/shipped.test.ts",
  "simulator/explore/counterexample.test.ts",
  "simulator/explore/fewest-switches.test.ts",
  "simulator/export/promela.test.ts",
  "simulator/kits/mm/mm-kit.test.ts",
  "simulator/testing/corpus-twins.test.ts",
  "simulator/testing/reductions.test.ts",
  "simulator/testing/twin.test.ts",
];

/**
 * The parts, longest first, so that two lanes end together.
 *
 * @param {string} root
 * @param {{ exclude?: string[] }} options unit tests to leave out
 */
export function checkParts(root, { exclude = [] } = {}) {
  const typescript = bin(root, "typescript/bin/tsc");
  const cache = bin(root, ".cache");
  return [
    {
      name: "lint",
      args: [bin(root, "eslint/bin/eslint.js"), "--cache", "--cache-location", join(cache, "eslint/"), "."],
    },
    { name: "unit tests", vitestProject: "unit", exclude },
    { name: "types", args: [typescript, "--noEmit", "-p", "."] },
    {
      name: "format",
      args: [
        bin(root, "prettier/bin/prettier.cjs"),
        "--check",
        "--log-level=warn",
        "--cache",
        "--cache-location",
        join(cache, "prettier/.prettier-cache"),
        ".",
      ],
    },
    {
      name: "boundaries",
      args: [
        bin(root, "dependency-cruiser/bin/dependency-cruise.mjs"),
        ...["--config", ".dependency-cruiser.cjs", "--output-type", "err-long"],
        ...["app", "lib", "simulator", "scripts", "tests"],
      ],
    },
    { name: "types of the simulator", args: [typescript, "--noEmit", "-p", "simulator"] },
    { name: "layout", args: [join(root, "scripts/check-layout.mjs")] },
  ];
}

if (process.argv[1] === import.meta.filename) {
  const root = join(import.meta.dirname, "..");
  await installPackages(root, (line) => console.log(line));
  await generateClient(root);
  const outcomes = await runParts({
    root,
    parts: checkParts(root, { exclude: longTests }),
    atOnce: 2,
    report: (outcome) => console.log(tableLine(outcome)),
  });
  for (const text of outcomes.map(details)) if (text !== "") console.log(text);
  console.log(`left to npm test, since they explore for long: ${longTests.join(", ")}`);
  const { passed, failed, skipped } = total(outcomes);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  process.exitCode = failed === 0 ? 0 : 1;
}
