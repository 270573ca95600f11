/**
 * A scenario as a Promela model, so that anybody can check verdicts and counts of ours with SPIN. One step of the
 * language is one `d_step`; variables hold what our states hold; docs/promela.md says how to compare.
 */
import { locate, type SourceSet, type Span } from "../source/span.ts";
import { functionBase, memoryBase } from "../program/ir.ts";
import { placeOf, type Scenario } from "../explore/scenario.ts";
import type { Place } from "../trace/trace.ts";
import { buildModel, evaluateAtStart, type Model, type ModelProperty } from "./model.ts";
import { identifierOf, nameVariables, Scope } from "./names.ts";
import { Printer, stripped, typeBytes, typeName } from "./print.ts";
import { isScratch, scratchVariable, sequence } from "./sequence.ts";
import type { StepOutcome } from "./steps.ts";
import {
  constantTerm,
  forEachRead,
  forgetTerms,
  isConstant,
  keyOf,
  readTerm,
  binaryTerm,
  type Term,
  type Variable,
} from "./term.ts";
import type { Update } from "./path.ts";

export type PromelaOptions = {
  /** Objects alive at once in each pool of kmalloc; an assertion of the model fails when they do not suffice. */
  readonly heapSlots: number;
};

export type PromelaOutcome =
  | { readonly kind: "exported"; readonly text: string }
  | { readonly kind: "refused"; readonly reasons: readonly { readonly place: Place; readonly message: string }[] };

export const defaultPromelaOptions: PromelaOptions = { heapSlots: 4 };

/**
 * Writes a scenario as Promela, or says for each part that cannot be written what it is and where.
 *
 * Each place and reason is told once. Deterministic. Linear in the paths through all steps, which are bounded for each step.
 *
 * @param options.heapSlots more make a larger state vector, fewer may not suffice
 */
export function exportPromela(scenario: Scenario, options: PromelaOptions = defaultPromelaOptions): PromelaOutcome {
  forgetTerms();
  const built = buildModel(scenario.program, options);
  const refuse = (reasons: readonly { readonly span: Span; readonly message: string }[]): PromelaOutcome => {
    const told = new Map<string, { readonly place: Place; readonly message: string }>();
    for (const { span, message } of reasons)
      told.set(`${String(span.file)} ${String(span.start)} ${message}`, {
        place: placeOf(scenario.sources, span),
        message,
      });
    return { kind: "refused", reasons: [...told.values()] };
  };
  if (built.kind === "refused") return refuse(built.reasons);
  const writer = new PromelaWriter(scenario, built.model);
  const text = writer.write();
  return writer.problems.length > 0 ? refuse(writer.problems) : { kind: "exported", text };
}

const lineColumnsMax = 110;

class PromelaWriter {
  readonly problems: { span: Span; message: string }[] = [];
  readonly #scenario: Scenario;
  readonly #sources: SourceSet;
  readonly #model: Model;
  readonly #printer: Printer;
  readonly #used: ReadonlySet<Variable>;
  readonly #shared: ReadonlySet<Variable>;
  readonly #nameOf: (variable: Variable) => string;
  readonly #globals: Scope;
  readonly #addresses = new Map<number, string>();
  readonly #hasFinally: boolean;
  #scratches = 0;

  constructor(scenario: Scenario, model: Model) {
    this.#scenario = scenario;
    this.#sources = scenario.sources;
    this.#model = model;
    this.#hasFinally = model.properties.some((property) => property.kind === "finally");
    const uses = usesOf(model, this.#hasFinally);
    this.#used = uses.used;
    this.#shared = uses.shared;
    const named = nameVariables(
      model.context.variables.all.filter((variable) => this.#used.has(variable)),
      { tasks: model.tasks.map((task) => task.name), isShared: (variable) => this.#shared.has(variable) },
    );
    this.#nameOf = named.nameOf;
    this.#globals = named.globals;
    this.#printer = new Printer({ variable: named.nameOf, address: (value) => this.#addressName(value) });
  }

  write(): string {
    const processes = this.#model.tasks.map((_, task) => this.#process(task));
    const early = this.#model.early.map((failure, index) => {
      const what = comment(`${this.#at(failure.span)} ${failure.message}`);
      return `active proctype early_${String(index)}() {\n  assert(false) ${what}\n}\n`;
    });
    const properties = this.#properties();
    const globals = this.#declarations(-1);
    const scratches = Array.from({ length: this.#scratches }, (_, number) => {
      const name = this.#nameOf(scratchVariable(number));
      return `hidden int ${name};`;
    });
    const addresses = [...this.#addresses.entries()]
      .sort(([a], [b]) => a - b)
      .map(([value, name]) => `#define ${name} ${String(value)}`);
    const parts = [
      this.#header(),
      addresses.join("\n"),
      globals,
      scratches.join("\n"),
      properties,
      ...processes,
      ...early,
    ];
    return `${parts
      .map((part) => part.trim())
      .filter((part) => part !== "")
      .join("\n\n")}\n`;
  }

  #addressName(value: number): string | null {
    const known = this.#addresses.get(value);
    if (known !== undefined) return known;
    const name = this.#meaningOf(value);
    if (name === null) return null;
    const claimed = this.#globals.claim(`ADDRESS_${identifierOf(name)}`);
    this.#addresses.set(value, claimed);
    return claimed;
  }

  #meaningOf(value: number): string | null {
    if (value < memoryBase) return null;
    if (value >= functionBase) return this.#scenario.names.functions.get(value) ?? null;
    const { variables } = this.#model.context;
    const instance = variables.instances.find((candidate) => candidate.address === value);
    if (instance !== undefined) return instance.name;
    const holder = variables.instances.find(
      (candidate) => value > candidate.address && value < candidate.address + candidate.size,
    );
    const cell = holder?.cells.find((candidate) => holder.address + candidate.offset === value);
    return holder === undefined || cell === undefined ? null : holder.name + cell.path;
  }

  #at(span: Span): string {
    const { file, line } = locate(this.#sources, span);
    return this.#sources.files.length === 1 ? `${String(line)}:` : `${file}:${String(line)}:`;
  }

  #header(): string {
    const { program } = this.#model.context;
    const bytes = this.#vectorBytes();
    const vector = bytes > 1000 ? ` -DVECTORSZ=${String(2 ** Math.ceil(Math.log2(bytes)))}` : "";
    const left = [
      ...(program.races === "off" ? [] : ["data races"]),
      "tasks that can never finish (cannot-finish), livelock, lock order",
      ...(program.notes.length > 0 ? ["notes"] : []),
      ...(program.pendingCells.length > 0 ? ["a deadlock in which only a callback of RCU is left waiting"] : []),
    ];
    const lines = [
      `Scenario ${this.#sources.files[0]?.name ?? ""} as Promela. Each labelled statement is one step of the scenario.`,
      "",
      "  spin -o1 -o2 -o3 -a FILE.pml",
      `  gcc -O2 -fwrapv -DSAFETY -DNOREDUCE${vector} -o pan pan.c`,
      "  ./pan -m1000000",
      "",
      "An error is a violation of the class that stands beside the assertion, an invalid end state a deadlock. States",
      "stored without an error are those of the scenario with all reductions off.",
      `Not in the model: ${left.join("; ")}.`,
      `Assumed: ${program.assumptions.filter((text) => !text.includes("not examined") || text.startsWith("SC")).join("; ")}.`,
      ...(program.properties.some((property) => property.kind === "sometimes")
        ? ["A `sometimes` is searched with spin -DREACH=n: an error of that assertion says that it is reached."]
        : []),
    ];
    return `/*\n${lines.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */`;
  }

  #vectorBytes(): number {
    let bytes = 64 + 16 * this.#model.tasks.length;
    for (const variable of this.#used) bytes += typeBytes(variable.shape) * (variable.length ?? 1);
    return bytes;
  }

  /** Variables of one task, or the shared ones (-1), a line for each type. */
  #declarations(task: number): string {
    const wanted = this.#model.context.variables.all.filter(
      (variable) =>
        this.#used.has(variable) &&
        (task < 0 ? this.#shared.has(variable) : variable.task === task && !this.#shared.has(variable)),
    );
    const lines: string[] = [];
    for (const type of ["bit", "byte", "short", "int"] as const) {
      const texts = wanted
        .filter((variable) => typeName(variable.shape) === type)
        .map((variable) => this.#declaration(variable));
      // SPIN takes a list of first values only in a declaration of its own.
      const lists = texts.filter((text) => text.endsWith("}"));
      const plain = texts.filter((text) => !text.endsWith("}"));
      if (plain.length > 0) lines.push(...wrapped(`${type} ${plain.join(", ")};`, ", "));
      lines.push(...lists.map((text) => `${type} ${text};`));
    }
    return lines.join("\n");
  }

  #declaration(variable: Variable): string {
    const name = this.#nameOf(variable);
    const values = this.#model.initial.get(variable) ?? [0];
    const first = values[0] ?? 0;
    if (variable.length === null) return first === 0 ? name : `${name} = ${this.#initialValue(first)}`;
    const array = `${name}[${String(variable.length)}]`;
    if (values.every((value) => value === values[0]))
      return values[0] === 0 ? array : `${array} = ${String(values[0])}`;
    if (values.some((value) => value < 0)) {
      const span = this.#model.context.program.tasks[0]?.nodes[0]?.span ?? { file: 0, start: 0, end: 0 };
      const message = `"${variable.name}" begins with different values, one negative; Promela cannot declare that`;
      this.problems.push({ span, message });
    }
    return `${array} = { ${values.join(", ")} }`;
  }

  #initialValue(value: number): string {
    return this.#addressName(value) ?? String(value);
  }

  #macro(index: number): string {
    const property = this.#model.properties[index];
    const same = this.#model.properties.filter((other) => other.kind === property?.kind);
    const number = property === undefined ? 0 : same.indexOf(property) + 1;
    return `${(property?.kind ?? "").toUpperCase()}_${String(number)}`;
  }

  #properties(): string {
    const lines = this.#model.properties.flatMap((property, index) => {
      const name = this.#macro(index);
      const condition = this.#condition(property.condition, property.span);
      const head = comment(`${this.#at(property.span)} ${property.kind}: ${property.text}`);
      if (property.kind !== "sometimes") return [head, `#define ${name} (${condition})`];
      const number = name.split("_")[1] ?? "";
      const already = evaluateAtStart(property.condition, this.#model.initial) !== 0 ? " Holds at the start." : "";
      return [
        `${head}${already === "" ? "" : ` ${comment(already.trim())}`}`,
        `#if REACH == ${number}`,
        `#define ${name} assert(!(${condition}))`,
        "#else",
        `#define ${name} skip`,
        "#endif",
      ];
    });
    if (this.#hasFinally) {
      const span = this.#model.properties[0]?.span ?? { file: 0, start: 0, end: 0 };
      lines.push(`#define AT_REST (${this.#condition(this.#model.atRest, span)})`);
    }
    return lines.join("\n");
  }

  #condition(term: Term, span: Span): string {
    const text = this.#printer.condition(term);
    this.#takeProblems(span);
    return text;
  }

  #takeProblems(span: Span): void {
    for (const message of this.#printer.problems) {
      const reason = { span, message: `Promela has no words for ${message}` };
      if (!this.problems.some((known) => known.message === reason.message && known.span === span))
        this.problems.push(reason);
    }
    this.#printer.problems.clear();
  }

  #labels(task: number): readonly string[] {
    const scope = new Scope(null);
    return (this.#model.tasks[task]?.positions ?? []).map((position) => {
      const { line } = locate(this.#sources, position.span);
      const file = position.span.file === 0 ? "" : `f${String(position.span.file)}_`;
      const prefix = position.isRest ? "end_" : "";
      return scope.claim(position.isEnd ? "end_task" : `${prefix}L${file}${String(line)}`);
    });
  }

  #process(task: number): string {
    const tree = this.#model.tasks[task];
    if (tree === undefined) return "";
    const labels = this.#labels(task);
    const order = tree.positions.map((_, position) => position).filter((position) => position !== tree.start);
    const lines = [tree.start, ...order].map((position) => this.#position(task, { position, labels }));
    const locals = this.#declarations(task);
    const head = locals === "" ? "" : `${indented(locals)}\n`;
    return `active proctype ${identifierOf(tree.name)}() {\n${head}${lines.join(";\n")}\n}`;
  }

  #position(task: number, at: { readonly position: number; readonly labels: readonly string[] }): string {
    const position = this.#model.tasks[task]?.positions[at.position];
    const label = at.labels[at.position] ?? "";
    if (position === undefined) return "";
    const located = locate(this.#sources, position.span);
    const source = comment(`${this.#at(position.span)} ${located.lineText.trim()}`);
    if (position.isEnd) return `${label}: ${source}\n  false`;
    const options = mergeFailures(position.outcomes).map((outcome) =>
      this.#option(task, { ...at, outcome, span: position.span }),
    );
    if (options.length === 0) return `${label}: ${source}\n  false`;
    return `${label}: ${source}\n  if\n${options.join("\n")}\n  fi`;
  }

  #option(
    task: number,
    at: {
      readonly position: number;
      readonly labels: readonly string[];
      readonly outcome: StepOutcome;
      readonly span: Span;
    },
  ): string {
    const { outcome } = at;
    const { end } = outcome;
    const conditions = conjunction(outcome.conditions);
    const guard = isConstant(conditions, 1) ? null : this.#condition(conditions, at.span);
    if (end.kind === "fails" || end.kind === "limit") {
      const what =
        end.kind === "fails"
          ? `${end.violation}${end.message === "" ? "" : `: ${end.message}`}`
          : `LIMIT ${end.limit}: a bound of the model, not a violation of the scenario`;
      const stop = `assert(false) ${comment(`${this.#at(end.span)} ${what}`)}`;
      return `  :: ${guard === null ? stop : `d_step { ${guard} -> ${stop} }`}; goto ${this.#label(at)}`;
    }
    if (end.kind !== "moves") return "";
    const target = this.#model.tasks[task]?.positions[end.position];
    const statements = this.#statements(task, { outcome, from: at.position, to: end.position, span: at.span });
    for (const check of this.#checks(outcome, target?.isRest === true)) statements.push(check);
    const goal = at.labels[end.position] ?? "";
    return option({ guard, statements, goal });
  }

  /** Where a failed step stands: it is never left. */
  #label(at: { readonly position: number; readonly labels: readonly string[] }): string {
    return at.labels[at.position] ?? "";
  }

  #statements(
    task: number,
    step: { readonly outcome: StepOutcome; readonly from: number; readonly to: number; readonly span: Span },
  ): string[] {
    const updates: Update[] = step.outcome.updates.filter((update) => this.#used.has(update.variable));
    const before = this.#model.tasks[task]?.positions[step.from]?.rest ?? 0;
    const after = this.#model.tasks[task]?.positions[step.to]?.rest ?? 0;
    const resting = this.#model.context.variables.resting[task];
    if (this.#hasFinally && before !== after && resting !== undefined)
      updates.push({ variable: resting, index: null, value: constantTerm(after) });
    return sequence(updates).map((update) => {
      if (isScratch(update.variable)) this.#scratches = Math.max(this.#scratches, scratchNumber(update.variable) + 1);
      return this.#assignment(update, step.span);
    });
  }

  #assignment(update: Update, span: Span): string {
    const place = this.#printer.place(update.variable, update.index);
    const own = keyOf(readTerm(update.variable, update.index));
    const { value } = update;
    let text = `${place} = ${stripped(this.#printer.value(value))}`;
    if (value.kind === "binary" && isConstant(value.right, 1) && keyOf(value.left) === own) {
      if (value.op === "add") text = `${place}++`;
      if (value.op === "sub") text = `${place}--`;
    }
    this.#takeProblems(span);
    return text;
  }

  /** Properties whose value this step can change. */
  #checks(outcome: StepOutcome, rests: boolean): readonly string[] {
    const written = new Set(outcome.updates.map((update) => update.variable));
    return this.#model.properties.flatMap((property, index) => {
      const name = this.#macro(index);
      if (property.kind === "finally") return rests ? [`assert(!AT_REST || ${name})`] : [];
      if (![...property.reads].some((variable) => written.has(variable))) return [];
      return [property.kind === "always" ? `assert(${name})` : name];
    });
  }
}

/** Paths that end in the same failure become one. */
function mergeFailures(outcomes: readonly StepOutcome[]): readonly StepOutcome[] {
  const merged: StepOutcome[] = [];
  const failures = new Map<string, number>();
  for (const outcome of outcomes) {
    const { end } = outcome;
    if (end.kind !== "fails") {
      merged.push(outcome);
      continue;
    }
    const key = `${end.violation} ${String(end.span.file)} ${String(end.span.start)} ${end.message}`;
    const known = failures.get(key);
    const first = known === undefined ? undefined : merged[known];
    if (known === undefined || first === undefined) {
      failures.set(key, merged.length);
      merged.push(outcome);
      continue;
    }
    const either = binaryTerm("or", conjunction(first.conditions), conjunction(outcome.conditions));
    merged[known] = { ...first, conditions: [either] };
  }
  return merged;
}

function conjunction(conditions: readonly Term[]): Term {
  return conditions.reduce<Term>((sum, condition) => binaryTerm("and", sum, condition), constantTerm(1));
}

function scratchNumber(variable: Variable): number {
  return Number(variable.name.split(" ")[1] ?? 0);
}

/** Variables that the text mentions, and those that more than one task does. */
function usesOf(
  model: Model,
  hasFinally: boolean,
): { readonly used: ReadonlySet<Variable>; readonly shared: ReadonlySet<Variable> } {
  const used = new Set<Variable>();
  const shared = new Set<Variable>();
  const add = (variable: Variable, task: number): void => {
    used.add(variable);
    if (variable.task !== task || task < 0) shared.add(variable);
  };
  const addTerm = (term: Term, task: number): void => forEachRead(term, (read) => add(read.variable, task));
  model.tasks.forEach((task, number) => {
    for (const outcome of task.positions.flatMap((position) => position.outcomes)) {
      for (const condition of outcome.conditions) addTerm(condition, number);
      for (const update of outcome.updates) {
        add(update.variable, number);
        addTerm(update.value, number);
        if (update.index !== null) addTerm(update.index, number);
      }
    }
  });
  for (const property of model.properties) addProperty(property, addTerm);
  if (hasFinally) {
    addTerm(model.atRest, -1);
    for (const variable of model.context.variables.resting) add(variable, -1);
  }
  return { used, shared };
}

function addProperty(property: ModelProperty, addTerm: (term: Term, task: number) => void): void {
  addTerm(property.condition, -1);
}

function option(parts: {
  readonly guard: string | null;
  readonly statements: readonly string[];
  readonly goal: string;
}): string {
  const { guard, statements, goal } = parts;
  const to = `goto ${goal}`;
  if (statements.length === 0) return `  :: ${guard === null ? "skip" : guard} -> ${to}`;
  const [only] = statements;
  const isAssignment = only !== undefined && !only.startsWith("assert") && !/^[A-Z]/.test(only);
  if (guard === null && statements.length === 1 && isAssignment) return `  :: ${only}; ${to}`;
  const line = `  :: d_step { ${guard === null ? "" : `${guard} -> `}${statements.join("; ")} }; ${to}`;
  if (line.length <= lineColumnsMax) return line;
  const body = [
    ...(guard === null
      ? []
      : wrapped(guard, " && ").map((text, at, all) => (at === all.length - 1 ? `${text} ->` : text))),
    ...statements.map((text, at) => (at === statements.length - 1 ? text : `${text};`)),
  ];
  return `  :: d_step {\n${body.map((text) => `       ${text}`).join("\n")}\n     }; ${to}`;
}

/** Breaks a long text at separators. */
function wrapped(text: string, separator: string): readonly string[] {
  if (text.length <= lineColumnsMax) return [text];
  const lines: string[] = [];
  let line = "";
  for (const part of text.split(separator)) {
    if (line !== "" && line.length + separator.length + part.length > lineColumnsMax - 8) {
      lines.push(`${line}${separator}`.trimEnd());
      line = `  ${part}`;
    } else line = line === "" ? part : `${line}${separator}${part}`;
  }
  return [...lines, line];
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}

/** A comment that cannot end early; the preprocessor must not see a backslash at its end either. */
function comment(text: string): string {
  return `/* ${text
    .replace(/[^\x20-\x7e]+/g, " ")
    .replace(/\*\/|\/\*/g, "* /")
    .replace(/\\/g, "/")
    .trim()} */`;
}
