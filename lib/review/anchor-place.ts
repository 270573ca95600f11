/** A place in a diff or mail, named by content only, and the comments of a mail with the places that they answer. */

export type AnchorKind = "mail" | "subject" | "commit-message" | "trailer" | "diffstat" | "file" | "hunk" | "line";

/**
 * How the place was found, from sure to vague:
 * exact    the quoted text stands once in the target;
 * aligned  it stands there more than once, or in pieces, and the lines around it decide;
 * counted  the text was not found; the numbers of the quoted @@ line say where it was;
 * hunk, file, mail  only that much is known.
 */
export type AnchorMethod = "exact" | "aligned" | "counted" | "hunk" | "file" | "mail";

export interface AnchorPlace {
  /** The mail whose text is meant, without angle brackets. */
  readonly messageId: string;
  readonly place: AnchorKind;
  readonly path: string | null;
  readonly hunkKey: string | null;
  /** The side on which the line stands: "old" for a deleted line, "new" for the others. */
  readonly side: "old" | "new" | null;
  /** Numbers in the files; also set for place "hunk", to mark the last line quoted. */
  readonly oldLine: number | null;
  readonly newLine: number | null;
  /** Line of the target mail's body, 0-based; null where no line is meant. */
  readonly bodyLine: number | null;
  /** Of the line without white space: finds it again in the next version. */
  readonly lineHash: string | null;
  /** Of the line with its neighbours. */
  readonly contextHash: string | null;
  readonly method: AnchorMethod;
  /** 0 to 1. Below 0.7 two places fit equally well, or only part of the place is known. */
  readonly score: number;
}

export interface MailedCommentPlace {
  /** Position among the mail's comments. */
  readonly ordinal: number;
  /** Body lines of the comment, 0-based, end exclusive. */
  readonly bodyLineStart: number;
  readonly bodyLineEnd: number;
  /** Without trailers, signature, elision marks and blank lines around it. */
  readonly text: string;
  /** Body lines of the quoted block above, which a page shows with the marked line in it; null when there is none. */
  readonly quotedLines: { readonly start: number; readonly end: number } | null;
  readonly anchor: AnchorPlace;
}

/** A mail as the anchorer needs it. */
export interface MailText {
  /** Without angle brackets. */
  readonly messageId: string;
  /** Decoded, LF line ends. */
  readonly body: string;
}
