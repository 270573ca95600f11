/** tests/language: programs beside the dump of their typed tree. UPDATE_EXPECTED=1 accepts what is printed. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderDiagnostic } from "../source/diagnostic.ts";
import { kitText } from "../kits/index.ts";
import { analyse } from "./analyse.ts";
import { dumpUnit } from "../testing/dump.ts";

const folder = new URL("../../tests/language/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".scn"));

function constantsOf(source: string): ReadonlyMap<string, number> {
  const list = /^\/\/ constants (.*)$/m.exec(source)?.[1] ?? "";
  const pairs = list.split(",").filter((pair) => pair !== "");
  return new Map(pairs.map((pair) => [pair.split("=")[0] ?? "", Number(pair.split("=")[1])]));
}

describe("language corpus", () => {
  it.each(names)("%s has the expected typed tree", (name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    const outcome = analyse({ files: [{ name, text, firstLine: 1 }], constants: constantsOf(text), kit: kitText });
    const diagnostics = outcome.diagnostics.map((each) => `${renderDiagnostic(each)}\n`).join("");
    expect(diagnostics).toBe("");
    const dumped = outcome.kind === "analysed" ? dumpUnit(outcome.unit) : "";
    const expectedUrl = new URL(name.replace(/\.scn$/, ".expected"), folder);
    if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(expectedUrl, dumped);
    expect(dumped).toBe(readFileSync(expectedUrl, "utf8"));
  });
});
