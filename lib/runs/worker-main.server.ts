/** The worker process: dist/worker.mjs. The launcher starts it and restarts it when it ends. */
import { disconnect } from "../db/client.server.ts";
import { environment } from "../env.server.ts";
import { log } from "../log.server.ts";
import { openSandbox } from "./sandbox.server.ts";
import { Worker } from "./worker.server.ts";

async function main(): Promise<void> {
  const weak = environment().HUNKBOOK_WEAK_SANDBOX === "1" ? "allowed" : "refused";
  // One spare for a person's run, one for the program's own beside it.
  const opening = await openSandbox({ weak, spares: 2 });
  if (opening.kind === "refused") {
    log().error(`no runs on this machine: ${opening.reason}`);
    // The pages work without runs, and say so; ending would only make the launcher start us again.
    const idle = setInterval(() => undefined, 60_000);
    onSignal(() => {
      clearInterval(idle);
    });
    return;
  }
  const worker = new Worker({ sandbox: opening.sandbox });
  worker.start();
  onSignal(() => {
    void worker
      .stop()
      .then(disconnect)
      .then(() => process.exit(0));
  });
}

function onSignal(act: () => void): void {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, act);
}

main().catch((error: unknown) => {
  log().fatal(
    { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    "the worker cannot start",
  );
  process.exitCode = 1;
});
