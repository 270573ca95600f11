/** The command: dist/hunkbook.mjs, called by bin/hunkbook and, to seed the database, by the launcher. */
import { LaunchError } from "../launcher/data-home.server.ts";
import { engine } from "../runs/engine.server.ts";
import { calibrateCommand } from "./calibrate.server.ts";
import { ablateCommand, checkCommand } from "./check.server.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { fitCommand } from "./fit.server.ts";
import { formatCommand } from "./format.server.ts";
import { commandHelp, commandNames, overview, type CommandName } from "./help.ts";
import { importCommand } from "./import.server.ts";
import { loginCommand } from "./login.server.ts";
import { printable } from "./printable.ts";
import { promelaCommand } from "./promela.server.ts";
import { mutateCommand } from "./mutate.server.ts";
import { reachCommand } from "./reach.server.ts";
import { simulateCommand } from "./simulate.server.ts";
import { replayCommand } from "./replay.server.ts";
import { seedCommand } from "./seed.server.ts";
import { processTerminal, type Terminal } from "./terminal.server.ts";
import { UsageError } from "./usage.ts";

type Command = (words: readonly string[], terminal: Terminal) => Promise<ExitCode>;

const commands: Readonly<Record<CommandName, Command>> = {
  check: (words, terminal) => checkCommand(words, { terminal, scope: "checks" }),
  run: (words, terminal) => checkCommand(words, { terminal, scope: "everything" }),
  simulate: simulateCommand,
  ablate: ablateCommand,
  reach: reachCommand,
  mutate: mutateCommand,
  fmt: formatCommand,
  replay: replayCommand,
  promela: promelaCommand,
  calibrate: calibrateCommand,
  fit: fitCommand,
  import: importCommand,
  login: loginCommand,
  seed: seedCommand,
};

/** Runs one command and returns its exit code. */
async function run(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first, ...rest] = words;
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    terminal.out(overview);
    return first === undefined ? exitCodes.usage : exitCodes.holds;
  }
  if (first === "--version") {
    const { version, digest } = engine();
    terminal.out(`hunkbook ${version}, engine ${digest}\n`);
    return exitCodes.holds;
  }
  const name = commandNames.find((candidate) => candidate === first);
  if (name === undefined) throw new UsageError(`there is no command "${first}"; hunkbook --help lists them`);
  if (rest.includes("--help") || rest.includes("-h")) {
    terminal.out(commandHelp[name]);
    return exitCodes.holds;
  }
  return commands[name](rest, terminal);
}

/** A refusal explains itself in one line; a fault of ours keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof UsageError || error instanceof LaunchError) return error.message;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}

const terminal = processTerminal();
try {
  process.exitCode = await run(process.argv.slice(2), terminal);
} catch (error) {
  terminal.progress("");
  terminal.error(printable(`hunkbook: ${explain(error)}\n`));
  process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.stopped;
}
