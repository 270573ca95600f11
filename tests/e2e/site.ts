import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { launchBrowser, signIn } from "./browser.ts";
import { launcherPid, newHome, root, startHunkbook } from "./launched.ts";

/** Hunkbook as a user starts it, a browser, and the operator's session. */
export type Site = {
  readonly origin: string;
  readonly browser: Browser;
  readonly signInLink: string;
  /** Cookie of the signed-in operator. */
  readonly cookie: { readonly origin: string; readonly pair: string };
  /** Imports a mailbox by the command, as a user does. */
  readonly importMail: (name: string, text: string) => Promise<string>;
  readonly command: (...words: string[]) => Promise<string>;
  readonly close: () => Promise<void>;
};

export async function openSite(): Promise<Site> {
  const home = newHome();
  const launched = startHunkbook({ through: "node", home });
  const { origin, signInLink } = await launched.ready;
  const pair = await signIn(signInLink);
  const browser = await launchBrowser();
  const scratch = mkdtempSync(join(tmpdir(), "hunkbook-mail-"));
  const command = async (...words: string[]): Promise<string> => {
    const environment = { ...process.env, HUNKBOOK_HOME: home, DATABASE_URL: "" };
    const { stdout } = await promisify(execFile)("bin/hunkbook", words, { cwd: root, env: environment });
    return stdout;
  };
  return {
    origin,
    browser,
    signInLink,
    cookie: { origin, pair },
    command,
    importMail: (name, text) => {
      const file = join(scratch, name);
      writeFileSync(file, text);
      return command("import", file);
    },
    close: async () => {
      await browser.close();
      process.kill(launcherPid(launched), "SIGTERM");
      await launched.exited;
      rmSync(scratch, { recursive: true, force: true });
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A request with the operator's session, as a script of theirs would send it. */
export async function send(
  site: Pick<Site, "origin" | "cookie">,
  path: string,
  body?: object,
): Promise<{ readonly status: number; readonly json: Record<string, unknown> }> {
  const answer = await fetch(`${site.origin}${path}`, {
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    headers: { cookie: site.cookie.pair, origin: site.origin, "content-type": "application/json" },
  });
  // Tests read what they expect; anything else fails there.
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}
