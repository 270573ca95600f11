"use client";
import { useMemo, type ReactNode } from "react";
import { unpackMarkup } from "./packed-markup.ts";

/** Draws packed Markup. Only StaticMarkup uses it, which packs what the escaping template wrote. */
export function PackedMarkup({
  packed,
  className,
}: {
  readonly packed: string;
  readonly className: string | undefined;
}): ReactNode {
  const content = useMemo(() => ({ __html: unpackMarkup(packed) }), [packed]);
  // eslint-disable-next-line no-restricted-syntax -- StaticMarkup is the only caller, and takes Markup only.
  return <div className={className} dangerouslySetInnerHTML={content} />;
}
