import type { ReactNode } from "react";
import type { CpuRow, LockRow, SpanRow, TaskRow } from "#simulator";
import {
  estimatedTimeText,
  grouped,
  holderName,
  holderStates,
  lockName,
  percentText,
  quantileName,
  rateText,
  simulationHeadline,
  timeText,
} from "#lib/review/figure-words.ts";
import { messageWords, type RunPage } from "#lib/review/run-page.ts";
import type { SimulatedResult } from "#lib/runs/run-result.ts";
import { EcdfChart } from "./ecdf-chart.tsx";
import { TimeBar } from "./time-bar.tsx";

type Props = { readonly result: SimulatedResult; readonly page: RunPage };

const locksShown = 40;
const cpusShown = 16;

/** Everything that a simulation measured: spans, locks, where the time went, sleeps, CPUs. */
export function SimulatedView({ result, page }: Props): ReactNode {
  return (
    <>
      <p>{messageWords(page, result.verdict === "measured" ? simulationHeadline(result) : result.message)}.</p>
      <Warnings result={result} />
      {result.spans.map((span) => (
        <SpanView key={`${span.task} ${span.text}`} span={span} />
      ))}
      <LockTable locks={result.locks} page={page} />
      <Tasks tasks={result.tasks} />
      <CpuTable cpus={result.cpus} />
    </>
  );
}

function Warnings({ result }: { readonly result: SimulatedResult }): ReactNode {
  if (result.warnings.length === 0 && result.notes.length === 0) return null;
  return (
    <ul className="notes">
      {result.warnings.map(({ message }) => (
        <li key={message}>warning: {message}</li>
      ))}
      {result.notes.map(({ text, count, perSecond }) => (
        <li key={text}>
          note <q>{text}</q>: {grouped(count)}, {rateText(perSecond)} a second
        </li>
      ))}
    </ul>
  );
}

function SpanView({ span }: { readonly span: SpanRow }): ReactNode {
  const { latency, text, task } = span;
  const slept = span.sleptAbove.filter(({ share }) => share.share > 0);
  return (
    <section>
      <h3 className="mt-3 mb-1">
        Span <q>{text}</q> of {task}
      </h3>
      <p className="soft">
        {grouped(latency.samples)} passages, {rateText(span.perSecond)} a second
      </p>
      {latency.samples === 0 ? null : (
        <>
          <QuantileTable span={span} />
          <EcdfChart latency={latency} title={text} />
          <TimeBar split={span.split} title={`Time in ${text}`} />
          {slept.map(({ ns, share }) => (
            <p key={ns}>
              Slept uninterruptibly for more than {timeText(ns)} in {percentText(share.share, 1)} of them (
              {percentText(share.low, 1)} to {percentText(share.high, 1)} at 95 %).
            </p>
          ))}
        </>
      )}
    </section>
  );
}

function QuantileTable({ span: { latency } }: { readonly span: SpanRow }): ReactNode {
  const { mean, min, max, quantiles } = latency;
  return (
    <div className="scroll-x">
      <table className="grid-table figures">
        <thead>
          <tr>
            <th scope="col" className="num">
              min
            </th>
            <th scope="col" className="num">
              mean
            </th>
            {quantiles.map(({ q }) => (
              <th key={q} scope="col" className="num">
                {quantileName(q)}
              </th>
            ))}
            <th scope="col" className="num">
              max
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td className="num">{timeText(min)}</td>
            <td className="num">{estimatedTimeText(mean.mean, mean.halfWidth)}</td>
            {quantiles.map(({ q, value, halfWidth, samplesNeeded }) => (
              <td key={q} className="num">
                {value === null ? (
                  <span className="soft">needs {grouped(samplesNeeded)} passages</span>
                ) : (
                  estimatedTimeText(value, halfWidth)
                )}
              </td>
            ))}
            <td className="num">{timeText(max)}</td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}

const lockHeads = ["", "count", "min", "avg", "max", "total"];

/** As /proc/lock_stat: waits of those that had to wait, then holds of all; most waited for first. */
function LockTable({ locks, page }: { readonly locks: readonly LockRow[]; readonly page: RunPage }): ReactNode {
  if (locks.length === 0) return null;
  const sorted = [...locks].sort((a, b) => b.wait.total - a.wait.total);
  return (
    <section>
      <h3 className="mt-4 mb-1">Locks</h3>
      <div className="scroll-x">
        <table className="grid-table figures">
          <thead>
            <tr>
              <th scope="col">lock</th>
              {lockHeads.map((head, at) => (
                <th key={at} scope="col" className={at === 0 ? undefined : "num"}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, locksShown).map((lock) => (
              <LockRows key={`${lock.name} ${lock.mode}`} lock={lock} />
            ))}
          </tbody>
        </table>
      </div>
      <ul className="notes small">
        {sorted.slice(0, locksShown).map((lock) => {
          const words = holderWords(lock);
          return words === "" ? null : (
            <li key={`${lock.name} ${lock.mode}`}>
              <code>{lockName(lock)}</code>: <span className="soft">{messageWords(page, words)}</span>
            </li>
          );
        })}
      </ul>
      {sorted.length > locksShown ? (
        <p className="small soft">and {sorted.length - locksShown} more that were waited for less (.json has all)</p>
      ) : null}
    </section>
  );
}

function LockRows({ lock }: { readonly lock: LockRow }): ReactNode {
  return (
    <>
      <tr>
        <th scope="rowgroup" rowSpan={2}>
          <code>{lockName(lock)}</code> <span className="soft small">{lock.kind}</span>
        </th>
        <td>wait</td>
        <TimeCells count={lock.contentions} times={lock.wait} />
      </tr>
      <tr>
        <td>hold</td>
        <TimeCells count={lock.acquisitions} times={lock.hold} />
      </tr>
    </>
  );
}

function holderWords(lock: LockRow): string {
  const total = lock.waitedFor.reduce((sum, { ns }) => sum + ns, 0);
  const holders = lock.waitedFor
    .slice(0, 3)
    .map(({ holder, site, ns }) => `${holderName(holder, site)} ${percentText(ns, total)}`);
  return [
    ...(lock.sleeps === 0 ? [] : [`${grouped(lock.sleeps)} slept`]),
    ...(lock.trylockFailures === 0 ? [] : [`${grouped(lock.trylockFailures)} trylocks failed`]),
    ...(holders.length === 0 ? [] : [`waited for ${holders.join(", ")}`]),
    ...holderStates(lock.waitedWhileHolder),
  ].join("; ");
}

function TimeCells({ count, times }: { readonly count: number; readonly times: LockRow["wait"] }): ReactNode {
  return (
    <>
      <td className="num">{grouped(count)}</td>
      {[times.min, times.mean, times.max, times.total].map((ns, at) => (
        <td key={at} className="num">
          {count === 0 ? "–" : timeText(ns)}
        </td>
      ))}
    </>
  );
}

function Tasks({ tasks }: { readonly tasks: readonly TaskRow[] }): ReactNode {
  if (tasks.length === 0) return null;
  return (
    <section>
      <h3 className="mt-4 mb-1">Where the time of tasks went</h3>
      {tasks.map((task) => (
        <div key={task.task} className="mb-3">
          <p className="mb-1">
            <code>{task.task}</code>
            {task.count === 1 ? null : <span className="soft"> ({task.count} of them)</span>}
          </p>
          <TimeBar split={task} title={`Time of ${task.task}`} />
          {task.blockedSleeps === 0 ? null : <p className="small">{sleepWords(task)}.</p>}
        </div>
      ))}
    </section>
  );
}

function sleepWords(task: TaskRow): string {
  const above = task.blockedAbove.filter(({ count }) => count > 0);
  const longest = task.longestAbove.filter(({ share }) => share.share > 0);
  return [
    `Longest uninterruptible sleep ${timeText(task.longestBlockedNs)} of ${grouped(task.blockedSleeps)}`,
    ...above.map(
      ({ ns, count, perSecond }) => `${grouped(count)} above ${timeText(ns)} (${rateText(perSecond)} a second)`,
    ),
    ...longest.map(
      ({ ns, share }) => `a longest one above ${timeText(ns)} in ${percentText(share.share, 1)} of the replications`,
    ),
    ...holderStates(task.longBlockedWhileHolder),
  ].join("; ");
}

const cpuParts = ["run", "spin", "switching", "irq", "idle"] as const;

function CpuTable({ cpus }: { readonly cpus: readonly CpuRow[] }): ReactNode {
  if (cpus.length === 0) return null;
  return (
    <details className="mt-3">
      <summary className="min-h-6 cursor-pointer">CPUs ({cpus.length})</summary>
      <div className="scroll-x">
        <table className="grid-table figures">
          <thead>
            <tr>
              <th scope="col">CPU</th>
              {cpuParts.map((part) => (
                <th key={part} scope="col" className="num">
                  {part}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {cpus.slice(0, cpusShown).map((row) => (
              <tr key={row.cpu}>
                <th scope="row">
                  {row.cpu} {row.kind}
                </th>
                {cpuParts.map((part) => (
                  <td key={part} className="num">
                    {percentText(
                      row[part],
                      cpuParts.reduce((sum, name) => sum + row[name], 0),
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {cpus.length > cpusShown ? (
        <p className="small soft">and {cpus.length - cpusShown} more (.json has all)</p>
      ) : null}
    </details>
  );
}
