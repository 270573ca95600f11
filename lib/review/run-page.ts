/** What a run's page and its text twin say, as values and as sentences. */
import { simulationSetting } from "#simulator";
import type { ExpectState } from "../notebooks/evaluate.ts";
import type { ReachQuestion } from "../notebooks/types.ts";
import type { RunProgress } from "../runs/child-messages.ts";
import { exploredOf, simulatedOf, type RunResult } from "../runs/run-result.ts";
import { readPointLabel } from "../notebooks/sweep-point.ts";
import { figuresHeadline, type FiguresView } from "./figures-view.ts";
import { ablationHeadline, type AblationView } from "./ablation-view.ts";
import { countWords, groupThousands, toneOf, toneRank, verdictWords, type RunState } from "./verdict-words.ts";

export type RunMember = {
  readonly ordinal: number;
  readonly variant: string;
  readonly runKey: string;
  readonly state: RunState;
  readonly resultHash: string | null;
  readonly result: RunResult | null;
  readonly progress: RunProgress | null;
  readonly runsBefore: number | null;
  readonly parameters: Readonly<Record<string, number>>;
  readonly switches: Readonly<Record<string, number>>;
  readonly limits: RunLimitWords | null;
  /** What a reach asked. */
  readonly reach: ReachQuestion | null;
  /** Flags of the command beside what the notebook says: `--coverage`. */
  readonly flags: readonly string[];
  readonly engine: string;
  readonly attempt: number;
  readonly expects: readonly { readonly text: string; readonly state: ExpectState }[];
};

export type RunLimitWords = {
  readonly statesMax: number;
  readonly depthMax: number;
  readonly memoryBytesMax: number;
  readonly seed: number;
};

/** A hunk beside which this ask's results stand. */
export type RunHunk = {
  readonly hunkKey: string;
  readonly path: string;
  readonly oldStart: number;
  readonly messageIdText: string;
  readonly subject: string;
};

export type RunPage = {
  readonly askId: string;
  readonly cellId: string;
  /** What was asked: check, ablate, reach. */
  readonly kind: string;
  /** Of an ablation: what its subsets say together. */
  readonly ablation: AblationView | null;
  /** Of a sweep or a comparison: what its runs say together. */
  readonly figures: FiguresView | null;
  readonly notebook: { readonly slug: string; readonly title: string } | null;
  /** Revision whose text was asked; null when it was never saved. */
  readonly revision: number | null;
  readonly textHash: string | null;
  readonly text: string | null;
  readonly askerName: string;
  readonly askedAt: Date;
  readonly visibility: "draft" | "link" | "public";
  readonly isCancelled: boolean;
  readonly mayCancel: boolean;
  readonly members: readonly RunMember[];
  readonly hunks: readonly RunHunk[];
  /** Line of the notebook at which each cell's line 1 stands. */
  readonly cellLines: ReadonlyMap<string, number>;
};

/** Is any verdict still to come? */
export function isPending(page: Pick<RunPage, "members">): boolean {
  return page.members.some((member) => ["queued", "running"].includes(toneOf(member.state)));
}

/** One sentence: `x2 violated: use-after-free, 14 steps; mainline and proposal hold.` Worst first. */
export function askSentence(page: Pick<RunPage, "members">): string {
  const groups = new Map<string, { readonly rank: number; readonly words: string; readonly variants: string[] }>();
  for (const member of page.members) {
    const tone = toneOf(member.state);
    const words = tone === "holds" ? "holds" : verdictWords(member.state);
    const group = groups.get(words) ?? { rank: toneRank(tone), words, variants: [] };
    group.variants.push(member.variant);
    groups.set(words, group);
  }
  const parts = [...groups.values()]
    .sort((a, b) => a.rank - b.rank)
    .map(({ words, variants }) => {
      const many = variants.length > 1 && words === "holds" ? "hold" : words;
      return `${listWords(variants)} ${many}`;
    });
  return parts.length === 0 ? "Nothing was run." : `${parts.join("; ")}.`;
}

/** What the ask came to, in a line. */
export function pageSentence(page: RunPage): string {
  if (page.figures !== null) return figuresHeadline(page.figures);
  return page.ablation === null ? askSentence(page) : ablationHeadline(page.ablation);
}

/** `a`, `a and b`, `a, b and c`. */
export function listWords(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? "";
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`;
}

/** How far the search went, which is what `holds` rests on. */
export function reachWords(member: RunMember): string {
  const result = exploredOf(member.result);
  if (result === null) return "";
  return result.exhaustive
    ? `exhaustive: all ${countWords(result.states, "state")}`
    : `${countWords(result.states, "state")} searched, not all`;
}

/** What a verdict is worth: memory model, bounds, and what was not examined. */
export function scopeWords(member: RunMember): string {
  const { limits } = member;
  const simulated = simulatedOf(member.result);
  if (simulated !== null) {
    const assumptions = simulated.assumptions.map((assumption) => assumption.replace(/\.$/, ""));
    return ["model only", simulationSetting(simulated), ...assumptions].join("; ");
  }
  const result = exploredOf(member.result);
  if (result === null) return "";
  const bounds =
    limits === null
      ? []
      : [
          `bounds ${groupThousands(limits.statesMax)} states, depth ${groupThousands(limits.depthMax)}, ${Math.round(limits.memoryBytesMax / 1_048_576)} MiB`,
        ];
  const assumptions = result.assumptions.map((assumption) =>
    assumption.replace(/^SC\b/, "sequential consistency (SC)"),
  );
  return ["model only", ...bounds, ...assumptions].join("; ");
}

/** A message of the engine with the notebook's own lines: `(#model:23)` becomes `(line 58)`. */
export function messageWords(page: Pick<RunPage, "cellLines">, message: string): string {
  return message.replace(/#([a-z][a-z0-9-]{0,31}):(\d+)/g, (place, cellId: string, line: string) => {
    const first = page.cellLines.get(cellId);
    return first === undefined ? place : `line ${first + Number(line) - 1}`;
  });
}

/** The command that gives the same run key and result hash without this server. */
export function reproduceCommand(page: Pick<RunPage, "notebook" | "cellId" | "kind">, member: RunMember): string {
  const command = commandOf(page.kind);
  return `hunkbook ${command} ${fileCell(page)} --variant ${shellWord(member.variant)}${parameterWords(member)}`;
}

function commandOf(kind: string): "ablate" | "run" | "simulate" | "check" {
  if (kind === "ablate") return "ablate";
  if (kind === "reach") return "run";
  return isSimulation(kind) ? "simulate" : "check";
}

/** Of a sweep the table tells what was measured; what came to no figures stands in full below it. */
export function isTold(page: Pick<RunPage, "figures">, member: Pick<RunMember, "state">): boolean {
  return page.figures?.kind !== "sweep" || !["measured", "queued", "running"].includes(toneOf(member.state));
}

/** Whether such an ask was run in simulated time. */
export function isSimulation(kind: string): boolean {
  return kind === "simulate" || kind === "sweep" || kind === "compare";
}

/** The command that breaks a check's locks one by one; null where there is nothing to break: no variant holds. */
export function mutateCommand(page: Pick<RunPage, "notebook" | "cellId" | "kind" | "members">): string | null {
  const [first] = page.members;
  const holding = page.members.filter((member) => toneOf(member.state) === "holds");
  if (page.kind !== "check" || first === undefined || isPending(page) || holding.length === 0) return null;
  const parameters = Object.entries(first.parameters).map(([name, value]) => ` -p ${name}=${value}`);
  return `hunkbook mutate ${fileCell(page)}${parameters.join("")}`;
}

/** How far an ask has come, while something is still to come: `3 of 8 done`. */
export function doneWords(page: Pick<RunPage, "members">): string | null {
  if (!isPending(page)) return null;
  const waits = page.members.filter((member) => ["queued", "running"].includes(toneOf(member.state)));
  return `${page.members.length - waits.length} of ${page.members.length} done`;
}

/** The command for all runs of a sweep or a comparison. */
export function figuresCommand(page: Pick<RunPage, "notebook" | "cellId" | "members">): string {
  const [member] = page.members;
  const swept = member === undefined ? [] : Object.keys(readPointLabel(member.variant)?.point ?? {});
  const parameters = Object.entries(member?.parameters ?? {}).filter(([name]) => !swept.includes(name));
  return `hunkbook simulate ${fileCell(page)}${parameters.map(([name, value]) => ` -p ${name}=${value}`).join("")}`;
}

/** The command for a whole ablation. */
export function ablationCommand(page: Pick<RunPage, "notebook" | "cellId" | "members">): string {
  const [member] = page.members;
  return `hunkbook ablate ${fileCell(page)}${member === undefined ? "" : parameterWords(member)}`;
}

function fileCell(page: Pick<RunPage, "notebook" | "cellId">): string {
  return `${page.notebook?.slug ?? "notebook"}.hb.md#${page.cellId}`;
}

function parameterWords(member: RunMember): string {
  // The label of a point has the swept values already.
  const swept = Object.keys(readPointLabel(member.variant)?.point ?? {});
  return Object.entries(member.parameters)
    .filter(([name]) => !swept.includes(name))
    .map(([name, value]) => ` -p ${name}=${value}`)
    .concat(member.flags.map((flag) => ` ${flag}`))
    .join("");
}

/** `#model:12` as the notebook's own line, when the text is known. */
export function notebookLine(
  page: Pick<RunPage, "cellLines">,
  place: { readonly file: string; readonly line: number },
): number | null {
  const first = page.cellLines.get(place.file.replace(/^#/, ""));
  return first === undefined ? null : first + place.line - 1;
}

/** `running: 1,240,000 states, depth 31, 88,000 to go` */
export function progressWords(progress: RunProgress): string {
  if ("events" in progress) {
    const { replication, replications, events } = progress;
    return `replication ${replication} of ${replications}, ${countWords(events, "event")}`;
  }
  return `${countWords(progress.states, "state")}, depth ${progress.depth}, frontier ${groupThousands(progress.frontier)}`;
}

/** Words are printed for a POSIX shell; a plain name stays plain. */
function shellWord(word: string): string {
  return /^[A-Za-z0-9_.-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`;
}
