import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { processIdentity } from "./process-identity.server.ts";
import { type ChildEvent, type ChildPlan, supervise } from "./supervise.server.ts";

function planOf(script: string, changes: Partial<ChildPlan> = {}): ChildPlan {
  return {
    name: "child",
    command: process.execPath,
    args: ["-e", script],
    environment: { PATH: "/usr/local/bin:/usr/bin:/bin", NODE_ENV: "test" },
    workingDirectory: "/",
    user: null,
    stdio: ["ignore", "ignore", "ignore"],
    stopSteps: [
      { signal: "SIGTERM", waitMs: 300 },
      { signal: "SIGKILL", waitMs: 5_000 },
    ],
    deathSignal: "KILL",
    restartMsMin: 50,
    isReady: () => Promise.resolve(true),
    ...changes,
  };
}

const lives = "setInterval(() => 0, 1000);";

describe("supervise", () => {
  it("starts a child again after a pause that doubles", async () => {
    const events: ChildEvent[] = [];
    const child = supervise(planOf("process.exit(3)"), (event) => events.push(event));
    await new Promise((done) => setTimeout(done, 500));
    await child.stop("orderly");
    const exits = events.flatMap((event) => (event.kind === "exited" ? [event] : []));
    expect(exits.slice(0, 2)).toMatchObject([
      { how: "ended with code 3", restartInMs: 50, failures: 1 },
      { how: "ended with code 3", restartInMs: 100, failures: 2 },
    ]);
  });

  it("gives up on a child that fails four times before it was ever ready", async () => {
    const child = supervise(planOf("process.exit(3)", { isReady: () => Promise.resolve(false) }), () => undefined);
    await expect(child.ready).rejects.toThrow("child ended with code 3, 4 times in a row");
  });

  it("reports a program that does not exist", async () => {
    const plan = planOf("", { command: "/no/such/program", isReady: () => Promise.resolve(false) });
    await expect(supervise(plan, () => undefined).ready).rejects.toThrow(
      /child (could not be started|ended with code 127)/,
    );
  });

  it("ends a child that ignores SIGTERM the hard way", async () => {
    const pids: number[] = [];
    const child = supervise(planOf(`process.on("SIGTERM", () => 0); ${lives}`), (event) => {
      if (event.kind === "started") pids.push(event.pid);
    });
    await child.ready;
    await new Promise((done) => setTimeout(done, 300));
    await child.stop("orderly");
    expect(pids.map(processIdentity)).toEqual([null]);
  });

  it("leaves nothing of a child's process group", async () => {
    const spawnsOne = `require("child_process").spawn("sleep", ["61.25"], { stdio: "ignore" }); ${lives}`;
    const child = supervise(planOf(spawnsOne), () => undefined);
    const isSleeping = (): boolean => spawnSync("pgrep", ["-f", "^sleep 61[.]25$"]).status === 0;
    while (!isSleeping()) await new Promise((done) => setTimeout(done, 20));
    await child.stop("orderly");
    await new Promise((done) => setTimeout(done, 50));
    expect(isSleeping()).toBe(false);
  });
});
