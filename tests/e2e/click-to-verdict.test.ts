import { afterAll, beforeAll, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { openPage, percentiles } from "./browser.ts";
import { countingNotebook } from "./notebooks.ts";
import { openSite, send, type Site } from "./site.ts";

const clicks = 30;
let site: Site;

beforeAll(async () => {
  site = await openSite();
});
afterAll(async () => {
  await site.close();
});

/** From the click on Run to the verdict on the run's page, in milliseconds. */
async function clickToVerdict(page: Page, address: string, start: number): Promise<number> {
  await page.goto(address);
  await page.locator("input[name='p.START']").fill(String(start));
  const button = page.locator("button:text('Run #race')");
  const clickedAtMs = performance.now();
  await button.click({ noWaitAfter: true });
  await page.locator("h1", { hasText: /plain violated: .*; locked holds\./ }).waitFor();
  return performance.now() - clickedAtMs;
}

it(`takes under a second from click to verdict (${clicks} unseen runs), and 150 ms when it is known`, async () => {
  const made = await send(site, "/api/v1/notebooks", { text: countingNotebook({ title: "Timed" }) });
  const address = `${site.origin}/n/${String(made.json.slug)}`;
  const { page } = await openPage(site.browser, { cookie: site.cookie });
  // The first click finds cold code in the server and the browser; it is printed apart.
  const cold = await clickToVerdict(page, address, 50_000);
  const unseen: number[] = [];
  for (let at = 0; at < clicks; at++) unseen.push(await clickToVerdict(page, address, at));
  const hits: number[] = [];
  for (let at = 0; at < clicks; at++) hits.push(await clickToVerdict(page, address, at));
  const [fresh, known] = [percentiles(unseen), percentiles(hits)];
  console.log(
    `click to verdict: first ${Math.round(cold)} ms; ${clicks} unseen p50 ${fresh.p50} ms, p95 ${fresh.p95} ms`,
  );
  console.log(`click to verdict: ${clicks} hits p50 ${known.p50} ms, p95 ${known.p95} ms`);
  expect(fresh.p50).toBeLessThan(1_000);
  expect(fresh.p95).toBeLessThan(2_000);
  expect(known.p50).toBeLessThan(150);
});
