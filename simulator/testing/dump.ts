/** Text of a typed unit, one construct a line: what the language tests compare. Not a format to be parsed. */
import { unreachable } from "../source/assert.ts";
import type {
  Body,
  Callee,
  Duration,
  Expr,
  Global,
  GlobalValue,
  LocalInitialiser,
  Place,
  Statement,
  Time,
  TypedUnit,
} from "../lang/tree.ts";
import { typeName } from "../lang/check/types.ts";

/** Prints a unit; same unit, same bytes. */
export function dumpUnit(unit: TypedUnit): string {
  const lines = [
    ...unit.records.map(dumpRecord),
    ...unit.globals.map(dumpGlobal),
    ...unit.caches.map(
      (each) =>
        `cache ${each.name} of ${typeName(each.object)} x ${each.capacity}${each.typesafeByRcu ? " typesafe-by-rcu" : ""}`,
    ),
    ...unit.functions.flatMap(dumpFunction),
    ...unit.inits.flatMap((body) => ["init", ...dumpBody(body)]),
    ...unit.tasks.flatMap((task) => {
      const { irq, nice, cpus } = task.attributes;
      const attributes = `${irq ? " irq" : ""}${nice === 0 ? "" : ` nice ${nice}`}${cpus === null ? "" : ` cpus ${cpus.join(",")}`}`;
      return [
        `task ${task.name} x ${task.count}${attributes}${task.hasForever ? " forever" : ""}`,
        ...dumpBody(task.body),
      ];
    }),
    ...unit.properties.map((each) => `${each.kind} ${JSON.stringify(each.text)} ${dumpExpr(each.condition)}`),
  ];
  return `${lines.join("\n")}\n`;
}

function dumpRecord(record: TypedUnit["records"][number]): string {
  const fields = record.fields.map(
    (field) =>
      `${field.name}@${field.offset}${field.cOffset === field.offset ? "" : `/${field.cOffset}`}:${typeName(field.type)}${field.racy ? " racy" : ""}`,
  );
  const kind = record.isUnion ? "union" : "struct";
  return `${kind} ${record.tag} size ${record.size}/${record.cSize}${record.complete ? "" : " incomplete"} { ${fields.join(", ")} }`;
}

function dumpGlobal(global: Global): string {
  const { symbol, stores } = global;
  const flags = [
    symbol.storage === "static" ? "static" : "",
    symbol.ghost ? "ghost" : "",
    symbol.racy ? "racy" : "",
    symbol.constant ? "const" : "",
    symbol.hidden ? "hidden" : "",
  ];
  const prefix = flags
    .filter((flag) => flag !== "")
    .map((flag) => `${flag} `)
    .join("");
  const values = stores.map((store) => `${store.offset}=${dumpValue(store.value)}`).join(" ");
  return `${prefix}global ${symbol.name}: ${typeName(symbol.type)}${values === "" ? "" : ` { ${values} }`}`;
}

function dumpValue(value: GlobalValue): string {
  switch (value.kind) {
    case "number":
      return String(value.value);
    case "address":
      return `&${value.symbol.name}+${value.offset}`;
    case "function":
      return value.function.name;
  }
}

function dumpFunction(symbol: TypedUnit["functions"][number]): string[] {
  const { definition, name, type } = symbol;
  const head = `function ${name}: ${typeName(type)}${symbol.addressTaken ? " address-taken" : ""}`;
  if (definition.kind === "undefined") return [`${head} undefined`];
  if (definition.kind === "stub") return [`${head} stub ${definition.lo}..${definition.hi}`];
  const parameters = definition.parameters.map((each) => `  parameter ${each.name}: ${typeName(each.type)}`);
  return [head, ...parameters, ...dumpBody(definition.body)];
}

function dumpBody(body: Body): string[] {
  const locals = body.locals.map(
    (each) =>
      `  local ${each.name}: ${typeName(each.type)}${each.addressTaken ? " address-taken" : ""}${each.ghost ? " ghost" : ""}`,
  );
  return [...locals, ...dumpStatements(body.statements, "  ")];
}

function dumpStatements(statements: readonly Statement[], indent: string): string[] {
  return statements.flatMap((statement) => dumpStatement(statement, indent));
}

function dumpStatement(statement: Statement, indent: string): string[] {
  const inner = (statements: readonly Statement[]): string[] => dumpStatements(statements, `${indent}  `);
  const line = (text: string): string[] => [`${indent}${text}`];
  switch (statement.kind) {
    case "expression":
      return line(dumpExpr(statement.expression));
    case "declare":
      return line(
        `declare ${statement.symbol.name}${statement.initialiser === null ? "" : ` ${dumpInitialiser(statement.initialiser)}`}`,
      );
    case "block":
      return [...line("block"), ...inner(statement.statements)];
    case "if":
      return [
        ...line(`if ${dumpExpr(statement.condition)}`),
        ...inner([statement.then]),
        ...(statement.else === null ? [] : [...line("else"), ...inner([statement.else])]),
      ];
    case "while":
      return [...line(`while ${dumpExpr(statement.condition)}`), ...inner([statement.body])];
    case "do-while":
      return [...line("do"), ...inner([statement.body]), ...line(`while ${dumpExpr(statement.condition)}`)];
    case "for":
      return dumpFor(statement, indent);
    case "switch":
      return dumpSwitch(statement, indent);
    case "label":
      return line(`${statement.label.name}#${statement.label.id}:`);
    case "goto":
      return line(`goto ${statement.label.name}#${statement.label.id}`);
    case "break":
    case "continue":
      return line(statement.kind);
    case "return":
      return line(statement.value === null ? "return" : `return ${dumpExpr(statement.value)}`);
    case "guard":
      return [
        ...line("guard"),
        ...inner(statement.acquire),
        ...line("do"),
        ...inner(statement.body),
        ...line("release"),
        ...inner(statement.release),
      ];
    case "atomic":
    case "forever":
    case "ghost":
      return [...line(statement.kind), ...inner(statement.body)];
    case "await":
      return line(`await ${dumpExpr(statement.condition)}`);
    case "assert":
      return line(`assert ${JSON.stringify(statement.text)} ${dumpExpr(statement.condition)}`);
    case "note":
      return line(`note ${statement.note}${statement.condition === null ? "" : ` ${dumpExpr(statement.condition)}`}`);
    case "work":
    case "sleep":
      return line(`${statement.kind} ${dumpDuration(statement.duration)}`);
    case "span":
      return [...line(`span ${JSON.stringify(statement.text)}`), ...inner(statement.body)];
  }
  return unreachable(statement);
}

function dumpFor(statement: Extract<Statement, { kind: "for" }>, indent: string): string[] {
  const { initial, condition, advance, body } = statement;
  return [
    `${indent}for`,
    ...dumpStatements(initial, `${indent}    `),
    `${indent}  while ${condition === null ? "true" : dumpExpr(condition)}`,
    ...dumpStatement(body, `${indent}    `),
    ...(advance === null ? [] : [`${indent}  advance ${dumpExpr(advance)}`]),
  ];
}

function dumpSwitch(statement: Extract<Statement, { kind: "switch" }>, indent: string): string[] {
  const cases = statement.cases.map(
    (each) => `${indent}  case ${each.lo}${each.lo === each.hi ? "" : `..${each.hi}`} -> #${each.label.id}`,
  );
  const fallback = statement.fallback === null ? [] : [`${indent}  default -> #${statement.fallback.id}`];
  return [
    `${indent}switch ${dumpExpr(statement.value)}`,
    ...cases,
    ...fallback,
    ...dumpStatement(statement.body, `${indent}  `),
  ];
}

function dumpInitialiser(initialiser: LocalInitialiser): string {
  const stores = initialiser.stores.map((store) => `${dumpPlace(store.place)} = ${dumpExpr(store.value)}`);
  return `{ ${[...(initialiser.zeroFill ? ["zero"] : []), ...stores].join("; ")} }`;
}

function dumpDuration(duration: Duration): string {
  switch (duration.kind) {
    case "fixed":
      return dumpTime(duration.time);
    case "exponential":
      return `exp ${dumpTime(duration.mean)}`;
    case "uniform":
      return `uniform ${dumpTime(duration.lo)} ${dumpTime(duration.hi)}`;
    case "normal":
      return `normal ${dumpTime(duration.mean)} ${dumpTime(duration.deviation)}`;
    case "lognormal":
      return `lognormal ${dumpTime(duration.median)} ${dumpTime(duration.p99)}`;
    case "pareto":
      return `pareto ${dumpTime(duration.scale)} ${duration.shape}`;
  }
}

function dumpTime(time: Time): string {
  return time.kind === "constant" ? `${time.ns}ns` : `${dumpExpr(time.value)}*${time.unitNs}ns`;
}

/** Prints a place. */
export function dumpPlace(place: Place): string {
  switch (place.kind) {
    case "variable":
      return place.symbol.name;
    case "deref":
      return `*${dumpExpr(place.pointer)}`;
    case "member":
      return `${dumpPlace(place.base)}.${place.field.name === "" ? `@${place.field.offset}` : place.field.name}`;
    case "element":
      return `${dumpPlace(place.base)}[${dumpExpr(place.index)}]`;
    case "literal":
      return `literal ${dumpInitialiser(place.initialise)}`;
  }
}

/** Prints an expression; each form names its node. */
export function dumpExpr(expr: Expr): string {
  switch (expr.kind) {
    case "constant":
      return `${expr.value}${expr.type.kind === "integer" && expr.type.rank === 3 && expr.type.signed ? "" : `:${typeName(expr.type)}`}`;
    case "load":
      return `(load${expr.access === "plain" ? "" : ` ${expr.access}`} ${dumpPlace(expr.place)})`;
    case "address":
      return `(address ${dumpPlace(expr.place)})`;
    case "function":
      return `(function ${expr.function.name})`;
    case "unary":
      return `(${expr.op} ${dumpExpr(expr.operand)})`;
    case "binary":
    case "compare":
      return `(${expr.op} ${dumpExpr(expr.left)} ${dumpExpr(expr.right)})`;
    case "pointer-add":
      return `(pointer-add*${expr.stride} ${dumpExpr(expr.pointer)} ${dumpExpr(expr.index)})`;
    case "pointer-difference":
      return `(pointer-difference/${expr.stride} ${dumpExpr(expr.left)} ${dumpExpr(expr.right)})`;
    case "logical":
      return `(logical-${expr.op} ${dumpExpr(expr.left)} ${dumpExpr(expr.right)})`;
    case "conditional":
      return `(conditional ${dumpExpr(expr.condition)} ${dumpExpr(expr.then)} ${dumpExpr(expr.else)})`;
    case "comma":
      return `(comma ${expr.items.map(dumpExpr).join(" ")})`;
    case "convert":
      return `(${expr.how} ${typeName(expr.type)} ${dumpExpr(expr.operand)})`;
    case "assign":
      return `(assign${expr.access === "plain" ? "" : ` ${expr.access}`} ${dumpPlace(expr.place)} ${dumpExpr(expr.value)})`;
    case "update":
      return `(update${expr.access === "plain" ? "" : ` ${expr.access}`} ${expr.yields} $${expr.binding} ${dumpPlace(expr.place)} ${dumpExpr(expr.compute)})`;
    case "let":
      return `(let $${expr.binding} ${dumpExpr(expr.value)} ${dumpExpr(expr.body)})`;
    case "bound":
      return `$${expr.binding}`;
    case "call":
      return `(call ${dumpCallee(expr.callee)}${expr.args.map((arg) => ` ${dumpExpr(arg)}`).join("")})`;
    case "primitive":
      return dumpPrimitive(expr);
    case "statements":
      return `(statements { ${dumpStatements(expr.statements, "").join("; ")} }${expr.value === null ? "" : ` ${dumpExpr(expr.value)}`})`;
    case "choose":
      return `(choose #${expr.site} ${dumpExpr(expr.lo)} ${dumpExpr(expr.hi)})`;
    case "me":
      return "me";
    case "atomic":
      return `(atomic ${dumpExpr(expr.operand)})`;
  }
  return unreachable(expr);
}

function dumpCallee(callee: Callee): string {
  return callee.kind === "direct" ? callee.function.name : `*${dumpExpr(callee.pointer)}`;
}

function dumpPrimitive(expr: Extract<Expr, { kind: "primitive" }>): string {
  const { irq, subclass, signal, result, held, object, zeroed } = expr.attributes;
  const marks = [
    irq === "none" ? "" : irq,
    subclass === 0 ? "" : `subclass ${subclass}`,
    signal === "no" ? "" : signal,
    result === "none" ? "" : result,
    held === "any" ? "" : `held ${held}`,
    object === null ? "" : `of ${typeName(object)}`,
    zeroed ? "zeroed" : "",
  ].filter((mark) => mark !== "");
  const shown = marks.length === 0 ? "" : ` [${marks.join(", ")}]`;
  return `(${expr.op}${shown}${expr.args.map((arg) => ` ${dumpExpr(arg)}`).join("")})`;
}
