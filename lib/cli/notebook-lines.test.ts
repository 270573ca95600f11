import { describe, expect, it } from "vitest";
import { parseNotebook } from "../notebooks/parse/parse.ts";
import { inNotebookLines, textInNotebookLines } from "./notebook-lines.ts";

const text = "# T\n\n```hunkbook\nformat: hunkbook/1\nlang: scn/1\n```\n\n```scn #model\nint x;\nint y;\n```\n";
const options = { notebook: parseNotebook(text).notebook, fileName: "t.hb.md" };

describe("places of results", () => {
  it("move from the cell's lines to the file's", () => {
    const place = { file: "#model", line: 2, column: 5, endLine: 2, endColumn: 6 };
    const moved = inNotebookLines({ deep: [{ place }] }, options);
    expect(moved.deep[0]?.place).toEqual({ ...place, file: "t.hb.md", line: 10, endLine: 10 });
  });

  it("stay where they are in kits and unknown cells", () => {
    const place = { file: "<mm/rmap.h>", line: 2, column: 5, endLine: 2, endColumn: 6 };
    expect(inNotebookLines(place, options)).toEqual(place);
    expect(textInNotebookLines("#other:2", options)).toBe("#other:2");
  });

  it("move in sentences too", () => {
    expect(textInNotebookLines("at #model:1, then #model:2:5", options)).toBe("at t.hb.md:9, then t.hb.md:10:5");
  });
});
