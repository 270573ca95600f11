/**
 * Which nodes of the flow graphs ran, told by the generated code: for coverage all of them and both outcomes of each
 * branch, for the search for livelocks the heads of forevers only. Costs nothing where nobody asks.
 *
 * The code of a step writes the numbers of what it passes into a list. Only a step that was enabled counts: one that
 * comes to a guard that does not hold has not happened.
 */

/** What the generated code is to tell. */
export type HitPlan = {
  /** Nodes of all routines. Number n stands for node n, nodes + n for branch n taken, 2 * nodes + n for it not taken. */
  readonly nodes: number;
  /** Numbers that are told; null for all. */
  readonly only: ReadonlySet<number> | null;
};

/** What the last step passed, and what any step did. */
export type Hits = {
  /** Numbers that the last step passed, in order. */
  readonly last: readonly number[];
  /** 1 for each number that an enabled step passed. */
  readonly ever: Uint8Array;
};

/** The statement that tells a number; empty when nobody asks for it. */
export function emitHit(plan: HitPlan, number: number): string {
  return plan.only === null || plan.only.has(number) ? `HL.push(${String(number)});` : "";
}

/** `HL` and what keeps it. */
export function emitHitTables(): string {
  return `const HL=env.HITS.last,HE=env.HITS.ever;function hits(r){if(r!==0)for(let j=0;j<HL.length;j++)HE[HL[j]]=1;return r}\n`;
}

/** A function under its own name around one that tells: the list is that of one step. */
export function emitHitWrapper(name: string, inner: string): string {
  return `function ${name}(){HL.length=0;return hits(${inner}())}\n`;
}

/** Empty tables for a plan. */
export function newHits(plan: HitPlan): Hits {
  return { last: [], ever: new Uint8Array(3 * plan.nodes) };
}
