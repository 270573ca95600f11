/** Somebody's wish that the launcher ends. */
export type StopRequest = {
  readonly requested: Promise<void>;
  /** A second request, at least a second after the first: stop at once. */
  readonly hurried: Promise<void>;
  readonly isRequested: () => boolean;
  /** The request from inside, e.g. when the work is done. */
  readonly request: () => void;
  /** The promise's value, or a rejection as soon as a stop is requested. */
  readonly orStopped: <Value>(promise: Promise<Value>) => Promise<Value>;
  readonly close: () => void;
};

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** One Ctrl-C under `npm start` arrives twice, from the terminal and from npm. */
const repeatIgnoredMs = 1_000;

const parentPollMs = 250;

/**
 * Turns the signals that ask a process to end into promises.
 *
 * @param options.parentPid when given, the end of that parent counts as a request too: npm does not pass on SIGHUP, and
 *   nothing passes on kill -9; without this the launcher would run on, with no terminal to stop it from
 */
export function listenForStop(options: { readonly parentPid: number | null }): StopRequest {
  let requestedAtMs: number | null = null;
  let resolveRequested: () => void = () => undefined;
  let resolveHurried: () => void = () => undefined;
  const requested = new Promise<void>((resolve) => (resolveRequested = resolve));
  const hurried = new Promise<void>((resolve) => (resolveHurried = resolve));
  const request = (): void => {
    const nowMs = performance.now();
    if (requestedAtMs === null) {
      requestedAtMs = nowMs;
      resolveRequested();
    } else if (nowMs - requestedAtMs >= repeatIgnoredMs) resolveHurried();
  };
  for (const signal of signals) process.on(signal, request);
  const parentWatch = setInterval(() => {
    if (options.parentPid !== null && process.ppid !== options.parentPid && requestedAtMs === null) request();
  }, parentPollMs);
  const stopped = requested.then(() => {
    throw new Error("stopped while starting");
  });
  stopped.catch(() => undefined);
  return {
    requested,
    hurried,
    isRequested: () => requestedAtMs !== null,
    request,
    orStopped: (promise) => Promise.race([promise, stopped]),
    close: () => {
      clearInterval(parentWatch);
      for (const signal of signals) process.off(signal, request);
    },
  };
}
