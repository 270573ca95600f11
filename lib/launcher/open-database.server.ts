import type { Environment } from "../env.server.ts";
import { dataHomePath, lockDataHome, openDataHome, readConnection } from "./data-home.server.ts";
import { startEmbeddedDatabase } from "./embedded-database.server.ts";
import { usualSearchPath } from "./postgres-binaries.server.ts";

/** A migrated database for as long as a command runs. */
export type OpenDatabase = {
  /** As the app role: what belongs into DATABASE_URL. */
  readonly url: string;
  readonly close: () => Promise<void>;
};

/**
 * The database for a command: the server of DATABASE_URL, else the one that `npm start` runs for the same user now,
 * else the embedded one, started for the command and stopped by `close`.
 *
 * @param options.root the checkout
 * @throws LaunchError when there is none and none can be started
 */
export async function openDatabase(options: {
  readonly environment: Environment;
  readonly root: string;
}): Promise<OpenDatabase> {
  const { environment, root } = options;
  if (environment.DATABASE_URL) return { url: environment.DATABASE_URL, close: () => Promise.resolve() };
  const home = openDataHome(dataHomePath(environment.HUNKBOOK_HOME));
  const running = readConnection(home);
  if (running) return { url: running.url, close: () => Promise.resolve() };
  const lock = lockDataHome(home);
  try {
    const started = await startEmbeddedDatabase({ home, root, searchPath: usualSearchPath, report: () => undefined });
    const close = async (): Promise<void> => {
      await started.stop("orderly");
      lock.release();
    };
    return { url: started.url, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}
