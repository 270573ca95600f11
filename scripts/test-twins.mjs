// npm run test:twins [-- --seed N] [-- --programs 2000] [-- --threads 2]
//
// The reductions against the naive explorer on 2,000 random programs, drawn afresh each time: the seeds are printed, and
// `--seed` repeats a run with as many threads. Fails when verdicts differ, and when the programs are not what makes them
// evidence: simulator/testing/twins-table.ts has the bars. TWIN_RUNS, TWIN_SEED and TWIN_STATES do as the options do.
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { buildSync } from "esbuild";

const root = join(import.meta.dirname, "..");

function bundle(folder) {
  const outfile = join(folder, "twins.mjs");
  const contents = ["twins.ts", "twins-table.ts"]
    .map((name) => `export * from "./simulator/testing/${name}";`)
    .join("\n");
  buildSync({
    stdin: { contents, resolveDir: root, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile,
    logLevel: "error",
  });
  return pathToFileURL(outfile).href;
}

/** One thread's share; a line every 100 programs of all. */
function runThread(task, onProgram) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(import.meta.filename, { workerData: task });
    worker.on("message", (message) => {
      if (message === "program") onProgram();
      else resolve(message);
    });
    worker.on("error", reject);
    worker.on("exit", (code) => code !== 0 && reject(new Error(`a thread ended with ${code}`)));
  });
}

async function main() {
  const { values } = parseArgs({
    options: {
      programs: { type: "string", default: process.env.TWIN_RUNS ?? "2000" },
      seed: { type: "string", default: process.env.TWIN_SEED ?? String(randomInt(2 ** 31)) },
      states: { type: "string", default: process.env.TWIN_STATES ?? "6000" },
      threads: { type: "string", default: "2" },
    },
  });
  const [programs, seed, statesMax, threads] = [values.programs, values.seed, values.states, values.threads].map(
    Number,
  );
  console.log(`seed ${seed}, ${programs} programs on ${threads} threads, up to ${statesMax} unreduced states`);
  const folder = mkdtempSync(join(tmpdir(), "hunkbook-twins-"));
  try {
    const module = bundle(folder);
    const startedMs = performance.now();
    const seconds = () => (performance.now() - startedMs) / 1000;
    let done = 0;
    const onProgram = () => {
      done += 1;
      if (done % 100 === 0) console.log(`${done} programs, ${seconds().toFixed(0)} s`);
    };
    const tasks = Array.from({ length: threads }, (_, thread) => {
      const share = Math.floor((programs + thread) / threads);
      // Far enough from each other: one number a program drawn, compared or not.
      return { module, options: { programs: share, statesMax, seed: seed + thread * 10_000_000 } };
    });
    const reports = await Promise.all(tasks.map((task) => runThread(task, onProgram)));
    const { joinReports, missedBars, tellDifference, twinTable } = await import(module);
    const report = joinReports(reports);
    console.log(twinTable(report, { words: Infinity, seconds: seconds() }));
    for (const difference of report.differences) console.log(`DIFFERENCE ${tellDifference(difference)}`);
    const missed = missedBars(report);
    for (const line of missed) console.log(`NOT ENOUGH: ${line}`);
    console.log(`${report.differences.length} differences, ${missed.length} bars missed`);
    return report.differences.length + missed.length;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (isMainThread) process.exitCode = (await main()) === 0 ? 0 : 1;
else {
  const { compareTwins } = await import(workerData.module);
  parentPort.postMessage(compareTwins(workerData.options, () => parentPort.postMessage("program")));
}
