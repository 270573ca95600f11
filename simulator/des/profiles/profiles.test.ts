import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { figureMeanings, operationMeanings, type Figure, type MachineProfile } from "../profile.ts";
import { costNames, figureNames, overrideCosts } from "./override-costs.ts";
import { findProfile, machineProfiles, profileNames } from "./profiles.ts";
import { formatNs, renderProfile } from "./render-profile.ts";

const root = join(import.meta.dirname, "../../..");

function figuresOf(profile: MachineProfile): readonly (readonly [string, Figure])[] {
  return [
    ...Object.entries(profile.figures),
    ...Object.entries(profile.operations ?? {}),
    ["baseSlice", profile.baseSliceNs],
    ["gracePeriodLo", profile.gracePeriodNs.lo],
    ["gracePeriodHi", profile.gracePeriodNs.hi],
    ...profile.cpus.map((kind) => [`speed.${kind.name}`, kind.speed] as const),
  ];
}

describe.each(machineProfiles.map((profile) => [profile.name, profile] as const))(
  "the machine %s",
  (_name, profile) => {
    it("gives every figure a source, whole nanoseconds, and a range that holds its value", () => {
      for (const [name, figure] of figuresOf(profile)) {
        expect(figure.source.length, name).toBeGreaterThan(10);
        expect(figure.low, name).toBeLessThanOrEqual(figure.value);
        expect(figure.high, name).toBeGreaterThanOrEqual(figure.value);
        if (figure.unit === "ns") expect(Number.isInteger(figure.value), name).toBe(true);
        if (figure.basis === "measured") expect([figure.low, figure.high], name).toEqual([figure.value, figure.value]);
        else expect(figure.low, name).toBeLessThan(figure.high);
      }
    });

    it("has all figures and operations", () => {
      expect(Object.keys(profile.figures)).toEqual(Object.keys(figureMeanings));
      expect(Object.keys(profile.operations ?? {})).toEqual(Object.keys(operationMeanings));
    });

    it("is told in 72 columns", () => {
      const lines = renderProfile(profile).split("\n");
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(72);
      for (const name of [...figureNames, ...Object.keys(operationMeanings)])
        expect(lines.filter((line) => line.startsWith(`  ${name} `))).toHaveLength(1);
    });
  },
);

it("vm-2 says of its costs which were measured: those of the table, and no other", () => {
  const { figures, operations } = machineProfiles[0]!;
  const measured = Object.entries(figures).flatMap(([name, figure]) => (figure.basis === "measured" ? [name] : []));
  expect(measured).toEqual(["atomicLocal", "rwsemPair", "contextSwitch", "wakeIdle"]);
  expect(operations?.movePage?.value).toBe(90);
  expect((figures.tlbSend.value + figures.tlbHandle.value) / 1000).toBe(8.5);
});

describe("findProfile", () => {
  it("finds each by its name", () => {
    for (const name of profileNames) expect(findProfile(name)).toMatchObject({ kind: "profile", profile: { name } });
  });

  it("names the nearest of what there is", () => {
    expect(findProfile("arm-phone")).toEqual({
      kind: "unknown",
      message: 'there is no machine "arm-phone"; did you mean "arm64-phone"? there are vm-2, x86-server, arm64-phone',
    });
    expect(findProfile("mainframe")).toEqual({
      kind: "unknown",
      message: 'there is no machine "mainframe"; there are vm-2, x86-server, arm64-phone',
    });
  });
});

describe("overrideCosts", () => {
  const phone = machineProfiles[2]!;

  it("sets every cost that it names, and leaves the profile that it was given alone", () => {
    for (const name of costNames(phone)) {
      const value = name === "gracePeriodHi" ? 40_000_000 : 7;
      const outcome = overrideCosts(phone, [{ name, value }]);
      if (outcome.kind === "unknown") throw new Error(outcome.message);
      const figure = figuresOf(outcome.profile).find(([key]) => key === name)?.[1];
      expect(figure, name).toMatchObject({ value, low: value, high: value, basis: "estimate" });
      expect(figuresOf(phone).find(([key]) => key === name)?.[1].value).not.toBe(value);
    }
  });

  it("lets the later of two settings count", () => {
    const outcome = overrideCosts(phone, [
      { name: "tick", value: 5 },
      { name: "tick", value: 9 },
    ]);
    expect(outcome.kind === "profile" && outcome.profile.figures.tick.value).toBe(9);
  });

  it.each([
    [{ name: "tlbsend", value: 1 }, 'arm64-phone has no cost "tlbsend"; did you mean "tlbSend"?'],
    [{ name: "speed.small", value: 1 }, 'arm64-phone has no cost "speed.small"; there are atomicLocal,'],
    [{ name: "tick", value: 1.5 }, "tick=1.5: a cost is whole nanoseconds from 0 to 10000000000"],
    [{ name: "tick", value: -1 }, "tick=-1: a cost is whole nanoseconds from 0"],
    [{ name: "baseSlice", value: 0 }, "baseSlice=0: a cost is whole nanoseconds from 1"],
    [{ name: "speed.big", value: 0 }, "speed.big=0: a speed is from 0.01 to 100"],
    [{ name: "tick", value: Number.NaN }, "tick=NaN: a cost is whole nanoseconds"],
    [{ name: "gracePeriodLo", value: 31_000_000 }, "31000000 and 30000000 ns are in the wrong order"],
  ])("refuses %o", (cost, message) => {
    const outcome = overrideCosts(phone, [cost]);
    expect(outcome.kind === "unknown" ? outcome.message : "accepted").toContain(message);
  });
});

it("a time is told without rounding", () => {
  expect([0, 7, 999, 1_000, 1_250, 23_000, 10_000_000, 2_500_000_000].map(formatNs)).toEqual([
    "0 ns",
    "7 ns",
    "999 ns",
    "1 us",
    "1.25 us",
    "23 us",
    "10 ms",
    "2.5 s",
  ]);
});

/** The tables of docs/profiles.md are made from the data; UPDATE_EXPECTED=1 writes them. */
describe("docs/profiles.md", () => {
  const path = join(root, "docs/profiles.md");

  function cell(figure: Figure | undefined): string {
    if (figure === undefined) return "";
    const format = figure.unit === "ns" ? formatNs : String;
    return figure.basis === "measured"
      ? `**${format(figure.value)}**`
      : `${format(figure.value)} (${format(figure.low)} to ${format(figure.high)})`;
  }

  function table(
    names: Readonly<Record<string, string>>,
    figure: (profile: MachineProfile, name: string) => Figure | undefined,
  ): string {
    const head = `| | ${profileNames.join(" | ")} | what it is |\n|---|${"---|".repeat(profileNames.length + 1)}`;
    const rows = Object.entries(names).map(
      ([name, meaning]) =>
        `| \`${name}\` | ${machineProfiles.map((profile) => cell(figure(profile, name))).join(" | ")} | ${meaning} |`,
    );
    return [head, ...rows].join("\n");
  }

  const lookUp = (profile: MachineProfile, name: string) => figuresOf(profile).find(([key]) => key === name)?.[1];
  const tables: Readonly<Record<string, string>> = {
    costs: table(
      {
        ...figureMeanings,
        baseSlice: "the scheduler's base slice, before its factor for the number of CPUs",
        gracePeriodLo: "an RCU grace period lasts at least",
        gracePeriodHi: "and at most",
      },
      lookUp,
    ),
    operations: table(operationMeanings, lookUp),
  };

  it("shows the data as it is", () => {
    const expected = readFileSync(path, "utf8");
    const actual = expected.replace(
      /(<!-- begin (\w+) -->\n)[\s\S]*?(\n<!-- end -->)/g,
      (_whole, begin: string, name: string, end: string) => `${begin}${tables[name] ?? ""}${end}`,
    );
    expect(actual.match(/<!-- begin/g)).toHaveLength(2);
    if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(path, actual);
    else expect(actual).toBe(expected);
  });
});
