/** What a simulation came to, in one line, and in the few words that a chip has room for. */
import type { LockRow, Quantile, SimulateResult, SpanRow } from "../result.ts";
import { estimatedTimeText, grouped, quantileText, timeText } from "./figures.ts";

/** `1,204 x "move"; p99 30.1 us +- 0.4`. The program's first span speaks; without one the lock most waited for. */
export function simulationHeadline(result: SimulateResult): string {
  const span = firstSpan(result);
  if (span !== null) return `${grouped(span.latency.samples)} x "${span.text}"; ${spanFigure(span)}`;
  const lock = mostWaited(result);
  if (lock !== null) return `${lockName(lock)}: ${grouped(lock.acquisitions)} acquisitions; ${lockFigure(lock)}`;
  return `${grouped(result.events)} events, nothing measured: the scenario has no span and takes no lock`;
}

/** `p99 30.1 us +- 0.4`; null when nothing was measured. */
export function headlineFigure(result: SimulateResult): string | null {
  const span = firstSpan(result);
  if (span !== null) return spanFigure(span);
  const lock = mostWaited(result);
  return lock === null ? null : lockFigure(lock);
}

/** `anon_vma.rwsem write`; a lock with one mode only has no need of it. */
export function lockName(lock: Pick<LockRow, "name" | "mode" | "kind">): string {
  return lock.kind === "rwsem" || lock.kind === "rwlock" ? `${lock.name} ${lock.mode}` : lock.name;
}

function firstSpan({ spans }: SimulateResult): SpanRow | null {
  return spans.find((span) => span.latency.samples > 0) ?? null;
}

/** Ties go to the one that stands first. */
function mostWaited({ locks }: SimulateResult): LockRow | null {
  return locks.reduce<LockRow | null>(
    (most, lock) => (most === null || lock.wait.total > most.wait.total ? lock : most),
    null,
  );
}

/** p99, else the highest percentile below it that has its samples, else the mean. */
function spanFigure({ latency }: SpanRow): string {
  const printable = latency.quantiles.filter((quantile) => quantile.value !== null && quantile.q <= 0.99);
  const best = printable.reduce<Quantile | null>(
    (highest, quantile) => (highest === null || quantile.q > highest.q ? quantile : highest),
    null,
  );
  if (best !== null) return quantileText(best);
  return `mean ${estimatedTimeText(latency.mean.mean, latency.mean.halfWidth)}`;
}

function lockFigure({ waitPerAcquisition, contentions, wait }: LockRow): string {
  if (contentions === 0) return "never waited for";
  const { mean, halfWidth } = waitPerAcquisition;
  return `wait ${estimatedTimeText(mean, halfWidth)} an acquisition, at most ${timeText(wait.max)}`;
}
