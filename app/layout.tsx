import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { callerOf } from "#lib/http/request.server.ts";
import { formToken } from "#lib/http/form-token.server.ts";
import { Keys } from "./_components/ui/keys.client.tsx";
import { TopBar } from "./_components/ui/top-bar.tsx";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Hunkbook", template: "%s - Hunkbook" },
  description: "Runnable scenario notebooks beside the diff hunks of mailing-list patch threads.",
  icons: { icon: "/icon.svg" },
};
export const viewport: Viewport = { width: "device-width", initialScale: 1 };

/** Reads the request's headers on every page, so that every page, also the one for 404, is rendered with its own nonce. */
export default async function Layout({ children }: { readonly children: ReactNode }): Promise<ReactNode> {
  const [requestHeaders, jar] = await Promise.all([headers(), cookies()]);
  const { viewer, sessionSecret } = await callerOf(requestHeaders);
  const theme = jar.get("theme")?.value;
  return (
    <html lang="en" data-theme={theme === "light" || theme === "dark" ? theme : undefined}>
      <body>
        <a className="skip" href="#main">
          Skip to the page
        </a>
        <TopBar
          viewer={viewer}
          path={requestHeaders.get("x-hunkbook-path") ?? "/"}
          theme={theme ?? "auto"}
          formToken={sessionSecret === null ? null : formToken(sessionSecret)}
        />
        {children}
        <footer className="foot">
          Models decide about models only: a verdict says what a scenario allows within its stated bounds. Nothing here
          is mailed by the server.
        </footer>
        <Keys />
      </body>
    </html>
  );
}
