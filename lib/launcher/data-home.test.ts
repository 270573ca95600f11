import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  lockDataHome,
  openDataHome,
  readConnection,
  readSecrets,
  refuseInsideCheckout,
  writeConnection,
} from "./data-home.server.ts";
import { processIdentity } from "./process-identity.server.ts";

const paths: string[] = [];
function newHome(): ReturnType<typeof openDataHome> {
  const path = mkdtempSync(join(tmpdir(), "hunkbook-home-"));
  paths.push(path);
  return openDataHome(path);
}
afterEach(() => {
  for (const path of paths.splice(0)) rmSync(path, { recursive: true, force: true });
});

describe("the data home's lock", () => {
  it("is refused while its holder lives, and given after its release", () => {
    const home = newHome();
    const lock = lockDataHome(home);
    expect(() => lockDataHome(home)).toThrow(`already runs on the data home ${home.path} (process ${process.pid})`);
    lock.release();
    lockDataHome(home).release();
  });

  it("is taken over from a process that is gone", () => {
    const home = newHome();
    const gone = spawnSync(process.execPath, ["-e", "0"]).pid;
    writeFileSync(join(home.path, "launcher.lock"), JSON.stringify({ pid: gone, identity: "boot/1" }));
    lockDataHome(home).release();
  });

  it("is taken over when its number belongs to another process now", () => {
    const home = newHome();
    writeFileSync(join(home.path, "launcher.lock"), JSON.stringify({ pid: process.pid, identity: "another boot/1" }));
    lockDataHome(home).release();
  });

  it("is taken over when a power loss tore its file", () => {
    const home = newHome();
    writeFileSync(join(home.path, "launcher.lock"), '{"pid": 12');
    lockDataHome(home).release();
  });
});

describe("a process's identity", () => {
  it("is stable while it lives and null when it is gone", async () => {
    const child = spawn(process.execPath, ["-e", "setTimeout(() => 0, 60000)"], { stdio: "ignore" });
    const first = processIdentity(child.pid!);
    expect(first).not.toBeNull();
    expect(processIdentity(child.pid!)).toBe(first);
    expect(first).not.toBe(processIdentity(process.pid));
    child.kill("SIGKILL");
    await new Promise((done) => child.once("exit", done));
    expect(processIdentity(child.pid!)).toBeNull();
  });
});

describe("the data home", () => {
  it("keeps its secrets, readable by the owner only", () => {
    const home = newHome();
    const secrets = readSecrets(home);
    expect(new Set(Object.values(secrets)).size).toBe(3);
    expect(readSecrets(home)).toEqual(secrets);
    expect(statSync(join(home.path, "secrets.json")).mode & 0o777).toBe(0o600);
  });

  it("tells the connection only while its launcher lives", () => {
    const home = newHome();
    expect(readConnection(home)).toBeNull();
    const connection = { url: "app", ownerUrl: "owner", socketDirectory: "/none" };
    writeConnection(home, { ...connection, isReady: false });
    expect(readConnection(home)).toBeNull();
    writeConnection(home, { ...connection, isReady: true });
    expect(readConnection(home)).toMatchObject({ url: "app", ownerUrl: "owner" });
    expect(statSync(join(home.path, "connection.json")).mode & 0o777).toBe(0o600);
    const stale = { ...connection, isReady: true, pid: process.pid, identity: "another boot/1" };
    writeFileSync(join(home.path, "connection.json"), JSON.stringify(stale));
    expect(readConnection(home)).toBeNull();
  });

  it("is never inside the checkout", () => {
    expect(() => refuseInsideCheckout("/src/hunkbook/data", "/src/hunkbook")).toThrow("lies inside the checkout");
    expect(() => refuseInsideCheckout("/src/hunkbook", "/src/hunkbook")).toThrow("lies inside the checkout");
    expect(() => refuseInsideCheckout("/src/hunkbook-data", "/src/hunkbook")).not.toThrow();
  });
});
