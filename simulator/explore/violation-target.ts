/** Whether a violation that some run comes to is the one that a trace tells. */
import { assert } from "../source/assert.ts";
import type { Narrator } from "./narrate.ts";
import { nodeAt, type Prepared } from "./prepare.ts";
import type { Finding } from "./search.ts";

/** The same class at the same place of the source, whichever of the identical tasks it is. */
export class ViolationTarget {
  readonly finding: Finding;
  readonly #prepared: Prepared;
  readonly #narrator: Narrator;
  readonly #key: string;

  constructor(
    finding: Finding,
    at: { readonly prepared: Prepared; readonly narrator: Narrator; readonly state: Int32Array },
  ) {
    this.finding = finding;
    this.#prepared = at.prepared;
    this.#narrator = at.narrator;
    this.#key = this.#keyOf(finding, at.state);
  }

  /** @param state where the violation is seen: only races depend on it */
  is(candidate: Finding, state: Int32Array): boolean {
    return candidate.class === this.finding.class && this.#keyOf(candidate, state) === this.#key;
  }

  #keyOf(finding: Finding, state: Int32Array): string {
    if (finding.racing !== null) {
      const nodes = finding.racing.map((task) => this.#spanKey(this.#narrator.nodeOf(state, task)));
      return nodes.sort().join(" ");
    }
    if (finding.property >= 0) return String(finding.property);
    return finding.node < 0 ? "" : this.#spanKey(finding.node);
  }

  #spanKey(node: number): string {
    const reference = nodeAt(this.#prepared, node);
    assert(reference !== null, "a violation is at a node");
    // The read and the write of `x++` have one place.
    const { span, kind } = reference.node;
    return `${String(span.file)}:${String(span.start)}-${String(span.end)} ${kind}`;
  }
}
