/** Who waits for whom at the end of a run, and the cycle that keeps them waiting. */
import type { WaitEdge, WaitGraph, Waiter } from "./trace.ts";

/**
 * The wait-for graph of what tasks wait for: an edge for each task that has what another waits for. `cycle` is a shortest
 * one, the first in the order of tasks; empty when there is none (an await, a wake-up that nobody gives).
 */
export function waitGraphOf(waiters: readonly Waiter[]): WaitGraph {
  const edges = waiters.flatMap((waiter) =>
    waiter.holders.map((holder): WaitEdge => ({ task: waiter.task, waitsFor: waiter.lock ?? waiter.waitsFor, holder })),
  );
  const cycle = shortestCycle(
    waiters.map((waiter) => waiter.task),
    edges,
  );
  return { edges, cycle, sentence: sentenceOf(cycle, edges) };
}

function shortestCycle(tasks: readonly string[], edges: readonly WaitEdge[]): readonly string[] {
  let best: readonly string[] = [];
  for (const task of tasks) {
    const found = cycleThrough(task, edges);
    if (found.length > 0 && (best.length === 0 || found.length < best.length)) best = found;
  }
  return best;
}

/** Breadth first over who waits for whom, back to the start. */
function cycleThrough(start: string, edges: readonly WaitEdge[]): readonly string[] {
  const paths: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (const path of paths) {
    const last = path[path.length - 1];
    for (const { task, holder } of edges) {
      if (task !== last) continue;
      if (holder === start) return path;
      if (seen.has(holder)) continue;
      seen.add(holder);
      paths.push([...path, holder]);
    }
  }
  return [];
}

/** `a waits for m, held by b, which waits for l, held by a`. */
function sentenceOf(cycle: readonly string[], edges: readonly WaitEdge[]): string {
  const parts = cycle.map((task, index) => {
    const next = cycle[(index + 1) % cycle.length] ?? task;
    const edge = edges.find((candidate) => candidate.task === task && candidate.holder === next);
    return `waits for ${edge?.waitsFor ?? "it"}, held by ${next}`;
  });
  return parts.length === 0 ? "" : `${cycle[0] ?? ""} ${parts.join(", which ")}`;
}
