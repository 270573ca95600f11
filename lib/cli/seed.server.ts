import { dirname } from "node:path";
import { engine } from "../runs/engine.server.ts";
import { seedDatabase } from "../seed.server.ts";
import { withDatabase } from "./database.server.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { readOptions } from "./options.server.ts";
import type { Terminal } from "./terminal.server.ts";

/** `hunkbook seed`: what a fresh database holds when the first page is opened. */
export function seedCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  readOptions(words, {});
  return withDatabase(async () => {
    const report = await seedDatabase(dirname(engine().directory));
    for (const line of report.lines) terminal.error(`${line}\n`);
    return exitCodes.holds;
  });
}
