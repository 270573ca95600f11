/** The syntax tree: what was written, names unresolved, types unknown. */
import type { Span } from "../../source/span.ts";

export type SyntaxExpr =
  | { readonly kind: "name"; readonly name: string; readonly span: Span }
  | { readonly kind: "number"; readonly text: string; readonly span: Span }
  /** Escapes resolved, adjacent literals joined; without the ending 0. */
  | { readonly kind: "string"; readonly value: string; readonly span: Span }
  | { readonly kind: "character"; readonly value: number; readonly span: Span }
  | { readonly kind: "unary"; readonly op: UnaryOp; readonly operand: SyntaxExpr; readonly span: Span }
  /** `++x`, `x--` ... */
  | {
      readonly kind: "step";
      readonly op: "++" | "--";
      readonly prefix: boolean;
      readonly operand: SyntaxExpr;
      readonly span: Span;
    }
  | {
      readonly kind: "binary";
      readonly op: BinaryOp;
      readonly left: SyntaxExpr;
      readonly right: SyntaxExpr;
      readonly opSpan: Span;
      readonly span: Span;
    }
  /** op "" is plain assignment, else the operator before `=`. */
  | {
      readonly kind: "assign";
      readonly op: BinaryOp | "";
      readonly left: SyntaxExpr;
      readonly right: SyntaxExpr;
      readonly opSpan: Span;
      readonly span: Span;
    }
  /** then is null in GNU's `a ?: b`. */
  | {
      readonly kind: "conditional";
      readonly condition: SyntaxExpr;
      readonly then: SyntaxExpr | null;
      readonly else: SyntaxExpr;
      readonly span: Span;
    }
  | { readonly kind: "comma"; readonly left: SyntaxExpr; readonly right: SyntaxExpr; readonly span: Span }
  | { readonly kind: "cast"; readonly type: TypeName; readonly operand: SyntaxExpr; readonly span: Span }
  | {
      readonly kind: "sizeof";
      readonly operand: SyntaxExpr | TypeName;
      readonly alignment: boolean;
      readonly span: Span;
    }
  | { readonly kind: "call"; readonly callee: SyntaxExpr; readonly args: readonly SyntaxExpr[]; readonly span: Span }
  | {
      readonly kind: "member";
      readonly base: SyntaxExpr;
      readonly name: string;
      readonly nameSpan: Span;
      readonly arrow: boolean;
      readonly span: Span;
    }
  | { readonly kind: "index"; readonly base: SyntaxExpr; readonly index: SyntaxExpr; readonly span: Span }
  | { readonly kind: "compound"; readonly type: TypeName; readonly initialiser: InitialiserList; readonly span: Span }
  | { readonly kind: "statements"; readonly body: readonly SyntaxStatement[]; readonly span: Span }
  /** A type where an argument stands: container_of(p, struct x, m), KMEM_CACHE(struct x, 4). */
  | { readonly kind: "type"; readonly type: TypeName; readonly span: Span }
  /** `5 us`: a value and a unit. */
  | { readonly kind: "time"; readonly value: SyntaxExpr; readonly unit: string; readonly span: Span }
  /** Already reported. */
  | { readonly kind: "error"; readonly span: Span };

export type UnaryOp = "-" | "+" | "~" | "!" | "*" | "&";

export type BinaryOp =
  "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" | "<<" | ">>" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "&&" | "||";

/** Words in front of a declaration. */
export type Specifiers = {
  readonly base: BaseType;
  readonly isTypedef: boolean;
  readonly isStatic: boolean;
  readonly isExtern: boolean;
  readonly isConst: boolean;
  readonly isVolatile: boolean;
  readonly isRacy: boolean;
  readonly span: Span;
};

export type BaseType =
  /** Sorted words: "int unsigned". */
  | { readonly kind: "words"; readonly words: readonly string[]; readonly span: Span }
  | { readonly kind: "named"; readonly name: string; readonly span: Span }
  | {
      readonly kind: "record";
      readonly isUnion: boolean;
      readonly tag: string | null;
      readonly members: readonly MemberDeclaration[] | null;
      readonly span: Span;
    }
  | {
      readonly kind: "enum";
      readonly tag: string | null;
      readonly enumerators: readonly EnumeratorSyntax[] | null;
      readonly span: Span;
    }
  | { readonly kind: "typeof"; readonly operand: SyntaxExpr | TypeName; readonly span: Span }
  | { readonly kind: "auto"; readonly span: Span }
  | { readonly kind: "error"; readonly span: Span };

export type EnumeratorSyntax = { readonly name: string; readonly value: SyntaxExpr | null; readonly span: Span };

export type MemberDeclaration = {
  readonly specifiers: Specifiers;
  /** Empty for an anonymous struct or union. */
  readonly declarators: readonly Declarator[];
  readonly span: Span;
};

/** What is wrapped around the base type, in the order of application. */
export type Derivation =
  | { readonly kind: "pointer"; readonly isVolatile: boolean; readonly isConst: boolean }
  /** size null: `[]`. */
  | { readonly kind: "array"; readonly size: SyntaxExpr | null; readonly span: Span }
  | { readonly kind: "function"; readonly parameters: readonly ParameterSyntax[]; readonly span: Span };

export type ParameterSyntax = { readonly specifiers: Specifiers; readonly declarator: Declarator; readonly span: Span };

export type Declarator = {
  /** Null in an abstract declarator. */
  readonly name: string | null;
  readonly span: Span;
  readonly derivations: readonly Derivation[];
  readonly isRacy: boolean;
  readonly stub: StubSyntax | null;
  /** `__free(x)` or `__cleanup(f)` behind the name: the function that is called with its address when its scope is left. */
  readonly cleanup?: { readonly function: string; readonly span: Span } | null | undefined;
};

/** `__stub` (no bounds) or `__stub(lo, hi)`. */
export type StubSyntax = { readonly lo: SyntaxExpr | null; readonly hi: SyntaxExpr | null; readonly span: Span };

export type TypeName = {
  readonly kind: "type-name";
  readonly specifiers: Specifiers;
  readonly declarator: Declarator;
  readonly span: Span;
};

export type Initialiser = { readonly kind: "value"; readonly value: SyntaxExpr; readonly span: Span } | InitialiserList;

export type InitialiserList = {
  readonly kind: "list";
  readonly items: readonly InitialiserItem[];
  readonly span: Span;
};

export type InitialiserItem = {
  readonly designators: readonly Designator[];
  readonly value: Initialiser;
  readonly span: Span;
};

export type Designator =
  | { readonly kind: "member"; readonly name: string; readonly span: Span }
  /** `[lo]` or GNU's `[lo ... hi]`. */
  | { readonly kind: "index"; readonly lo: SyntaxExpr; readonly hi: SyntaxExpr | null; readonly span: Span };

export type InitDeclarator = { readonly declarator: Declarator; readonly initialiser: Initialiser | null };

export type DeclarationSyntax = {
  readonly kind: "declaration";
  readonly specifiers: Specifiers;
  readonly declarators: readonly InitDeclarator[];
  readonly ghost: boolean;
  readonly span: Span;
};

export type SyntaxStatement =
  | DeclarationSyntax
  | DefineObject
  | { readonly kind: "static-assert"; readonly condition: SyntaxExpr; readonly span: Span }
  | { readonly kind: "expression"; readonly expression: SyntaxExpr; readonly span: Span }
  | { readonly kind: "empty"; readonly span: Span }
  | { readonly kind: "block"; readonly body: readonly SyntaxStatement[]; readonly span: Span }
  | {
      readonly kind: "if";
      readonly condition: SyntaxExpr;
      readonly then: SyntaxStatement;
      readonly else: SyntaxStatement | null;
      readonly span: Span;
    }
  | { readonly kind: "while"; readonly condition: SyntaxExpr; readonly body: SyntaxStatement; readonly span: Span }
  | { readonly kind: "do-while"; readonly body: SyntaxStatement; readonly condition: SyntaxExpr; readonly span: Span }
  | {
      readonly kind: "for";
      readonly initial: SyntaxStatement | null;
      readonly condition: SyntaxExpr | null;
      readonly advance: SyntaxExpr | null;
      readonly body: SyntaxStatement;
      readonly span: Span;
    }
  | { readonly kind: "switch"; readonly value: SyntaxExpr; readonly body: SyntaxStatement; readonly span: Span }
  | { readonly kind: "case"; readonly lo: SyntaxExpr; readonly hi: SyntaxExpr | null; readonly span: Span }
  | { readonly kind: "default"; readonly span: Span }
  | { readonly kind: "label"; readonly name: string; readonly span: Span }
  | { readonly kind: "goto"; readonly name: string; readonly nameSpan: Span; readonly span: Span }
  | { readonly kind: "break"; readonly span: Span }
  | { readonly kind: "continue"; readonly span: Span }
  | { readonly kind: "return"; readonly value: SyntaxExpr | null; readonly span: Span }
  | { readonly kind: "atomic"; readonly body: SyntaxStatement; readonly span: Span }
  | { readonly kind: "forever"; readonly body: SyntaxStatement; readonly span: Span }
  | { readonly kind: "ghost"; readonly body: SyntaxStatement; readonly span: Span }
  /** `name(args) { ... }`: span("text") and scoped_guard(); any other name is reported by the checker. */
  | { readonly kind: "headed"; readonly head: SyntaxExpr; readonly body: SyntaxStatement; readonly span: Span }
  | { readonly kind: "error"; readonly span: Span };

/** DEFINE_MUTEX(x) and its kin. */
export type DefineObject = {
  readonly kind: "define-object";
  readonly macro: string;
  readonly name: string;
  readonly nameSpan: Span;
  readonly isStatic: boolean;
  readonly count: SyntaxExpr | null;
  readonly span: Span;
};

export type TopLevel =
  | DeclarationSyntax
  | DefineObject
  | { readonly kind: "static-assert"; readonly condition: SyntaxExpr; readonly span: Span }
  | FunctionSyntax
  | { readonly kind: "init"; readonly body: BlockSyntax; readonly span: Span }
  | TaskSyntax
  | {
      readonly kind: "property";
      readonly word: "always" | "sometimes" | "finally";
      readonly args: readonly SyntaxExpr[];
      readonly span: Span;
    };

export type BlockSyntax = { readonly kind: "block"; readonly body: readonly SyntaxStatement[]; readonly span: Span };

export type FunctionSyntax = {
  readonly kind: "function";
  readonly specifiers: Specifiers;
  readonly declarator: Declarator;
  readonly body: BlockSyntax;
  readonly span: Span;
};

export type TaskSyntax = {
  readonly kind: "task";
  readonly name: string;
  readonly nameSpan: Span;
  readonly count: SyntaxExpr | null;
  readonly attributes: readonly TaskAttributeSyntax[];
  readonly body: BlockSyntax;
  readonly span: Span;
};

export type TaskAttributeSyntax = {
  readonly name: string;
  /** Tokens between the brackets, joined without blanks; null without brackets. */
  readonly argument: string | null;
  readonly span: Span;
};
