import pg from "pg";

/** The roles of a database that is ours: the owner migrates and owns the queue; the app reads and writes rows. */
export const ownerRole = "hunkbook_owner";
export const appRole = "hunkbook_app";

/**
 * Creates the two roles and the database where they are missing and sets the roles' passwords. Only for the embedded
 * server, where we have its administrator; on a server of one's own an administrator does the same by hand.
 */
export async function ensureRolesAndDatabase(options: {
  adminUrl: string;
  database: string;
  ownerPassword: string;
  appPassword: string;
}): Promise<void> {
  const client = new pg.Client({ connectionString: options.adminUrl });
  await client.connect();
  try {
    await ensureRole(client, ownerRole, options.ownerPassword);
    await ensureRole(client, appRole, options.appPassword);
    await ensureDatabase(client, options.database);
  } finally {
    await client.end();
  }
}

async function ensureRole(client: pg.Client, role: string, password: string): Promise<void> {
  const found = await client.query("select 1 from pg_roles where rolname = $1", [role]);
  const verb = found.rowCount === 0 ? "create" : "alter";
  // CREATE ROLE takes no parameters; both texts are quoted by the driver's own functions.
  await client.query(
    `${verb} role ${client.escapeIdentifier(role)} login nosuperuser nocreatedb nocreaterole password ${client.escapeLiteral(password)}`,
  );
}

async function ensureDatabase(client: pg.Client, database: string): Promise<void> {
  const found = await client.query("select 1 from pg_database where datname = $1", [database]);
  const name = client.escapeIdentifier(database);
  if (found.rowCount === 0) await client.query(`create database ${name} owner ${client.escapeIdentifier(ownerRole)}`);
  await client.query(`revoke connect, temporary on database ${name} from public`);
  await client.query(`grant connect on database ${name} to ${client.escapeIdentifier(appRole)}`);
}

/** The tables that the app role may fill but never change: what happened stays said. */
const appendOnlyTables = ["event"] as const;

/**
 * Gives the app role exactly what it needs in a migrated database. Runs after every migration, as the owner;
 * running it again changes nothing.
 */
export async function grantToApp(client: pg.Client, app: string): Promise<void> {
  const role = client.escapeIdentifier(app);
  await client.query("begin");
  try {
    await client.query(`grant usage on schema public, pgboss to ${role}`);
    for (const schema of ["public", "pgboss"]) {
      await client.query(`grant select, insert, update, delete on all tables in schema ${schema} to ${role}`);
      await client.query(`grant usage, select on all sequences in schema ${schema} to ${role}`);
    }
    await client.query(`grant execute on all functions in schema pgboss to ${role}`);
    // pg-boss makes one partition a queue, later than this runs.
    await client.query(
      `alter default privileges in schema pgboss grant select, insert, update, delete on tables to ${role}`,
    );
    await client.query(`revoke insert, update, delete, truncate on _prisma_migrations from ${role}`);
    for (const table of appendOnlyTables)
      await client.query(`revoke update, delete, truncate on ${table} from ${role}`);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
}
