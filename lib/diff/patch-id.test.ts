import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findDiffs } from "./parse-diff.ts";
import { patchIdOfBody, patchIdOfDiffs, stablePatchId } from "./patch-id.ts";

const corpus = (name: string) => readFileSync(new URL(`../../tests/diff/${name}.txt`, import.meta.url), "utf8");

function gitPatchId(text: string): string | null {
  const printed = execFileSync("git", ["patch-id", "--stable"], { input: text, encoding: "utf8" });
  return printed.split(" ")[0] || null;
}

function hasGit(): boolean {
  try {
    execFileSync("git", ["--version"]);
    return true;
  } catch (cause) {
    console.warn(`git is not installed: patch ids are compared with pinned ones only (${String(cause)})`);
    return false;
  }
}

describe("stablePatchId", () => {
  it("gives the ids that git 2.39 printed", () => {
    expect(stablePatchId(corpus("formal"))).toBe("94e610493965077e6eaa42cc9ac26a096da8ec6b");
    expect(stablePatchId(corpus("counts-decide"))).toBe("86a234ae541540ea2b1b45622ac4b0f37958f0dd");
  });

  it("does not depend on white space, line numbers or the order of files", () => {
    const file = (name: string, start: number, blank: string) =>
      `diff --git a/${name} b/${name}\n--- a/${name}\n+++ b/${name}\n@@ -${start},2 +${start},2 @@\n-${blank}a\n+${blank}b\n c\n`;
    const id = stablePatchId(file("x", 1, "\t") + file("y", 5, "\t"));
    expect(stablePatchId(file("y", 50, "        ") + file("x", 10, " "))).toBe(id);
    expect(stablePatchId(file("y", 5, "\t"))).not.toBe(id);
  });

  it("is null without a diff line of git's", () => {
    expect(stablePatchId("No patch.\n")).toBeNull();
    expect(patchIdOfBody("No patch.\n", [])).toBeNull();
    expect(patchIdOfDiffs([])).toBeNull();
  });

  it.skipIf(!hasGit())("agrees with the installed git on random patches, damaged ones too", () => {
    const line = fc.constantFrom(
      " a",
      "+b\t",
      "-c",
      "@@ -1,2 +1,2 @@",
      "@@ -5 +5 @@",
      "-- ",
      "--- a/x",
      "+++ b/x",
      "\\ No newline at end of file",
      "",
      "diff --git a/z b/z",
      "index 12..34 100644",
      // Never without their index line: git then hashes what its stack happens to hold.
      "index 12..34 100644\nGIT binary patch",
      "literal 5",
      "index 56..78\nBinary files a/q and b/q differ",
      "commit text",
      "new file mode 100644",
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 25 }), (lines) => {
        const text = ["diff --git a/x b/x", "--- a/x", "+++ b/x", ...lines, ""].join("\n");
        expect(stablePatchId(text)).toBe(gitPatchId(text));
      }),
      { numRuns: 60 },
    );
  });
});

describe("patchIdOfBody", () => {
  it("is the same for a patch with a wrapped @@ line as for the whole one", () => {
    const wrapped = [
      "diff --git a/x.c b/x.c",
      "--- a/x.c",
      "+++ b/x.c",
      "@@ -10,3 +10,3 @@ static void a_function_with_a_long_name(struct ring",
      "*ring)",
      " \ta();",
      "-\tb();",
      "+\tc();",
      " \td();",
    ];
    const whole = [...wrapped.slice(0, 3), `${wrapped[3]} ${wrapped[4]}`, ...wrapped.slice(5)].join("\n");
    const body = wrapped.join("\n");
    expect(patchIdOfBody(body, findDiffs(body))).toBe(stablePatchId(whole));
    expect(patchIdOfDiffs(findDiffs(body))).toBe(stablePatchId(whole));
  });
});
