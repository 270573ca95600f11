import type { ReactNode } from "react";
import type { Markup } from "./markup.ts";
import { PackedMarkup } from "./packed-markup.client.tsx";
import { packMarkup } from "./packed-markup.ts";

/** The one door through which markup that is not JSX reaches a page. It takes Markup, which escapes all text. */
export function StaticMarkup({
  markup,
  className,
}: {
  readonly markup: Markup;
  readonly className?: string;
}): ReactNode {
  return <PackedMarkup packed={packMarkup(markup.html)} className={className} />;
}
