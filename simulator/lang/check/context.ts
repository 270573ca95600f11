/** What the checker knows while it walks: scopes, the unit under construction, the body it is in. */
import { assert } from "../../source/assert.ts";
import type { DiagnosticCode, DiagnosticSink, Report } from "../../source/diagnostic.ts";
import { nearestName } from "../../source/edit-distance.ts";
import type { SourceSet, Span } from "../../source/span.ts";
import { kitOfWord } from "../preprocess/kernel-headers.ts";
import type {
  Body,
  Cache,
  EnumType,
  Expr,
  FunctionDefinition,
  FunctionSymbol,
  FunctionType,
  GlobalStore,
  Label,
  Note,
  Place,
  Property,
  RecordInfo,
  Task,
  Type,
  VariableSymbol,
} from "../tree.ts";
import { errorType } from "./types.ts";

/** A function that is called and not declared. */
export type MissingFunction = {
  readonly name: string;
  /** Its first call. */
  readonly span: Span;
  readonly parameters: readonly Type[];
  /** A function of the unit with nearly this name. */
  readonly near: string | null;
  /** Null while nothing is known; void when all calls so far dropped the value. */
  result: Type | null;
};

/** A symbol while it is being completed. */
export type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

export type VariableDraft = Draft<VariableSymbol>;
export type RecordDraft = Draft<RecordInfo>;

export type FunctionDraft = Draft<Omit<FunctionSymbol, "type" | "definition">> & {
  type: FunctionType;
  definition: FunctionDefinition;
  /** First place that calls it or takes its address. */
  usedAt: Span | null;
  facts: BodyFacts;
};

/** What a body does that matters once all bodies are known. */
export type BodyFacts = {
  /** Functions called outside of ghost contexts, with the first such call. */
  readonly calls: Map<FunctionDraft, Span>;
  /** Ghosts read or written outside of ghost contexts. */
  readonly ghostUses: { readonly name: string; readonly span: Span }[];
  /** `me` occurs. */
  meAt: Span | null;
};

export type Entity =
  | { readonly kind: "variable"; readonly symbol: VariableDraft }
  | { readonly kind: "function"; readonly symbol: FunctionDraft }
  | { readonly kind: "typedef"; readonly type: Type; readonly span: Span }
  | { readonly kind: "enumerator"; readonly value: number; readonly type: EnumType; readonly span: Span };

export type TagEntity = { readonly type: Type; readonly span: Span; readonly word: "struct" | "union" | "enum" };

type Scope = { readonly names: Map<string, Entity>; readonly tags: Map<string, TagEntity> };

/** A condition that must be pure; judged when all functions are known. */
export type PurityDemand = { readonly what: string; readonly expr: Expr; readonly span: Span };

/** The function, task or init that is being checked. */
export type BodyContext = {
  readonly owner: "function" | "task" | "init";
  readonly name: string;
  /** Result type of a function; void for the others. */
  readonly result: Type;
  readonly locals: VariableDraft[];
  readonly labels: Map<string, LabelDraft>;
  readonly facts: BodyFacts;
  loops: number;
  breakables: number;
  /** The innermost switch, null outside. */
  cases: CaseCollector | null;
  /** Regions that cannot be jumped into, innermost last. */
  readonly regions: Region[];
  hasForever: boolean;
};

export type Region = { readonly id: number; readonly what: "guard" | "atomic"; readonly span: Span };

export type LabelDraft = {
  readonly label: Label;
  definedAt: Span | null;
  /** Regions around the label, once it is defined. */
  regions: readonly Region[];
  readonly gotos: { readonly span: Span; readonly regions: readonly Region[] }[];
};

export type CaseCollector = {
  readonly type: Type;
  readonly cases: { readonly lo: number; readonly hi: number; readonly label: Label; readonly span: Span }[];
  fallback: Label | null;
  readonly regions: readonly Region[];
};

/** How accesses are marked here. */
export type Mode = {
  /** Inside a property, assert, note or ghost statement. */
  readonly ghost: boolean;
  /** Inside a condition that must be pure: what writes there is reported by the purity judge. */
  readonly looking: boolean;
  /** Inside the condition of an assert or note that stands in code: its reads are steps of their own and can race. */
  readonly steps: boolean;
  /** Inside data_race(). */
  readonly racy: boolean;
  /** Inside sizeof or typeof: nothing counts as used. */
  readonly unevaluated: boolean;
  /** Inside atomic. */
  readonly atomic: boolean;
};

export class CheckContext {
  readonly sink: DiagnosticSink;
  readonly sources: SourceSet;
  /** Predefined constants and macros: for did-you-mean only. */
  readonly macroNames: readonly string[];
  readonly records: RecordDraft[] = [];
  readonly globals: { readonly symbol: VariableDraft; stores: readonly GlobalStore[]; isDefined: boolean }[] = [];
  readonly functions: FunctionDraft[] = [];
  readonly caches: Cache[] = [];
  readonly inits: Body[] = [];
  readonly tasks: Task[] = [];
  readonly properties: Property[] = [];
  readonly notes: Note[] = [];
  readonly purityDemands: PurityDemand[] = [];
  /** Arguments of calls that mean nothing to the model; `what` names the call. */
  readonly droppedArguments: PurityDemand[] = [];
  /** Facts of tasks and init: where calls begin. */
  readonly rootFacts: BodyFacts[] = [];
  readonly unknownReported = new Set<string>();
  /** Functions that are called and not declared, by name. */
  readonly missingFunctions = new Map<string, MissingFunction>();
  /** The values of their calls. */
  readonly missingCalls = new WeakMap<Expr, MissingFunction>();
  body: BodyContext | null = null;
  mode: Mode = { ghost: false, looking: false, steps: false, racy: false, unevaluated: false, atomic: false };
  chooseSites = 0;
  /** Cells that initialisers have set so far: they are bounded, since ranges multiply. */
  initialisedCells = 0;
  bindings = 0;
  #ids = 0;
  #labels = 0;
  #regions = 0;
  readonly #scopes: Scope[] = [{ names: new Map(), tags: new Map() }];

  constructor(sources: SourceSet, sink: DiagnosticSink, macroNames: readonly string[]) {
    this.sources = sources;
    this.sink = sink;
    this.macroNames = macroNames;
  }

  report(report: Report): void {
    this.sink.report(report);
  }

  error(code: DiagnosticCode, span: Span, message: string): void {
    this.sink.report({ code, span, message });
  }

  newId(): number {
    return this.#ids++;
  }

  newRegion(what: Region["what"], span: Span): Region {
    return { id: this.#regions++, what, span };
  }

  newLabel(name: string, span: Span): Label {
    return { id: this.#labels++, name, span };
  }

  /** Nesting of blocks: 0 at file scope. */
  depth(): number {
    return this.#scopes.length - 1;
  }

  /** Runs something in a scope of its own. */
  scoped<T>(run: () => T): T {
    this.#scopes.push({ names: new Map(), tags: new Map() });
    const value = run();
    this.#scopes.pop();
    return value;
  }

  /** Runs something with some marks of the mode changed. */
  within<T>(change: Partial<Mode>, run: () => T): T {
    const before = this.mode;
    this.mode = { ...before, ...change };
    const value = run();
    this.mode = before;
    return value;
  }

  lookup(name: string): Entity | null {
    for (let index = this.#scopes.length - 1; index >= 0; index--) {
      const entity = this.#scopes[index]?.names.get(name);
      if (entity !== undefined) return entity;
    }
    return null;
  }

  lookupHere(name: string): Entity | null {
    return this.#top().names.get(name) ?? null;
  }

  declare(name: string, entity: Entity): void {
    this.#top().names.set(name, entity);
  }

  /** Declares at file scope from anywhere: block-scope function declarations. */
  declareGlobally(name: string, entity: Entity): void {
    this.#scopes[0]?.names.set(name, entity);
  }

  lookupTag(tag: string): TagEntity | null {
    for (let index = this.#scopes.length - 1; index >= 0; index--) {
      const entity = this.#scopes[index]?.tags.get(tag);
      if (entity !== undefined) return entity;
    }
    return null;
  }

  lookupTagHere(tag: string): TagEntity | null {
    return this.#top().tags.get(tag) ?? null;
  }

  declareTag(tag: string, entity: TagEntity): void {
    this.#top().tags.set(tag, entity);
  }

  #top(): Scope {
    const scope = this.#scopes[this.#scopes.length - 1];
    assert(scope !== undefined, "file scope is never closed");
    return scope;
  }

  /** The declared name nearest to a mistyped one, among names of the wanted sort and the extra candidates. */
  nearest(name: string, wanted: (entity: Entity) => boolean, extra: Iterable<string> = []): string | null {
    return nearestName(name, this.candidates(wanted, extra));
  }

  /** Names that a mistyped one may mean, the innermost scope first; none when nothing is reported any more. */
  candidates(wanted: (entity: Entity) => boolean, extra: Iterable<string>): readonly string[] {
    if (this.sink.isFull()) return [];
    const candidates: string[] = [];
    for (let index = this.#scopes.length - 1; index >= 0; index--) {
      for (const [each, entity] of this.#scopes[index]?.names ?? []) if (wanted(entity)) candidates.push(each);
    }
    for (const each of extra) candidates.push(each);
    return candidates;
  }

  nearestTag(tag: string): string | null {
    return nearestName(
      tag,
      this.#scopes.flatMap((scope) => [...scope.tags.keys()]),
    );
  }

  /** The #include line that would bring a kernel name, as text for a message; null when it is there or there is none. */
  includeFor(name: string): string | null {
    const path = kitOfWord(name);
    if (path === null || this.sources.files.some((file) => file.isKit && file.name === `<${path}>`)) return null;
    return `\`#include <${path}>\``;
  }

  /** A new binding for let and update. */
  newBinding(): number {
    return this.bindings++;
  }

  newChooseSite(): number {
    return this.chooseSites++;
  }
}

/** Stands for an expression that was reported: silences what follows from it. */
export function errorExpr(span: Span): Expr {
  return { kind: "constant", value: 0, type: errorType, span };
}

/** Stands for a place that was reported. */
export function errorPlace(span: Span): Place {
  return { kind: "deref", pointer: errorExpr(span), type: errorType, span };
}

export function isError(thing: { readonly type: Type }): boolean {
  return thing.type.kind === "error";
}

export function newFacts(): BodyFacts {
  return { calls: new Map(), ghostUses: [], meAt: null };
}
