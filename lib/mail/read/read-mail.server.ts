import { db } from "../../db/client.server.ts";
import { sha256 } from "../../hash.ts";
import type { MessageReference } from "../../message-path.ts";
import type { Viewer } from "../../people/viewer.ts";
import { mailVisibleTo } from "./read-visible.server.ts";

/** A mail as its page shows it. The bytes stay in the blob; only the download reads them. */
export type Mail = {
  readonly rowId: number;
  readonly messageIdText: string;
  readonly subject: string;
  readonly title: string;
  readonly fromName: string;
  readonly fromAddress: string;
  readonly toText: string;
  readonly ccText: string;
  readonly listName: string | null;
  readonly sentAt: Date;
  readonly sentOffsetMinutes: number;
  readonly body: string;
  readonly class: string;
  readonly isWithheld: boolean;
  readonly oddities: readonly { readonly code: string; readonly message: string }[];
  /** Other contents that were seen under the same Message-ID. */
  readonly variantCount: number;
  readonly trailers: readonly { readonly name: string; readonly value: string }[];
  readonly hunks: readonly { readonly rowId: number; readonly key: string; readonly h1: string }[];
  readonly owners: readonly { readonly diffOrdinal: number; readonly ownerName: string }[];
  readonly patch: {
    readonly number: number;
    readonly count: number;
    readonly versionNumber: number;
    readonly seriesId: number;
    readonly versionId: number;
  } | null;
};

/** sha256 of the id that a reference names: what every table is indexed by. */
export function referenceHash(reference: MessageReference): Uint8Array<ArrayBuffer> {
  switch (reference.kind) {
    case "id":
      return new Uint8Array(sha256(reference.messageId));
    case "hash":
      return new Uint8Array(Buffer.from(reference.messageIdHashHex, "hex"));
  }
}

/** One mail, by id; null when it is not imported or not for this viewer. */
export async function readMail(viewer: Viewer, reference: MessageReference): Promise<Mail | null> {
  const messageIdHash = referenceHash(reference);
  const row = await db().message.findFirst({
    where: { messageIdHash, AND: [mailVisibleTo(viewer)] },
    orderBy: { variantOrdinal: "asc" },
    include: {
      blob: { select: { withheldAt: true } },
      trailers: { orderBy: { ordinal: "asc" }, select: { name: true, value: true } },
      fileDiffs: {
        orderBy: { ordinal: "asc" },
        select: { ordinal: true, ownerName: true, hunks: { select: { id: true, key: true, h1: true } } },
      },
      patch: {
        select: { number: true, version: { select: { id: true, number: true, patchCount: true, seriesId: true } } },
      },
    },
  });
  if (!row) return null;
  const variants = await db().message.count({ where: { messageIdHash, AND: [mailVisibleTo(viewer)] } });
  const isWithheld = row.blob.withheldAt !== null;
  const version = row.patch?.version;
  return {
    ...row,
    rowId: row.id,
    isWithheld,
    body: isWithheld ? "" : row.body,
    oddities: readOddities(row.oddities),
    variantCount: variants - 1,
    hunks: row.fileDiffs.flatMap((diff) => diff.hunks.map(({ id, key, h1 }) => ({ rowId: id, key, h1 }))),
    owners: row.fileDiffs.map((diff) => ({ diffOrdinal: diff.ordinal, ownerName: diff.ownerName })),
    patch:
      row.patch && version
        ? {
            number: row.patch.number,
            count: version.patchCount,
            versionNumber: version.number,
            seriesId: version.seriesId,
            versionId: version.id,
          }
        : null,
  };
}

/** The column holds JSON that the importer wrote; a row of another shape is shown as no oddity rather than a fault. */
function readOddities(json: unknown): Mail["oddities"] {
  if (!Array.isArray(json)) return [];
  return json.flatMap((item: unknown) => {
    if (typeof item !== "object" || item === null || !("code" in item) || !("message" in item)) return [];
    return [{ code: String(item.code), message: String(item.message) }];
  });
}

export type RawMail =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "withheld" }
  | { readonly kind: "unknown" };

/** The mail exactly as received. */
export async function readRawMail(viewer: Viewer, reference: MessageReference): Promise<RawMail> {
  const row = await db().message.findFirst({
    where: { messageIdHash: referenceHash(reference), AND: [mailVisibleTo(viewer)] },
    orderBy: { variantOrdinal: "asc" },
    select: { blob: { select: { bytes: true } } },
  });
  if (!row) return { kind: "unknown" };
  return row.blob.bytes === null ? { kind: "withheld" } : { kind: "bytes", bytes: row.blob.bytes };
}
