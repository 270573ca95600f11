import { db, type Transaction } from "../db/client.server.ts";
import { operatorPersonId } from "./known.server.ts";
import { hashSecret, newSecret, openSession } from "./sessions.server.ts";

const tokenMinutes = 10;
/** The link that `npm start` prints stands in a terminal until somebody comes back to it. */
const operatorTokenHours = 24;

export type SignInFor = { readonly kind: "operator" } | { readonly kind: "address"; readonly address: string };

/**
 * Makes a one-use sign-in link. Only the token's hash is stored.
 *
 * @param origin scheme and host that the person's browser will use, without a slash at the end
 * @returns the link; valid 10 minutes for an address, 24 hours for the local operator
 */
export async function issueSignInLink(who: SignInFor, origin: string): Promise<string> {
  const token = newSecret();
  const lifeMs = who.kind === "operator" ? operatorTokenHours * 3_600_000 : tokenMinutes * 60_000;
  await db().signInToken.create({
    data: {
      tokenHash: hashSecret(token),
      address: who.kind === "address" ? who.address : null,
      isOperator: who.kind === "operator",
      expiresAt: new Date(Date.now() + lifeMs),
    },
  });
  return `${origin}/in/${token}`;
}

export type SignInPreview =
  | { readonly kind: "usable"; readonly as: string }
  | { readonly kind: "expired" }
  | { readonly kind: "used" }
  | { readonly kind: "unknown" };

/** What a link is good for, without using it: the GET page shows a button, so that a scanner's prefetch signs nobody in. */
export async function previewSignIn(token: string): Promise<SignInPreview> {
  const row = await db().signInToken.findUnique({ where: { tokenHash: hashSecret(token) } });
  if (!row) return { kind: "unknown" };
  if (row.usedAt !== null) return { kind: "used" };
  if (row.expiresAt.getTime() <= Date.now()) return { kind: "expired" };
  return { kind: "usable", as: row.isOperator ? "the local operator" : (row.address ?? "") };
}

export type SignInOutcome =
  { readonly kind: "signed-in"; readonly sessionSecret: string } | { readonly kind: "refused" };

/** Uses a link once: the UPDATE that marks it used is the test, so two clicks at once open one session. */
export async function consumeSignIn(token: string): Promise<SignInOutcome> {
  const tokenHash = hashSecret(token);
  return db().$transaction(async (within) => {
    const used = await within.signInToken.updateMany({
      where: { tokenHash, usedAt: null, expiresAt: { gt: new Date() } },
      data: { usedAt: new Date() },
    });
    if (used.count !== 1) return { kind: "refused" };
    const row = await within.signInToken.findUniqueOrThrow({ where: { tokenHash } });
    const personId = row.isOperator ? operatorPersonId : await personWithAddress(within, row.address ?? "");
    await within.event.create({ data: { personId, kind: "session.opened", subject: personId, detail: {} } });
    return { kind: "signed-in", sessionSecret: await openSession(within, personId) };
  });
}

async function personWithAddress(within: Transaction, address: string): Promise<string> {
  const known = await within.address.findUnique({ where: { address }, select: { personId: true } });
  if (known) return known.personId;
  const person = await within.person.create({
    data: { displayName: address, addresses: { create: { address, verifiedAt: new Date() } } },
    select: { id: true },
  });
  return person.id;
}
