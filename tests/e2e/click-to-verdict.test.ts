import { afterAll, beforeAll, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { openPage, percentiles } from "./browser.ts";
import { countingNotebook } from "./notebooks.ts";
import { openSite, send, type Site } from "./site.ts";

const clicks = 30;
const shipped = ["rmap-race-table", "founding-race"];
let site: Site;

beforeAll(async () => {
  site = await openSite();
});
afterAll(async () => {
  await site.close();
});

/**
 * Runs in every page: notes when the person's click arrived, and when the verdict had been painted. Times are the browser's
 * own, so that what a test driver does before and after is not counted.
 */
function watchForVerdict(): void {
  document.addEventListener(
    "click",
    (event) => sessionStorage.setItem("clicked-at", String(performance.timeOrigin + event.timeStamp)),
    true,
  );
  const look = (): void => {
    const verdict = document.querySelector("h1")?.textContent ?? "";
    if (/plain violated: .*; locked holds\./.test(verdict)) {
      requestAnimationFrame(() => {
        const clickedAt = Number(sessionStorage.getItem("clicked-at"));
        document.documentElement.dataset["tookMs"] ??= String(performance.timeOrigin + performance.now() - clickedAt);
      });
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
}

/** From the click on Run to the verdict painted on the run's page, in milliseconds. */
async function clickToVerdict(page: Page, address: string, start: number): Promise<number> {
  await page.goto(address);
  await page.locator("input[name='p.START']").fill(String(start));
  await page.locator("button:text('Run #race')").click({ noWaitAfter: true });
  await page.waitForURL(/\/r\//);
  const tookMs = await page.waitForFunction(() => document.documentElement.dataset["tookMs"]);
  return Number(await tookMs.jsonValue());
}

/** The program computes its shipped notebooks in its first minute; what a click costs beside that is another question. */
async function untilShippedAreComputed(): Promise<void> {
  const deadlineMs = performance.now() + 150_000;
  for (;;) {
    const pages = await Promise.all(
      shipped.map(async (slug) =>
        (await fetch(`${site.origin}/n/${slug}`, { headers: { cookie: site.cookie.pair } })).text(),
      ),
    );
    if (pages.every((page) => page.includes("</main>") && !/class="chip chip-(queued|running)/.test(page))) return;
    if (performance.now() > deadlineMs) throw new Error("the shipped notebooks are not computed within 150 s");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

it(`shows the verdict of ${clicks} unseen runs and of ${clicks} known ones, and how long each click took`, async () => {
  const made = await send(site, "/api/v1/notebooks", { text: countingNotebook({ title: "Timed" }) });
  const address = `${site.origin}/n/${String(made.json.slug)}`;
  const { page, context } = await openPage(site.browser, { cookie: site.cookie });
  await context.addInitScript(watchForVerdict);
  // The first click finds cold code in the server and the browser, and runs beside it; it is printed apart.
  const first = await clickToVerdict(page, address, 50_000);
  await untilShippedAreComputed();
  const unseen: number[] = [];
  for (let at = 0; at < clicks; at++) unseen.push(await clickToVerdict(page, address, at));
  const hits: number[] = [];
  for (let at = 0; at < clicks; at++) hits.push(await clickToVerdict(page, address, at));
  const [fresh, known] = [percentiles(unseen), percentiles(hits)];
  console.log(
    `click to verdict: first ${Math.round(first)} ms; ${clicks} unseen p50 ${fresh.p50} ms, p95 ${fresh.p95} ms`,
  );
  console.log(`click to verdict: ${clicks} hits p50 ${known.p50} ms, p95 ${known.p95} ms`);
  const missed = [
    ...(fresh.p50 < 1_000 ? [] : [`unseen p50 ${fresh.p50} ms, bar 1,000`]),
    ...(fresh.p95 < 2_000 ? [] : [`unseen p95 ${fresh.p95} ms, bar 2,000`]),
    ...(known.p50 < 150 ? [] : [`hits p50 ${known.p50} ms, bar 150`]),
  ];
  console.log(
    missed.length === 0 ? "click to verdict: bars met" : `click to verdict: BARS MISSED: ${missed.join("; ")}`,
  );
  // A stopwatch decides in `npm run bench:clicks` only; here a click that takes ten times its bar is a fault.
  if (process.env["HUNKBOOK_BENCH"] === "1") expect(missed).toEqual([]);
  expect(fresh.p95).toBeLessThan(20_000);
  expect(known.p50).toBeLessThan(1_500);
});
