"use client";
import { useRouter } from "next/navigation";
import { useEffect, type ReactNode } from "react";

/** Most runs end within a blink, so the first questions come soon, later ones seldom. */
const firstIntervalMs = 100;
const intervalGrowth = 1.3;
const intervalMsMax = 1_500;
/** An ask that waits this long will wait longer: the reader may load the page again. */
const pollsMax = 900;

/** Asks after runs that are queued or running, and takes the page's new state when one has changed. Draws nothing itself. */
export function RefreshWhilePending({ askIds }: { readonly askIds: readonly string[] }): ReactNode {
  const router = useRouter();
  const ids = askIds.join(",");
  useEffect(() => {
    if (ids === "") return;
    const stop = new AbortController();
    void poll(ids.split(","), { signal: stop.signal, onChange: () => router.refresh() });
    return () => stop.abort();
  }, [ids, router]);
  return null;
}

type PollOptions = { readonly signal: AbortSignal; readonly onChange: () => void };

async function poll(ids: readonly string[], { signal, onChange }: PollOptions): Promise<void> {
  let known = "";
  let intervalMs = firstIntervalMs;
  for (let polls = 0; polls < pollsMax && !signal.aborted; polls++) {
    const now = await statusesOf(ids, signal);
    const isOver = now !== null && !/"(queued|running)"/.test(now);
    // What was over before the first question changed between the server's drawing and now.
    if (isOver || (known !== "" && now !== null && now !== known)) onChange();
    if (isOver) return;
    known = now ?? known;
    intervalMs = Math.min(intervalMsMax, intervalMs * intervalGrowth);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** A failed request changes nothing: the next one tells. */
async function statusesOf(ids: readonly string[], signal: AbortSignal): Promise<string | null> {
  try {
    const answer = await fetch(`/api/v1/asks?${new URLSearchParams({ ids: ids.join(",") }).toString()}`, { signal });
    return answer.ok ? await answer.text() : null;
  } catch (error) {
    if (error instanceof TypeError || (error instanceof DOMException && error.name === "AbortError")) return null;
    throw error;
  }
}
