/** The corpus of tests/observed: texts in the tools' own formats, what is read of them and what is fitted. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitTimes } from "./fit.ts";
import { timeKinds, type ObservationReading } from "./observation.ts";
import { parseObserved } from "./parse-observed.ts";
import { nameOf, renderFit, renderObservation, renderParameters } from "./report.ts";

const folder = join(import.meta.dirname, "../../../tests/observed");
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));

/** All that is read and fitted, as text. */
function told(reading: ObservationReading): string {
  if (reading.kind === "malformed")
    return reading.problems.map(({ line, message }) => `line ${String(line)}: ${message}\n`).join("");
  const { observation } = reading;
  const fits = observation.locks.flatMap((lock) =>
    timeKinds.flatMap((kind) => {
      const times = lock.times[kind];
      if (times === undefined) return [];
      const fit = fitTimes(times);
      return [
        `\n${JSON.stringify({ lock: nameOf(lock), kind: lock.lockKind, [kind]: times })}\n`,
        renderFit(lock, kind, fit),
        renderParameters(lock, kind, fit),
      ];
    }),
  );
  return [renderObservation(observation), ...fits].join("");
}

describe("an observation", () => {
  it.each(files)("%s", (name) => {
    const path = join(folder, name.replace(/txt$/, "expected"));
    const actual = told(parseObserved(readFileSync(join(folder, name), "utf8")));
    if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(path, actual);
    else expect(actual).toBe(readFileSync(path, "utf8"));
  });

  it.each(files)("%s is told in 72 columns", (name) => {
    const lines = told(parseObserved(readFileSync(join(folder, name), "utf8"))).split("\n");
    const long = lines.filter((line) => line.length > 72 && !line.startsWith("{") && !line.startsWith("line "));
    expect(long).toEqual([]);
  });

  it("reads the same with carriage returns", () => {
    for (const name of files) {
      const text = readFileSync(join(folder, name), "utf8");
      expect(parseObserved(text.replaceAll("\n", "\r\n"))).toEqual(parseObserved(text));
    }
  });

  it("takes the unit of bpftrace's maps from their names, else as it is given", () => {
    const text = readFileSync(join(folder, "bpftrace-no-unit.txt"), "utf8");
    expect(parseObserved(text).kind).toBe("malformed");
    const firstFrom = (map: string, unit?: "ns" | "us" | "ms" | "s"): number | null => {
      const reading = parseObserved(`${map}:\n[2, 4)    5 |@@@|\n`, unit === undefined ? {} : { unit });
      const times = reading.kind === "observation" ? reading.observation.locks[0]?.times : undefined;
      const observed = times?.latency ?? times?.hold ?? times?.wait;
      return observed?.kind === "histogram" ? (observed.buckets[0]?.fromNs ?? null) : null;
    };
    expect(firstFrom("@lat", "ms")).toBe(2_000_000);
    expect(
      ["@ns", "@nsecs", "@hold_ns", "@us", "@usecs", "@wait_us", "@ms", "@msecs", "@secs", "@s"].map((map) =>
        firstFrom(map),
      ),
    ).toEqual([2, 2, 2, 2e3, 2e3, 2e3, 2e6, 2e6, 2e9, 2e9]);
    expect(["@bonus", "@locks", "@x", "@address"].map((map) => firstFrom(map))).toEqual([null, null, null, null]);
    expect(firstFrom("@hold_ns[comm, 12]")).toBe(2);
  });

  it("never throws on a damaged text, and names lines that exist", () => {
    const texts = files.map((name) => readFileSync(join(folder, name), "utf8"));
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.nat(),
        fc.nat({ max: 40 }),
        fc.string(),
        (text, at, length, inserted) => {
          const start = at % (text.length + 1);
          const damaged = text.slice(0, start) + inserted + text.slice(start + length);
          const reading = parseObserved(damaged);
          if (reading.kind !== "malformed") return;
          for (const { line } of reading.problems) expect(line).toBeLessThanOrEqual(damaged.split("\n").length);
        },
      ),
      { numRuns: 400 },
    );
  });
});
