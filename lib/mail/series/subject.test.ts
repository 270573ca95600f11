import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanSubject, cleanTitle, parseSubject } from "./subject.ts";

const read = (subject: string): string => {
  const { isReply, flags, version, counter, hints, title } = parseSubject(subject);
  const count = counter ? `${counter.number}/${counter.count}${counter.isBeyondCount ? "!" : ""}` : "-";
  return [
    isReply ? "Re" : "",
    flags.join("+"),
    version === null ? "" : `v${version}`,
    count,
    hints.join(","),
    title,
  ].join(" | ");
};

describe("a subject", () => {
  it.each([
    ["[PATCH v2 03/12] mm: fix it", " | PATCH | v2 | 3/12 |  | mm: fix it"],
    ["[PATCHv3 net-next 0/2] a", " | PATCH | v3 | 0/2 | net-next | a"],
    ["[RFC][PATCH 1/3] a", " | RFC+PATCH |  | 1/3 |  | a"],
    ["[RFC PATCH v4] a", " | RFC+PATCH | v4 | - |  | a"],
    ["[PATCH [RFC] 1/2] a", " | PATCH+RFC |  | 1/2 |  | a"],
    ["[PATCH v5b, cgroup/for-6.20; 2/1] a", " | PATCH | v5 | 2/1! | cgroup/for-6.20 | a"],
    ["[PATCH v2.1 1/1] a", " | PATCH | v2 | 1/1 |  | a"],
    ["[PATCH-resend 1/1] a", " | PATCH+RESEND |  | 1/1 |  | a"],
    ["[PATCH V4 RESEND] a", " | PATCH+RESEND | v4 | - |  | a"],
    ["[PATCH 1 of 7] a", " | PATCH |  | 1/7 |  | a"],
    ["[PATCH 6.1 2.6/2.7] a", " | PATCH |  | - | 6.1,2.6/2.7 | a"],
    ["[GIT PULL] a", " | GIT PULL |  | - |  | a"],
    ["[PATCH AUTOSEL 6.1 1/2] a", " | PATCH+AUTOSEL |  | 1/2 | 6.1 | a"],
    ["[LSF/MM/BPF TOPIC] a", " |  |  | - | LSF/MM/BPF,TOPIC | a"],
    ["Re: [PATCH] a", "Re | PATCH |  | - |  | a"],
    ["RE: Fwd: 答复: AW：[PATCH 1/2] a", "Re | PATCH |  | 1/2 |  | a"],
    ["Odp: [PATCH] a", "Re | PATCH |  | - |  | a"],
    ["mm: [PATCH] is not a prefix here", "Re | PATCH |  | - |  | is not a prefix here"],
    ["Re[2]: a", "Re |  |  | - |  | a"],
    ["mm: a: b", " |  |  | - |  | mm: a: b"],
    ["[PATCH]\u00a0a\u202fb", " | PATCH |  | - |  | a b"],
    ["[unclosed", " |  |  | - |  | [unclosed"],
    ["[]", " |  |  | - |  | "],
    ["", " |  |  | - |  | "],
  ])("%s", (subject, expected) => {
    expect(read(subject)).toBe(expected);
  });

  it("keeps a version at the title's end as a hint only", () => {
    const { version, titleVersion } = parseSubject("[PATCH] a (v3)");
    expect([version, titleVersion]).toEqual([null, 3]);
    expect(cleanTitle("A, b! (v3)")).toBe(cleanTitle("a b"));
  });

  it("has a title for lists even when brackets are all there is", () => {
    expect(cleanSubject("[PATCH 1/2]")).toBe("[PATCH 1/2]");
  });

  it("is read without throwing and in linear time, whatever it is", () => {
    fc.assert(
      fc.property(fc.string(), (subject) => typeof parseSubject(subject).title === "string"),
      { numRuns: 2000 },
    );
    const before = process.cpuUsage();
    for (const piece of ["[", "]", "Re: ", "[PATCH] ", " ", "1/"]) parseSubject(piece.repeat(500_000));
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
  });
});
