/** `expect` and `claim` blocks. */
import { contentLines, readMessageId, type BlockSource } from "./block-lines.ts";
import { readExpectation } from "../predicates.ts";
import type { NotebookSink, SourceLine } from "./source.ts";
import type { Claim, Expectation } from "../types.ts";

/** Reads all lines of an `expect` block. */
export function readExpectations({ lines, sink }: BlockSource): Expectation[] {
  const expectations: Expectation[] = [];
  for (const { line, text } of contentLines(lines)) {
    const lead = text.length - text.trimStart().length;
    const expectation = readExpectation({ text: text.trim(), column: lead + 1 }, line, sink);
    if (expectation !== null) expectations.push(expectation);
  }
  return expectations;
}

type ClaimSource = BlockSource & { readonly id: string; readonly openingLine: SourceLine };

/** Longest sentence that a claim may quote. */
const quoteUnitsMax = 1_000;

/** Reads `"sentence" <message-id>`, which may run over several lines, then `needs RUN: PREDICATE` lines. */
export function readClaim(source: ClaimSource): Claim | null {
  const { sink } = source;
  const contents = source.lines.filter((line) => line.text.trim() !== "" && !line.text.startsWith("//|"));
  const firstNeed = contents.findIndex((line) => /^\s*needs\b/.test(line.text));
  const head = firstNeed < 0 ? contents : contents.slice(0, firstNeed);
  const needs = firstNeed < 0 ? [] : readNeeds(contents.slice(firstNeed), sink);
  const line = head[0] ?? source.openingLine;
  const sentence = head.map((part) => part.text.trim()).join(" ");
  const match = /^"(.*)"\s*(<[^<>\s]*>)$/s.exec(sentence);
  const messageId = match === null ? null : readMessageId(match[2] ?? "");
  const quote = (match?.[1] ?? "").replace(/\s+/g, " ").trim();
  if (messageId === null || quote === "" || quote.length > quoteUnitsMax) {
    const message = `a claim begins with "the quoted sentence" <message-id>, the sentence at most ${quoteUnitsMax} characters long`;
    sink.report({ code: "NBK071", line, message });
    return null;
  }
  if (firstNeed < 0) {
    const message = "nothing supports or refutes this claim; add a line `needs RUN: PREDICATE`";
    sink.report({ code: "NBK071", line, message });
  }
  return { id: source.id, quote, messageId, needs, line: line.number };
}

function readNeeds(lines: readonly SourceLine[], sink: NotebookSink): Expectation[] {
  const needs: Expectation[] = [];
  for (const { line, text } of contentLines(lines)) {
    const match = /^(\s*needs\s+)(.*)$/.exec(text);
    if (match === null) {
      sink.report({
        code: "NBK071",
        line,
        message: "behind the quoted sentence stand `needs RUN: PREDICATE` lines only",
      });
      continue;
    }
    const need = readExpectation({ text: match[2] ?? "", column: (match[1] ?? "").length + 1 }, line, sink);
    if (need !== null) needs.push(need);
  }
  return needs;
}
