import { db } from "../db/client.server.ts";

const waitMsMax = 600;
const lookEveryMs = 25;

/**
 * Waits a moment for an ask whose runs are small: most end within a blink, and then the page that a form leads to shows the
 * verdict at once, also without JavaScript. Longer runs are waited for by that page.
 */
export async function settleSoon(askId: string): Promise<void> {
  const endAtMs = Date.now() + waitMsMax;
  while (Date.now() < endAtMs) {
    const pending = await db().askMember.count({ where: { askId, run: { status: { in: ["queued", "running"] } } } });
    if (pending === 0) return;
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}
