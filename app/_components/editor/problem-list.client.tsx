"use client";
import type { ReactNode } from "react";
import type { Marker } from "#lib/editor/diagnose.ts";

const shownMax = 50;

type Props = { readonly markers: readonly Marker[]; readonly onGo: (line: number) => void };

/** The same problems that the editor underlines, in words and in order. */
export function ProblemList({ markers, onGo }: Props): ReactNode {
  if (markers.length === 0) return <p className="soft small mt-3">No problems found.</p>;
  return (
    <section className="mt-3">
      <h2>Problems</h2>
      <ul className="problems">
        {markers.slice(0, shownMax).map((marker) => (
          <li key={`${marker.line}:${marker.column}:${marker.code}:${marker.message}`}>
            <button type="button" className="problem" onClick={() => onGo(marker.line)}>
              <b className={marker.severity === "error" ? "t-violated" : "t-inconclusive"}>{marker.severity}</b> line{" "}
              {marker.line}: {marker.message} <code>{marker.code}</code>
            </button>
          </li>
        ))}
      </ul>
      {markers.length > shownMax ? <p className="soft small">{markers.length - shownMax} more</p> : null}
    </section>
  );
}
