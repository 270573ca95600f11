// npm run bench:explore [-- --runs 5] [-- --flags "--always-sparkplug"] [-- --no-spin]
//
// How fast the explorer searches, reductions off: each measurement in a fresh process (nothing is warm), the median of
// all runs, by the clock and by processor time (which a busy machine does not change much, and which counts the threads
// that compile and collect garbage). Beside it SPIN's count and search time of the same model without its partial-order reduction, where spin,
// gcc and the Promela models (../shared/bench/spin) are there; counts must be equal. Build first: npm run build.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const root = join(import.meta.dirname, "..");
const promela = join(root, "../shared/bench/spin");
const limits = { statesMax: 50_000_000, depthMax: 1_000_000, memoryBytesMax: 4_000_000_000 };

/** Rows of the table: a scenario of the corpus, its constants, and the states that the rule counts. */
const rows = [
  { model: "phil", constants: { N: 8, VAR: 0 }, states: 216_993 },
  { model: "rwpref", constants: { NR: 3, NX: 2, VAR: 0 }, states: 6_712 },
  { model: "rwpref", constants: { NR: 4, NX: 4, VAR: 0 }, states: 274_448 },
  { model: "rmapmove", constants: { NM: 2, NW: 2, NF: 1, VAR: 0 }, states: 33_950 },
  { model: "rmapmove", constants: { NM: 2, NW: 3, NF: 1, VAR: 0 }, states: 406_682 },
  { model: "rmapmove", constants: { NM: 2, NW: 2, NF: 2, VAR: 0 }, states: 1_437_808 },
];

/** Rounds that a waiting spare child runs before its request comes (lib/runs/child-main.server.ts). */
const warmUpRounds = 10;

async function measure({ simulator, waiting, row: { model, constants } }) {
  const { compile, explore, parseCellOptions, warmUp } = await import(simulator);
  for (let round = 0; waiting && round < warmUpRounds; round += 1) warmUp();
  const name = `bench-${model}.scn`;
  const text = readFileSync(join(root, "tests/scenarios", name), "utf8");
  const start = performance.now();
  const options = parseCellOptions({ name, text, firstLine: 1 }).language;
  const files = [{ name, text, firstLine: 1 }];
  const outcome = compile({ files, constants: new Map(Object.entries(constants)), options });
  if (outcome.kind === "rejected") throw new Error(outcome.diagnostics.map(({ message }) => message).join("\n"));
  const compiled = performance.now();
  const before = process.cpuUsage();
  const result = explore(outcome.scenario, { limits, reductions: [] });
  const end = performance.now();
  const { user, system } = process.cpuUsage(before);
  const { verdict, states } = result;
  const cpuMs = (user + system) / 1000;
  return { verdict, states, compileMs: compiled - start, searchMs: end - compiled, cpuMs };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

function benchRow(row, options) {
  const results = Array.from({ length: options.runs }, () => {
    const request = JSON.stringify({ simulator: options.simulator, waiting: options.waiting, row });
    const output = execFileSync(process.execPath, [...options.flags, import.meta.filename, "--child", request]);
    return JSON.parse(output.toString());
  });
  return {
    verdict: results[0].verdict,
    states: results[0].states,
    compileMs: median(results.map((result) => result.compileMs)),
    searchMs: median(results.map((result) => result.searchMs)),
    cpuMs: median(results.map((result) => result.cpuMs)),
  };
}

function hasTool(tool) {
  try {
    execFileSync("sh", ["-c", `command -v ${tool}`]);
    return true;
  } catch (error) {
    if (error.status === undefined) throw error;
    return false;
  }
}

/** States and milliseconds of SPIN's own search; its `elapsed time` counts no start and no compilation. */
function spinRow({ model, constants }, { runs, directory }) {
  const defines = Object.entries(constants).map(([name, value]) => `-D${name}=${value}`);
  const work = mkdtempSync(join(directory, `${model}-`));
  const run = (command, args) => execFileSync(command, args, { cwd: work, maxBuffer: 1 << 26 }).toString();
  run("spin", ["-a", "-o1", "-o2", "-o3", ...defines, join(promela, `${model}.pml`)]);
  run("gcc", ["-O2", "-w", "-DSAFETY", "-DNOREDUCE", "-o", "pan", "pan.c"]);
  const outputs = Array.from({ length: runs }, () => {
    const start = performance.now();
    const output = run("sh", ["-c", "./pan -m2000000 -w24; times"]);
    const processMs = performance.now() - start;
    const [, states] = /(\d+) states, stored/.exec(output) ?? [];
    const [, seconds] = /elapsed time ([\d.]+) seconds/.exec(output) ?? [];
    const [, ...times] = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(output) ?? [];
    const [minutes = 0, user = 0, systemMinutes = 0, system = 0] = times.map(Number);
    const cpuMs = ((minutes + systemMinutes) * 60 + user + system) * 1000;
    return { states: Number(states), searchMs: seconds === undefined ? processMs : Number(seconds) * 1000, cpuMs };
  });
  return {
    states: outputs[0].states,
    searchMs: median(outputs.map(({ searchMs }) => searchMs)),
    cpuMs: median(outputs.map(({ cpuMs }) => cpuMs)),
  };
}

function printRow(row, ours, spin) {
  const parameters = Object.entries(row.constants).flatMap(([name, value]) => (name === "VAR" ? [] : [value]));
  const rate = (states, ms) => (ms === 0 ? "-" : (states / ms / 1000).toFixed(2));
  const timesOf = ({ states, searchMs, cpuMs }) => [
    states.toLocaleString("en").padStart(10),
    searchMs.toFixed(0).padStart(7),
    rate(states, searchMs).padStart(6),
    cpuMs.toFixed(0).padStart(7),
    rate(states, cpuMs).padStart(6),
  ];
  const cells = [
    `${row.model} ${parameters.join(",")}`.padEnd(15),
    ours.compileMs.toFixed(0).padStart(7),
    ...timesOf(ours),
    ...(spin === null ? [] : timesOf(spin)),
  ];
  console.log(cells.join("  "));
}

function main() {
  const { values } = parseArgs({
    options: {
      child: { type: "string" },
      runs: { type: "string", default: "5" },
      flags: { type: "string", default: "" },
      simulator: { type: "string", default: join(root, "dist/simulator.mjs") },
      spin: { type: "boolean", default: true },
      waiting: { type: "boolean", default: false },
    },
    allowNegative: true,
  });
  if (values.child !== undefined) {
    return measure(JSON.parse(values.child)).then((result) => console.log(JSON.stringify(result)));
  }
  const { simulator } = values;
  if (!existsSync(simulator)) throw new Error(`${simulator} is not there: run "npm run build" first`);
  const { runs, flags, waiting } = values;
  const options = { runs: Number(runs), flags: flags.split(" ").filter(Boolean), simulator, waiting };
  const missing = ["spin", "gcc"].filter((tool) => !hasTool(tool));
  if (!existsSync(promela)) missing.push("the Promela models");
  const spins = values.spin && missing.length === 0;
  if (values.spin && !spins) console.log(`no SPIN beside it: ${missing.join(", ")} not here`);
  console.log(
    `${waiting ? "waiting" : "fresh"} process each, median of ${options.runs}, reductions none; times in ms, rates in M states/s of wall clock and of processor time`,
  );
  const heads = "    states   search    M/s      cpu    M/s";
  console.log(`${"model".padEnd(15)}  compile  ${heads}${spins ? `   SPIN's${heads.slice(3)}` : ""}`);
  return compare(options, spins);
}

function compare(options, spins) {
  const directory = mkdtempSync(join(tmpdir(), "bench-explore-"));
  try {
    for (const row of rows) {
      const ours = benchRow(row, options);
      const spin = spins ? spinRow(row, { runs: options.runs, directory }) : null;
      printRow(row, ours, spin);
      const wanted = [row.states, ...(spin === null ? [] : [spin.states])];
      if (wanted.every((states) => states === ours.states) && ours.verdict === "holds") continue;
      console.log(`  not equal: ${ours.verdict}, ${ours.states} states, expected ${wanted.join(" and ")}`);
      process.exitCode = 1;
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

await main();
