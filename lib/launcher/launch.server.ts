import { join } from "node:path";
import { migrate, MigrationError } from "../db/migrate.server.ts";
import { disconnect } from "../db/client.server.ts";
import { type Environment, parseEnvironment } from "../env.server.ts";
import { ensureKnownPersons } from "../people/known.server.ts";
import { issueSignInLink } from "../people/tokens.server.ts";
import {
  type DataHome,
  dataHomePath,
  LaunchError,
  lockDataHome,
  openDataHome,
  refuseInsideCheckout,
} from "./data-home.server.ts";
import { startEmbeddedDatabase } from "./embedded-database.server.ts";
import { choosePort, publicOrigin } from "./listen-address.server.ts";
import { runStep, type StepPlan } from "./run-step.server.ts";
import { listenForStop, type StopRequest } from "./stop-signals.server.ts";
import { type ChildEvent, supervise, type Urgency } from "./supervise.server.ts";
import { webPlan, workerPlan } from "./service-plans.server.ts";

export type LaunchOptions = {
  /** The checkout: package.json, dist/ and .next/ stand in it. */
  readonly root: string;
  /** process.env of the launcher; DATABASE_URL is set in it for the launcher's own queries. */
  readonly variables: NodeJS.ProcessEnv;
  /** npm, when npm started the launcher: it ends with npm. */
  readonly parentPid: number | null;
  /** Builds the web part, or null when what is built is fresh. */
  readonly webBuild: StepPlan | null;
  /** Called when the web part was built whole. */
  readonly onWebBuilt: () => void;
  readonly print: (line: string) => void;
};

/** EX_CONFIG of sysexits.h. */
const exitBadEnvironment = 78;

type Stoppable = { readonly stop: (urgency: Urgency) => Promise<void> };

/**
 * Runs the whole of Hunkbook until it is asked to end: database, migrations, seed, worker, web.
 *
 * @returns the exit code: 0 after a clean stop, 78 for a bad environment, 1 when something could not be started
 */
export async function launch(options: LaunchOptions): Promise<number> {
  const parsed = parseEnvironment(options.variables);
  if (parsed.kind === "invalid") {
    options.print("The environment is not usable:");
    for (const problem of parsed.problems) options.print(`  ${problem}`);
    return exitBadEnvironment;
  }
  const stopRequest = listenForStop({ parentPid: options.parentPid });
  // In the order of their start; ended in the opposite order.
  const running: Stoppable[] = [];
  try {
    await start({ options, environment: parsed.environment, running, stopRequest });
    await stopRequest.requested;
    options.print("Stopping (Ctrl-C again stops at once) ...");
    return await endAll(running, stopRequest);
  } catch (error) {
    const wasAsked = stopRequest.isRequested();
    if (!wasAsked) options.print(explain(error));
    const code = await endAll(running, stopRequest);
    return wasAsked ? code : 1;
  } finally {
    stopRequest.close();
  }
}

/** Refusals explain themselves; anything else is a fault of ours and keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof LaunchError || error instanceof MigrationError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

type Started = {
  readonly options: LaunchOptions;
  readonly environment: Environment;
  readonly running: Stoppable[];
  readonly stopRequest: StopRequest;
};

/** Brings everything up, in an order that lets the database and the seed work while the web part is being built. */
async function start(launched: Started): Promise<void> {
  const { options, environment, running, stopRequest } = launched;
  const homePath = dataHomePath(environment.HUNKBOOK_HOME);
  refuseInsideCheckout(homePath, options.root);
  const home = openDataHome(homePath);
  const { host, port } = await choosePort(environment);
  const built = buildWeb(launched);
  // A failure is awaited further down; until then it must not count as unhandled.
  built.catch(() => undefined);
  const database = await stopRequest.orStopped(openOwnDatabase(launched, home));
  options.variables.DATABASE_URL = database.url;
  if (environment.ROLE === "migrate") {
    options.print("The database is migrated.");
    return stopRequest.request();
  }
  await ensureKnownPersons();
  const origin = environment.PUBLIC_URL?.replace(/\/$/, "") ?? publicOrigin(host, port);
  const services = { root: options.root, variables: options.variables, home, databaseUrl: database.url, host, port };
  const seeded = seed(launched, services);
  running.push(supervise(workerPlan(services), (event) => reportChild(options, event)));
  await stopRequest.orStopped(built);
  const web = supervise(webPlan(services), (event) => reportChild(options, event));
  running.push(web);
  await stopRequest.orStopped(Promise.all([web.ready, seeded]));
  const link = await issueSignInLink({ kind: "operator" }, origin);
  await disconnect();
  options.print(`\nHunkbook is ready: ${origin}`);
  options.print(`Sign in as the operator (works once): ${link}`);
  options.print(`Data: ${home.path}. Ctrl-C stops.\n`);
}

async function buildWeb({ options, running }: Started): Promise<void> {
  if (!options.webBuild) return;
  options.print("Building the pages (once after each change) ...");
  const step = runStep(options.webBuild);
  running.push(step);
  const outcome = await step.finished;
  if (outcome.kind === "failed")
    throw new LaunchError(`The pages could not be built (${outcome.how}):\n${outcome.output}`);
  options.onWebBuilt();
}

/** DATABASE_URL's server, or the embedded one under the data home's lock; migrated either way. */
function openOwnDatabase({ options, environment, running }: Started, home: DataHome): Promise<{ url: string }> {
  if (environment.DATABASE_URL) return migrateForeign(options, environment, environment.DATABASE_URL);
  const lock = lockDataHome(home);
  running.push({ stop: () => Promise.resolve(lock.release()) });
  const opening = startEmbeddedDatabase({
    home,
    root: options.root,
    searchPath: options.variables.PATH ?? "",
    report: (event) => reportChild(options, event),
  });
  // Known to the end before it is there: a stop in the middle of its start must end it too.
  running.push({
    stop: async (urgency) => {
      const database = await opening.catch(() => null);
      await database?.stop(urgency);
    },
  });
  return opening;
}

async function migrateForeign(options: LaunchOptions, environment: Environment, url: string): Promise<{ url: string }> {
  const ownerUrl = environment.DATABASE_OWNER_URL;
  if (!ownerUrl)
    options.print(
      "DATABASE_OWNER_URL is not set: one role does everything, so that the log of events is append-only by custom, not by the database.",
    );
  try {
    await migrate({
      ownerUrl: ownerUrl ?? url,
      appUser: ownerUrl ? decodeURIComponent(new URL(url).username) : null,
      directory: join(options.root, "prisma/migrations"),
    });
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    const { host } = new URL(ownerUrl ?? url);
    throw new LaunchError(`The database server of DATABASE_URL (${host}) refuses: ${error.message}`, { cause: error });
  }
  return { url };
}

/** Imports the demonstration thread and asks the shipped notebooks. A failure is told; the server serves without it. */
async function seed(
  { options, running, stopRequest }: Started,
  services: Parameters<typeof workerPlan>[0],
): Promise<void> {
  const plan = workerPlan(services);
  const step = runStep({
    command: process.execPath,
    args: [join(options.root, "dist/hunkbook.mjs"), "seed"],
    environment: plan.environment,
    workingDirectory: options.root,
  });
  running.push(step);
  const outcome = await step.finished;
  if (outcome.kind === "failed" && !stopRequest.isRequested())
    options.print(`The demonstration could not be set up (${outcome.how}):\n${outcome.output}`);
}

function reportChild(options: LaunchOptions, event: ChildEvent): void {
  switch (event.kind) {
    case "started":
    case "ready":
      return;
    case "exited": {
      const again = `it is started again in ${seconds(event.restartInMs)}`;
      const loop = event.failures > 3 ? ` It keeps failing (${event.failures} times): look at what it printed.` : "";
      options.print(`The ${event.name} ${event.how}; ${again}.${loop}`);
    }
  }
}

/** Ends what was started, last first: the web drains, then the worker, then the database; a second request hurries. */
async function endAll(running: readonly Stoppable[], stopRequest: StopRequest): Promise<number> {
  let isHurried = false;
  const hurry = stopRequest.hurried.then(() => {
    isHurried = true;
    return Promise.all(running.map((child) => child.stop("at-once")));
  });
  const orderly = (async () => {
    for (const child of [...running].reverse()) await child.stop(isHurried ? "at-once" : "orderly");
  })();
  await Promise.race([orderly, hurry]);
  return 0;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
