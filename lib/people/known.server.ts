import { db } from "../db/client.server.ts";
import type { Viewer } from "./viewer.ts";

/** Owner of what ships with the program. */
export const systemPersonId = "00000000-0000-7000-8000-000000000001";
/** Who the one-use link that `npm start` prints signs in. */
export const operatorPersonId = "00000000-0000-7000-8000-000000000002";

/** The program itself, as author of shipped notebooks and their asks. */
export function systemViewer(): Viewer {
  return { kind: "system", personId: systemPersonId };
}

/** Creates the two persons that exist before anybody signs in. Idempotent; safe when several processes start at once. */
export async function ensureKnownPersons(): Promise<void> {
  await db().person.createMany({
    data: [
      { id: systemPersonId, displayName: "Hunkbook" },
      { id: operatorPersonId, displayName: "Operator", isOperator: true },
    ],
    skipDuplicates: true,
  });
}
