/** Labels and goto: names are per body, and no jump leads into a guard or atomic block from outside. */
import type { CheckContext, LabelDraft } from "./context.ts";
import { nearestName } from "../../source/edit-distance.ts";
import type { SyntaxStatement } from "../parse/syntax.ts";
import type { Statement } from "../tree.ts";
import type { Span } from "../../source/span.ts";

type Node<K extends SyntaxStatement["kind"]> = Extract<SyntaxStatement, { kind: K }>;

function labelDraft(c: CheckContext, name: string, span: Span): LabelDraft {
  const labels = c.body?.labels;
  const known = labels?.get(name);
  if (known !== undefined) return known;
  const draft: LabelDraft = { label: c.newLabel(name, span), definedAt: null, regions: [], gotos: [] };
  labels?.set(name, draft);
  return draft;
}

/** `name:` */
export function defineLabel(c: CheckContext, node: Node<"label">): readonly Statement[] {
  const draft = labelDraft(c, node.name, node.span);
  if (draft.definedAt !== null) {
    const notes = [{ span: draft.definedAt, message: "the first one is here" }];
    c.report({ code: "SCN048", span: node.span, message: `label \`${node.name}\` occurs twice in this body`, notes });
    return [];
  }
  draft.definedAt = node.span;
  draft.regions = [...(c.body?.regions ?? [])];
  return [{ kind: "label", label: draft.label, span: node.span }];
}

/** `goto name;` */
export function gotoLabel(c: CheckContext, node: Node<"goto">): Statement {
  const draft = labelDraft(c, node.name, node.nameSpan);
  draft.gotos.push({ span: node.nameSpan, regions: [...(c.body?.regions ?? [])] });
  if (c.mode.ghost) c.error("SCN092", node.span, "goto does not stand in a ghost statement");
  return { kind: "goto", label: draft.label, span: node.span };
}

/** Reports jumps without a target and jumps into regions; to be called at the end of each body. */
export function checkLabels(c: CheckContext): void {
  const labels = c.body?.labels ?? new Map<string, LabelDraft>();
  const defined = [...labels].filter(([, draft]) => draft.definedAt !== null).map(([name]) => name);
  for (const [name, draft] of labels) {
    for (const jump of draft.gotos) {
      if (draft.definedAt === null) reportUnknown(c, { name, span: jump.span, defined });
      else checkEntry(c, draft, jump);
    }
  }
}

function reportUnknown(
  c: CheckContext,
  from: { readonly name: string; readonly span: Span; readonly defined: readonly string[] },
): void {
  const near = nearestName(from.name, from.defined);
  c.report({
    code: "SCN047",
    span: from.span,
    message: `there is no label \`${from.name}\` in this body${near === null ? "" : `; did you mean \`${near}\`?`}`,
    suggestion: near === null ? null : { span: from.span, replacement: near },
  });
}

function checkEntry(c: CheckContext, draft: LabelDraft, jump: LabelDraft["gotos"][number]): void {
  const entered = draft.regions.find((region) => !jump.regions.some((each) => each.id === region.id));
  if (entered === undefined) return;
  const what = entered.what === "guard" ? "the range of a guard" : "an atomic block";
  c.report({
    code: "SCN082",
    span: jump.span,
    message: `this goto jumps into ${what}, which must be entered at its top`,
    notes: [{ span: entered.span, message: "it begins here" }],
  });
}
