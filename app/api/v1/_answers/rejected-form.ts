/**
 * The answer to a form that was refused: the same form again, with every field as it was sent, so that nothing typed is
 * lost; to a program the refusal as JSON.
 */
import { AppError, httpStatus, type ErrorCode } from "#lib/errors.ts";
import { markup, text, type Markup } from "../../../_components/ui/markup.ts";

/** Why lib refused, as HTTP says it. What is not listed is the sender's mistake. */
const codeOfReason: Readonly<Record<string, ErrorCode>> = {
  "sign-in-needed": "sign-in-needed",
  "not-found": "not-found",
  "not-imported": "not-found",
  conflict: "conflict",
  "not-changeable": "conflict",
  "slug-taken": "conflict",
  "queue-full": "queue-full",
  "person-queue-full": "queue-full",
  "no-sandbox": "unavailable",
};

export type Rejection = {
  readonly reason: string;
  readonly message: string;
  /** Lines in gcc's form, or the newer text of a conflict. */
  readonly detail?: string;
};

type Call = {
  readonly isForm: boolean;
  readonly request: Request;
  readonly input: Readonly<Record<string, unknown>>;
};

/** @throws AppError for a caller that sent JSON; the route seam turns it into its answer */
export function rejected(call: Call, rejection: Rejection): Response {
  const code = codeOfReason[rejection.reason] ?? "bad-request";
  if (!call.isForm) throw new AppError(code, rejection.message, rejection.detail);
  const page = formPage({ action: new URL(call.request.url).pathname, fields: call.input, rejection });
  return new Response(`<!DOCTYPE html>${page.html}`, {
    status: httpStatus[code],
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "private, no-store",
      ...(code === "queue-full" ? { "retry-after": "5" } : {}),
    },
  });
}

type FormPage = {
  readonly action: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly rejection: Rejection;
};

function formPage({ action, fields, rejection }: FormPage): Markup {
  const inputs = Object.entries(fields)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => field(name, String(value)));
  const detail = rejection.detail === undefined ? markup`` : markup`<pre>${text(rejection.detail)}</pre>`;
  const signIn =
    rejection.reason === "sign-in-needed"
      ? markup` <a href="/in" target="_blank">Sign in in another tab</a>, then send it again.`
      : markup``;
  return markup`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Not accepted - Hunkbook</title><style>${style}</style></head><body><main><h1>Not accepted</h1><p>${text(rejection.message)}${signIn}</p>${detail}<p>Nothing was stored, and nothing is lost: this is what you sent.</p><form method="post" action="${action}">${inputs}<button type="submit">Send again</button></form><p><a href="/">All threads</a></p></main></body></html>`;
}

/** Text that a person typed can be mended here; the rest goes along as it came. */
function field(name: string, value: string): Markup {
  if (name !== "text" && name !== "line" && name !== "slug")
    return markup`<input type="hidden" name="${name}" value="${value}">`;
  // A textarea swallows one line end at its beginning (HTML standard), hence the extra one.
  return name === "text"
    ? markup`<p><label>Text<br><textarea name="text" rows="20" cols="80">\n${value}</textarea></label></p>`
    : markup`<p><label>${name === "line" ? "Line" : "Name"}<br><input name="${name}" value="${value}"></label></p>`;
}

const style =
  "body{font:14px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}textarea,pre{width:100%;font:13px/1.5 monospace}pre{overflow:auto}button{min-height:2rem}";
