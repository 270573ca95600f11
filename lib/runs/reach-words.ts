/** What a reach run answers, in words: one wording for the command, the pages and chips. */
import { groupThousands } from "../review/verdict-words.ts";
import type { ReachQuestion } from "../notebooks/types.ts";
import type { ExploredResult } from "./run-result.ts";

type Answer = NonNullable<ExploredResult["reach"]>;

/** `x == 1` or `x == 1 right before line 12 of #model in walker`. */
export function questionWords(question: ReachQuestion): string {
  const { expression, at } = question;
  return at === null ? expression : `${expression}, right before ${at.file}:${at.line} in ${at.task}`;
}

/** The answer in one sentence, without the question. */
export function answerSentence(
  result: Pick<ExploredResult, "states" | "exhaustive"> & { readonly reach: Answer },
): string {
  const { reach, states } = result;
  const seen = `${groupThousands(states)} ${states === 1 ? "state" : "states"}`;
  switch (reach.kind) {
    case "reached":
      return `reached after ${reach.steps} ${reach.steps === 1 ? "step" : "steps"}; no shorter way there exists`;
    case "never":
      return `never, in no state of any interleaving (${seen}, exhaustive)`;
    case "not-within-bounds":
      return `not within these bounds, which decides nothing (${seen}; ${reach.message})`;
  }
}
