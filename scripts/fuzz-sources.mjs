// npm run fuzz:sources [-- --count 10000] [-- --seed 1] [-- --times] [-- --families 50]
//
// Random and mutated sources through the compiler and, with small limits, the explorer: nothing may throw, hang or print
// a diagnostic without its place. Prints the first seed; a fault names the seed that made it. With --times instead: each
// hostile family at 4 kB and at 64 kB, in processor time of many runs together (so that the clock's ticks do not count and
// the garbage of small texts does), on one thread with a large young generation (or copying garbage is what is measured):
// at most 20 times the time, and at most 2 s.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { buildSync } from "esbuild";

const root = join(import.meta.dirname, "..");
/** A text that takes longer counts as hanging: far more than any takes on a busy machine. */
const hangMs = 120_000;
const ratioMax = 20;
const compileMsMax = 2_000;

function readCorpus(cellsOfNotebook) {
  const under = (folder, suffix) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(suffix))
      .toSorted()
      .map((name) => readFileSync(join(root, folder, name), "utf8"));
  return [
    ...["tests/scenarios", "tests/language", "tests/diagnostics"].flatMap((folder) => under(folder, ".scn")),
    ...under("notebooks", ".hb.md").flatMap(cellsOfNotebook),
  ];
}

function bundle(folder) {
  const outfile = join(folder, "fuzz.mjs");
  const modules = ["index.ts", "testing/fuzz-sources.ts", "testing/fuzz-judge.ts", "testing/fuzz-families.ts"];
  const contents = modules.map((name) => `export * from "./simulator/${name}";`).join("\n");
  buildSync({
    stdin: { contents, resolveDir: root, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "neutral",
    outfile,
    logLevel: "error",
  });
  return pathToFileURL(outfile).href;
}

const processorMs = () => process.cpuUsage().user / 1000;

async function judgeAll({ module, seed, count }) {
  const { cellsOfNotebook, fuzzSource, judgeText } = await import(module);
  const corpus = readCorpus(cellsOfNotebook);
  for (let at = seed; at < seed + count; at += 1) {
    const { kind, text } = fuzzSource(at, corpus);
    parentPort.postMessage({ seed: at, kind });
    const judgement = judgeText(text);
    parentPort.postMessage({ seed: at, kind, judgement });
  }
}

function fuzz(module, { seed, count }) {
  const tally = new Map();
  let faults = 0;
  let current = { seed, kind: "start" };
  return new Promise((resolve, reject) => {
    const worker = new Worker(import.meta.filename, { workerData: { module, seed, count } });
    let watchdog = null;
    const watch = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        console.log(`seed ${current.seed} (${current.kind}): no end after ${hangMs / 1000} s`);
        faults += 1;
        void worker.terminate();
      }, hangMs);
    };
    worker.on("message", (message) => {
      watch();
      current = message;
      if (message.judgement === undefined) return;
      const { kind, outcome, faults: found } = message.judgement;
      const key = `${kind} ${outcome}`;
      tally.set(key, (tally.get(key) ?? 0) + 1);
      faults += found.length;
      for (const fault of found) console.log(`seed ${message.seed} (${message.kind}): ${fault}`);
    });
    worker.on("error", reject);
    worker.on("exit", () => {
      clearTimeout(watchdog);
      resolve({ tally, faults });
    });
  });
}

async function measureFamilies(module, only) {
  const { compile, fuzzFamilies } = await import(module);
  /** Milliseconds of one run: the median of three batches. */
  const measure = (text, rounds) => {
    const batches = [0, 1, 2].map(() => {
      const start = processorMs();
      for (let round = 0; round < rounds; round += 1) {
        compile({ files: [{ name: "family.scn", text, firstLine: 1 }], constants: new Map([["N", 2]]), options: {} });
      }
      return (processorMs() - start) / rounds;
    });
    return batches.toSorted((a, b) => a - b)[1];
  };
  let faults = 0;
  console.log(`${"family".padEnd(44)}${"4 kB ms".padStart(9)}${"64 kB ms".padStart(10)}${"ratio".padStart(8)}`);
  for (const family of fuzzFamilies.filter(({ name }) => name.includes(only))) {
    const [small, large] = [family.make(4_096), family.make(65_536)];
    const smallMs = measure(small, 32);
    const largeMs = measure(large, 3);
    // Below half a millisecond the clock and the loop are what is measured.
    const ratio = largeMs / Math.max(smallMs, 0.5);
    const isBad = ratio > ratioMax || largeMs > compileMsMax;
    faults += isBad ? 1 : 0;
    const figures = `${smallMs.toFixed(1).padStart(9)}${largeMs.toFixed(1).padStart(10)}${ratio.toFixed(1).padStart(8)}`;
    console.log(`${family.name.padEnd(44)}${figures}${isBad ? "  TOO SLOW" : ""}`);
  }
  return faults;
}

async function main() {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "10000" },
      seed: { type: "string" },
      times: { type: "boolean", default: false },
      families: { type: "string", default: "" },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "hunkbook-fuzz-"));
  try {
    const module = bundle(folder);
    if (values.times && !process.execArgv.includes("--single-threaded")) {
      const flags = ["--single-threaded", "--max-semi-space-size=64"];
      const again = spawnSync(process.execPath, [...flags, ...process.argv.slice(1)], { stdio: "inherit" });
      return again.status ?? 1;
    }
    if (values.times) {
      const faults = await measureFamilies(module, values.families);
      console.log(faults === 0 ? "all families in time" : `${faults} families too slow`);
      return faults;
    }
    const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`first seed ${seed}, ${values.count} sources`);
    const { tally, faults } = await fuzz(module, { seed, count: Number(values.count) });
    for (const [key, times] of [...tally].sort((a, b) => b[1] - a[1]))
      console.log(`${String(times).padStart(7)} ${key}`);
    console.log(faults === 0 ? "no faults" : `${faults} faults`);
    return faults;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (isMainThread) process.exitCode = (await main()) === 0 ? 0 : 1;
else await judgeAll(workerData);
