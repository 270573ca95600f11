import { renderNotebookDiagnostic } from "../notebooks/diagnostics.ts";
import { planRuns } from "../notebooks/plan/plan.ts";
import type { PlannedRun } from "../notebooks/types.ts";
import { defaultEngineOptions } from "../runs/run-input.ts";
import { inputOf, openCommandSandbox } from "./compute.server.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { readNotebookFile, splitTarget, type NotebookFile } from "./notebook-file.server.ts";
import { textInNotebookLines } from "./notebook-lines.ts";
import { onlyPositional, readOptions, readParameters } from "./options.server.ts";
import { printable } from "./printable.ts";
import { renderDiagnostics } from "./report.ts";
import type { Terminal } from "./terminal.server.ts";
import { UsageError } from "./usage.ts";

const optionNames = {
  schedule: { type: "string" },
  variant: { type: "string" },
  p: { type: "string", short: "p", multiple: true },
  json: { type: "boolean" },
} as const;

/** `hunkbook replay FILE#cell --schedule S`: the steps of one schedule. */
export async function replayCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readOptions(words, optionNames);
  const { path, cellId } = splitTarget(onlyPositional(positionals, "FILE#cell"));
  if (cellId === null) throw new UsageError("replay walks through one run cell: write FILE#cell");
  if (values.schedule === undefined) throw new UsageError("--schedule is missing");
  const reading = readNotebookFile(path);
  const planned =
    reading.kind === "refused"
      ? reading
      : planRuns(reading.file.notebook, {
          cellId,
          parameters: readParameters(values.p ?? []),
          variants: values.variant === undefined ? [] : [values.variant],
        });
  if (reading.kind === "refused" || planned.kind !== "planned") {
    const diagnostics = planned.kind === "planned" ? [] : planned.diagnostics;
    const name = reading.kind === "read" ? reading.file.name : reading.name;
    for (const diagnostic of diagnostics) terminal.error(printable(`${renderNotebookDiagnostic(diagnostic, name)}\n`));
    return exitCodes.rejected;
  }
  return replayOne(onlyMember(planned.members), {
    terminal,
    file: reading.file,
    schedule: values.schedule,
    isJson: values.json ?? false,
  });
}

function onlyMember(members: readonly PlannedRun[]): PlannedRun {
  const [member, ...more] = members;
  if (member !== undefined && more.length === 0) return member;
  throw new UsageError(
    `say which variant: --variant ${members.map((candidate) => candidate.variant).join(" or --variant ")}`,
  );
}

async function replayOne(
  member: PlannedRun,
  job: {
    readonly terminal: Terminal;
    readonly file: NotebookFile;
    readonly schedule: string;
    readonly isJson: boolean;
  },
): Promise<ExitCode> {
  const { terminal, file } = job;
  const place = { notebook: file.notebook, fileName: file.name };
  const sandbox = await openCommandSandbox(() => undefined);
  try {
    const outcome = await sandbox.run({
      request: { kind: "replay", input: inputOf(member, defaultEngineOptions), schedule: job.schedule },
      timeMsMax: member.timeMsMax,
    });
    switch (outcome.kind) {
      case "replayed":
        terminal.out(
          job.isJson
            ? `${JSON.stringify(outcome.trace)}\n`
            : printable(textInNotebookLines(`${outcome.text.trimEnd()}\n`, place)),
        );
        return exitCodes.holds;
      case "not-replayable":
        terminal.error(printable(textInNotebookLines(`this schedule does not fit: ${outcome.message}\n`, place)));
        return exitCodes.rejected;
      case "result":
        terminal.error(printable(`${renderDiagnostics(outcome.result.diagnostics, place).join("\n")}\n`));
        return exitCodes.rejected;
      case "stopped":
        terminal.error(`stopped (${outcome.reason})\n`);
        return exitCodes.stopped;
      case "failed":
        terminal.error(printable(`the engine failed: ${outcome.message}\n${outcome.detail}\n`));
        return exitCodes.stopped;
      case "cancelled":
      case "timeline":
      case "survey":
        throw new Error("assert: the replay was answered with something else");
    }
  } finally {
    sandbox.close();
  }
}
