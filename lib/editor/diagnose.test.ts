import { expect, it } from "vitest";
import { diagnose } from "./diagnose.ts";
import { completionsFor, describeWord } from "./vocabulary.ts";

const notebook = (scenario: string): string => `# Title

\`\`\`hunkbook
format: hunkbook/1
lang: scn/1
\`\`\`

\`\`\`variant
plain = base
broken = BROKEN=1
\`\`\`

\`\`\`scn #model
${scenario}
\`\`\`

\`\`\`run #race
check plain broken
\`\`\`
`;

it("finds nothing wrong with a notebook that runs", () => {
  const diagnosis = diagnose(notebook("int x;\ntask a { WRITE_ONCE(x, 1); }"));
  expect(diagnosis.markers).toEqual([]);
  expect(diagnosis.title).toBe("Title");
  expect(diagnosis.runs.map((run) => run.id)).toEqual(["race"]);
});

it("marks a scenario's error on the file's own line, once for all variants", () => {
  const errors = diagnose(notebook("int x;\ntask a { y = 1; }")).markers.filter(
    (marker) => marker.severity === "error",
  );
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatchObject({ line: 15, column: 10 });
  expect(errors[0]?.message).not.toContain("(in ");
});

it("names the variants that an error is in when others have none", () => {
  const { markers } = diagnose(
    notebook("int x;\n#if BROKEN\ntask a { y = 1; }\n#else\ntask a { WRITE_ONCE(x, 1); }\n#endif"),
  );
  const errors = markers.filter((marker) => marker.severity === "error");
  expect(errors.map((marker) => marker.line)).toEqual([16]);
  expect(errors[0]?.message).toContain("(in broken)");
});

it("marks the notebook's own errors", () => {
  expect(diagnose("# T\n\n```run #race\nchekc base\n```\n").markers.length).toBeGreaterThan(0);
});

it("knows the words of scenarios and of the other blocks", () => {
  expect(completionsFor("scn").map((entry) => entry.name)).toContain("spin_lock");
  expect(completionsFor("run").map((entry) => entry.name)).toContain("check");
  expect(completionsFor(null)).toEqual([]);
  expect(describeWord("spin_lock")?.doc).toBeTruthy();
  expect(describeWord("nothing_like_that")).toBeNull();
});
