import { createHash, randomBytes } from "node:crypto";
import { db, type Db } from "../db/client.server.ts";
import { anonymous, type Viewer } from "./viewer.ts";

const sessionDays = 90;
export const sessionMaxAgeSeconds = sessionDays * 86_400;
const seenEveryMs = 3_600_000;

/** sha256 of a secret: what the database holds, so that a leaked table signs nobody in. */
export function hashSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(secret).digest());
}

/** 256 random bits, as the cookie and the sign-in link carry them. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** Opens a session with an id of its own (never one that the browser brought: session fixation) and returns its secret. */
export async function openSession(within: Db, personId: string): Promise<string> {
  const secret = newSecret();
  const expiresAt = new Date(Date.now() + sessionMaxAgeSeconds * 1000);
  await within.session.create({ data: { tokenHash: hashSecret(secret), personId, expiresAt } });
  return secret;
}

/** Who holds this session secret now; anonymous when it is unknown, expired or revoked. */
export async function viewerOf(secret: string | null): Promise<Viewer> {
  if (secret === null || secret.length > 128) return anonymous;
  const session = await db().session.findUnique({
    where: { tokenHash: hashSecret(secret) },
    select: {
      tokenHash: true,
      expiresAt: true,
      revokedAt: true,
      seenAt: true,
      person: { select: { id: true, displayName: true, isOperator: true } },
    },
  });
  if (!session || session.revokedAt !== null || session.expiresAt.getTime() <= Date.now()) return anonymous;
  if (Date.now() - session.seenAt.getTime() > seenEveryMs) {
    await db().session.update({ where: { tokenHash: session.tokenHash }, data: { seenAt: new Date() } });
  }
  const { person } = session;
  return { kind: "person", personId: person.id, displayName: person.displayName, isOperator: person.isOperator };
}

/** Ends a session: the secret is of no use afterwards, in any browser. */
export async function revokeSession(secret: string): Promise<void> {
  await db().session.updateMany({
    where: { tokenHash: hashSecret(secret), revokedAt: null },
    data: { revokedAt: new Date() },
  });
}
