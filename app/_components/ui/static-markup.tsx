import type { ReactNode } from "react";
import type { Markup } from "./markup.ts";

/** The one door through which markup that is not JSX reaches a page. It takes Markup, which escapes all text. */
export function StaticMarkup({
  markup,
  className,
}: {
  readonly markup: Markup;
  readonly className?: string;
}): ReactNode {
  // eslint-disable-next-line no-restricted-syntax -- Markup is built by the escaping html template only.
  return <div className={className} dangerouslySetInnerHTML={{ __html: markup.html }} />;
}
