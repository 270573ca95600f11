/** What the race check knows of a step before it is made. */
import type { Expr, Node } from "../program/ir.ts";
import { unreachable } from "../source/assert.ts";

type NextAccess = { readonly address: Expr | null; readonly write: boolean; readonly plain: boolean };

/** What the step that begins at a node accesses first. address null: an atomic block, known only by running it. */
export function nextAccess(node: Node): NextAccess | null {
  switch (node.kind) {
    case "load":
    case "store":
      return node.step === "never" ? null : { address: node.address, write: node.kind === "store", plain: node.plain };
    case "begin":
      if (node.assumed) return { address: null, write: true, plain: false };
      return node.touch === null ? null : { address: node.touch.address, write: node.touch.write, plain: false };
    case "assign":
    case "jump":
    case "branch":
    case "guard":
    case "check":
    case "limit":
    case "choose":
    case "note":
    case "use":
    case "forget":
    case "enter-scope":
    case "leave-scope":
    case "allocate":
    case "free":
    case "rcu-leave":
    case "request":
    case "touch":
    case "result":
    case "end":
      return null;
  }
  return unreachable(node);
}
