import { expect, it } from "vitest";
import {
  ablationCommand,
  askSentence,
  doneWords,
  mutateCommand,
  listWords,
  messageWords,
  reproduceCommand,
  type RunMember,
} from "./run-page.ts";

const member = (variant: string, changes: Partial<RunMember["state"]>): RunMember => ({
  ordinal: 0,
  variant,
  runKey: "k",
  state: {
    status: "finished",
    verdict: "holds",
    violationClass: null,
    steps: null,
    states: 9,
    limit: null,
    stopReason: null,
    ...changes,
  },
  resultHash: null,
  result: null,
  progress: null,
  runsBefore: null,
  parameters: { LOOKUPS: 2 },
  switches: {},
  limits: null,
  reach: null,
  flags: [],
  engine: "",
  attempt: 1,
  expects: [],
});

it("says an ask in one sentence, worst first", () => {
  const violated = { verdict: "violated", violationClass: "deadlock", steps: 4 } as const;
  const members = [
    member("before", {}),
    member("v1", violated),
    member("v2", {}),
    member("v3", { status: "queued", verdict: null }),
  ];
  expect(askSentence({ members })).toBe("v1 violated: deadlock, 4 steps; v3 queued; before and v2 hold.");
  expect(listWords(["a", "b", "c"])).toBe("a, b and c");
});

it("never says of an answer that the model holds", () => {
  const members = [member("v1", { reach: "reached", steps: 4 }), member("v2", { reach: "never" })];
  expect(askSentence({ members })).toBe("v1 reached after 4 steps; v2 never reached: 9 states, exhaustive.");
});

it("says how far an ask has come, and names the command that breaks a check only where something holds", () => {
  const page = { notebook: { slug: "demo", title: "Demo" }, cellId: "race", kind: "check" };
  const waiting = { ...page, members: [member("v1", {}), member("v2", { status: "queued", verdict: null })] };
  expect(doneWords(waiting)).toBe("1 of 2 done");
  expect(mutateCommand(waiting)).toBeNull();
  const ended = { ...page, members: [member("v1", {})] };
  expect(doneWords(ended)).toBeNull();
  expect(mutateCommand(ended)).toBe("hunkbook mutate demo.hb.md#race -p LOOKUPS=2");
  expect(mutateCommand({ ...ended, kind: "reach" })).toBeNull();
  expect(mutateCommand({ ...page, members: [member("v1", { verdict: "violated" })] })).toBeNull();
});

it("prints a command that a shell takes as it stands", () => {
  const page = { notebook: { slug: "demo", title: "Demo" }, cellId: "race", kind: "check" };
  expect(reproduceCommand(page, member("v1", {}))).toBe("hunkbook check demo.hb.md#race --variant v1 -p LOOKUPS=2");
  expect(reproduceCommand(page, member("it's; rm", {}))).toContain("--variant 'it'\\''s; rm'");
  expect(reproduceCommand({ ...page, kind: "ablate" }, member("{A, B}", {}))).toBe(
    "hunkbook ablate demo.hb.md#race --variant '{A, B}' -p LOOKUPS=2",
  );
  expect(reproduceCommand({ ...page, kind: "reach" }, member("v1", {}))).toContain("hunkbook run demo.hb.md#race");
  expect(ablationCommand({ ...page, members: [member("{}", {})] })).toBe(
    "hunkbook ablate demo.hb.md#race -p LOOKUPS=2",
  );
});

it("speaks of the notebook's own lines", () => {
  const cellLines = new Map([["model", 36]]);
  expect(messageWords({ cellLines }, "the count is 0 (#model:23), then #other:1")).toBe(
    "the count is 0 (line 58), then #other:1",
  );
});
