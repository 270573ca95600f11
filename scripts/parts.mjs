// Runs the parts of `npm run check` and `npm test`, a few at a time, and counts what they found.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * One thing to do. A command that exits with 0 counts as one passed check, any other as one failed check;
 * a vitest project counts its tests. What a part with `keepsOutput` prints is shown even when it passes: its figures.
 *
 * @typedef {{ name: string, keepsOutput?: boolean, args?: string[], vitestProject?: string, exclude?: string[] }} Part
 * @typedef {{ name: string, ms: number, passed: number, failed: number, skipped: string[], output: string }} Outcome
 */

/** Runs the parts in their order, at most `atOnce` at a time; each outcome is told as soon as it is there. */
export async function runParts({ root, parts, atOnce, environment = process.env, report }) {
  const waiting = [...parts];
  const outcomes = [];
  const lane = async () => {
    for (let part = waiting.shift(); part; part = waiting.shift()) {
      const outcome = await runPart({ root, part, environment });
      outcomes.push(outcome);
      report(outcome);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return outcomes;
}

async function runPart({ root, part, environment }) {
  const startedAtMs = performance.now();
  const outcome = part.vitestProject
    ? await runVitest({
        root,
        project: part.vitestProject,
        exclude: part.exclude,
        environment,
        keepsOutput: part.keepsOutput,
      })
    : await runCommand({ root, args: part.args, environment, keepsOutput: part.keepsOutput });
  return { name: part.name, ms: Math.round(performance.now() - startedAtMs), ...outcome };
}

async function runCommand({ root, args, environment, keepsOutput }) {
  const { code, output } = await run({ root, args, environment });
  return {
    passed: code === 0 ? 1 : 0,
    failed: code === 0 ? 0 : 1,
    skipped: [],
    output: code === 0 && !keepsOutput ? "" : output,
  };
}

/** The counts come from vitest's own report, not from its text; a project that ran nothing has failed. */
async function runVitest({ root, project, exclude = [], environment, keepsOutput }) {
  const folder = mkdtempSync(join(tmpdir(), "hunkbook-report-"));
  const reportPath = join(folder, "report.json");
  try {
    const { code, output } = await run({
      root,
      args: [
        bin(root, "vitest/vitest.mjs"),
        "run",
        ...["--project", project, "--allowOnly=false", "--reporter=default"],
        ...["--reporter=json", `--outputFile.json=${reportPath}`],
        ...exclude.map((file) => `--exclude=${file}`),
      ],
      environment: { ...environment, NO_COLOR: "1", NODE_ENV: "test" },
    });
    return { ...countTests(reportPath, code), output: code === 0 && !keepsOutput ? reasonsOf(output) : output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countTests(reportPath, code) {
  const report = readReport(reportPath);
  if (!report) return { passed: 0, failed: 1, skipped: [] };
  const tests = report.testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({ ...test, file: file.name })),
  );
  const passed = tests.filter((test) => test.status === "passed").length;
  const failed = tests.filter((test) => test.status === "failed").length;
  // A file that does not load has no tests; an error outside any test, or no test at all, is a failure too.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  const other = failed + brokenFiles.length === 0 && (code !== 0 || tests.length === 0) ? 1 : 0;
  const skipped = tests.filter((test) => !["passed", "failed"].includes(test.status)).map((test) => test.fullName);
  return { passed, failed: failed + brokenFiles.length + other, skipped };
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    // vitest ended before it could report: its output says why.
    if (error.code === "ENOENT" || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Why tests skipped themselves: the line that they print, without vitest's own lines about them. */
function reasonsOf(output) {
  const isReason = (line) =>
    /skipped|is absent|is not there|not tested here/i.test(line) && !/[|↓✓]|^\s*std/.test(line);
  return [...new Set(output.split("\n").filter(isReason))].join("\n");
}

function run({ root, args, environment }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.once("error", (error) => resolve({ code: 1, output: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** A program of a package, run by this Node: npx would cost half a second each. */
export function bin(root, path) {
  return join(root, "node_modules", path);
}

/** One line of the table. */
export function tableLine({ name, ms, passed, failed, skipped }) {
  const seconds = `${(ms / 1000).toFixed(1)} s`;
  const counts = `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`;
  return `${failed === 0 ? "ok  " : "FAIL"}  ${name.padEnd(22)} ${seconds.padStart(8)}   ${counts}`;
}

/** What to read of an outcome besides its line. */
export function details({ name, failed, skipped, output }) {
  const skippedLines = skipped.map((test) => `  skipped in ${name}: ${test}`);
  const text = output.trim();
  if (failed > 0) return [`---- ${name} ----`, text, ...skippedLines].join("\n");
  return [...skippedLines, ...(text === "" ? [] : [text])].join("\n");
}

/** The sums of several outcomes. */
export function total(outcomes) {
  return {
    passed: outcomes.reduce((sum, outcome) => sum + outcome.passed, 0),
    failed: outcomes.reduce((sum, outcome) => sum + outcome.failed, 0),
    skipped: outcomes.reduce((sum, outcome) => sum + outcome.skipped.length, 0),
  };
}
