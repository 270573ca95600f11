/**
 * The name of a hunk, which anybody can compute from the mail alone: a notebook may speak of a hunk, and an ask may be
 * filed under it, before the mail was imported here or when it never is.
 */
import { base32, sha256 } from "../hash.ts";

const HUNK_KEY_LENGTH = 26;

/** What names one hunk. Two hunks of one mail never agree in all four. */
export interface HunkName {
  /** Of the mail in whose text the hunk stands, with or without its angle brackets. */
  readonly messageId: string;
  /** The new path, or the old one when the new one is /dev/null; without `a/` and `b/`. */
  readonly path: string;
  /** The number after `-` in the header, as sent. */
  readonly oldStart: number;
  /** 0, or 1, 2 ... for the 2nd, 3rd ... hunk of the same mail with an equal path and oldStart. */
  readonly ordinal: number;
}

/**
 * The key of a hunk: 26 characters of base32 (130 bits of a SHA-256). Changing anything here renames every hunk ever
 * stored, hence the format number in the hashed text.
 */
export function hunkKey({ messageId, path, oldStart, ordinal }: HunkName): string {
  const id = messageId.replace(/^<|>$/g, "");
  return base32(sha256(`hunk/1\0${id}\0${path}\0${oldStart}\0${ordinal}`)).slice(0, HUNK_KEY_LENGTH);
}
