/** States an invariant. Throws when it does not hold: that is a defect of the simulator, never of the user's text. */
export function assert(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new Error(`assert: ${claim}`);
}

/** Ends a switch over a union whose members are all handled. */
export function unreachable(value: never): never {
  throw new Error(`assert: unhandled ${JSON.stringify(value)}`);
}
