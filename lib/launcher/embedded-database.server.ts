import { join } from "node:path";
import { migrate } from "../db/migrate.server.ts";
import { appRole, ensureRolesAndDatabase, ownerRole } from "../db/roles.server.ts";
import { type DataHome, LaunchError, readSecrets, removeConnection, writeConnection } from "./data-home.server.ts";
import { prepareCluster } from "./postgres-cluster.server.ts";
import { type ChildEvent, supervise, type Urgency } from "./supervise.server.ts";

/** A running, migrated database of our own. */
export type EmbeddedDatabase = {
  /** As the app role: rows only. What web, worker and commands use. */
  readonly url: string;
  /** As the owner: migrates. */
  readonly ownerUrl: string;
  /** As the server's administrator; only tests need it. */
  readonly adminUrl: string;
  /** "at-once" skips the clean shutdown: nothing is lost, the next start recovers. */
  readonly stop: (urgency: Urgency) => Promise<void>;
};

export type EmbeddedOptions = {
  readonly home: DataHome;
  readonly root: string;
  readonly searchPath: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly report: (event: ChildEvent) => void;
};

const databaseName = "hunkbook";

/**
 * Starts the embedded PostgreSQL of a data home and migrates it. The caller holds the data home's lock.
 *
 * @throws LaunchError when it cannot be started; MigrationError when its history is not this program's
 */
export async function startEmbeddedDatabase(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const secrets = readSecrets(options.home);
  const cluster = await prepareCluster({ ...options, secrets });
  const urlOf = (user: string, password: string, database: string): string =>
    `postgresql://${user}:${password}@localhost:5432/${database}?host=${encodeURIComponent(cluster.socketDirectory)}`;
  const adminUrl = urlOf(cluster.adminUser, secrets.admin, "postgres");
  const url = urlOf(appRole, secrets.app, databaseName);
  const ownerUrl = urlOf(ownerRole, secrets.owner, databaseName);
  const connection = { url, ownerUrl, socketDirectory: cluster.socketDirectory };
  writeConnection(options.home, { ...connection, isReady: false });
  const server = supervise(cluster.plan, options.report);
  const stop = async (urgency: Urgency): Promise<void> => {
    await server.stop(urgency);
    cluster.removeSocketDirectory();
    removeConnection(options.home);
  };
  try {
    await server.ready.catch((error: unknown) => {
      throw new LaunchError(`The database does not start. The end of its log:\n${cluster.lastLogLines()}`, {
        cause: error,
      });
    });
    await ensureRolesAndDatabase({
      adminUrl,
      database: databaseName,
      ownerPassword: secrets.owner,
      appPassword: secrets.app,
    });
    await migrate({ ownerUrl, appUser: appRole, directory: join(options.root, "prisma/migrations") });
    writeConnection(options.home, { ...connection, isReady: true });
  } catch (error) {
    await stop("orderly");
    throw error;
  }
  return { url, ownerUrl, adminUrl, stop };
}
