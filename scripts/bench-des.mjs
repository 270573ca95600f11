// npm run bench:des [-- --share 0.01] [-- --only "M/M/1"] [-- --jobs 2] [-- --no-peers] [-- --no-oracles]
//
// The contention simulator beside what is known exactly, and beside other simulators.
//
// Oracles (tests/oracles): queues and locks whose waits have a closed form, as scenarios of the language, compiled, run and
// measured as any notebook's; costs 0. Seeds 1 to 10, one replication each; the half-width is Student's over the ten. The
// command fails where a half-width exceeds 0.5 % (1 % for quantiles) or an error 1 % (2 %). All of it is some 1.8 thousand
// million requests; --share runs a part, and the bounds grow with the inverse square root of it.
//
// Speed: lock passages a second of clients that work and hold one lock (tests/oracles/passages.scn), from the source to the
// result, against the same passages of SimPy and SimGrid in the same run: scripts/peers. Each is timed by the CPU time of
// its process, start-up left out, so that what else the machine does matters little; the best of three, taken in turn.
// Bars: 1 M passages a second, and ten times each peer.
//
// Peers are taken from the system: python3 with simpy (3, 4) or SimPy (2), g++ with libsimgrid-dev. Where they are absent,
// root and apt-get are there and HUNKBOOK_BENCH_INSTALL=1 is set, they are installed from the system's packages.
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";

const root = join(import.meta.dirname, "..");
const oracles = join(root, "tests/oracles");
const simulatorFile = join(root, "dist/simulator.mjs");
const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/** Student's t, 9 degrees, 97.5 %. */
const t9 = 2.262157;
const bounds = {
  mean: { halfWidth: 0.005, error: 0.01 },
  quantile: { halfWidth: 0.01, error: 0.02 },
};
const clients = 8;
const passagesWanted = { ours: 3_000_000, SimPy: 100_000, SimGrid: 1_000_000 };

async function compiled(scenario, constants) {
  const { compileTimed, parseCellOptions } = await import(simulatorFile);
  const file = { name: scenario, text: readFileSync(join(oracles, scenario), "utf8"), firstLine: 1 };
  const outcome = compileTimed({
    files: [file],
    constants: new Map(Object.entries(constants)),
    options: parseCellOptions(file).language,
  });
  if (outcome.kind === "rejected") throw new Error(outcome.diagnostics.map(({ message }) => message).join("\n"));
  return outcome.program;
}

async function simulated(program, options) {
  const { defaultProfile, figureMeanings, simulate } = await import(simulatorFile);
  const result = simulate(program, {
    profile: defaultProfile,
    costs: new Map(Object.keys(figureMeanings).map((name) => [name, 0])),
    replications: 1,
    eventsMax: Number.MAX_SAFE_INTEGER,
    ...options,
  });
  if (result.verdict !== "measured") throw new Error(`${result.verdict}: ${result.message}`);
  return result;
}

/** In a process of its own: one seed of one oracle. */
async function oracleChild({ row, seed, share }) {
  const start = performance.now();
  const program = await compiled(row.scenario, row.constants);
  const warmUpNs = (row.warmUpMs ?? 2000) * 1e6;
  const untilNs = warmUpNs + Math.ceil((row.requests * share) / seeds.length) * row.everyNs;
  const { cpus, oracleRwlock } = row;
  const options = { cpus, warmUpNs, untilNs, seed, ...(oracleRwlock === undefined ? {} : { oracleRwlock }) };
  const result = await simulated(program, options);
  const values = Object.fromEntries(
    Object.keys(row.exact).map((key) => {
      const [span, figure] = key.split(".");
      const { latency } = result.spans.find(({ text }) => text === span);
      if (figure === "mean") return [key, latency.mean.mean / 1e6];
      const { value, samplesNeeded } = latency.quantiles.find(({ q }) => q === Number(`0.${figure.slice(1)}`));
      if (value === null) throw new Error(`${row.name}: ${figure} needs ${samplesNeeded} samples: a larger --share`);
      return [key, value / 1e6];
    }),
  );
  console.log(JSON.stringify({ values, passages: result.passages, ms: performance.now() - start }));
}

/** In a process of its own: how fast, warm-up of the code included. */
async function speedChild() {
  const before = process.cpuUsage();
  const program = await compiled("passages.scn", { N: clients });
  const untilNs = Math.ceil(passagesWanted.ours * 1370);
  const { passages, locks } = await simulated(program, { cpus: clients, warmUpNs: 0, untilNs, seed: 1 });
  if (locks[0]?.acquisitions !== passages) throw new Error("the table of locks does not count the passages");
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ passages, seconds: (user + system) / 1e6 }));
}

const run = promisify(execFile);

async function inChild(request) {
  const { stdout } = await run(process.execPath, [import.meta.filename, "--child", JSON.stringify(request)]);
  return JSON.parse(stdout);
}

/** Jobs in order of the list, so many at a time. */
async function inPool(jobs, atOnce) {
  const results = [];
  const waiting = jobs.entries();
  const worker = async () => {
    for (const [index, job] of waiting) results[index] = await job();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function summary(key, exact, values) {
  const center = mean(values);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
  return {
    ...{ key, exact, center },
    error: center / exact - 1,
    halfWidth: (t9 * deviation) / Math.sqrt(values.length) / exact,
    bound: key.endsWith(".mean") ? bounds.mean : bounds.quantile,
  };
}

const percent = (share, width) => `${(100 * share).toFixed(2)} %`.padStart(width);

const oracleHead = `${"oracle".padEnd(20)}${"figure".padEnd(12)}${"exact".padStart(10)}${"simulated".padStart(11)}${"error".padStart(10)}${"half-width".padStart(12)}`;

function oracleLine(name, { key, exact, center, error, halfWidth }) {
  return `${name.padEnd(20)}${key.padEnd(12)}${exact.toFixed(5).padStart(10)}${center.toFixed(5).padStart(11)}${percent(error, 10)}${percent(halfWidth, 12)}`;
}

async function runOracles({ only, share, jobs }) {
  const rows = JSON.parse(readFileSync(join(oracles, "oracles.json"), "utf8")).filter(({ name }) =>
    name.startsWith(only),
  );
  const slack = 1 / Math.sqrt(share);
  const faults = [];
  console.log(oracleHead);
  for (const row of rows) {
    const results = await inPool(
      seeds.map((seed) => () => inChild({ kind: "oracle", row, seed, share })),
      jobs,
    );
    for (const [key, exact] of Object.entries(row.exact)) {
      const told = summary(
        key,
        exact,
        results.map(({ values }) => values[key]),
      );
      console.log(oracleLine(row.name, told));
      const { error, halfWidth, bound } = told;
      if (Math.abs(error) > bound.error * slack)
        faults.push(`${row.name} ${key}: error ${percent(error, 0)}, at most ${percent(bound.error * slack, 0)}`);
      if (halfWidth > bound.halfWidth * slack)
        faults.push(
          `${row.name} ${key}: half-width ${percent(halfWidth, 0)}, at most ${percent(bound.halfWidth * slack, 0)}`,
        );
    }
  }
  return faults;
}

/** Whether a command succeeds. */
function works(command, args) {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch (error) {
    if (error.status === undefined && error.code !== "ENOENT") throw error;
    return false;
  }
}

function install(packages) {
  if (process.env.HUNKBOOK_BENCH_INSTALL !== "1" || process.getuid?.() !== 0 || !works("apt-get", ["--version"]))
    return;
  execFileSync("apt-get", ["install", "-y", "--no-install-recommends", ...packages], { stdio: "inherit" });
}

/** The Python that has SimPy: the one on PATH, or the system's own; null for none. */
function pythonWithSimpy() {
  const has = (python) => works(python, ["-c", "try:\n import simpy\nexcept ImportError:\n import SimPy"]);
  return ["python3", "/usr/bin/python3"].find(has) ?? null;
}

/** Builds the SimGrid peer; null when that cannot be. */
function simgridProgram(directory) {
  const program = join(directory, "passages-simgrid");
  const source = join(root, "scripts/peers/passages-simgrid.cpp");
  return works("g++", ["-O2", "-std=c++17", source, "-lsimgrid", "-o", program]) ? program : null;
}

function findPeers(directory) {
  const find = () => ({ python: pythonWithSimpy(), simgrid: simgridProgram(directory) });
  const found = find();
  const missing = [
    ...(found.python === null ? ["python3-simpy"] : []),
    ...(found.simgrid === null ? ["g++", "libsimgrid-dev"] : []),
  ];
  if (missing.length > 0) install(missing);
  const { python, simgrid } = missing.length > 0 ? find() : found;
  const script = join(root, "scripts/peers/passages-simpy.py");
  return [
    { name: "SimPy", package: "python3-simpy", command: python, args: [script] },
    { name: "SimGrid", package: "libsimgrid-dev", command: simgrid, args: [] },
  ];
}

/** Name, passages and CPU seconds, told by the peer itself. */
async function peerRun({ name, command, args }) {
  const { stdout } = await run(command, [...args, String(clients), String(passagesWanted[name])]);
  const [version, passages, seconds] = stdout.trim().split("\t");
  return { version, passages: Number(passages), seconds: Number(seconds) };
}

const rounds = 3;

async function runSpeed(withPeers) {
  const directory = mkdtempSync(join(tmpdir(), "bench-des-"));
  try {
    const peers = withPeers ? findPeers(directory) : [];
    const present = peers.filter(({ command }) => command !== null);
    const ours = [];
    const theirs = new Map(present.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await inChild({ kind: "speed" }));
      for (const peer of present) theirs.get(peer.name).push(await peerRun(peer));
    }
    return speedFaults({ ours, theirs, peers });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const best = (runs) => Math.max(...runs.map(({ passages, seconds }) => passages / seconds));
const millions = (rate) => (rate / 1e6).toFixed(2);

function speedFaults({ ours, theirs, peers }) {
  const own = best(ours);
  const faults = own >= 1e6 ? [] : [`${millions(own)} M passages a second, at least 1`];
  console.log(`\nlock passages a CPU second, ${clients} clients of one lock\n${"ours".padEnd(20)}${millions(own)} M`);
  for (const { name, package: wanted, command } of peers) {
    if (command === null) {
      console.log(
        `${name.padEnd(20)}not here: no comparison (package ${wanted}; HUNKBOOK_BENCH_INSTALL=1 as root installs)`,
      );
      continue;
    }
    const runs = theirs.get(name);
    const ratio = own / best(runs);
    console.log(`${runs[0].version.padEnd(20)}${millions(best(runs))} M; ours ${ratio.toFixed(1)} times as many`);
    if (ratio < 10) faults.push(`${ratio.toFixed(1)} times ${name}, at least 10`);
  }
  return faults;
}

async function main(values) {
  if (!existsSync(simulatorFile)) throw new Error(`${simulatorFile} is not there: run "npm run build" first`);
  const [share, jobs] = [Number(values.share), Number(values.jobs)];
  if (!(share > 0 && share <= 1)) throw new Error("--share is above 0 and at most 1");
  const faults = [
    ...(values.oracles ? await runOracles({ only: values.only, share, jobs }) : []),
    ...(values.speed ? await runSpeed(values.peers) : []),
  ];
  console.log(faults.length === 0 ? "all bars met" : `bars missed:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
  if (faults.length > 0) process.exitCode = 1;
}

const { values } = parseArgs({
  options: {
    child: { type: "string" },
    share: { type: "string", default: "1" },
    jobs: { type: "string", default: String(availableParallelism()) },
    only: { type: "string", default: "" },
    oracles: { type: "boolean", default: true },
    speed: { type: "boolean", default: true },
    peers: { type: "boolean", default: true },
  },
  allowNegative: true,
});
if (values.child === undefined) await main(values);
else {
  const request = JSON.parse(values.child);
  if (request.kind === "oracle") await oracleChild(request);
  else await speedChild();
}
