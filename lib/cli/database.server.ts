import { dirname } from "node:path";
import { disconnect } from "../db/client.server.ts";
import { parseEnvironment, type Environment } from "../env.server.ts";
import { openDatabase } from "../launcher/open-database.server.ts";
import { engine } from "../runs/engine.server.ts";
import { UsageError } from "./usage.ts";

/**
 * Does something with the database: the server of DATABASE_URL, else the one that `npm start` runs now, else the embedded
 * one, started for the time of the command.
 *
 * @throws UsageError when the environment is not usable; LaunchError when there is no database
 */
export async function withDatabase<T>(act: (environment: Environment) => Promise<T>): Promise<T> {
  // eslint-disable-next-line no-restricted-properties -- the command finds its database before the environment is parsed for good
  const variables = process.env;
  const parsed = parseEnvironment(variables);
  if (parsed.kind === "invalid") {
    throw new UsageError(
      `the environment is not usable:\n${parsed.problems.map((problem) => `  ${problem}`).join("\n")}`,
    );
  }
  const database = await openDatabase({ environment: parsed.environment, root: dirname(engine().directory) });
  try {
    variables["DATABASE_URL"] = database.url;
    return await act(parsed.environment);
  } finally {
    await disconnect();
    await database.close();
  }
}
