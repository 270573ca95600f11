import { gzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPage } from "./browser.ts";
import { root } from "./launched.ts";
import { hostileMbox, longPatchMbox, payloads } from "./mails.ts";
import { countingNotebook } from "./notebooks.ts";
import { openSite, send, type Site } from "./site.ts";

const demoPatch = "/t/20260112090000.1-2-ada@example.org";
const demoFixed = "/t/20260119090000.2-2-ada@example.org";
let site: Site;

beforeAll(async () => {
  site = await openSite();
});
afterAll(async () => {
  await site.close();
});

/** Loads until no verdict of the page is awaited any more. */
async function settled(page: Page, path: string): Promise<void> {
  await page.goto(`${site.origin}${path}`);
  await page.waitForFunction(() => document.querySelector("[data-run-state=pending]") === null, null, {
    timeout: 60_000,
  });
}

describe("the thread page", () => {
  it("shows the verdicts in the margin of the right hunk, in words", async () => {
    const { page, errors } = await openPage(site.browser);
    await settled(page, demoPatch);
    const margin = page.locator(".flow:has(.hunk-head:has-text('-71,11')) aside.margin");
    const results = await margin.locator(".result").allInnerTexts();
    expect(results[0]).toMatch(/model violated: \S+, \d+ steps?\n#race v1 · with this hunk · asked by Hunkbook · v1/);
    expect(results.join("\n")).toMatch(/model holds: .*exhaustive\n#race before · without this hunk/);
    expect(errors).toEqual([]);
  });

  it("shows results of an equal hunk in another version, and says so", async () => {
    const { page } = await openPage(site.browser);
    await settled(page, demoFixed);
    const text = await page.locator(".flow:has(.hunk-head:has-text('-71,11')) aside.margin").innerText();
    expect(text).toMatch(/same hunk as in v1 2\/3/);
  });

  it("is all there without JavaScript: tree, ghosts, mail, diff, margin, remarks with their method", async () => {
    const { page } = await openPage(site.browser, { javaScriptEnabled: false });
    await settledWithout(page, demoPatch);
    const text = await page.locator("main").innerText();
    for (const part of ["not imported", "Boris Beispiel", "refcount_dec_and_test", "placed: exact", "with this hunk"]) {
      expect(text).toContain(part);
    }
    expect(await page.locator("table.diff tr.d").count()).toBe(4);
  });

  it("stands as text at the same address with .txt", async () => {
    const answer = await fetch(`${site.origin}${demoPatch}.txt`);
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    const text = await answer.text();
    expect(text).toContain("Message-ID: <20260112090000.1-2-ada@example.org>");
    expect(text).toContain("-\tspin_lock(&cache->lock);");
    expect(text).toMatch(/violated: \S+, \d+ steps?; #race v1, with this hunk/);
    for (const path of ["/index.txt", "/n.txt", "/n/demo-tagcache.txt"]) {
      expect((await fetch(`${site.origin}${path}`)).status, path).toBe(200);
    }
    const file = readFileSync(join(root, "notebooks/demo-tagcache.hb.md"), "utf8");
    expect(await (await fetch(`${site.origin}/n/demo-tagcache.txt`)).text()).toBe(file);
  });

  it("says of an unknown Message-ID that it is not imported, and how to", async () => {
    const { page } = await openPage(site.browser);
    await page.goto(`${site.origin}/t/no/such%2Fid@example.org`).catch(() => undefined);
    await page.goto(`${site.origin}/t/no%2Fsuch+id@example.org`);
    expect(await page.locator("main").innerText()).toMatch(/<no\/such\+id@example.org>[^]*hunkbook import/);
  });

  it("gives the mail back byte for byte, as a download", async () => {
    const answer = await fetch(`${site.origin}/api/v1/messages/20260112090000.1-2-ada@example.org/raw`);
    expect(answer.headers.get("content-disposition")).toContain("attachment");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    const bytes = Buffer.from(await answer.arrayBuffer());
    const box = readFileSync(join(root, "demo/demonstration.mbox"));
    expect(box.includes(bytes)).toBe(true);
    expect(createHash("sha256").update(bytes).digest("hex")).toHaveLength(64);
  });

  async function settledWithout(page: Page, path: string): Promise<void> {
    for (let tries = 0; tries < 60; tries++) {
      await page.goto(`${site.origin}${path}`);
      if ((await page.locator("[data-run-state=pending]").count()) === 0) return;
      await page.waitForTimeout(500);
    }
    throw new Error("runs are still awaited after 60 loads");
  }
});

describe("comments", () => {
  it("are published on a line of a hunk by a plain form, and drafts are seen by their author only", async () => {
    const { page } = await openPage(site.browser, { javaScriptEnabled: false, cookie: site.cookie });
    await page.goto(`${site.origin}${demoPatch}`);
    const form = page.locator("form[action='/api/v1/comments']").first();
    await page.locator("summary:text-is('Comment')").first().click();
    await form.locator("[name=line]").fill("74");
    await form.locator("textarea").fill("Is <b>zero</b> looked at here?");
    await form.locator("button:text('Publish')").click();
    expect(page.url()).toContain("#h-");
    const row = page.locator("tr.r", { hasText: "Is <b>zero</b> looked at here?" });
    expect(await row.count()).toBe(1);
    const hunkKey = new URL(page.url()).hash.slice(3);
    const messageId = "20260112090000.1-2-ada@example.org";
    const draft = { messageId, hunkKey, side: "new", line: 76, text: "my secret draft", state: "draft" };
    expect((await send(site, "/api/v1/comments", draft)).status).toBe(200);
    expect(await (await fetch(`${site.origin}${demoPatch}`)).text()).not.toContain("my secret draft");
    await page.reload();
    expect(await page.locator("main").innerText()).toContain("my secret draft");
  });

  it("come back with their text when they are refused", async () => {
    const { page } = await openPage(site.browser, { javaScriptEnabled: false, cookie: site.cookie });
    await page.goto(`${site.origin}${demoPatch}`);
    await page.locator("summary:text-is('Comment')").first().click();
    const form = page.locator("form[action='/api/v1/comments']").first();
    await form.locator("[name=line]").fill("99999");
    await form.locator("textarea").fill("\na long thought");
    await form.locator("button:text('Publish')").click();
    expect(await page.locator("main").innerText()).toContain("no line 99999");
    expect(await page.locator("textarea").inputValue()).toContain("a long thought");
  });

  it("are refused from elsewhere, and without a session", async () => {
    const body = "state=published";
    const headers = { "content-type": "application/x-www-form-urlencoded", cookie: site.cookie.pair };
    const path = `${site.origin}/api/v1/comments`;
    for (const origin of ["https://evil.example", "null"]) {
      expect((await fetch(path, { method: "POST", headers: { ...headers, origin }, body })).status).toBe(403);
    }
    expect((await fetch(path, { method: "POST", headers, body })).status).toBe(403);
  });
});

describe("notebooks", () => {
  it("run by a plain form without JavaScript, and the page goes on by itself to the verdict", async () => {
    const { page } = await openPage(site.browser, { javaScriptEnabled: false, cookie: site.cookie });
    await page.goto(`${site.origin}/n/demo-tagcache`);
    await page.locator("input[name='p.LOOKUPS']").fill("2");
    await page.locator("button:text('Run #race')").click();
    expect(page.url()).toMatch(/\/r\/[a-z2-7]{16}$/);
    await expect
      .poll(() => page.locator("h1").innerText(), { timeout: 30_000 })
      .toMatch(/v1 violated: .*; before and v2 hold\./);
    expect(await page.locator("#s1").count()).toBe(1);
    expect(await page.locator("main").innerText()).toContain(
      "hunkbook check demo-tagcache.hb.md#race --variant v1 -p LOOKUPS=2",
    );
  });

  it("are edited in Monaco, with problems, completion, autosave and runs", async () => {
    const made = await send(site, "/api/v1/notebooks", { text: countingNotebook({ title: "Edited by a test" }) });
    const slug = String(made.json.slug);
    const { page, errors, requests } = await openPage(site.browser, { cookie: site.cookie });
    await page.goto(`${site.origin}/n/${slug}/edit`);
    await page.locator(".monaco-editor .view-line").first().waitFor();
    await page.locator("button:text('Run #race')").click();
    await page.locator(".run-line", { hasText: "locked holds" }).waitFor();
    expect(await page.locator(".run-line", { hasText: "plain violated: finally" }).count()).toBe(1);

    await page.locator(".monaco-editor .view-line").first().click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("\n```run #more\nchekc plain\n```\n");
    await page.locator(".problem", { hasText: "chekc" }).first().waitFor();
    await page.locator("[role=status]", { hasText: "draft kept" }).waitFor();
    await page.reload();
    await page.locator(".notice", { hasText: "draft over revision 1" }).waitFor();
    await page.locator(".monaco-editor .view-line").first().waitFor();
    await page.locator(".editor-bar button:text-is('Save')").click();
    await page.locator("[role=status]", { hasText: "saved as revision 2" }).waitFor();

    await page.locator(".monaco-editor .view-line").first().click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.closest(".monaco-editor") === null)).toBe(true);
    expect(errors).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(site.origin) && !url.startsWith("data:"))).toEqual([]);
  });

  it("show a conflict and overwrite nothing", async () => {
    const text = countingNotebook({ title: "Two writers" });
    const slug = String((await send(site, "/api/v1/notebooks", { text })).json.slug);
    const { page } = await openPage(site.browser, { javaScriptEnabled: false, cookie: site.cookie });
    await page.goto(`${site.origin}/n/${slug}/edit`);
    const theirs = await send(site, `/api/v1/notebooks/${slug}`, { text: `${text}\nTheirs.\n`, base: 1 });
    expect(theirs.json.number).toBe(2);
    await page.locator("#notebook-text").fill(`${text}\nMine.\n`);
    await page.locator("button:text-is('Save')").click();
    expect(await page.locator("main").innerText()).toContain("Revision 2 was saved meanwhile");
    expect(await page.locator("#notebook-text").inputValue()).toContain("Mine.");
    expect(await page.locator("textarea[readonly]").inputValue()).toContain("Theirs.");
    const now = await send(site, `/api/v1/notebooks/${slug}`);
    expect(now.json.number).toBe(2);
    expect(String(now.json.text)).toContain("Theirs.");
    await page.locator("button:text('Save after revision 2')").click();
    expect((await send(site, `/api/v1/notebooks/${slug}`)).json.number).toBe(3);
  });

  it("are not mounted as Monaco on a phone", async () => {
    const made = await send(site, "/api/v1/notebooks", { text: countingNotebook({ title: "On a phone" }) });
    const { page, requests } = await openPage(site.browser, {
      cookie: site.cookie,
      viewport: { width: 390, height: 800 },
    });
    await page.goto(`${site.origin}/n/${String(made.json.slug)}/edit`);
    await page.locator("button:text('Run #race')").waitFor();
    expect(await page.locator(".monaco-editor").count()).toBe(0);
    expect(await page.locator("#notebook-text").isVisible()).toBe(true);
    expect(requests.some((url) => url.includes("editor.worker"))).toBe(false);
  });

  it("that are drafts do not exist for others", async () => {
    const made = await send(site, "/api/v1/notebooks", { text: countingNotebook({ title: "A secret of mine" }) });
    for (const path of [
      `/n/${String(made.json.slug)}`,
      `/n/${String(made.json.slug)}.txt`,
      `/api/v1/notebooks/${String(made.json.slug)}`,
    ]) {
      const answer = await fetch(`${site.origin}${path}`);
      expect(answer.status, path).toBe(404);
      expect(await answer.text()).not.toContain("A secret of mine");
    }
    expect(await (await fetch(`${site.origin}/n`)).text()).not.toContain("A secret of mine");
  });
});

describe("hostile text", () => {
  it("in subjects, bodies, diffs, file names and notebooks does nothing and asks nobody", async () => {
    await site.importMail("hostile.mbox", hostileMbox());
    const text = countingNotebook({ title: payloads[0] ?? "", prose: payloads.join("\n\n") });
    const made = await send(site, "/api/v1/notebooks", { text, visibility: "public" });
    const slug = String(made.json.slug);
    const { page, requests, errors } = await openPage(site.browser, { cookie: site.cookie });
    const paths = [
      "/",
      "/t/hostilescript@example.org",
      "/t/hostile-reply@example.org",
      "/n",
      `/n/${slug}`,
      `/n/${slug}/edit`,
      "/people/me",
    ];
    for (const path of [
      ...paths,
      `/t/${encodeURIComponent(payloads[1] ?? "")}`,
      `/?q=${encodeURIComponent(payloads[1] ?? "")}`,
    ]) {
      await page.goto(`${site.origin}${path}`);
      await page.waitForTimeout(300);
      expect(await page.evaluate(() => (window as { __xss?: unknown }).__xss), path).toBeUndefined();
    }
    expect(requests.filter((url) => !url.startsWith(site.origin) && !url.startsWith("data:"))).toEqual([]);
    expect(errors.filter((error) => !error.includes("404"))).toEqual([]);
    const html = await (await fetch(`${site.origin}/t/hostilescript@example.org`)).text();
    expect(html).toContain("U+202E");
    expect(html.replace(/<script[^]*?<\/script>/g, "")).not.toContain("\u202e");
  });
});

describe("every page", () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

  it.each(["light", "dark"] as const)("has no serious finding of axe (%s)", async (colorScheme) => {
    const { page } = await openPage(site.browser, { colorScheme, cookie: site.cookie, bypassCSP: true });
    const run = await firstRun();
    for (const path of ["/", demoPatch, "/n/demo-tagcache", run, "/n", "/people/me"]) {
      await page.goto(`${site.origin}${path}`);
      await page.evaluate(axe);
      const findings = await page.evaluate(async () => {
        const { axe: checker } = window as unknown as {
          axe: { run: () => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
        };
        const { violations } = await checker.run();
        return violations
          .filter(({ impact }) => impact === "serious" || impact === "critical")
          .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 120) ?? ""}`);
      });
      expect(findings, path).toEqual([]);
    }
  });

  it("does not scroll sideways at 320 pixels", async () => {
    const { page } = await openPage(site.browser, { viewport: { width: 320, height: 700 }, cookie: site.cookie });
    for (const path of ["/", demoPatch, "/n/demo-tagcache", await firstRun(), "/n", "/in"]) {
      await page.goto(`${site.origin}${path}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow, path).toBeLessThanOrEqual(0);
    }
  });

  it("is small: 60 kB compressed, 400 kB of HTML, 150 kB of script on reading pages", async () => {
    await site.importMail("long.mbox", longPatchMbox(2_500));
    const { page, context } = await openPage(site.browser);
    const scripts: number[] = [];
    context.on("response", (response) => {
      void response
        .body()
        .then((body) => scripts.push(response.request().resourceType() === "script" ? gzipSync(body).length : 0))
        .catch(() => undefined);
    });
    for (const path of ["/", demoPatch, "/t/long@example.org", "/n/demo-tagcache", await firstRun()]) {
      const html = await (await fetch(`${site.origin}${path}`)).text();
      const zipped = gzipSync(html).length;
      console.log(`size of ${path}: ${html.length} bytes, ${zipped} compressed`);
      expect(html.length, path).toBeLessThan(400_000);
      expect(zipped, path).toBeLessThan(60_000);
    }
    await page.goto(`${site.origin}${demoPatch}`, { waitUntil: "networkidle" });
    const scriptBytes = scripts.reduce((sum, size) => sum + size, 0);
    console.log(`script of a reading page: ${scriptBytes} bytes compressed`);
    expect(scriptBytes).toBeLessThan(150_000);
    const rows = await (await fetch(`${site.origin}/t/long@example.org?from=2000`)).text();
    expect(rows).toContain("entry 2499");
  });

  it("sends the headers that keep it to itself", async () => {
    const answer = await fetch(`${site.origin}${demoPatch}`);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(answer.headers.get("referrer-policy")).toBe("same-origin");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("cache-control")).toContain("no-store");
    const missing = await fetch(`${site.origin}/no/such/page`);
    expect(missing.status).toBe(404);
    expect(missing.headers.get("content-security-policy")).toContain("nonce-");
  });

  it("goes by keys: j to the next item, ] to the next patch, u up, ? for help", async () => {
    const { page } = await openPage(site.browser);
    await page.goto(`${site.origin}/`, { waitUntil: "networkidle" });
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/t\//);
    await page.goto(`${site.origin}/t/20260112090000.1-0-ada@example.org`, { waitUntil: "networkidle" });
    await page.keyboard.press("]");
    await page.waitForURL(/1-1-ada/);
    await page.waitForLoadState("networkidle");
    await page.keyboard.press("?");
    expect(await page.locator(".help-panel").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    await page.keyboard.press("u");
    await page.waitForURL(`${site.origin}/`);
  });

  async function firstRun(): Promise<string> {
    const html = await (await fetch(`${site.origin}/n/demo-tagcache`)).text();
    return /\/r\/[a-z2-7]{16}/.exec(html)?.[0] ?? "";
  }
});

describe("signing in", () => {
  it("works once by a link of the command, and looking at the link uses nothing", async () => {
    const printed = await site.command("login", "boris@example.org");
    const link = /https?:\/\/\S+\/in\/\S+/.exec(printed)?.[0] ?? "";
    const path = new URL(link).pathname;
    const { page } = await openPage(site.browser);
    await page.goto(`${site.origin}${path}`);
    await page.reload();
    await page.locator("button:text('Sign in')").click();
    await page.waitForURL(`${site.origin}/`);
    expect(await page.locator("header").innerText()).toContain("boris@example.org");
    const second = await openPage(site.browser);
    await second.page.goto(`${site.origin}${path}`);
    expect(await second.page.locator("main").innerText()).toContain("used already");
    await page.goto(`${site.origin}/people/me`);
    await page.locator("button:text('Sign out')").click();
    await page.waitForURL(`${site.origin}/`);
    expect(await page.locator("header").innerText()).toContain("Sign in");
  });
});
