/** What a variant's name means: which defines and which hunk switches it sets. */
import { nearestHint } from "../nearest-hint.ts";
import { subsetLabel } from "../switch-subset.ts";
import type { HunkSwitch, Notebook, SwitchHunk, Variant, VariantItem } from "../types.ts";

/** A variant with everything that it extends folded in. */
export type ResolvedVariant = {
  readonly name: string;
  /** Every define that any variant of the notebook names; 0 where this one does not set it. */
  readonly defines: Readonly<Record<string, number>>;
  readonly switches: Readonly<Record<string, 0 | 1>>;
};

export type VariantProblem = {
  readonly code: "NBK031" | "NBK032" | "NBK033" | "NBK090";
  readonly message: string;
  readonly line: number;
};

export type VariantOutcome =
  | { readonly kind: "resolved"; readonly variant: ResolvedVariant }
  | { readonly kind: "unresolved"; readonly problem: VariantProblem };

/**
 * Resolves a variant. Items count in order, a later one wins; what is extended counts first.
 * Defines of other variants are 0 here rather than absent, so that a scenario may say `if (FAST)` in every variant.
 */
export function resolveVariant(notebook: Notebook, name: string): VariantOutcome {
  const collected = collectItems(notebook, { name, line: 1, path: [], done: new Set() });
  if (collected.kind === "problem") return { kind: "unresolved", problem: collected.problem };
  const switchNames = new Set(notebook.switches.map((entry) => entry.name));
  const defines: Record<string, number> = {};
  const switches: Record<string, 0 | 1> = {};
  for (const defineName of allDefines(notebook)) if (!switchNames.has(defineName)) defines[defineName] = 0;
  for (const entry of notebook.switches) switches[entry.name] = 0;
  for (const { item, line } of collected.items) {
    if (item.kind === "define" && switchNames.has(item.name)) switches[item.name] = item.value === 0 ? 0 : 1;
    else if (item.kind === "define") defines[item.name] = item.value;
    else if (item.kind === "apply") {
      const applied = switchesApplied(notebook, item);
      if (applied.kind === "problem") return { kind: "unresolved", problem: { ...applied.problem, line } };
      for (const switchName of applied.names) switches[switchName] = 1;
    }
  }
  return { kind: "resolved", variant: { name, defines, switches } };
}

/** A subset of switches as a variant of its own: those on, all others off, every define 0 as in `base`. */
export function resolveSubset(notebook: Notebook, subset: readonly string[]): ResolvedVariant {
  const switchNames = notebook.switches.map((entry) => entry.name);
  return {
    name: subsetLabel(subset),
    defines: Object.fromEntries(
      allDefines(notebook)
        .filter((name) => !switchNames.includes(name))
        .map((name) => [name, 0]),
    ),
    switches: Object.fromEntries(switchNames.map((name) => [name, subset.includes(name) ? 1 : 0])),
  };
}

function allDefines(notebook: Notebook): string[] {
  const names = notebook.variants.flatMap((variant) =>
    variant.items.flatMap((item) => (item.kind === "define" ? [item.name] : [])),
  );
  return [...new Set(names)];
}

type PlacedItem = { readonly item: VariantItem; readonly line: number };
type Collected =
  | { readonly kind: "items"; readonly items: readonly PlacedItem[] }
  | { readonly kind: "problem"; readonly problem: VariantProblem };

/** Where a collection stands: `done` variants count once, however many extend them. */
type CollectAt = {
  readonly name: string;
  readonly line: number;
  readonly path: readonly string[];
  readonly done: Set<string>;
};

/** The items of a variant, those of extended ones first; recursion is bounded by the number of variants. */
function collectItems(notebook: Notebook, at: CollectAt): Collected {
  if (at.done.has(at.name)) return { kind: "items", items: [] };
  if (at.path.includes(at.name)) {
    const cycle = [...at.path.slice(at.path.indexOf(at.name)), at.name].join(" -> ");
    return {
      kind: "problem",
      problem: { code: "NBK032", message: `variants extend each other: ${cycle}`, line: at.line },
    };
  }
  const variant = findVariant(notebook, at.name);
  if (variant === null) {
    const known = ["base", ...notebook.variants.map((candidate) => candidate.name)];
    const message = `unknown variant "${at.name}"${nearestHint(at.name, known)}`;
    return { kind: "problem", problem: { code: "NBK031", message, line: at.line } };
  }
  const inherited: PlacedItem[] = [];
  const own: PlacedItem[] = [];
  for (const item of variant.items) {
    if (item.kind !== "extends") {
      own.push({ item, line: variant.line });
      continue;
    }
    const path = [...at.path, at.name];
    const other = collectItems(notebook, { ...at, name: item.variant, line: variant.line, path });
    if (other.kind === "problem") return other;
    inherited.push(...other.items);
  }
  at.done.add(at.name);
  return { kind: "items", items: [...inherited, ...own] };
}

function findVariant(notebook: Notebook, name: string): Variant | null {
  const found = notebook.variants.find((variant) => variant.name === name);
  if (found !== undefined) return found;
  return name === "base" ? { name, items: [], line: 1 } : null;
}

type Applied =
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "problem"; readonly problem: Omit<VariantProblem, "line"> };

/**
 * The switches that an `apply` sets: those whose hunks are all applied. A switch with some but not all is an error.
 * Which patch a hunk belongs to is known here only when its id says n/m; to look it up in the mail belongs to applying
 * hunks to text, which this version does not do.
 */
function switchesApplied(notebook: Notebook, item: Extract<VariantItem, { kind: "apply" }>): Applied {
  const { range } = item;
  const names: string[] = [];
  for (const entry of notebook.switches) {
    const unknown = range.kind === "patches" && entry.hunks.some((hunk) => hunk.patch === null);
    if (unknown) {
      const message = `apply needs to know the patch of each hunk of ${entry.name}: write its hunks as n/m:path@line (finding the patch by its mail is not supported yet by this version)`;
      return { kind: "problem", problem: { code: "NBK090", message } };
    }
    const applied = entry.hunks.filter((hunk) => isApplied(hunk, item));
    if (applied.length === entry.hunks.length) names.push(entry.name);
    else if (applied.length > 0) return { kind: "problem", problem: partlyApplied(entry, applied) };
  }
  if (names.length > 0) return { kind: "names", names };
  const message =
    "no hunk switch of this notebook stands for what is applied here; applying hunks to text is not supported yet by this version";
  return { kind: "problem", problem: { code: "NBK090", message } };
}

function isApplied(hunk: SwitchHunk, item: Extract<VariantItem, { kind: "apply" }>): boolean {
  const isExcepted = item.except.some((other) => other.path === hunk.path && other.oldStart === hunk.oldStart);
  if (isExcepted) return false;
  if (item.range.kind === "all") return true;
  const { first, last, count } = item.range;
  return hunk.patch !== null && hunk.patch.count === count && hunk.patch.number >= first && hunk.patch.number <= last;
}

function partlyApplied(entry: HunkSwitch, applied: readonly SwitchHunk[]): Omit<VariantProblem, "line"> {
  const missing = entry.hunks.filter((hunk) => !applied.includes(hunk)).map((hunk) => `${hunk.path}@${hunk.oldStart}`);
  const message = `switch ${entry.name} would be applied in part: ${missing.join(", ")} is left out; split the switch or apply all of it`;
  return { code: "NBK033", message };
}
