/** The text and JSON twins of a run's page. */
import { renderSimulation, simulationHeadline } from "#simulator";
import { sweepLines } from "../runs/sweep.ts";
import {
  exploredOf,
  simulatedOf,
  type ExploredResult,
  type ResultCoverage,
  type SimulatedResult,
} from "../runs/run-result.ts";
import { ablationTable, methodWords } from "../runs/ablation-words.ts";
import { coverageCounts, coverageScope, lineRanges, oneSidedWords, unreachedOf } from "../runs/coverage-words.ts";
import { answerSentence, questionWords } from "../runs/reach-words.ts";
import type { FiguresView } from "./figures-view.ts";
import { ablationRemarks, shownSubsets, type AblationView } from "./ablation-view.ts";
import {
  ablationCommand,
  askSentence,
  doneWords,
  figuresCommand,
  isTold,
  messageWords,
  mutateCommand,
  notebookLine,
  pageSentence,
  reachWords,
  reproduceCommand,
  scopeWords,
  type RunMember,
  type RunPage,
} from "./run-page.ts";
import { traceText } from "./trace-words.ts";
import { verdictWords } from "./verdict-words.ts";

const columns = 72;
const indentColumns = 2;

/** The page as text: what a person quotes in a mail. */
export function runText(page: RunPage): string {
  const blocks = [
    page.ablation === null && page.figures === null ? askSentence(page) : folded(pageSentence(page), "").join("\n"),
    [
      `Notebook: ${page.notebook === null ? "not saved" : `${page.notebook.title} (/n/${page.notebook.slug})`}`,
      `Cell:     #${page.cellId}`,
      `Asked by: ${page.askerName}, ${page.askedAt.toISOString()}`,
    ].join("\n"),
    ...progressText(page),
    ...(page.ablation === null ? [] : [ablationText(page, page.ablation)]),
    ...(page.figures === null ? [] : [figuresText(page, page.figures)]),
    ...shownMembers(page).map((member) => memberText(page, member)),
    ...mutateText(page),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function progressText(page: RunPage): readonly string[] {
  const done = doneWords(page);
  return done === null ? [] : [`So far: ${done}.`];
}

function mutateText(page: RunPage): readonly string[] {
  const command = mutateCommand(page);
  return command === null ? [] : [`Would it notice a missing lock? ${command}`];
}

function shownMembers(page: RunPage): readonly RunMember[] {
  const shown = page.ablation === null ? null : shownSubsets(page.ablation);
  return page.members.filter((member) => isTold(page, member) && (shown === null || shown.has(member.variant)));
}

function ablationText(page: RunPage, view: AblationView): string {
  const verdicts = new Map(page.members.map((member) => [member.variant, verdictWords(member.state)]));
  return [
    ...folded(`Ablation: ${methodWords(view.ablation)}.`, ""),
    "",
    ...ablationTable(view.ablation, verdicts).map((line) => (line === "" ? "" : `  ${line}`)),
    "",
    ...ablationRemarks(view).flatMap((remark) => folded(remark, "")),
    ...view.expects.map(({ text, state }) => `expected: ${text} (${state.kind})`),
    `Reproduce: ${ablationCommand(page)}`,
  ].join("\n");
}

function memberText(page: RunPage, member: RunMember): string {
  const lines = [`${member.variant}: ${verdictWords(member.state)}`];
  const { result } = member;
  if (result !== null && result.verdict === "rejected") lines.push(...rejectionLines(page, result));
  const explored = exploredOf(result);
  if (explored !== null) lines.push(...exploredLines(page, member, explored));
  const simulated = simulatedOf(result);
  if (simulated !== null) lines.push(...simulatedLines(page, simulated));
  for (const expect of member.expects) lines.push(`  expected: ${expect.text} (${expect.state.kind})`);
  lines.push(`  Reproduce: ${reproduceCommand(page, member)}`);
  lines.push(`  Run key ${member.runKey}, result hash ${member.resultHash ?? "none yet"}`);
  return lines.join("\n");
}

function simulatedLines(page: RunPage, result: SimulatedResult): readonly string[] {
  const sentence = result.verdict === "measured" ? simulationHeadline(result) : result.message;
  return [...folded(messageWords(page, sentence)), "", ...renderSimulation(result).trimEnd().split("\n")];
}

/** What the runs of a sweep or a comparison say together. */
function figuresText(page: RunPage, figures: FiguresView): string {
  const table = figures.kind === "sweep" ? ["", ...sweepLines(figures.view)] : [];
  return [`Figure: ${metricOf(figures)}`, ...table, "", `Reproduce: ${figuresCommand(page)}`].join("\n");
}

function metricOf(figures: FiguresView): string {
  return figures.kind === "sweep" ? figures.view.metric : figures.comparison.metric;
}

function exploredLines(page: RunPage, member: RunMember, result: ExploredResult): readonly string[] {
  // What a reach asked for is its witness; a violation on the side is told in a sentence.
  const shown =
    result.reach === undefined ? result.trace : result.reach.kind === "reached" ? result.reach.trace : undefined;
  const trace =
    shown === undefined
      ? []
      : ["", indented(traceText(page, shown, { columns: columns - indentColumns }), indentColumns)];
  const itself = result.reach === undefined ? "" : "the scenario itself: ";
  return [
    ...(result.reach === undefined ? [] : reachLines(page, member, { ...result, reach: result.reach })),
    ...folded(`${itself}${messageWords(page, result.message)}`),
    ...folded(`Search: ${reachWords(member)}. Scope: ${scopeWords(member)}.`),
    ...(result.coverage === undefined ? [] : coverageLines(page, result.coverage)),
    ...trace,
  ];
}

function reachLines(
  page: RunPage,
  member: RunMember,
  result: ExploredResult & { readonly reach: NonNullable<ExploredResult["reach"]> },
): readonly string[] {
  const question = member.reach === null ? "" : `${questionWords(member.reach)}: `;
  return folded(messageWords(page, `${question}${answerSentence(result)}.`));
}

function coverageLines(page: RunPage, coverage: ResultCoverage): readonly string[] {
  const { lines, oneSided } = unreachedOf(coverage);
  const lineOf = (place: { readonly file: string; readonly line: number }): number =>
    notebookLine(page, place) ?? place.line;
  return [
    ...folded(`Coverage: ${coverageCounts(coverage)}. Not reached: ${coverageScope(coverage)}.`),
    ...(lines.length === 0 ? [] : folded(`Lines not reached: ${lineRanges(lines.map(lineOf))}.`)),
    ...oneSided.flatMap((branch) =>
      folded(
        `Line ${lineOf(branch.place)}: (${branch.condition}) ${oneSidedWords(branch) ?? ""}${coverage.complete ? "" : " so far"}.`,
      ),
    ),
  ];
}

function rejectionLines(
  page: RunPage,
  result: Extract<RunMember["result"], { readonly verdict: "rejected" }>,
): readonly string[] {
  return result.diagnostics.map(
    ({ at, severity, message, code }) =>
      `  ${notebookLine(page, at) ?? `${at.file}:${at.line}`}:${at.column}: ${severity}: ${message} [${code}]`,
  );
}

function indented(text: string, blanks: number): string {
  return text.replace(/^(?=.)/gm, " ".repeat(blanks));
}

/** Words in lines of at most 72 columns; all but the first are indented by two, the first by `lead`. */
function folded(words: string, lead = "  "): readonly string[] {
  const lines: string[] = [];
  for (const word of words.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? `${lead}${word}` : `  ${word}`);
  }
  return lines;
}

/** The page as JSON, with whole results. Maps become objects. */
export function runJson(page: RunPage): object {
  const { text: _text, cellLines, ...rest } = page;
  return { ...rest, sentence: pageSentence(page), cellLines: Object.fromEntries(cellLines) };
}
