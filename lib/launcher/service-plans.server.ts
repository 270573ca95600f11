import { request } from "node:http";
import { join } from "node:path";
import type { DataHome } from "./data-home.server.ts";
import { publicOrigin } from "./listen-address.server.ts";
import type { ChildPlan } from "./supervise.server.ts";

export type Services = {
  readonly root: string;
  readonly variables: NodeJS.ProcessEnv;
  readonly home: DataHome;
  /** As the app role. */
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
};

/** Web and worker end by themselves on SIGTERM within the first wait; what hangs is ended hard. */
const stopSteps = [
  { signal: "SIGTERM", waitMs: 10_000 },
  { signal: "SIGKILL", waitMs: 5_000 },
] as const;

/** The pages and the API. */
export function webPlan(services: Services): ChildPlan {
  const next = join(services.root, "node_modules/next/dist/bin/next");
  return {
    name: "web server",
    command: process.execPath,
    args: [next, "start", "-p", String(services.port), "-H", services.host],
    ...shared(services),
    // Next's banner goes to stdout and is dropped: the launcher prints the address. The log is on stderr.
    stdio: ["ignore", "ignore", "inherit"],
    isReady: () => answers(services.host, services.port),
  };
}

/** The process that runs what was asked, each run in a sandboxed child. */
export function workerPlan(services: Services): ChildPlan {
  return {
    name: "worker",
    command: process.execPath,
    args: ["--enable-source-maps", join(services.root, "dist/worker.mjs")],
    ...shared(services),
    stdio: ["ignore", "inherit", "inherit"],
    isReady: () => Promise.resolve(true),
  };
}

function shared(
  services: Services,
): Pick<ChildPlan, "environment" | "workingDirectory" | "user" | "stopSteps" | "deathSignal"> {
  return {
    environment: serviceEnvironment(services),
    workingDirectory: services.root,
    user: null,
    stopSteps,
    deathSignal: "KILL",
  };
}

/** The launcher's environment without what only the launcher may know: the owner's password, npm's settings. */
export function serviceEnvironment(services: Services): NodeJS.ProcessEnv {
  const kept = Object.entries(services.variables).filter(
    ([name]) => name !== "DATABASE_OWNER_URL" && !name.toLowerCase().startsWith("npm_"),
  );
  return {
    ...Object.fromEntries(kept),
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    DATABASE_URL: services.databaseUrl,
    HUNKBOOK_HOME: services.home.path,
    HOST: services.host,
    PORT: String(services.port),
  };
}

/** Whether the web server answers a request with anything but a fault of its own. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(`${publicOrigin(host, port)}/healthz`, { timeout: 2_000 }, (response) => {
      response.resume();
      resolve((response.statusCode ?? 500) < 500);
    });
    asked.once("timeout", () => asked.destroy());
    // Refused or reset: not listening yet. The caller asks again.
    asked.once("error", () => resolve(false));
    asked.end();
  });
}
