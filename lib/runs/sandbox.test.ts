/**
 * The walls, tried from inside: each child here does what a broken engine or generated code could be made to do. Real
 * processes; nothing is faked but the child's program.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultReductions, type RunInput } from "./run-input.ts";
import { missingTools, permissionFlag } from "./sandbox-layers.server.ts";
import { openSandbox, type Sandbox, type SandboxOutcome, type SandboxRequest } from "./sandbox.server.ts";

const missing = missingTools();
if (missing !== null) console.warn(`sandbox tests are skipped: ${missing}`);

const input: RunInput = {
  format: "run/1",
  language: "scn/1",
  engine: "0".repeat(64),
  kind: "check",
  cells: [],
  options: {},
  constants: {},
  appliedHunks: [],
  seed: 1,
  limits: { statesMax: 1, depthMax: 1, memoryBytesMax: 200_000_000 },
  reductions: defaultReductions,
};

/** The pipe's protocol, by hand: the test must not share the code that it tests. */
const prelude = `
import { writeSync } from "node:fs";
const frame = (kind, text) => {
  const body = Buffer.from(text);
  const head = Buffer.alloc(5);
  head[0] = kind;
  head.writeUInt32BE(body.length, 1);
  for (let bytes = Buffer.concat([head, body]); bytes.length > 0; ) {
    try { bytes = bytes.subarray(writeSync(1, bytes)); } catch (error) { if (error.code !== "EAGAIN") throw error; }
  }
};
const answer = (message) => { frame(5, JSON.stringify({ kind: "not-replayable", message: String(message) })); process.exit(0); };
frame(1, "");
process.stdin.once("data", async () => {
  frame(3, "");
`;

const opened: { sandbox: Sandbox; directory: string }[] = [];
afterEach(() => {
  for (const { sandbox, directory } of opened.splice(0)) {
    sandbox.close();
    rmSync(directory, { recursive: true });
  }
});

async function open(body: string): Promise<Sandbox> {
  const directory = mkdtempSync(join(tmpdir(), "sandbox-test-"));
  writeFileSync(join(directory, "child.mjs"), `${prelude}${body}\n});`);
  writeFileSync(join(directory, "simulator.mjs"), "");
  const opening = await openSandbox({ weak: "refused", codeDirectory: directory });
  if (opening.kind === "refused") throw new Error(opening.reason);
  opened.push({ sandbox: opening.sandbox, directory });
  return opening.sandbox;
}

async function runChild(body: string, request: Partial<SandboxRequest> = {}): Promise<SandboxOutcome> {
  const sandbox = await open(body);
  return sandbox.run({ request: { kind: "replay", input, schedule: "" }, timeMsMax: 8_000, ...request });
}

/** What a child that only reports says. */
async function report(expression: string): Promise<string> {
  const outcome = await runChild(
    `answer(await (async () => { ${expression} })().catch((error) => "refused " + error.code));`,
  );
  if (outcome.kind !== "not-replayable") throw new Error(JSON.stringify(outcome));
  return outcome.message;
}

describe.skipIf(missing !== null)("the sandbox stops", { timeout: 30_000 }, () => {
  it("a run that never ends, by its wall time", async () => {
    const startedMs = performance.now();
    expect(await runChild("for (;;);", { timeMsMax: 400 })).toEqual({ kind: "stopped", reason: "time" });
    expect(performance.now() - startedMs).toBeLessThan(1_400 + 1_000);
  });

  it("a compiler that never ends, long before the run's own time", async () => {
    const body = "for (;;);";
    const sandbox = await open(body);
    const outcome = await sandbox.run({ request: { kind: "run", input }, timeMsMax: 300 });
    expect(outcome).toEqual({ kind: "stopped", reason: "time" });
  });

  it("typed arrays that grow without end", async () => {
    const body = "const held = []; for (;;) held.push(new Uint8Array(64 << 20).fill(1));";
    expect(await runChild(body)).toMatchObject({ kind: expect.stringMatching(/^(stopped|failed)$/) });
    const caught = `try { ${body} } catch (error) { frame(5, JSON.stringify({ kind: "out-of-memory" })); process.exit(0); }`;
    expect(await runChild(caught)).toEqual({ kind: "stopped", reason: "memory" });
  });

  it("objects that fill the heap", async () => {
    const body = "const held = []; for (;;) held.push({ x: [Math.random(), Math.random()] });";
    expect(await runChild(body)).toEqual({ kind: "stopped", reason: "memory" });
  });

  it("a flood of output", async () => {
    const body =
      'const text = JSON.stringify({states:1,transitions:1,depth:1,frontier:1,memoryBytes:1,x:"y".repeat(1e5)}); for (;;) frame(4, text);';
    expect(await runChild(body)).toEqual({ kind: "stopped", reason: "output" });
  });

  it("an answer above 8 MB", async () => {
    expect(await runChild('answer("x".repeat(9e6));')).toEqual({ kind: "stopped", reason: "output" });
  });

  it("a cancelled run, at once", async () => {
    const abort = new AbortController();
    const sandbox = await open("for (;;);");
    const running = sandbox.run({ request: { kind: "run", input }, timeMsMax: 8_000, signal: abort.signal });
    await new Promise((resolve) => setTimeout(resolve, 150));
    const startedMs = performance.now();
    abort.abort();
    expect(await running).toEqual({ kind: "cancelled" });
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });
});

describe.skipIf(missing !== null)("the sandbox does not believe", { timeout: 30_000 }, () => {
  it.each([
    ["bytes that are no frame", 'writeSync(1, "hello, world");', "wrote what is no answer"],
    ["an outcome that is none", 'frame(5, "{}"); process.exit(0);', "wrote what is no answer"],
    ["text that is no JSON", 'frame(5, "]"); process.exit(0);', "wrote what is no answer"],
    [
      "a verdict that contradicts itself",
      'frame(5, JSON.stringify({kind:"result",result:{verdict:"holds"}})); process.exit(0);',
      "contradicts itself",
    ],
    ["an end without an answer", "process.exit(0);", "ended by exit code 0"],
  ])("%s", async (_what, body, message) => {
    expect(await runChild(body)).toMatchObject({ kind: "failed", message: expect.stringContaining(message) });
  });

  it("an engine fault to be a verdict: its text goes to the log", async () => {
    const body = 'frame(5, JSON.stringify({kind:"fault",message:"assert: x",stack:"at y"})); process.exit(0);';
    expect(await runChild(body)).toEqual({ kind: "failed", message: "assert: x", detail: "at y" });
  });
});

describe.skipIf(missing !== null)("inside the sandbox there is", { timeout: 30_000 }, () => {
  let server: Server;
  let port = 0;
  let connections = 0;
  beforeAll(async () => {
    server = createServer(() => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (typeof address === "object" && address !== null) port = address.port;
    process.env["HUNKBOOK_CANARY"] = "secret";
  });
  afterAll(() => {
    delete process.env["HUNKBOOK_CANARY"];
    server.close();
  });

  it("no file but the runner's own, to read or to write", async () => {
    const fs = 'const fs = await import("node:fs");';
    expect(await report(`${fs} return fs.readFileSync("/etc/hostname", "utf8")`)).toBe("refused ERR_ACCESS_DENIED");
    expect(await report(`${fs} return fs.readdirSync("/")`)).toBe("refused ERR_ACCESS_DENIED");
    expect(await report(`${fs} fs.writeFileSync("/tmp/escaped", "x")`)).toBe("refused ERR_ACCESS_DENIED");
    expect(await report(`${fs} fs.writeFileSync("escaped", "x")`)).toBe("refused ERR_ACCESS_DENIED");
  });

  it("no process and no thread to start", async () => {
    const exec = 'const child = await import("node:child_process"); return child.execSync("id")';
    expect(await report(exec)).toBe("refused ERR_ACCESS_DENIED");
    const thread =
      'const { Worker } = await import("node:worker_threads"); new Worker("0", { eval: true }); return "started"';
    expect(await report(thread)).toBe("refused ERR_ACCESS_DENIED");
  });

  it("no environment", async () => {
    expect(await report("return JSON.stringify(process.env)")).toBe('{"NODE_ENV":"production"}');
  });

  it("no network, where the kernel gives namespaces away", async () => {
    const connect = `const net = await import("node:net");
      return await new Promise((resolve) => {
        const socket = net.connect(${String(port)}, "127.0.0.1");
        socket.on("connect", () => resolve("CONNECTED"));
        socket.on("error", (error) => resolve(error.code));
      });`;
    const sandbox = await open("answer(0);");
    const answer = await report(connect);
    if (sandbox.layers.includes("no-network")) {
      expect(answer).toMatch(/^(ENETUNREACH|EACCES)$/);
      expect(connections).toBe(0);
    } else {
      console.warn(
        "this system has no unprivileged network namespaces: the layer is off here, and the worker's log says so",
      );
    }
  });

  it("no signal to send to us", async () => {
    const sandbox = await open("answer(0);");
    const kill = `return process.kill(${String(process.pid)}, 0)`;
    if (sandbox.layers.includes("own-user")) expect(await report(kill)).toBe("refused EPERM");
  });
});

describe.skipIf(missing !== null)("a child", { timeout: 30_000 }, () => {
  it("is gone after its answer, with all it started", async () => {
    const sandbox = await open("answer(process.pid);");
    const outcome = await sandbox.run({ request: { kind: "replay", input, schedule: "" }, timeMsMax: 5_000 });
    if (outcome.kind !== "not-replayable") throw new Error(outcome.kind);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(stateOf(Number(outcome.message))).toMatch(/^(gone|Z)$/);
  });

  it("is never used twice", async () => {
    const sandbox = await open("answer(process.pid);");
    const pids = new Set<string>();
    for (let run = 0; run < 4; run += 1) {
      const outcome = await sandbox.run({ request: { kind: "replay", input, schedule: "" }, timeMsMax: 5_000 });
      if (outcome.kind === "not-replayable") pids.add(outcome.message);
    }
    expect(pids.size).toBe(4);
  });
});

/** proc(5)'s state letter, or `gone`. */
function stateOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2, text.lastIndexOf(")") + 3);
  } catch {
    return "gone";
  }
}

describe("permissionFlag", () => {
  it.each([
    ["20.20.2", "--experimental-permission"],
    ["22.12.0", "--experimental-permission"],
    ["22.13.0", "--permission"],
    ["23.4.0", "--experimental-permission"],
    ["23.5.0", "--permission"],
    ["24.1.0", "--permission"],
  ])("of Node %s is %s", (version, flag) => {
    expect(permissionFlag(version)).toBe(flag);
  });
});

/** A child that stays: it answers every request with its process id and the number of requests so far. */
const stayingPrelude = prelude.replace(/process\.stdin\.once[\s\S]*$/, "") + "let served = 0;\n";

async function openShared(handler: string): Promise<Sandbox> {
  const directory = mkdtempSync(join(tmpdir(), "sandbox-test-"));
  const text = `${stayingPrelude.replace("process.exit(0);", "")}
process.stdin.on("data", () => { served += 1; frame(3, ""); ${handler} });`;
  writeFileSync(join(directory, "child.mjs"), text);
  writeFileSync(join(directory, "simulator.mjs"), "");
  const opening = await openSandbox({ weak: "refused", codeDirectory: directory, children: "shared" });
  if (opening.kind === "refused") throw new Error(opening.reason);
  opened.push({ sandbox: opening.sandbox, directory });
  return opening.sandbox;
}

async function said(sandbox: Sandbox, request: Partial<SandboxRequest> = {}): Promise<string> {
  const outcome = await sandbox.run({ request: { kind: "replay", input, schedule: "" }, timeMsMax: 8_000, ...request });
  return outcome.kind === "not-replayable" ? outcome.message : JSON.stringify(outcome);
}

describe.skipIf(missing !== null)("a sandbox whose requests share children", () => {
  it("asks the same child again", async () => {
    const sandbox = await openShared("answer(process.pid + ' ' + served);");
    const [first, second] = [await said(sandbox), await said(sandbox)];
    expect(first).toMatch(/ 1$/);
    expect(second).toBe(first.replace(/ 1$/, " 2"));
  });

  it("asks a clean child when one that served before fails", async () => {
    const sandbox = await openShared("if (served > 1) process.exit(3); answer(process.pid + ' ' + served);");
    const [first, second] = [await said(sandbox), await said(sandbox)];
    expect(second).toMatch(/ 1$/);
    expect(second).not.toBe(first);
  });

  it("never asks a child again that was stopped", async () => {
    const slow = await openShared("setTimeout(() => answer(process.pid + ' ' + served), 60_000);");
    expect(await said(slow, { timeMsMax: 300 })).toBe('{"kind":"stopped","reason":"time"}');
    expect(await said(slow, { timeMsMax: 300 })).toBe('{"kind":"stopped","reason":"time"}');
  });

  it("counts the bytes of each answer for itself", async () => {
    const sandbox = await openShared("answer('x'.repeat(5_000_000));");
    for (let round = 0; round < 3; round += 1) expect(await said(sandbox)).toHaveLength(5_000_000);
  });
});
