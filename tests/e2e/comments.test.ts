import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPage } from "./browser.ts";
import { openSite, send, type Site } from "./site.ts";

const messageId = "20260112090000.1-2-ada@example.org";
const path = `/t/${messageId}`;
let site: Site;
let page: Page;

beforeAll(async () => {
  site = await openSite();
  page = (await openPage(site.browser, { javaScriptEnabled: false, cookie: site.cookie })).page;
});
afterAll(async () => {
  await site.close();
});

const anonymous = async (): Promise<string> => (await fetch(`${site.origin}${path}`)).text();
const bodyOf = (): Promise<string> => page.locator("main").innerText();

/** Presses a button of a form and waits for the page that answers. */
async function press(button: Locator): Promise<void> {
  const loaded = page.waitForEvent("domcontentloaded");
  await button.click();
  await loaded;
}

/** Writes a comment on line 74 by the page's form, and returns its row. */
async function write(text: string, button: "Publish" | "Keep as draft"): Promise<Locator> {
  await page.goto(`${site.origin}${path}`);
  await page.locator("summary:text-is('Comment')").first().click();
  const form = page.locator("form[action='/api/v1/comments']").first();
  await form.locator("[name=line]").fill("74");
  await form.locator("textarea").fill(text);
  await press(form.locator(`button:text-is('${button}')`));
  const row = page.locator("tr.r", { hasText: text });
  expect(await row.count()).toBe(1);
  return row;
}

/** The row that the address's #c- names: every change comes back to its comment. */
function rowHere(): Locator {
  const { hash } = new URL(page.url());
  expect(hash).toMatch(/^#c-[0-9a-f-]{36}$/);
  return page.locator(`tr.r:has([id="${hash.slice(1)}"])`);
}

async function edit(row: Locator, text: string): Promise<void> {
  await row.locator("summary:text-is('Edit')").click();
  await row.locator("textarea").fill(text);
  await press(row.locator("button:text-is('Save')"));
}

it("a draft is edited and published; only then is it seen", async () => {
  const row = await write("a first thought", "Keep as draft");
  await edit(row, "\na second thought");
  expect(await rowHere().innerText()).toMatch(/draft, only you see it edited once[^]*a second thought/);
  expect(await anonymous()).not.toContain("second thought");
  await press(rowHere().locator("button:text-is('Publish')"));
  expect(await rowHere().locator("button:text-is('Publish')").count()).toBe(0);
  await edit(rowHere(), "a third <b>thought</b>");
  expect(await rowHere().innerText()).toMatch(/edited 2 times[^]*a third <b>thought<\/b>/);
  const seen = await anonymous();
  expect(seen).toContain("a third &lt;b&gt;thought&lt;/b&gt;");
  expect(seen).not.toMatch(/first thought|second thought|action="\/api\/v1\/comments\//);
});

it("a comment is resolved and opened again", async () => {
  const row = await write("does this settle?", "Publish");
  await press(row.locator("button:text-is('Resolve')"));
  expect(await rowHere().locator(".remark-head").innerText()).toMatch(/resolved$/);
  await press(rowHere().locator("button:text-is('Reopen')"));
  expect(await rowHere().locator(".remark-head").innerText()).not.toMatch(/resolved/);
});

it("a withdrawn comment says so, shows its words to nobody, and cannot be changed any more", async () => {
  const row = await write("words to take back", "Publish");
  await row.locator("summary:text-is('Withdraw')").click();
  await press(row.locator("button:text-is('Withdraw the comment')"));
  expect(await rowHere().innerText()).toMatch(/withdrawn by its author$/);
  expect(await rowHere().locator("form").count()).toBe(0);
  for (const text of [await page.content(), await anonymous()]) expect(text).not.toContain("words to take back");
  expect(await anonymous()).toContain("withdrawn by its author");
  const id = new URL(page.url()).hash.slice(3);
  for (const change of [{ change: "publish" }, { change: "resolve" }, { change: "edit", text: "back again" }]) {
    expect((await send(site, `/api/v1/comments/${id}`, change)).status).toBe(409);
  }
  expect(await bodyOf()).not.toContain("back again");
});

it("a discarded draft leaves no trace", async () => {
  const before = (await anonymous()).split("withdrawn by its author").length;
  const row = await write("never mind", "Keep as draft");
  await row.locator("summary:text-is('Discard')").click();
  await press(row.locator("button:text-is('Discard the draft')"));
  expect(await bodyOf()).not.toContain("never mind");
  expect((await anonymous()).split("withdrawn by its author").length).toBe(before);
});

it("an edit without words comes back refused, with the comment as it was", async () => {
  const row = await write("a comment that stays", "Publish");
  await edit(row, "   ");
  expect(await bodyOf()).toContain("The comment is empty");
  await page.goto(`${site.origin}${path}`);
  expect(await bodyOf()).toContain("a comment that stays");
});

it("nobody without a session changes a comment, nor from elsewhere", async () => {
  const row = await write("mine alone", "Publish");
  const action = await row.locator("form").first().getAttribute("action");
  const body = "change=withdraw";
  const type = { "content-type": "application/x-www-form-urlencoded" };
  const target = `${site.origin}${action ?? ""}`;
  const stranger = await fetch(target, { method: "POST", headers: { ...type, origin: site.origin }, body });
  expect(stranger.status).toBe(401);
  const headers = { ...type, cookie: site.cookie.pair, origin: "https://evil.example" };
  expect((await fetch(target, { method: "POST", headers, body })).status).toBe(403);
  expect(await anonymous()).toContain("mine alone");
});

it("a notebook that one attached is detached again from its hunk", async () => {
  await page.goto(`${site.origin}${path}`);
  await page.locator("summary:text-is('Attach notebook')").first().click();
  const form = page.locator("aside.margin form[action='/api/v1/attachments']").first();
  await form.locator("[name=slug]").fill("demo-tagcache");
  await press(form.locator("button:text-is('Attach')"));
  const margin = page.locator("aside.margin").first();
  expect(await margin.locator("p:has-text('Notebook:')").count()).toBe(1);
  await margin.locator("summary:text-is('Detach notebook')").click();
  await press(margin.locator("form[action$='/withdraw'] button"));
  expect(page.url()).toContain("#h-");
  expect(await margin.locator("p:has-text('Notebook:')").count()).toBe(0);
  expect(await margin.locator("form[action$='/withdraw']").count()).toBe(0);
});
