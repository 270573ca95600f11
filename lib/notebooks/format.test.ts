import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatNotebook, unquoteNotebook } from "./format.ts";

const fence = "```";
const hazards = [
  "---",
  "--- a/file",
  "+++ b/file",
  "diff --git a/file b/file",
  "Index: file",
  "From here on",
  "-- ",
  "-- >8 --",
];

const hasGit = spawnSync("git", ["--version"]).status === 0;
if (!hasGit) console.log("skipped: what git mailinfo makes of a formatted notebook, because git is not installed");

describe("formatNotebook", () => {
  it("indents every line that mail would cut, also in fences, and says so", () => {
    const text = `# T\n\n${hazards.join("\n")}\n> quoted\n\n${fence}c\n${hazards.join("\n")}\n${fence}\n`;
    const formatted = formatNotebook(text);
    expect(formatted.text).toBe(
      `# T\n\n${hazards.map((line) => ` ${line}`).join("\n")}\n > quoted\n\n${fence}c\n${hazards.map((line) => ` ${line}`).join("\n")}\n${fence}\n`,
    );
    expect(formatted.changes).toHaveLength(17);
    expect(formatted.changes[0]).toEqual({
      kind: "indented",
      line: 3,
      message: "indented by one blank: git takes a line of --- for the end of the mail's text",
    });
  });

  it("turns CRLF into LF, drops a byte order mark and ends the last line", () => {
    const formatted = formatNotebook("\ufeff# T\r\n\r\ntext");
    expect(formatted.text).toBe("# T\n\ntext\n");
    expect(formatted.changes.map((change) => change.kind)).toEqual(["byte-order-mark", "final-newline", "line-ends"]);
  });

  it("leaves a formatted notebook alone", { timeout: 60_000 }, () => {
    const piece = fc.oneof(fc.constantFrom(...hazards, "> q", fence, `${fence}scn #a`, "", "text", "\r"), fc.string());
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (lines) => {
        const once = formatNotebook(lines.join("\n")).text;
        expect(formatNotebook(once)).toEqual({ text: once, changes: [] });
      }),
    );
  });

  it.skipIf(!hasGit)("makes a mail body of which git mailinfo takes nothing for a patch", () => {
    const scratch = mkdtempSync(join(tmpdir(), "hunkbook-mailinfo-"));
    const body = formatNotebook(
      `# T\n\n${hazards.join("\n\n")}\n\n${fence}diff\n${hazards.join("\n")}\n${fence}\nend\n`,
    ).text;
    const mail = `From: A <a@example.org>\nSubject: s\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n\n${body}`;
    const files = { msg: join(scratch, "msg"), patch: join(scratch, "patch") };
    execFileSync("git", ["mailinfo", files.msg, files.patch], { input: mail });
    expect(readFileSync(files.patch, "utf8")).toBe("");
    expect(readFileSync(files.msg, "utf8").trimEnd()).toMatch(/^# T[\s\S]*end$/);
    rmSync(scratch, { recursive: true });
  });
});

describe("unquoteNotebook", () => {
  it("takes the marks off and returns what was written between the lines apart", () => {
    const text = `Hi,\n\n> ${fence}hunkbook\n> format: hunkbook/1\n> ${fence}\nA remark.\n> > deeper\n`;
    expect(unquoteNotebook(text)).toEqual({
      text: `${fence}hunkbook\nformat: hunkbook/1\n${fence}\n> deeper\n`,
      quoteDepth: 1,
      remarks: [
        { line: 1, text: "Hi," },
        { line: 6, text: "A remark." },
      ],
    });
  });
});
