/** Tasks and their attributes. */
import { checkConstant } from "./check-expression.ts";
import { checkBody, noResult } from "./check-function.ts";
import { newFacts, type CheckContext } from "./context.ts";
import type { TaskAttributeSyntax, TaskSyntax } from "../parse/syntax.ts";
import type { TaskAttributes } from "../tree.ts";
import { timedTasksMax as taskCountMax } from "../../limits.ts";
import { nearestName } from "../../source/edit-distance.ts";

/** Highest CPU number. */
const cpuMax = 1023;

/** `task NAME[N] attributes { ... }` */
export function checkTask(c: CheckContext, node: TaskSyntax): void {
  const before = c.tasks.find((task) => task.name === node.name);
  if (before !== undefined) {
    c.report({
      code: "SCN094",
      span: node.nameSpan,
      message: `there are two tasks named \`${node.name}\`; write \`task ${node.name}[2]\` for two alike, or choose another name`,
      notes: [{ span: before.span, message: "the first one is here" }],
    });
  }
  const count = node.count === null ? 1 : checkConstant(c, node.count, "the number of tasks");
  if (count !== null && (count < 1 || count > taskCountMax)) {
    c.error("SCN094", node.count?.span ?? node.nameSpan, `a task exists 1 to ${taskCountMax} times, not ${count}`);
  }
  const attributes = checkAttributes(c, node.attributes);
  const facts = newFacts();
  c.rootFacts.push(facts);
  const { body, hasForever } = checkBody(c, node.body, { owner: "task", name: node.name, result: noResult, facts });
  if (attributes.irq && hasForever) {
    c.error(
      "SCN094",
      node.nameSpan,
      "an irq task ends: forever does not stand in it; write `task NAME[2] irq` for two interrupts",
    );
  }
  c.tasks.push({ name: node.name, count: count ?? 1, attributes, body, hasForever, span: node.nameSpan });
}

function checkAttributes(c: CheckContext, list: readonly TaskAttributeSyntax[]): TaskAttributes {
  let attributes: TaskAttributes = { irq: false, nice: 0, cpus: null };
  const seen = new Set<string>();
  for (const each of list) {
    if (seen.has(each.name)) c.error("SCN094", each.span, `\`${each.name}\` occurs twice`);
    seen.add(each.name);
    attributes = { ...attributes, ...checkAttribute(c, each) };
  }
  return attributes;
}

function checkAttribute(c: CheckContext, each: TaskAttributeSyntax): Partial<TaskAttributes> {
  const { name, argument, span } = each;
  if (name === "irq") {
    if (argument !== null) c.error("SCN094", span, "irq takes no argument");
    return { irq: true };
  }
  if (name === "nice") {
    const nice = /^-?[0-9]{1,3}$/.test(argument ?? "") ? Number(argument) : NaN;
    if (nice >= -20 && nice <= 19) return { nice };
    c.error("SCN094", span, "nice takes a number from -20 to 19: nice(0)");
    return {};
  }
  if (name === "cpu") {
    const cpus = cpuList(argument ?? "");
    if (cpus !== null) return { cpus };
    c.error("SCN094", span, `cpu takes numbers and ranges up to ${cpuMax}: cpu(0..3) or cpu(0,2)`);
    return {};
  }
  const near = nearestName(name, ["irq", "nice", "cpu"]);
  const hint = near === null ? "; there are irq, nice(n), cpu(a..b)" : `; did you mean \`${near}\`?`;
  // The span covers the argument too; only the name is replaced.
  const nameSpan = { ...span, end: span.start + name.length };
  const suggestion = near === null ? null : { span: nameSpan, replacement: near };
  c.report({ code: "SCN094", span, message: `a task has no attribute \`${name}\`${hint}`, suggestion });
  return {};
}

/** `0..3,5` as ascending numbers; null when malformed. */
function cpuList(text: string): readonly number[] | null {
  const cpus = new Set<number>();
  for (const part of text.split(",")) {
    const range = /^([0-9]{1,4})(?:\.\.([0-9]{1,4}))?$/.exec(part);
    if (range === null) return null;
    const [lo, hi] = [Number(range[1]), Number(range[2] ?? range[1])];
    if (lo > hi || hi > cpuMax) return null;
    for (let cpu = lo; cpu <= hi; cpu++) cpus.add(cpu);
  }
  return [...cpus].sort((a, b) => a - b);
}
