import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { db, disconnect } from "#lib/db/client.server.ts";
import { formToken } from "#lib/http/form-token.server.ts";
import { callerOf, checkOrigin } from "#lib/http/request.server.ts";
import { ensureKnownPersons, operatorPersonId } from "#lib/people/known.server.ts";
import { revokeSession, viewerOf } from "#lib/people/sessions.server.ts";
import { consumeSignIn, issueSignInLink, previewSignIn } from "#lib/people/tokens.server.ts";
import { freshDatabase } from "./database.ts";

const origin = "http://127.0.0.1:3000";
const tokenOf = (link: string) => link.slice(link.lastIndexOf("/") + 1);

beforeAll(async () => {
  await freshDatabase();
  await ensureKnownPersons();
});
afterAll(disconnect);

async function signIn(address: string): Promise<string> {
  const outcome = await consumeSignIn(tokenOf(await issueSignInLink({ kind: "address", address }, origin)));
  if (outcome.kind !== "signed-in") throw new Error("the link was refused");
  return outcome.sessionSecret;
}

describe("a sign-in link", () => {
  it("signs the local operator in, once, however many browsers click at the same moment", async () => {
    const link = await issueSignInLink({ kind: "operator" }, origin);
    expect(link.startsWith(`${origin}/in/`)).toBe(true);
    const clicks = await Promise.all(Array.from({ length: 8 }, () => consumeSignIn(tokenOf(link))));
    const opened = clicks.filter((outcome) => outcome.kind === "signed-in");
    expect(opened).toHaveLength(1);
    expect(await viewerOf(opened[0]!.sessionSecret)).toEqual({
      kind: "person",
      personId: operatorPersonId,
      displayName: "Operator",
      isOperator: true,
    });
    expect(await db().session.count()).toBe(1);
    expect(await previewSignIn(tokenOf(link))).toEqual({ kind: "used" });
  });

  it("is not used up by looking at it", async () => {
    const token = tokenOf(await issueSignInLink({ kind: "address", address: "ada@example.org" }, origin));
    for (let look = 0; look < 3; look++)
      expect(await previewSignIn(token)).toEqual({ kind: "usable", as: "ada@example.org" });
    expect((await consumeSignIn(token)).kind).toBe("signed-in");
  });

  it("ends after ten minutes", async () => {
    const token = tokenOf(await issueSignInLink({ kind: "address", address: "late@example.org" }, origin));
    await db().signInToken.updateMany({
      where: { address: "late@example.org" },
      data: { expiresAt: new Date(Date.now() - 1) },
    });
    expect(await previewSignIn(token)).toEqual({ kind: "expired" });
    expect(await consumeSignIn(token)).toEqual({ kind: "refused" });
  });

  it("is stored by its hash only", async () => {
    const token = tokenOf(await issueSignInLink({ kind: "address", address: "hash@example.org" }, origin));
    const rows = await db().$queryRaw<{ text: string }[]>`select t::text as text from sign_in_token t`;
    expect(rows.some((row) => row.text.includes(token))).toBe(false);
    expect(await previewSignIn("x".repeat(5_000))).toEqual({ kind: "unknown" });
  });
});

describe("a session", () => {
  it("belongs to the person of the address, whoever asked before", async () => {
    const first = await viewerOf(await signIn("boris@example.org"));
    const again = await viewerOf(await signIn("boris@example.org"));
    const other = await viewerOf(await signIn("zoe@example.org"));
    expect(first.kind === "person" && again.kind === "person" && first.personId === again.personId).toBe(true);
    expect(other.kind === "person" && first.kind === "person" && other.personId !== first.personId).toBe(true);
    expect(first).toMatchObject({ isOperator: false });
  });

  it("is of no use after it was revoked or has expired", async () => {
    const revoked = await signIn("revoked@example.org");
    await revokeSession(revoked);
    expect((await viewerOf(revoked)).kind).toBe("anonymous");
    const expired = await signIn("expired@example.org");
    await db().session.updateMany({ where: { revokedAt: null }, data: { expiresAt: new Date(Date.now() - 1) } });
    expect((await viewerOf(expired)).kind).toBe("anonymous");
    expect((await viewerOf("not-a-secret")).kind).toBe("anonymous");
  });

  it("is found by the cookie, and a change needs our Origin or its form token", async () => {
    const sessionSecret = await signIn("chika@example.org");
    const headers = new Headers({ cookie: `theme=dark; hunkbook=${sessionSecret}`, host: "127.0.0.1:3000" });
    expect((await callerOf(headers)).viewer).toMatchObject({ kind: "person", displayName: "chika@example.org" });
    expect(() => checkOrigin(headers, { sessionSecret, formToken: null })).toThrow("no form token");
    expect(() => checkOrigin(headers, { sessionSecret, formToken: formToken("another") })).toThrow("no form token");
    checkOrigin(headers, { sessionSecret, formToken: formToken(sessionSecret) });
    headers.set("origin", "http://evil.example");
    expect(() => checkOrigin(headers, { sessionSecret, formToken: formToken(sessionSecret) })).toThrow(
      "not this server",
    );
    headers.set("origin", "null");
    expect(() => checkOrigin(headers, { sessionSecret, formToken: formToken(sessionSecret) })).toThrow(
      "not this server",
    );
    headers.set("origin", origin);
    checkOrigin(headers, { sessionSecret, formToken: null });
  });
});
