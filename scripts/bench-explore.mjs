// npm run bench:explore [-- --quick] [-- --runs 5] [-- --only rmapmove] [-- --no-spin]
//
// The explorer beside SPIN on the same models, in one run. One row a model:
//   states       by the rule, reductions off; equal to SPIN -DNOREDUCE or the command fails
//   search       of those states: ours from the compiled scenario to the verdict, SPIN's own elapsed time (models too small
//                for its clock: the whole process, hash table of 2^18 slots). "first": a fresh process, code still cold;
//                "again": the same search once more in the same process.
//   end to end   what a reader waits for: ours from the source to the verdict in a waiting child, all reductions on;
//                SPIN's spin, gcc and pan, without and with its own reduction.
//   reduced      states with all reductions on, ours and SPIN's.
// Bars of the simulator's document are checked below the table; one that is missed is named and fails the command.
//
// SPIN and gcc are taken from the system; where they are absent, root and apt-get are there and HUNKBOOK_BENCH_INSTALL=1
// is set, they are installed from the system's packages. The Promela models stand in ../shared/bench/spin.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const root = join(import.meta.dirname, "..");
const promela = join(root, "../shared/bench/spin");
const simulatorFile = join(root, "dist/simulator.mjs");
const limits = { statesMax: 50_000_000, depthMax: 1_000_000, memoryBytesMax: 8_000_000_000 };
/** Rounds that a waiting spare child runs before its request comes (lib/runs/child-main.server.ts). */
const warmUpRounds = 10;
/** Above this SPIN's clock, which counts hundredths of a second, says enough. */
const spinClockStates = 300_000;

const rmapmove = (NM, NW, NF, states, more = {}) => ({
  model: "rmapmove",
  constants: { NM, NW, NF, VAR: 0 },
  states,
  ...more,
});
const rwpref = (NR, NX, states) => ({ model: "rwpref", constants: { NR, NX, VAR: 0 }, states });
const phil = (N, states) => ({ model: "phil", constants: { N, VAR: 0 }, states });

/** Models, and the states that the rule counts. */
const rows = [
  rmapmove(2, 2, 1, 33_950),
  rmapmove(2, 3, 1, 406_682),
  rmapmove(2, 2, 2, 1_437_808),
  rmapmove(3, 3, 1, 3_636_879),
  rmapmove(3, 2, 2, 30_451_460, { large: true }),
  { model: "rmapmove", constants: { NM: 2, NW: 2, NF: 2, VAR: 3 }, states: 501_298 },
  rwpref(3, 2, 6_712),
  rwpref(3, 3, 20_312),
  rwpref(4, 4, 274_448),
  rwpref(5, 5, 3_609_824),
  phil(8, 216_993),
  phil(9, 1_008_099),
  phil(10, 4_683_381, { large: true }),
];

/** Violations and the steps of their shortest traces, the failing step included. */
const violations = [
  { model: "rmapmove", constants: { NM: 2, NW: 2, NF: 1, VAR: 1 }, class: "assertion", steps: 10 },
  { model: "rmapmove", constants: { NM: 2, NW: 2, NF: 1, VAR: 2 }, class: "deadlock", steps: 12 },
  { model: "rwpref", constants: { NR: 3, NX: 2, VAR: 1 }, class: "assertion", steps: 28 },
  { model: "phil", constants: { N: 6, VAR: 1 }, class: "deadlock", steps: 12 },
];

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Runs in a process of its own: what it does with one row, as asked. */
async function child({ row: { model, constants }, waiting, reductions, times }) {
  const { compile, explore, parseCellOptions, reductionNames, warmUp } = await import(simulatorFile);
  for (let round = 0; waiting && round < warmUpRounds; round += 1) warmUp();
  const name = `bench-${model}.scn`;
  const text = readFileSync(join(root, "tests/scenarios", name), "utf8");
  const measured = [];
  for (let time = 0; time < times; time += 1) {
    const start = performance.now();
    const options = parseCellOptions({ name, text, firstLine: 1 }).language;
    const outcome = compile({
      files: [{ name, text, firstLine: 1 }],
      constants: new Map(Object.entries(constants)),
      options,
    });
    if (outcome.kind === "rejected") throw new Error(outcome.diagnostics.map(({ message }) => message).join("\n"));
    const compiled = performance.now();
    const result = explore(outcome.scenario, { limits, reductions: reductions === "all" ? reductionNames : [] });
    JSON.stringify(result);
    const end = performance.now();
    const { verdict, states, memoryBytes, trace } = result;
    measured.push({
      ...{ verdict, states, class: result.class, steps: trace?.steps.length },
      ...{ bytesPerState: memoryBytes / states, searchMs: end - compiled, totalMs: end - start },
    });
  }
  console.log(JSON.stringify(measured));
}

function inChild(request) {
  const output = execFileSync(process.execPath, [
    "--max-old-space-size=8000",
    ...[import.meta.filename, "--child", JSON.stringify(request)],
  ]);
  return JSON.parse(output.toString());
}

function ours(row, runs) {
  const often = row.large ? 1 : runs;
  const plain = Array.from({ length: often }, () =>
    inChild({ row, waiting: false, reductions: "none", times: row.large ? 1 : 3 }),
  );
  const waits = Array.from({ length: row.states <= 50_000 ? 20 : often }, () =>
    inChild({ row, waiting: true, reductions: "all", times: 1 }),
  );
  const [first] = plain[0];
  return {
    verdict: first.verdict,
    states: first.states,
    bytesPerState: first.bytesPerState,
    firstMs: median(plain.map(([run]) => run.searchMs)),
    againMs: median(plain.map((run) => run.at(-1).searchMs)),
    totalMs: median(waits.map(([run]) => run.totalMs)),
    reduced: waits[0][0].states,
    reducedVerdict: waits[0][0].verdict,
  };
}

function shell(command, args, cwd) {
  const start = performance.now();
  const output = execFileSync(command, args, { cwd, maxBuffer: 1 << 26 }).toString();
  return { output, ms: performance.now() - start };
}

/** SPIN on one row; `defines` of the C compiler decide on its reduction. */
function spinRun({ model, constants, states, large }, { runs, directory, reduced }) {
  const work = mkdtempSync(join(directory, `${model}-`));
  const defines = Object.entries(constants).map(([name, value]) => `-D${name}=${value}`);
  const isSmall = states < spinClockStates;
  const flags = reduced ? [] : ["-DNOREDUCE"];
  const build =
    shell("spin", ["-a", "-o1", "-o2", "-o3", ...defines, join(promela, `${model}.pml`)], work).ms +
    shell("gcc", ["-O2", "-w", "-DSAFETY", ...flags, "-o", "pan", "pan.c"], work).ms;
  const often = large ? 1 : isSmall ? 20 : runs;
  const results = Array.from({ length: often }, () => {
    const { output, ms } = shell("./pan", ["-m2000000", isSmall ? "-w18" : "-w24"], work);
    const [, stored] = /(\d+) states, stored/.exec(output) ?? [];
    const [, seconds] = /elapsed time ([\d.]+) seconds/.exec(output) ?? [];
    return { states: Number(stored), ms, searchMs: isSmall || seconds === undefined ? ms : Number(seconds) * 1000 };
  });
  rmSync(work, { recursive: true });
  return {
    states: results[0].states,
    searchMs: median(results.map((result) => result.searchMs)),
    totalMs: build + median(results.map((result) => result.ms)),
  };
}

const number = (value, width, digits = 0) =>
  value === null
    ? "-".padStart(width)
    : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }).padStart(width);

function nameOf({ model, constants }) {
  const { VAR, ...rest } = constants;
  return `${model} ${Object.values(rest).join(",")}${VAR === 0 ? "" : ` VAR=${VAR}`}`;
}

const head = `${"".padEnd(20)}${"".padStart(11)} |${"search, ms".padStart(24)}${"".padStart(13)} |${"end to end, ms".padStart(26)} | ${"reduced states".padStart(21)} |
${"model".padEnd(20)}${"states".padStart(11)} |${"first".padStart(8)}${"again".padStart(8)}${"SPIN".padStart(8)}${"first x".padStart(7)}${"again x".padStart(8)} |${"ours".padStart(8)}${"SPIN".padStart(9)}${"+ POR".padStart(9)} |${"ours".padStart(10)}${"SPIN".padStart(12)} | bytes/state`;

function line(row, mine, plain, reduced) {
  const ratio = (ms) => (plain === null ? null : plain.searchMs / ms);
  return [
    nameOf(row).padEnd(20),
    number(mine.states, 11),
    " |",
    number(mine.firstMs, 8),
    number(mine.againMs, 8),
    number(plain?.searchMs ?? null, 8),
    number(ratio(mine.firstMs), 7, 1),
    number(ratio(mine.againMs), 8, 1),
    " |",
    number(mine.totalMs, 8),
    number(plain?.totalMs ?? null, 9),
    number(reduced?.totalMs ?? null, 9),
    " |",
    number(mine.reduced, 10),
    number(reduced?.states ?? null, 12),
    " | ",
    number(mine.bytesPerState, 4),
  ].join("");
}

/** Bars, each with what is missing where it is not met. */
function missed(row, mine, plain, reduced) {
  const faults = [];
  const bar = (holds, text) => {
    if (!holds) faults.push(`${nameOf(row)}: ${text}`);
  };
  bar(
    mine.verdict === "holds" && mine.reducedVerdict === "holds",
    `verdict ${mine.verdict}, reduced ${mine.reducedVerdict}`,
  );
  bar(mine.states === row.states, `${mine.states} states, ${row.states} by the rule`);
  // The first table is for forty thousand states; smaller models do not fill it.
  bar(row.states < 100_000 || mine.bytesPerState <= 64, `${mine.bytesPerState.toFixed(0)} bytes a state, at most 64`);
  bar(row.states > 50_000 || mine.totalMs <= 50, `${mine.totalMs.toFixed(0)} ms from source to verdict, at most 50`);
  if (nameOf(row) === "rmapmove 3,2,2") bar(mine.totalMs < 500, `${mine.totalMs.toFixed(0)} ms, under 500`);
  if (row.model === "rmapmove" && row.states > 1_000_000)
    bar(
      mine.reduced * 100 <= row.states,
      `${(row.states / mine.reduced).toFixed(0)} times fewer states reduced, at least 100`,
    );
  if (plain === null || reduced === null) return faults;
  bar(plain.states === mine.states, `SPIN counts ${plain.states}`);
  bar(
    plain.searchMs >= 2 * mine.againMs,
    `search ${(plain.searchMs / mine.againMs).toFixed(2)} times SPIN's, at least 2`,
  );
  bar(
    plain.totalMs >= 3 * mine.totalMs,
    `end to end ${(plain.totalMs / mine.totalMs).toFixed(1)} times SPIN's, at least 3`,
  );
  bar(
    reduced.totalMs >= 1.5 * mine.totalMs,
    `end to end ${(reduced.totalMs / mine.totalMs).toFixed(1)} times reduced SPIN's, at least 1.5`,
  );
  bar(mine.reduced <= reduced.states, `${mine.reduced} states reduced, SPIN ${reduced.states}`);
  return faults;
}

function violationFaults(row) {
  return ["none", "all"].flatMap((reductions) => {
    const [[run]] = [inChild({ row, waiting: false, reductions, times: 1 })];
    const right = run.verdict === "violated" && run.class === row.class && run.steps === row.steps;
    console.log(`${nameOf(row).padEnd(20)} reductions ${reductions.padEnd(4)}  ${run.class} in ${run.steps} steps`);
    return right
      ? []
      : [`${nameOf(row)}, reductions ${reductions}: ${run.class} in ${run.steps}, not ${row.class} in ${row.steps}`];
  });
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

/** What SPIN needs and is not there, after an attempt to install it where that is allowed. */
function missingTools() {
  const missing = () => ["spin", "gcc"].filter((tool) => !hasTool(tool));
  if (
    missing().length > 0 &&
    process.env.HUNKBOOK_BENCH_INSTALL === "1" &&
    process.getuid?.() === 0 &&
    hasTool("apt-get")
  )
    execFileSync("apt-get", ["install", "-y", ...missing()], { stdio: "inherit" });
  return [...missing(), ...(existsSync(promela) ? [] : ["the Promela models"])];
}

function main(values) {
  if (!existsSync(simulatorFile)) throw new Error(`${simulatorFile} is not there: run "npm run build" first`);
  const runs = Number(values.runs);
  const missing = values.spin ? missingTools() : [];
  if (missing.length > 0)
    console.log(`no SPIN beside it: ${missing.join(", ")} not here (HUNKBOOK_BENCH_INSTALL=1 as root installs)`);
  const spins = values.spin && missing.length === 0;
  const chosen = rows.filter((row) => (!values.quick || !row.large) && nameOf(row).startsWith(values.only));
  const directory = mkdtempSync(join(tmpdir(), "bench-explore-"));
  const faults = [];
  console.log(head);
  try {
    for (const row of chosen) {
      const mine = ours(row, runs);
      const plain = spins ? spinRun(row, { runs, directory, reduced: false }) : null;
      const reduced = spins ? spinRun(row, { runs, directory, reduced: true }) : null;
      console.log(line(row, mine, plain, reduced));
      faults.push(...missed(row, mine, plain, reduced));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  for (const row of violations) faults.push(...violationFaults(row));
  console.log(faults.length === 0 ? "all bars met" : `bars missed:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
  if (faults.length > 0) process.exitCode = 1;
}

const { values } = parseArgs({
  options: {
    child: { type: "string" },
    runs: { type: "string", default: "5" },
    only: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
    spin: { type: "boolean", default: true },
  },
  allowNegative: true,
});
if (values.child === undefined) main(values);
else await child(JSON.parse(values.child));
