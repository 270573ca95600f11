/** A trace on the page of a run, and its schedule replayed, without a script. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPage } from "./browser.ts";
import { root } from "./launched.ts";
import { openSite, send, type Site } from "./site.ts";

let site: Site;
let address = "";
let notebookAddress = "";

const fence = "```";

beforeAll(async () => {
  site = await openSite();
  const scenario = readFileSync(join(root, "tests/traces/deadlock-bystander.scn"), "utf8");
  const text = `# Four tasks

${fence}hunkbook
format: hunkbook/1
lang: scn/1
${fence}

${fence}scn #model
${scenario}${fence}

${fence}run #stuck
check base
${fence}
`;
  const made = await send(site, "/api/v1/notebooks", { text });
  const asked = await send(site, "/api/v1/asks", { slug: made.json.slug, cellId: "stuck" });
  notebookAddress = `${site.origin}/n/${String(made.json.slug)}`;
  address = `${site.origin}/r/${String(asked.json.askId)}`;
  for (let look = 0; look < 200; look += 1) {
    const { json } = await send(site, `/r/${String(asked.json.askId)}.json`);
    if (JSON.stringify(json).includes('"verdict":"violated"')) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});
afterAll(async () => {
  await site.close();
});

it("a trace stands in lanes with held locks and the wait-for graph; what is not needed is folded", async () => {
  const { page } = await openPage(site.browser, { cookie: site.cookie, javaScriptEnabled: false });
  await page.goto(address);
  const table = page.locator("table.trace").first();
  expect(await table.locator("thead").first().innerText()).toContain("held");
  expect(await table.innerText()).toContain("Cycle: one waits for b, held by two, which waits for a, held by one.");
  expect(await page.locator("#s4").isVisible()).toBe(false);
  await page.locator("summary:text('Steps 3 to 5 of busy: not needed')").click();
  expect(await page.locator("#s4").isVisible()).toBe(true);
  expect(await page.locator("details.purposes").innerText()).toContain("no violation: every task gets through");
});

it("its schedule replays from the page, changed by hand too, and what does not fit is refused", async () => {
  const { page } = await openPage(site.browser, { cookie: site.cookie, javaScriptEnabled: false });
  await page.goto(address);
  await page.locator("button:text('Replay')").click();
  await page.waitForURL(/\/replay\?member=0&schedule=/);
  expect(await page.locator("h1").innerText()).toMatch(/^Replay: 5 steps, /);
  await page.locator("input[name=schedule]").fill("1::0.1");
  await page.locator("button:text('Replay')").click();
  expect(await page.locator("h1").innerText()).toContain("2 steps, the schedule ends here");
  expect(
    await (
      await fetch(await page.locator("a:text('.txt')").evaluate((a: HTMLAnchorElement) => a.href), {
        headers: { cookie: site.cookie.pair },
      })
    ).text(),
  ).toContain("mutex_lock(&b)");
  await page.locator("input[name=schedule]").fill("1::0.1.0");
  await page.locator("button:text('Replay')").click();
  expect(await page.locator("[role=alert]").first().innerText()).toContain("step 3: the task cannot step there");
});

it("coverage is asked by the plain form, and what was not reached stands in words", async () => {
  const { page } = await openPage(site.browser, { cookie: site.cookie, javaScriptEnabled: false });
  await page.goto(notebookAddress);
  await page.locator("label:has-text('with coverage') input").check();
  await page.locator("button:text('Run #stuck')").click();
  await page.waitForURL(/\/r\//);
  for (let look = 0; look < 50 && (await page.locator("h1").innerText()).match(/queued|running/); look += 1) {
    await page.waitForTimeout(200);
    await page.reload();
  }
  expect(await page.locator("main").innerText()).toContain("Not reached before the search ended");
  expect(await page.locator("main").innerText()).toMatch(/\d+ of \d+ lines reached/);
  expect(await page.locator("pre.command").first().innerText()).toContain("--coverage");
});
