import { describe, expect, it } from "vitest";
import { parseNotebook } from "../notebooks/parse/parse.ts";
import { planRuns } from "../notebooks/plan/plan.ts";
import { languageOptions } from "./language-options.ts";

/** The options of a cell as the notebook's parser hands them over. */
function planned(line: string): Readonly<Record<string, string>> | null {
  const text = `# T\n\n\`\`\`hunkbook\nformat: hunkbook/1\nlang: scn/1\n\`\`\`\n\n\`\`\`scn #a\n//| ${line}\nint x;\n\`\`\`\n\n\`\`\`run #r\ncheck base\n\`\`\`\n`;
  const plan = planRuns(parseNotebook(text).notebook);
  return plan.kind === "planned" ? (plan.members[0]?.options ?? null) : null;
}

describe("language options", () => {
  it.each([
    ["races: error", { races: "error" }],
    ["races: note", { races: "note" }],
    ["races: off", { races: "off" }],
    ["recursion: 3", { recursion: 3 }],
    ["reuse: on", { reuse: true }],
    ["oom: off", { oom: false }],
    ["signals: on", { signals: true }],
    ["warn: note", { warn: "note" }],
    ["lockdep: strict", { lockdep: "strict" }],
  ])("%s", (line, expected) => {
    const written = planned(line);
    expect(written).not.toBeNull();
    expect(languageOptions(written ?? {})).toEqual(expected);
  });

  it("that the parser refuses never get here", () => {
    expect(planned("races: sometimes")).toBeNull();
    expect(() => languageOptions({ races: "sometimes" })).toThrow("races: sometimes");
  });
});
