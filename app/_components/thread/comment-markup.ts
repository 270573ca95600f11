/** Comments made here, as markup: who said it, in which state, and the plain forms for what the reader may do with it. */
import { mayChange, type CommentChange, type WithdrawnComment } from "#lib/review/comment-change.ts";
import type { HunkComment } from "#lib/review/margin.ts";
import { markup, nothing, text, type Markup } from "../ui/markup.ts";
import type { ActionContext } from "./hunk-actions.tsx";

type Actions = Pick<ActionContext, "canWrite" | "formToken">;

/** Author and state. The place that links and redirects go to. */
export function commentHead(comment: HunkComment): Markup {
  const state = comment.state === "draft" ? markup` <span class="chip">draft, only you see it</span>` : nothing;
  const resolved = comment.isResolved ? markup` <span class="soft">resolved</span>` : nothing;
  const edited = comment.editCount > 0 ? markup` <span class="soft">${editedWords(comment.editCount)}</span>` : nothing;
  return markup`<p class="remark-head" id="c-${comment.id}"><b>${text(comment.authorName)}</b> <span class="soft">commented here</span>${state}${resolved}${edited}</p>`;
}

function editedWords(count: number): string {
  return count === 1 ? "edited once" : `edited ${count} times`;
}

/** A comment that was taken back. */
export function withdrawnMarkup(comment: WithdrawnComment): Markup {
  return markup`<p class="remark-head" id="c-${comment.id}"><b>${text(comment.authorName)}</b> <span class="soft">commented here; withdrawn by its author</span></p>`;
}

/** What this reader may do with the comment; nothing for one who only reads. */
export function commentActs(comment: HunkComment, actions: Actions): Markup {
  if (!actions.canWrite) return nothing;
  const may = (change: CommentChange["kind"]): boolean => mayChange(comment, change);
  const settle = comment.isResolved ? "reopen" : "resolve";
  const parts = [
    ...(may("publish") ? [button({ comment, actions, change: "publish", label: "Publish" })] : []),
    ...(may(settle)
      ? [button({ comment, actions, change: settle, label: comment.isResolved ? "Reopen" : "Resolve" })]
      : []),
    ...(may("edit") ? [editForm(comment, actions)] : []),
    ...(may("withdraw") ? [withdrawForm(comment, actions)] : []),
  ];
  return parts.length === 0 ? nothing : markup`<div class="margin-acts comment-acts">${parts}</div>`;
}

type Button = {
  readonly comment: HunkComment;
  readonly actions: Actions;
  readonly change: CommentChange["kind"];
  readonly label: string;
};

function button({ comment, actions, change, label }: Button): Markup {
  return form(
    { comment, actions, change, bare: "bare" },
    markup`<button class="button-quiet small" type="submit">${label}</button>`,
  );
}

function editForm(comment: HunkComment, actions: Actions): Markup {
  // A textarea swallows one line end at its beginning (HTML standard), hence the extra one.
  const fields = markup`<label class="field"><span>Comment</span><textarea name="text" rows="5" required maxlength="20000">\n${comment.text}</textarea></label><button class="button" type="submit">Save</button>`;
  return markup`<details><summary>Edit</summary>${form({ comment, actions, change: "edit", bare: "" }, fields)}</details>`;
}

function withdrawForm(comment: HunkComment, actions: Actions): Markup {
  const isDraft = comment.state === "draft";
  const note = isDraft ? "Nobody has seen it." : "Its words go; that there was a comment stays.";
  const label = isDraft ? "Discard the draft" : "Withdraw the comment";
  const fields = markup`<p class="small soft">${note}</p><button class="button" type="submit">${label}</button>`;
  return markup`<details><summary>${isDraft ? "Discard" : "Withdraw"}</summary>${form({ comment, actions, change: "withdraw", bare: "" }, fields)}</details>`;
}

type Form = Omit<Button, "label"> & { readonly bare: "bare" | "" };

function form({ comment, actions, change, bare }: Form, fields: Markup): Markup {
  const token =
    actions.formToken === null ? nothing : markup`<input type="hidden" name="form-token" value="${actions.formToken}">`;
  return markup`<form method="post" action="/api/v1/comments/${comment.id}" class="form-stack ${bare}">${token}<input type="hidden" name="change" value="${change}">${fields}</form>`;
}
