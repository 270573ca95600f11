/** Reads what stands behind #define. */
import type { Report } from "../../source/diagnostic.ts";
import type { Span } from "../../source/span.ts";
import { isPunctuator, type Token } from "./token.ts";

export type Macro = {
  readonly name: string;
  /** Null for an object-like macro. */
  readonly parameters: readonly string[] | null;
  /** The last parameter takes all further arguments. */
  readonly variadic: boolean;
  readonly body: readonly Token[];
  /** Of its name; null for predefined constants. */
  readonly span: Span | null;
  /** Not written by the user: a parameter, variant define or hunk switch ("constant"), or what the expander computes. */
  readonly origin: "source" | "constant" | "is-enabled" | "line" | "file" | "counter";
};

export type DefinitionOutcome =
  { readonly kind: "macro"; readonly macro: Macro } | { readonly kind: "malformed"; readonly report: Report };

type Parameters = {
  readonly names: readonly string[] | null;
  readonly variadic: boolean;
  /** Where the body begins. */
  readonly bodyAt: number;
};

/** Reads `NAME body` or `NAME(a, b) body`. */
export function readDefinition(rest: readonly Token[], directive: Span): DefinitionOutcome {
  const name = rest[0];
  if (name?.kind !== "identifier") return malformed(name?.span ?? directive, "#define needs a name");
  if (name.text === "defined") return malformed(name.span, "`defined` cannot be a macro");
  const parameters = readParameters(rest, name);
  if ("code" in parameters) return { kind: "malformed", report: parameters };
  const body = rest.slice(parameters.bodyAt);
  const problem = bodyProblem(body, parameters);
  if (problem !== null) return { kind: "malformed", report: problem };
  const { names, variadic } = parameters;
  return {
    kind: "macro",
    macro: { name: name.text, parameters: names, variadic, body, span: name.span, origin: "source" },
  };
}

function malformed(span: Span, message: string): DefinitionOutcome {
  return { kind: "malformed", report: { code: "SCN011", span, message } };
}

function readParameters(rest: readonly Token[], name: Token): Parameters | Report {
  const open = rest[1];
  if (open === undefined || !isPunctuator(open, "(") || open.spaced) return { names: null, variadic: false, bodyAt: 1 };
  const names = new Set<string>();
  const bad = (token: Token | undefined): Report => ({
    code: "SCN011",
    span: token?.span ?? name.span,
    message: `the parameters of macro \`${name.text}\` are malformed: names, commas and ) are expected`,
  });
  let at = 2;
  if (rest[at] !== undefined && isPunctuator(rest[at] ?? name, ")")) return { names: [], variadic: false, bodyAt: 3 };
  for (;;) {
    const token = rest[at];
    if (token === undefined) return bad(token);
    const unnamedRest = isPunctuator(token, "...");
    if (!unnamedRest && token.kind !== "identifier") return bad(token);
    if (names.has(token.text)) return { ...bad(token), message: `macro parameter \`${token.text}\` occurs twice` };
    names.add(unnamedRest ? "__VA_ARGS__" : token.text);
    at += 1;
    const namedRest = !unnamedRest && rest[at] !== undefined && isPunctuator(rest[at] ?? name, "...");
    if (namedRest) at += 1;
    const after = rest[at];
    if (after === undefined) return bad(token);
    at += 1;
    if (isPunctuator(after, ")")) return { names: [...names], variadic: unnamedRest || namedRest, bodyAt: at };
    if (!isPunctuator(after, ",") || unnamedRest || namedRest) return bad(after);
  }
}

function bodyProblem(body: readonly Token[], parameters: Parameters): Report | null {
  const [first] = body;
  const last = body[body.length - 1];
  for (const edge of [first, last]) {
    if (edge !== undefined && isPunctuator(edge, "##")) {
      return { code: "SCN020", span: edge.span, message: "## needs a token on each side" };
    }
  }
  if (parameters.names === null) return null;
  const names = new Set(parameters.names);
  for (const [index, token] of body.entries()) {
    const next = body[index + 1];
    if (!isPunctuator(token, "#")) continue;
    if (next === undefined || next.kind !== "identifier" || !names.has(next.text)) {
      return { code: "SCN020", span: token.span, message: "# must stand before a parameter of the macro" };
    }
  }
  return null;
}

/** Whether a second definition says the same (C11 6.10.3p2): then it is no error. */
export function sameMacro(a: Macro, b: Macro): boolean {
  const text = (macro: Macro): string =>
    JSON.stringify([
      macro.parameters,
      macro.body.map((token, index) => (index > 0 && token.spaced ? " " : "") + token.text),
    ]);
  return a.origin !== "is-enabled" && text(a) === text(b);
}
