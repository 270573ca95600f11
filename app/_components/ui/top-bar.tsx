import type { ReactNode } from "react";
import type { Viewer } from "#lib/people/viewer.ts";
import { FormToken } from "./form-token.tsx";

type TopBarProps = {
  readonly viewer: Viewer;
  readonly path: string;
  readonly theme: string;
  readonly formToken: string | null;
};

/** The bar on every page: where one is, who one is, light or dark. */
export function TopBar({ viewer, path, theme, formToken }: TopBarProps): ReactNode {
  return (
    <header className="bar">
      <nav className="bar-in" aria-label="Main">
        <a className="brand" href="/">
          <Mark />
          Hunkbook
        </a>
        <a href="/" aria-current={path === "/" || path.startsWith("/t/") ? "page" : undefined}>
          Threads
        </a>
        <a href="/n" aria-current={path === "/n" || path.startsWith("/n/") ? "page" : undefined}>
          Notebooks
        </a>
        <span className="ml-auto" />
        <ThemeForm theme={theme} path={path} formToken={formToken} />
        {viewer.kind === "person" ? <a href="/people/me">{viewer.displayName}</a> : <a href="/in">Sign in</a>}
      </nav>
    </header>
  );
}

const nextTheme: Readonly<Record<string, string>> = { auto: "dark", dark: "light", light: "auto" };

function ThemeForm({ theme, path, formToken }: Omit<TopBarProps, "viewer">): ReactNode {
  const now = theme in nextTheme ? theme : "auto";
  return (
    <form method="post" action="/api/v1/theme">
      <input type="hidden" name="back" value={path} />
      <input type="hidden" name="theme" value={nextTheme[now]} />
      <FormToken value={formToken} />
      <button type="submit" title={`Colours: ${now}. Press for ${nextTheme[now] ?? "auto"}.`}>
        <span className="sr-only-words">Colours: </span>
        {now}
      </button>
    </form>
  );
}

function Mark(): ReactNode {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" fill="currentColor">
      <path d="M1 2h9v2H1zM1 7h9v2H1zM1 12h9v2H1z" opacity=".45" />
      <path d="M12 2h3v12h-3z" />
    </svg>
  );
}
