import { sha256Hex } from "../hash.ts";
import type { AnchorPlace } from "./anchor-place.ts";

/** The columns of an anchor row. Its key is the hash of all the others, so that equal places are one row. */
export type AnchorColumns = Omit<AnchorPlace, "messageId" | "bodyLine"> & {
  readonly key: string;
  readonly messageIdText: string;
};

/** The row of a place. Who stores remarks of mails and who stores comments of persons must name a place alike. */
export function anchorColumns(anchor: AnchorPlace): AnchorColumns {
  const { messageId, place, path, hunkKey, side, oldLine, newLine, lineHash, contextHash, method, score } = anchor;
  const canonical = JSON.stringify([
    messageId,
    ...[place, path, hunkKey, side, oldLine, newLine, lineHash, contextHash],
    // cell, ask and step: comments on these come with their pages.
    ...[null, null, null],
    ...[method, score],
  ]);
  return {
    key: sha256Hex(canonical),
    messageIdText: messageId,
    ...{ place, path, hunkKey, side, oldLine, newLine, lineHash, contextHash, method, score },
  };
}
