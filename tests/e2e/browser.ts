import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

const candidates = [
  process.env.CHROME_PATH,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** A real Chromium. @throws Error that says what to install: a missing browser is a failure, never a skip */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = candidates.find((path): path is string => path !== undefined && existsSync(path));
  if (executablePath === undefined) {
    throw new Error("No Chromium was found. Install it (`apt-get install chromium`) or set CHROME_PATH.");
  }
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  return chromium.launch({ executablePath, args: [...args, "--disable-component-update", "--disable-sync"] });
}

/** A page that writes down what it asked for and what went wrong in it. */
export type Watched = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Every address asked for. */
  readonly requests: readonly string[];
  /** Errors of the console (violations of the content policy among them) and uncaught ones. */
  readonly errors: readonly string[];
};

export async function openPage(
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0] & { readonly cookie?: { origin: string; pair: string } } = {},
): Promise<Watched> {
  const { cookie, ...rest } = options;
  const context = await browser.newContext(rest);
  if (cookie) {
    const [name = "", value = ""] = cookie.pair.split("=");
    await context.addCookies([{ name, value, url: cookie.origin }]);
  }
  const requests: string[] = [];
  const errors: string[] = [];
  context.on("request", (request) => requests.push(request.url()));
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.setDefaultTimeout(30_000);
  return { page, context, requests, errors };
}

/** Signs in by a link and returns the cookie pair. */
export async function signIn(link: string): Promise<string> {
  const answer = await fetch(`${link}/use`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: new URL(link).origin, "content-type": "application/x-www-form-urlencoded" },
    body: "",
  });
  const pair = answer.headers.get("set-cookie")?.split(";")[0];
  if (answer.status !== 303 || pair === undefined) throw new Error(`sign-in answered ${answer.status}`);
  return pair;
}

/** Median and 95th percentile, by rank. */
export function percentiles(values: readonly number[]): { readonly p50: number; readonly p95: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
  return { p50: Math.round(at(0.5)), p95: Math.round(at(0.95)) };
}
