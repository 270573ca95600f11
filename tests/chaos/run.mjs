// node tests/chaos/run.mjs [--kills 30] [--seed N]
//
// Starts the whole of Hunkbook as a user does, submits runs through the web all the time, and kills -9 the worker, the web
// server or the database at random moments. Afterwards every acknowledged run must have ended exactly once, with the
// verdict that its scenario has. Prints figures; exits 1 when a run was lost, doubled or wrong.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";

const root = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: { kills: { type: "string", default: "30" }, seed: { type: "string", default: String(Date.now() % 1e6) } },
});
const killsWanted = Number(values.kills);
const clients = 3;
const submitPauseMs = 150;
const settleMsMax = 120_000;
const restartMsMax = 90_000;
const notebookSlug = "chaos";

/** mulberry32: the seed is printed, so that the order of victims can be had again. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = randomFrom(Number(values.seed));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function startHunkbook(home) {
  const dropped = /^(npm_|VITEST|NODE_ENV|DATABASE_|PUBLIC_URL|ROLE$)/i;
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !dropped.test(name)));
  const child = spawn(process.execPath, ["scripts/start.mjs"], {
    cwd: root,
    detached: true,
    env: { ...inherited, PORT: "0", HUNKBOOK_HOME: home, LOG_LEVEL: "warn" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const ready = new Promise((done, fail) => {
    const look = (chunk) => {
      output += chunk;
      const origin = /Hunkbook is ready: (\S+)/.exec(output)?.[1];
      const link = /Sign in as the operator[^:]*: (\S+)\n/.exec(output)?.[1];
      if (origin && link) done({ origin, link });
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.once("exit", (code, signal) => {
      fail(new Error(`the launcher ended before it was ready (${signal ?? `exit code ${code}`})`));
    });
  });
  return { child, ready, output: () => output };
}

/** Every living descendant of the launcher, from proc(5). */
function descendants(pid) {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        if (fields[0] === "Z") return [];
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return [{ pid: Number(name), parent: Number(fields[1]), command }];
      } catch {
        // It ended while we looked.
        return [];
      }
    });
  const found = [];
  for (const waiting = [pid]; waiting.length > 0;) {
    const parent = waiting.pop();
    for (const entry of all.filter((candidate) => candidate.parent === parent)) {
      found.push(entry);
      waiting.push(entry.pid);
    }
  }
  return found;
}

/** The process to kill for each victim: the top one of its kind under the launcher. */
const victims = {
  worker: (entry) => entry.command.includes("dist/worker.mjs"),
  web: (entry) => /next-server|next\/dist\/bin\/next start/.test(entry.command),
  database: (entry) => /postgres .*-D /.test(entry.command),
};

function killOne(launcherPid) {
  const names = Object.keys(victims);
  const name = names[Math.floor(random() * names.length)];
  const processes = descendants(launcherPid).filter(victims[name]);
  if (processes.length === 0) return null;
  try {
    process.kill(processes[0].pid, "SIGKILL");
    return name;
  } catch (error) {
    if (error.code === "ESRCH") return null;
    throw error;
  }
}

/** SALT makes every ask's run keys its own. */
const notebook = `# Chaos

\`\`\`hunkbook
format: hunkbook/1
lang: scn/1
\`\`\`

\`\`\`param
SALT = 0 in 0..2000000000    # makes run keys unseen
\`\`\`

\`\`\`variant
locked = LOCKED=1
bare = LOCKED=0
\`\`\`

\`\`\`scn #count
//| races: off
spinlock_t l;
int counter;
task adder[2] {
	int seen;
	if (LOCKED)
		spin_lock(&l);
	seen = READ_ONCE(counter);
	WRITE_ONCE(counter, seen + 1);
	if (LOCKED)
		spin_unlock(&l);
}
finally(counter == 2);
\`\`\`

\`\`\`run #race
check locked bare
\`\`\`
`;
const expectedVerdict = { locked: "holds", bare: "violated" };

async function signIn({ origin, link }) {
  const response = await fetch(`${link}/use`, {
    method: "POST",
    redirect: "manual",
    headers: { origin, "content-type": "application/json" },
    body: "{}",
  });
  const cookie = response.headers.get("set-cookie")?.split(";")[0];
  if (!cookie) throw new Error(`signing in failed: ${response.status} ${await response.text()}`);
  return cookie;
}

async function post({ origin, cookie }, path, body) {
  return fetch(`${origin}${path}`, {
    method: "POST",
    redirect: "manual",
    headers: { origin, cookie, "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
}

async function createNotebook(session) {
  const response = await post(session, "/api/v1/notebooks", { text: notebook, slug: notebookSlug, visibility: "link" });
  if (!response.ok) throw new Error(`the notebook was not taken: ${response.status} ${await response.text()}`);
}

/** @returns the ask's id when the server acknowledged it, else why not */
async function submit(session, salt) {
  try {
    const response = await post(session, "/api/v1/asks", { slug: notebookSlug, cellId: "race", "p.SALT": salt });
    const answer = await response.text();
    return response.ok ? { askId: JSON.parse(answer).askId } : { refused: `${response.status}` };
  } catch (error) {
    return { refused: error.cause?.code ?? error.name };
  }
}

async function submitUntil(session, state) {
  for (let number = 0; !state.isDone; number += 1) {
    const outcome = await submit(session, state.client * 1_000_000 + number);
    if (outcome.askId) state.acknowledged.push(outcome.askId);
    else state.refused.set(outcome.refused, (state.refused.get(outcome.refused) ?? 0) + 1);
    await sleep(submitPauseMs);
  }
}

async function query(home, text, parameters) {
  const { url } = JSON.parse(readFileSync(join(home, "connection.json"), "utf8"));
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text, parameters)).rows;
  } finally {
    await client.end();
  }
}

/** Waits until every acknowledged run is over, or time is up. */
async function settle(home, askIds) {
  const endAtMs = Date.now() + settleMsMax;
  for (;;) {
    const rows = await query(
      home,
      `select count(*)::int as open from ask_member m join run r on r.key = m.run_key
        where m.ask_id = any($1) and r.status in ('queued', 'running')`,
      [askIds],
    ).catch(() => [{ open: -1 }]);
    if (rows[0].open === 0 || Date.now() > endAtMs) return rows[0].open;
    await sleep(200);
  }
}

/** What is wrong afterwards, in words; empty when nothing is. */
async function faults(home, askIds) {
  const members = await query(
    home,
    `select m.ask_id, m.variant, r.key, r.status::text, r.verdict::text, r.result_hash is not null as has_result,
            (select count(*)::int from attempt a where a.run_key = r.key and a.outcome = 'finished') as finished,
            (select count(*)::int from attempt a where a.run_key = r.key) as attempts
       from ask_member m join run r on r.key = m.run_key where m.ask_id = any($1)`,
    [askIds],
  );
  const found = [];
  if (members.length !== 2 * askIds.length) found.push(`lost: ${2 * askIds.length - members.length} members`);
  for (const member of members) {
    const name = `${member.ask_id} ${member.variant} (${member.key})`;
    if (member.status !== "finished" || !member.has_result) found.push(`lost: ${name} is ${member.status}`);
    else if (member.verdict !== expectedVerdict[member.variant]) found.push(`wrong: ${name} is ${member.verdict}`);
    if (member.finished > 1) found.push(`doubled: ${name} has ${member.finished} results`);
  }
  const attempts = members.reduce((sum, member) => sum + member.attempts, 0);
  return { found, runs: members.length, attempts };
}

async function until(isTrue, msMax) {
  const endAtMs = Date.now() + msMax;
  while (!isTrue() && Date.now() < endAtMs) await sleep(20);
}

async function waitUntilServed(session) {
  const endAtMs = Date.now() + restartMsMax;
  for (let number = 0; ; number += 1) {
    const outcome = await submit(session, clients * 1_000_000 + number);
    if (outcome.askId) return outcome.askId;
    if (Date.now() > endAtMs)
      throw new Error(`the server did not come back within ${restartMsMax} ms: ${outcome.refused}`);
    await sleep(300);
  }
}

async function main() {
  const home = mkdtempSync(join(tmpdir(), "hunkbook-chaos-"));
  const hunkbook = startHunkbook(home);
  try {
    const started = await hunkbook.ready;
    const session = { origin: started.origin, cookie: await signIn(started) };
    await createNotebook(session);
    const states = Array.from({ length: clients }, (_, client) => ({
      client,
      isDone: false,
      acknowledged: [],
      refused: new Map(),
    }));
    const submitting = states.map((state) => submitUntil(session, state));
    const killed = {};
    const acknowledged = () => states.reduce((sum, state) => sum + state.acknowledged.length, 0);
    for (let kills = 0; kills < killsWanted;) {
      // Only a system that takes work is worth killing: the launcher's growing pauses would otherwise fill the test.
      const before = acknowledged();
      await until(() => acknowledged() > before, restartMsMax);
      await sleep(random() * 1_500);
      const name = killOne(hunkbook.child.pid);
      if (name === null) continue;
      kills += 1;
      killed[name] = (killed[name] ?? 0) + 1;
    }
    for (const state of states) state.isDone = true;
    await Promise.all(submitting);
    const askIds = [...states.flatMap((state) => state.acknowledged), await waitUntilServed(session)];
    const open = await settle(home, askIds);
    const { found, runs, attempts } = await faults(home, askIds);
    const refused = Object.fromEntries(states.flatMap((state) => [...state.refused]));
    console.log(
      `chaos: seed ${values.seed}, ${killsWanted} kills ${JSON.stringify(killed)}, ${askIds.length} acknowledged asks, ` +
        `${runs} runs, ${attempts} attempts, not acknowledged ${JSON.stringify(refused)}, open ${open}, faults ${found.length}`,
    );
    for (const fault of found) console.log(fault);
    return found.length === 0 && askIds.length > killsWanted / 2 ? 0 : 1;
  } catch (error) {
    console.log(`${error.stack}\n--- what the launcher printed\n${hunkbook.output()}`);
    return 1;
  } finally {
    const gone = new Promise((done) => hunkbook.child.once("exit", done));
    hunkbook.child.kill("SIGTERM");
    await Promise.race([gone, sleep(20_000)]);
    hunkbook.child.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true });
  }
}

process.exitCode = await main();
process.exit();
