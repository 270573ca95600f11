// What neither the compiler nor the linter sees: names of files, their size, files that nothing uses, decision numbers.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
const folders = ["app", "lib", "simulator", "scripts", "tests", "bin"];
const codeLinesMax = 600;
const namelessNames = /^(utils?|helpers?|common|misc|manager)([.-]|$)/;
const sourceName = /[.](ts|tsx|mjs|js|cjs)$/;

const files = folders.flatMap((folder) => filesUnder(join(root, folder))).map((path) => relative(root, path));
const problems = [...badNames(), ...longFiles(), ...deadFiles(), ...decisionNumbers()];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(folder, entry.name)) : [join(folder, entry.name)]));
}

/** A file is named for the one thing it holds (docs: style, rule 4). */
function badNames() {
  return files.flatMap((file) => {
    const bad = file.split("/").find((name) => namelessNames.test(name));
    return bad ? [`${file}: "${bad}" names nothing. Name the file for the one thing it holds.`] : [];
  });
}

function longFiles() {
  return files
    .filter((file) => sourceName.test(file) || file.endsWith(".css"))
    .flatMap((file) => {
      const lines = codeLines(readFileSync(join(root, file), "utf8"));
      return lines > codeLinesMax
        ? [`${file}: ${lines} lines of code, at most ${codeLinesMax}. Split it by subject.`]
        : [];
    });
}

/** Lines that are neither blank nor wholly comment. */
function codeLines(text) {
  const withoutBlocks = text.replace(/\/\*[\s\S]*?\*\//g, "");
  return withoutBlocks.split("\n").filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length;
}

/** A source file that no program, page or tool reaches is dead; being reached by tests only does not count. */
function deadFiles() {
  const sources = files.filter((file) => sourceName.test(file));
  const reached = new Set();
  const waiting = sources.filter(isEntry);
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    waiting.push(...importsOf(file));
  }
  return sources
    .filter((file) => !reached.has(file) && !isForTests(file))
    .map((file) => `${file}: nothing uses it. Use it or delete it.`);
}

function isForTests(file) {
  return /[.]test[.]tsx?$/.test(file) || file.startsWith("tests/") || file.startsWith("simulator/testing/");
}

/** What Next, npm, Node or the build starts from. */
function isEntry(file) {
  if (file.startsWith("app/"))
    return /\/(page|layout|route|template|loading|error|global-error|not-found|icon|robots|sitemap|manifest)[.]tsx?$/.test(
      file,
    );
  if (file.startsWith("scripts/")) return isStartedByName(file);
  return /[.]test[.]tsx?$/.test(file) ? false : builtFrom().has(file) || file.startsWith("bin/");
}

/** A script is an entry when npm or a document tells people to start it; the others are its pieces. */
function isStartedByName(file) {
  const tellers = [
    "package.json",
    ".ci/run",
    "README.md",
    "CONTRIBUTING.md",
    "docs/operations.md",
    "docs/simulator.md",
  ];
  return tellers.some(
    (teller) => existsSync(join(root, teller)) && readFileSync(join(root, teller), "utf8").includes(file),
  );
}

/** Modules that the build and the tools name by path. */
function builtFrom() {
  const named = files
    .filter((file) => file.startsWith("scripts/"))
    .flatMap((file) => [...readFileSync(join(root, file), "utf8").matchAll(/"((?:lib|simulator)\/[^"]+[.]ts)"/g)]);
  return new Set([...named.map((match) => match[1]), "simulator/index.ts", "proxy.ts"]);
}

function importsOf(file) {
  const text = readFileSync(join(root, file), "utf8");
  const specifiers = [
    ...text.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g),
    ...text.matchAll(/new URL\(\s*"([^"]+)",\s*import[.]meta[.]url/g),
    ...text.matchAll(/join\(root, "(scripts\/[^"]+)"/g),
  ].map((match) => match[1]);
  return specifiers.map((specifier) => resolveInside(file, specifier)).filter((target) => target !== null);
}

function resolveInside(file, specifier) {
  if (specifier === "#simulator") return "simulator/index.ts";
  if (specifier.startsWith("scripts/")) return specifier;
  const path = specifier.startsWith("#")
    ? specifier.slice(1)
    : specifier.startsWith(".")
      ? join(dirname(file), specifier)
      : null;
  return path !== null && existsSync(join(root, path)) ? path : null;
}

/** docs/decisions: a number means one decision for ever. Gaps are fine: parts of the project number in blocks. */
function decisionNumbers() {
  const names = readdirSync(join(root, "docs/decisions")).sort();
  return names.flatMap((name, index) => {
    if (!/^\d{4}-[a-z0-9-]+[.]md$/.test(name)) return [`docs/decisions/${name}: not of the form NNNN-title.md.`];
    const before = names[index - 1];
    const isTaken = before?.slice(0, 4) === name.slice(0, 4);
    return isTaken ? [`docs/decisions/${name}: its number belongs to ${before}.`] : [];
  });
}
