import { createHash } from "node:crypto";

/** Name of a Message-ID in every table: sha256 of its text without angle brackets. */
export function messageIdHash(messageId: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash("sha256").update(messageId).digest());
}
