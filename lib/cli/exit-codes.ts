/**
 * What the command's exit code says. Part of its interface: scripts and CI decide by it.
 *
 * @source docs/command.md
 */
export const exitCodes = {
  holds: 0,
  violated: 1,
  rejected: 2,
  inconclusive: 3,
  usage: 4,
  stopped: 5,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Of several outcomes the first present one counts: what makes the rest meaningless comes first. */
const precedence: readonly ExitCode[] = [
  exitCodes.usage,
  exitCodes.rejected,
  exitCodes.stopped,
  exitCodes.violated,
  exitCodes.inconclusive,
  exitCodes.holds,
];

/** The exit code of several outcomes together; 0 of none. */
export function combineExitCodes(codes: readonly ExitCode[]): ExitCode {
  return precedence.find((code) => codes.includes(code)) ?? exitCodes.holds;
}
