/** Statements of the typed tree as flow graphs. */
import type { Expr as TreeExpr, Label, Statement } from "../lang/tree.ts";
import { assert, unreachable } from "../source/assert.ts";
import { spanText } from "../source/span.ts";
import { isOverfull } from "./bounds.ts";
import type { Cleanup, Lowering, TaskContext } from "./context.ts";
import { binary, constant, one, zero } from "./expressions.ts";
import type { CodeLabel } from "./assembler.ts";
import { inAtomic, lowerCondition } from "./lower-expression.ts";
import { dropValue } from "./lower-call.ts";
import { initialiseLocal, lowerValue } from "./lower-place.ts";
import { closeReach, isReach, meetReach, openReach } from "./lower-reach.ts";
import type { ReachSite } from "./context.ts";
import { checkMaySleep } from "./primitives-context.ts";
import { clearSignals } from "./primitives-signal.ts";
import { checkEntryOffQueue } from "./primitives-wait.ts";
import { ask, lowerDuration } from "./requests.ts";
import { beginsWithWait, waitsIn } from "./idle-waits.ts";

type Kind<K extends Statement["kind"]> = Extract<Statement, { kind: K }>;

/** Lowers a list that shares a scope: what is declared in it dies at its end. */
export function lowerStatements(lowering: Lowering, context: TaskContext, statements: readonly Statement[]): void {
  const mark = context.cleanups.length;
  let site: ReachSite | null = null;
  for (const [index, statement] of statements.entries()) {
    if (isReach(context, statement)) {
      site = openReach(lowering, context, { question: statement, target: statements[index + 1] });
      continue;
    }
    lowerStatement(lowering, context, statement, statements);
    closeReach(context, site);
  }
  runCleanups(lowering, context, mark);
  context.cleanups.length = mark;
}

function lowerStatement(lowering: Lowering, context: TaskContext, statement: Statement, block: object): void {
  const { code } = context;
  if (isOverfull(context.unit, code.length)) return;
  code.span = statement.span;
  meetReach(context, statement);
  switch (statement.kind) {
    case "expression":
      dropValue(context, statement.expression);
      lowerValue(lowering, context, statement.expression);
      return;
    case "declare":
      lowerDeclare(lowering, context, statement, block);
      return;
    case "block":
      lowerStatements(lowering, context, statement.statements);
      return;
    case "span":
      lowerSpan(lowering, context, statement);
      return;
    case "if":
      lowerIf(lowering, context, statement);
      return;
    case "while":
    case "do-while":
    case "for":
    case "forever":
      lowerLoop(lowering, context, statement);
      return;
    case "switch":
      lowerSwitch(lowering, context, statement);
      return;
    case "label":
      code.place(labelOf(context, statement.label));
      return;
    case "goto":
    case "break":
    case "continue":
    case "return":
      lowerJump(lowering, context, statement);
      return;
    case "guard":
      lowerGuard(lowering, context, statement);
      return;
    case "atomic":
    case "await":
    case "assert":
    case "note":
    case "ghost":
    case "work":
    case "sleep":
      lowerOwnWord(lowering, context, statement);
      return;
  }
  unreachable(statement);
}

function lowerDeclare(lowering: Lowering, context: TaskContext, statement: Kind<"declare">, block: object): void {
  initialiseLocal(lowering, context, { symbol: statement.symbol, initialise: statement.initialiser });
  const storage = context.storageOf(statement.symbol);
  if (storage.kind === "memory") context.cleanups.push({ kind: "object", object: storage.object, owner: block });
}

function labelOf(context: TaskContext, label: Label): CodeLabel {
  const known = context.frame.labels.get(label);
  if (known !== undefined) return known;
  const made = context.code.newLabel();
  context.frame.labels.set(label, made);
  return made;
}

/** Emits what leaving the scopes above a mark does, innermost first; the scopes stay open for other paths. */
function runCleanups(lowering: Lowering, context: TaskContext, mark: number): void {
  for (let index = context.cleanups.length - 1; index >= mark; index -= 1) {
    const cleanup = context.cleanups[index];
    if (cleanup !== undefined) runCleanup(lowering, context, { cleanup, index });
  }
}

function runCleanup(
  lowering: Lowering,
  context: TaskContext,
  options: { readonly cleanup: Cleanup; readonly index: number },
): void {
  const { cleanup, index } = options;
  if (cleanup.kind === "object") {
    if (context.entryObjects.has(cleanup.object)) checkEntryOffQueue(context, context.addressOf(cleanup.object));
    context.code.emit({ kind: "leave-scope", object: cleanup.object });
    return;
  }
  if (cleanup.kind === "span") {
    ask(context, cleanup.end);
    return;
  }
  // While it is let go, the guard itself is no longer open.
  const open = context.cleanups.splice(index);
  lowering.statements(context, cleanup.release);
  context.cleanups.push(...open);
}

function lowerIf(lowering: Lowering, context: TaskContext, statement: Kind<"if">): void {
  const { code } = context;
  const then = code.newLabel();
  const otherwise = code.newLabel();
  const done = code.newLabel();
  lowerCondition(lowering, context, statement.condition, { then, otherwise });
  code.place(then);
  lowerStatements(lowering, context, [statement.then]);
  code.jump(done);
  code.place(otherwise);
  if (statement.else !== null) lowerStatements(lowering, context, [statement.else]);
  code.place(done);
}

function lowerLoop(
  lowering: Lowering,
  context: TaskContext,
  statement: Kind<"while" | "do-while" | "for" | "forever">,
): void {
  const { code } = context;
  const mark = context.cleanups.length;
  if (statement.kind === "for")
    for (const initial of statement.initial) lowerStatement(lowering, context, initial, statement);
  const head = code.newLabel();
  const body = code.newLabel();
  const next = code.newLabel();
  const done = code.newLabel();
  code.place(head);
  if (statement.kind === "forever") {
    clearSignals(context);
    passHead(context, statement.body);
  }
  if (statement.kind === "while")
    lowerCondition(lowering, context, statement.condition, { then: body, otherwise: done });
  if (statement.kind === "for" && statement.condition !== null) {
    lowerCondition(lowering, context, statement.condition, { then: body, otherwise: done });
  }
  code.place(body);
  context.loops.push({ breakTo: done, continueTo: next, cleanups: context.cleanups.length });
  if (statement.kind === "forever") lowerForeverBody(lowering, context, statement.body);
  else lowerStatements(lowering, context, [statement.body]);
  context.loops.pop();
  code.place(next);
  code.span = statement.span;
  if (statement.kind === "for" && statement.advance !== null) {
    dropValue(context, statement.advance);
    lowerValue(lowering, context, statement.advance);
  }
  if (statement.kind === "do-while")
    lowerCondition(lowering, context, statement.condition, { then: head, otherwise: done });
  else code.jump(head);
  code.place(done);
  runCleanups(lowering, context, mark);
  context.cleanups.length = mark;
}

/** The idle point of a forever, and a jump of its own that tells a round from that of a loop which begins the body. */
function passHead(context: TaskContext, body: readonly Statement[]): void {
  const { code } = context;
  const past = code.newLabel();
  if (!beginsWithWait(body)) context.idleNodes.push(code.length);
  context.headNodes.push(code.length);
  code.jump(past);
  code.place(past);
}

/** An await directly in the body of a forever is an idle point too. */
function lowerForeverBody(lowering: Lowering, context: TaskContext, body: readonly Statement[]): void {
  const mark = context.cleanups.length;
  let site: ReachSite | null = null;
  for (const [index, statement] of body.entries()) {
    if (isReach(context, statement)) {
      site = openReach(lowering, context, { question: statement, target: body[index + 1] });
      continue;
    }
    if (statement.kind === "await") context.idleNodes.push(context.code.length);
    for (const wait of waitsIn(statement)) context.idleWaits.add(wait);
    lowerStatement(lowering, context, statement, body);
    closeReach(context, site);
  }
  runCleanups(lowering, context, mark);
  context.cleanups.length = mark;
}

function lowerSwitch(lowering: Lowering, context: TaskContext, statement: Kind<"switch">): void {
  const { code } = context;
  const value = code.keep(lowering.expression(context, statement.value));
  const done = code.newLabel();
  const unsigned = statement.value.type.kind === "integer" && !statement.value.type.signed;
  for (const entry of statement.cases) {
    const next = code.newLabel();
    const op = unsigned ? "le-u" : "le";
    const hit =
      entry.lo === entry.hi
        ? binary("eq", value, constant(entry.lo))
        : binary("and", binary(op, constant(entry.lo), value), binary(op, value, constant(entry.hi)));
    code.branch(hit, labelOf(context, entry.label), next);
    code.place(next);
  }
  code.jump(statement.fallback === null ? done : labelOf(context, statement.fallback));
  const outer = context.loops[context.loops.length - 1];
  context.loops.push({ breakTo: done, continueTo: outer?.continueTo ?? null, cleanups: context.cleanups.length });
  lowerStatements(lowering, context, [statement.body]);
  context.loops.pop();
  code.place(done);
}

function lowerJump(
  lowering: Lowering,
  context: TaskContext,
  statement: Kind<"goto" | "break" | "continue" | "return">,
): void {
  const { code, frame } = context;
  switch (statement.kind) {
    case "goto": {
      const owners = frame.labelOwners.get(statement.label) ?? new Set<object>();
      for (let index = context.cleanups.length - 1; index >= frame.cleanupsBelow; index -= 1) {
        const cleanup = context.cleanups[index];
        if (cleanup !== undefined && !owners.has(cleanup.owner)) runCleanup(lowering, context, { cleanup, index });
      }
      code.jump(labelOf(context, statement.label));
      return;
    }
    case "break":
    case "continue": {
      const loop = innermost(context, statement.kind);
      runCleanups(lowering, context, loop.cleanups);
      const target = statement.kind === "break" ? loop.breakTo : loop.continueTo;
      assert(target !== null, "the front end refuses a stray continue");
      code.jump(target);
      return;
    }
    case "return": {
      if (statement.value !== null) {
        for (const entry of lowerValue(lowering, context, statement.value)) {
          const result = frame.result.get(entry.offset);
          if (result !== undefined) code.assignTemp(result, entry.value);
        }
      }
      runCleanups(lowering, context, frame.cleanupsBelow);
      code.jump(frame.exit);
      return;
    }
  }
  unreachable(statement);
}

/** A continue passes over switches: its target's scopes are those of the loop around. */
function innermost(
  context: TaskContext,
  kind: "break" | "continue",
): { readonly breakTo: CodeLabel; readonly continueTo: CodeLabel | null; readonly cleanups: number } {
  const last = context.loops[context.loops.length - 1];
  assert(last !== undefined, "the front end refuses a stray break");
  if (kind === "break") return last;
  const loop = context.loops.find((candidate) => candidate.continueTo === last.continueTo);
  return loop ?? last;
}

function lowerGuard(lowering: Lowering, context: TaskContext, statement: Kind<"guard">): void {
  const mark = context.cleanups.length;
  // What acquire declares lives until after release, so its scope is this statement's.
  for (const inner of statement.acquire) lowerStatement(lowering, context, inner, statement);
  context.cleanups.push({ kind: "guard", release: statement.release, owner: statement.body });
  lowerStatements(lowering, context, statement.body);
  runCleanups(lowering, context, mark);
  context.cleanups.length = mark;
}

function lowerOwnWord(
  lowering: Lowering,
  context: TaskContext,
  statement: Kind<"atomic" | "await" | "assert" | "note" | "ghost" | "work" | "sleep">,
): void {
  const { code } = context;
  switch (statement.kind) {
    case "atomic":
      inAtomic(context, "atomic", () => lowerStatements(lowering, context, statement.body));
      return;
    case "await":
      lowerAwait(lowering, context, statement.condition);
      return;
    case "assert": {
      const holds = valueOf(lowering, context, statement.condition);
      code.span = statement.span;
      code.check(holds, { class: "assertion", message: statement.text });
      return;
    }
    case "note": {
      const condition = statement.condition === null ? one : valueOf(lowering, context, statement.condition);
      code.span = statement.span;
      code.emit({ kind: "note", note: statement.note, condition });
      return;
    }
    case "ghost": {
      const outer = code.mode;
      code.mode = "silent";
      lowerStatements(lowering, context, statement.body);
      code.mode = outer;
      return;
    }
    case "work":
    case "sleep":
      if (statement.kind === "sleep") checkMaySleep(context, "sleep");
      lowerTime(lowering, context, statement);
      return;
  }
  unreachable(statement);
}

/** Time passes in timed code only; an atomic block, init and properties take none. */
function lowerTime(lowering: Lowering, context: TaskContext, statement: Kind<"work" | "sleep">): void {
  if (context.unit.timed === null || context.code.mode !== "steps") return;
  const time = lowerDuration(lowering, context, statement.duration);
  ask(context, { kind: statement.kind, spelling: statement.kind, args: [], time, span: statement.span });
}

/** A plain block but in timed code, which is told where it begins and, on each way out, ends. */
function lowerSpan(lowering: Lowering, context: TaskContext, statement: Kind<"span">): void {
  const { timed } = context.unit;
  if (timed === null || context.code.mode === "silent") {
    lowerStatements(lowering, context, statement.body);
    return;
  }
  const args = [constant(timed.span(statement.text, statement.span))];
  const asked = { spelling: "span", args, span: statement.span };
  const mark = context.cleanups.length;
  ask(context, { ...asked, kind: "span-begin" });
  context.cleanups.push({ kind: "span", end: { ...asked, kind: "span-end" }, owner: statement.body });
  lowerStatements(lowering, context, statement.body);
  runCleanups(lowering, context, mark);
  context.cleanups.length = mark;
}

/** A condition as a value; the common single comparison needs no branches. */
function valueOf(lowering: Lowering, context: TaskContext, condition: TreeExpr): ReturnType<Lowering["expression"]> {
  return binary("ne", lowering.expression(context, condition), zero);
}

function lowerAwait(lowering: Lowering, context: TaskContext, condition: TreeExpr): void {
  const text = `await(${spanText(context.unit.unit.sources, condition.span)})`;
  inAtomic(context, text, () => {
    const value = lowering.expression(context, condition);
    context.code.guard(binary("ne", value, zero), { text, address: null }, { sleeps: true });
  });
}

/** Blocks around each label of a body, for goto. Blocks are the statement lists and statements that own cleanups. */
export function findLabelOwners(statements: readonly Statement[]): ReadonlyMap<Label, ReadonlySet<object>> {
  const owners = new Map<Label, ReadonlySet<object>>();
  const list = (items: readonly Statement[], around: readonly object[]): void => {
    for (const item of items) visit(item, [...around, items]);
  };
  const visit = (statement: Statement, around: readonly object[]): void => {
    if (statement.kind === "label") owners.set(statement.label, new Set(around));
    for (const inner of innerLists(statement)) list(inner, [...around, statement]);
  };
  list(statements, []);
  return owners;
}

function innerLists(statement: Statement): readonly (readonly Statement[])[] {
  switch (statement.kind) {
    case "block":
      return [statement.statements];
    case "span":
    case "atomic":
    case "forever":
    case "ghost":
      return [statement.body];
    case "guard":
      return [statement.acquire, statement.body];
    case "if":
      return statement.else === null ? [[statement.then]] : [[statement.then], [statement.else]];
    case "while":
    case "do-while":
    case "for":
    case "switch":
      return [[statement.body]];
    case "expression":
    case "declare":
    case "label":
    case "goto":
    case "break":
    case "continue":
    case "return":
    case "await":
    case "assert":
    case "note":
    case "work":
    case "sleep":
      return [];
  }
  return unreachable(statement);
}
