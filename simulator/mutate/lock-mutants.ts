/**
 * Drops a critical section: a call that takes a lock, and the calls that let go of what it took. Which those are is read off
 * the expanded program: from the one that takes, along every path, to the next that lets go of the same expression. Sections
 * that share an unlock go together, so that no mutant unlocks what it never took.
 */
import { spanText, type SourceSet, type Span } from "../source/span.ts";
import type { Expr, PrimitiveCall, PrimitiveOp, Statement, TypedUnit } from "../lang/tree.ts";
import { bodiesOf } from "../lang/statements.ts";
import { successors } from "../program/flow.ts";
import type { Program } from "../program/ir.ts";
import { shortText, spanKey, type Draft } from "./mutant.ts";
import { walkBody } from "./tree-walk.ts";

type Family = { readonly takes: readonly PrimitiveOp[]; readonly letsGo: readonly PrimitiveOp[] };

const families: readonly Family[] = [
  { takes: ["spin-lock", "spin-trylock"], letsGo: ["spin-unlock"] },
  { takes: ["read-lock", "read-trylock"], letsGo: ["read-unlock"] },
  { takes: ["write-lock", "write-trylock"], letsGo: ["write-unlock"] },
  { takes: ["mutex-lock", "mutex-trylock"], letsGo: ["mutex-unlock"] },
  { takes: ["down-read", "down-read-trylock"], letsGo: ["up-read"] },
  { takes: ["down-write", "down-write-trylock"], letsGo: ["up-write", "downgrade-write"] },
  { takes: ["semaphore-down", "semaphore-down-trylock"], letsGo: ["semaphore-up"] },
  { takes: ["folio-lock", "folio-trylock"], letsGo: ["folio-unlock"] },
  { takes: ["rcu-read-lock"], letsGo: ["rcu-read-unlock"] },
];

/** A call that takes or lets go. */
type Site = {
  readonly call: PrimitiveCall;
  readonly family: number;
  readonly takes: boolean;
  /** Family and expression of the lock as written. */
  readonly key: string;
  readonly isUsed: boolean;
};

/** O(sites x nodes of the expanded program). */
export function lockMutants(unit: TypedUnit, program: Program): readonly Draft[] {
  const sites = findSites(unit);
  const reached = reachUnlocks(program, sites);
  const drafts: Draft[] = [];
  const done = new Set<string>();
  for (const site of sites.values()) {
    const own = spanKey(site.call.span);
    if (!site.takes || done.has(own) || !reached.has(own)) continue;
    const group = groupOf(own, reached);
    for (const key of group) done.add(key);
    const members = [...group].flatMap((key) => sites.get(key) ?? []);
    drafts.push(draftOf(unit.sources, members, reached));
  }
  return [...drafts, ...guardMutants(unit, program)];
}

function findSites(unit: TypedUnit): ReadonlyMap<string, Site> {
  const sites = new Map<string, Site>();
  const add = (expr: Expr, use: "dropped" | "used"): void => {
    if (expr.kind !== "primitive") return;
    const family = families.findIndex(({ takes, letsGo }) => takes.includes(expr.op) || letsGo.includes(expr.op));
    const known = families[family];
    if (known === undefined) return;
    const lock = expr.args[0] === undefined ? "" : spanText(unit.sources, expr.args[0].span).replace(/\s+/g, "");
    const takes = known.takes.includes(expr.op);
    const key = `${String(family)} ${lock}`;
    sites.set(spanKey(expr.span), { call: expr, family, takes, key, isUsed: use === "used" });
  };
  for (const body of bodiesOf(unit)) walkBody(body, { expression: add });
  return sites;
}

/** For each call that takes a lock and that some task comes to: the calls that let go of what it took. */
function reachUnlocks(program: Program, sites: ReadonlyMap<string, Site>): ReadonlyMap<string, ReadonlySet<string>> {
  const reached = new Map<string, Set<string>>();
  for (const { nodes } of program.tasks) {
    nodes.forEach((node, index) => {
      const own = spanKey(node.span);
      const site = sites.get(own);
      if (node.kind !== "begin" || site?.takes !== true) return;
      const found = reached.get(own) ?? new Set<string>();
      reached.set(own, found);
      for (const key of unlocksFrom({ nodes, index, site, sites })) found.add(key);
    });
  }
  return reached;
}

type Walk = {
  readonly nodes: Program["tasks"][number]["nodes"];
  readonly index: number;
  readonly site: Site;
  readonly sites: ReadonlyMap<string, Site>;
};

/** Deeper nesting than kernel code has; a loop that only takes would go deeper for ever. */
const nestingMax = 8;

/**
 * The calls that let go of what a node takes: along every path the next one for the same expression. Read sections of RCU
 * nest, and the unlocks of those inside are theirs; of another lock, taking it again ends the path.
 */
function unlocksFrom({ nodes, index, site, sites }: Walk): ReadonlySet<string> {
  const own = spanKey(site.call.span);
  const nests = site.call.op === "rcu-read-lock";
  const found = new Set<string>();
  const seen = new Set<string>();
  const pending = successors(nodes, index).map((at) => ({ at, depth: 0 }));
  for (let here = pending.pop(); here !== undefined; here = pending.pop()) {
    const { at, depth } = here;
    const node = nodes[at];
    if (node === undefined || at === index || seen.has(`${String(at)} ${String(depth)}`)) continue;
    seen.add(`${String(at)} ${String(depth)}`);
    const key = spanKey(node.span);
    const other = node.kind === "begin" && key !== own ? sites.get(key) : undefined;
    const meets = other?.key === site.key ? other : undefined;
    if (meets !== undefined && !meets.takes && depth === 0) found.add(key);
    if (meets !== undefined && (!nests || (!meets.takes && depth === 0) || depth === nestingMax)) continue;
    const inside = meets === undefined ? 0 : meets.takes ? 1 : -1;
    pending.push(...successors(nodes, at).map((next) => ({ at: next, depth: depth + inside })));
  }
  return found;
}

/** Calls that hang together by unlocks that they share. */
function groupOf(start: string, reached: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const group = new Set<string>([start]);
  for (const key of group) {
    for (const unlock of reached.get(key) ?? []) group.add(unlock);
    for (const [taker, unlocks] of reached) if (unlocks.has(key)) group.add(taker);
  }
  return group;
}

function draftOf(
  sources: SourceSet,
  members: readonly Site[],
  reached: ReadonlyMap<string, ReadonlySet<string>>,
): Draft {
  const takers = members.filter((site) => site.takes).sort((a, b) => a.call.span.start - b.call.span.start);
  const unlocks = members.filter((site) => !site.takes);
  const [first] = takers;
  if (first === undefined) throw new Error("assert: a group begins with a lock that is taken");
  const kind = "drop-lock";
  const span = first.call.span;
  const skip = (reason: string): Draft => ({ outcome: "skipped", kind, span, reason });
  if (members.some((site) => !spanText(sources, site.call.span).startsWith(site.call.spelling)))
    return skip("it comes out of a macro");
  if (unlocks.length === 0) return skip("nothing lets go of it by the same expression");
  if (members.some((site) => site.call.op === "downgrade-write"))
    return skip("it is downgraded: the two kinds of section cannot be told apart");
  const isBare = takers.some((site) => (reached.get(spanKey(site.call.span))?.size ?? 0) === 0);
  if (isBare) return skip("on some way nothing lets go of it by the same expression");
  const names = takers.map((site) => shortText(sources, site.call.span));
  return {
    outcome: "mutant",
    kind,
    span,
    text: `${[...new Set(names)].join(", ")} and what lets go of it dropped`,
    changes: members.map((site) => ({ span: site.call.span, replacement: withoutLock(site) })),
  };
}

/** The call as if the lock had been free and nobody else could take it. */
function withoutLock(site: Site): string {
  const { op, attributes } = site.call;
  if (!site.takes || !site.isUsed) return "(void)0";
  // down_trylock is the one that returns 0 when it succeeds.
  if (op.endsWith("-trylock") && op !== "semaphore-down-trylock") return "1";
  return attributes.signal === "no" && !op.endsWith("-trylock") ? "(void)0" : "0";
}

/** guard() and scoped_guard(): one word takes, and leaving the block lets go. */
function guardMutants(unit: TypedUnit, program: Program): readonly Draft[] {
  const expanded = new Set(program.tasks.flatMap((task) => task.nodes.map((node) => node.span.start)));
  const drafts: Draft[] = [];
  const visit = (statement: Statement): void => {
    if (statement.kind !== "guard" || !expanded.has(statement.span.start)) return;
    const head = headOf(unit.sources, statement.span);
    const kind = "drop-lock";
    if (head === null) {
      drafts.push({ outcome: "skipped", kind, span: statement.span, reason: "it comes out of a macro" });
      return;
    }
    drafts.push({
      outcome: "mutant",
      kind,
      span: head.span,
      text: `${shortText(unit.sources, head.span)} dropped`,
      changes: [{ span: head.span, replacement: head.isScoped ? "if (1)" : "(void)0" }],
    });
  };
  for (const body of bodiesOf(unit)) walkBody(body, { statement: visit });
  return drafts;
}

/** `guard(mutex)(&m)` or `scoped_guard(mutex, &m)`, without what follows. */
function headOf(sources: SourceSet, span: Span): { readonly span: Span; readonly isScoped: boolean } | null {
  const text = sources.files[span.file]?.text ?? "";
  const word = /^(scoped_guard|guard)\s*\(/.exec(text.slice(span.start, span.start + 80));
  if (word === null) return null;
  const isScoped = word[1] === "scoped_guard";
  let end = groupEnd(text, span.start + word[0].length - 1);
  if (!isScoped) end = groupEnd(text, text.indexOf("(", end));
  return { span: { file: span.file, start: span.start, end }, isScoped };
}

function groupEnd(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at >= 0 && at < text.length; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}
