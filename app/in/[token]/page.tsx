import type { Metadata } from "next";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { formToken } from "#lib/http/form-token.server.ts";
import { callerOf } from "#lib/http/request.server.ts";
import { previewSignIn, type SignInPreview } from "#lib/people/tokens.server.ts";
import { FormToken } from "../../_components/ui/form-token.tsx";

export const metadata: Metadata = { title: "Sign in", robots: { index: false } };

/** A sign-in link. Looking at it uses nothing: only the button does, so that a scanner's prefetch signs nobody in. */
export default async function SignInPage({
  params,
}: {
  readonly params: Promise<{ readonly token: string }>;
}): Promise<ReactNode> {
  const { token } = await params;
  const { sessionSecret } = await callerOf(await headers());
  const preview = await previewSignIn(decodeURIComponent(token));
  if (preview.kind !== "usable") return <Spent preview={preview} />;
  return (
    <main id="main" className="page page-narrow">
      <div className="empty">
        <h1>Sign in as {preview.as}</h1>
        <p className="mb-3">This link works once. It signs this browser in for 90 days, or until you sign out.</p>
        <form method="post" action={`/in/${token}/use`}>
          <FormToken value={sessionSecret === null ? null : formToken(sessionSecret)} />
          <button className="button button-main" type="submit">
            Sign in
          </button>
        </form>
      </div>
    </main>
  );
}

function Spent({ preview }: { readonly preview: Exclude<SignInPreview, { readonly kind: "usable" }> }): ReactNode {
  const why = {
    expired: "This link is too old.",
    used: "This link was used already; each works once.",
    unknown: "This link is not one of this server's.",
  }[preview.kind];
  return (
    <main id="main" className="page page-narrow">
      <div className="empty">
        <h1>No sign-in</h1>
        <p>
          {why} <a href="/in">How to get a new one</a>
        </p>
      </div>
    </main>
  );
}
