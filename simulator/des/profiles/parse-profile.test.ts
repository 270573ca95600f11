import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseProfile } from "./parse-profile.ts";
import { printProfile } from "./print-profile.ts";
import { machineProfiles } from "./profiles.ts";

const own = machineProfiles.map((profile) => ({ ...profile, name: `my-${profile.name}` }));

function problems(value: unknown): readonly string[] {
  const reading = parseProfile(typeof value === "string" ? value : JSON.stringify(value));
  return reading.kind === "malformed" ? reading.message.split("\n") : [];
}

const small = { format: "hunkbook-profile/1", name: "mine", title: "my machine", extends: "x86-server" };
const figure = { value: 9, unit: "ns", basis: "measured", source: "counted" };

describe("a profile file", () => {
  it.each(own.map((profile) => [profile.name, profile] as const))(
    "keeps %s through print and parse",
    (_name, profile) => {
      const reading = parseProfile(printProfile(profile));
      expect(reading).toEqual({ kind: "profile", profile });
      if (reading.kind === "profile") expect(printProfile(reading.profile)).toBe(printProfile(profile));
    },
  );

  it("says only what differs from the machine that it extends", () => {
    const reading = parseProfile(
      JSON.stringify({ ...small, hz: 1000, figures: { tick: figure }, operations: { syscall: figure } }),
    );
    if (reading.kind === "malformed") throw new Error(reading.message);
    const server = machineProfiles[1]!;
    expect(reading.profile).toEqual({
      ...server,
      name: "mine",
      title: "my machine",
      hz: 1000,
      figures: { ...server.figures, tick: { ...figure, low: 9, high: 9 } },
      operations: { ...server.operations, syscall: { ...figure, low: 9, high: 9 } },
    });
  });

  it("without extends says everything, and is told all that is missing at once", () => {
    const missing = problems({ format: "hunkbook-profile/1", name: "mine", title: "my machine", figures: {} });
    expect(missing).toContain("cpus: is missing; a list belongs here");
    expect(missing).toContain("baseSlice: is missing; an object belongs here");
    expect(missing).toContain("figures.tlbSend: is missing; an object belongs here");
    expect(missing).toContain('tlb: is missing; one of "interrupt", "broadcast"');
    expect(missing).toContain("hz: is missing; one of 100, 250, 300, 1000");
  });

  it.each([
    ["{", "not JSON: "],
    ["[]", "an object in { } belongs here"],
    ["null", "an object in { } belongs here"],
    [{ ...small, format: "hunkbook-profile/9" }, 'format: write "format": "hunkbook-profile/1"'],
    [{ ...small, extends: "x86-servr" }, 'extends: there is no machine "x86-servr"; did you mean "x86-server"?'],
    [{ ...small, name: "vm-2" }, 'name: "vm-2" is a machine that ships'],
    [{ ...small, name: "My Box" }, "name: small letters"],
    [{ ...small, title: "two\nlines" }, "title: a text of one line"],
    [{ ...small, preemtion: "full" }, 'preemtion: not known; did you mean "preemption"?'],
    [{ ...small, preemption: "lots" }, 'preemption: one of "none", "voluntary", "full"'],
    [{ ...small, hz: 99 }, "hz: one of 100, 250, 300, 1000"],
    [{ ...small, cpus: [] }, "cpus: from 1 to 1024 CPUs together, not 0"],
    [
      { ...small, cpus: [{ name: "a", count: 1.5, speed: { ...figure, unit: "ratio" } }] },
      "cpus[0].count: a whole number",
    ],
    [
      { ...small, cpus: [{ name: "a", count: 1, speed: { ...figure, unit: "ratio", value: 0 } }] },
      "cpus[0].speed.value: from 0.01",
    ],
    [
      {
        ...small,
        cpus: [
          { name: "a", count: 1, speed: { ...figure, unit: "ratio", value: 1 } },
          { name: "a", count: 1, speed: { ...figure, unit: "ratio", value: 1 } },
        ],
      },
      'cpus: two kinds are called "a"',
    ],
    [{ ...small, figures: { tik: figure } }, 'figures.tik: not known; did you mean "tick"?'],
    [{ ...small, figures: { tick: 9 } }, "figures.tick: an object in { } belongs here"],
    [{ ...small, figures: { tick: { ...figure, value: 1.5 } } }, "figures.tick.value: whole nanoseconds from 0"],
    [{ ...small, figures: { tick: { ...figure, value: -1 } } }, "figures.tick.value: whole nanoseconds from 0"],
    [{ ...small, figures: { tick: { ...figure, unit: "us" } } }, 'figures.tick.unit: one of "ns"'],
    [{ ...small, figures: { tick: { ...figure, source: "" } } }, "figures.tick.source: a text of one line"],
    [
      { ...small, figures: { tick: { ...figure, basis: "guess" } } },
      'figures.tick.basis: one of "measured", "estimate"',
    ],
    [{ ...small, figures: { tick: { ...figure, basis: "estimate" } } }, "figures.tick.low: is missing"],
    [
      { ...small, figures: { tick: { ...figure, basis: "estimate", low: 10, high: 20 } } },
      "figures.tick: low <= value <= high",
    ],
    [{ ...small, figures: { tick: { ...figure, low: 8 } } }, "figures.tick: a measured figure has no range"],
    [{ ...small, baseSlice: { ...figure, value: 0 } }, "baseSlice: at least 1 ns"],
    [{ ...small, gracePeriodHi: figure }, "gracePeriodLo: must not be above gracePeriodHi"],
    [{ ...small, operations: { sycall: figure } }, 'operations.sycall: not known; did you mean "syscall"?'],
    [" ".repeat(200_001), "a profile has at most 200,000 characters"],
  ])("%j is refused, naming the field", (value, message) => {
    expect(problems(value).join("\n")).toContain(message);
  });

  it("never throws, whatever the JSON is", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        parseProfile(text);
      }),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("format", "name", "cpus", "figures", "extends", "__proto__"), fc.jsonValue()),
        (value) => {
          expect(parseProfile(JSON.stringify(value)).kind).toBe("malformed");
        },
      ),
    );
  });
});
