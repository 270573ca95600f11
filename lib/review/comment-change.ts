/** What may be done with a comment, by whom, and what a withdrawn one still shows: the pages and the store read it alike. */

export type CommentState = "draft" | "published" | "withdrawn";

export type CommentChange =
  | { readonly kind: "publish" | "withdraw" | "resolve" | "reopen" }
  /** The former text is kept; the new one is shown. */
  | { readonly kind: "edit"; readonly text: string };

/** A comment whose author took it back: that it was, and where. Its words are never read again. */
export type WithdrawnComment = {
  readonly kind: "withdrawn";
  readonly id: string;
  readonly authorName: string;
  readonly createdAt: Date;
  readonly side: "old" | "new" | null;
  readonly oldLine: number | null;
  readonly newLine: number | null;
};

/**
 * May a comment in this state be changed so? Its words and its life are its author's; whether its matter is settled, any
 * person who may comment can say. A withdrawn one stays as it is.
 */
export function mayChange(
  comment: { readonly state: CommentState; readonly isOwn: boolean },
  change: CommentChange["kind"],
): boolean {
  switch (change) {
    case "publish":
      return comment.isOwn && comment.state === "draft";
    case "edit":
    case "withdraw":
      return comment.isOwn && comment.state !== "withdrawn";
    case "resolve":
    case "reopen":
      return comment.state === "published";
  }
}
