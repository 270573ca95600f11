/**
 * Families of texts built to be slow, deep or large in a careless compiler. Each makes a text of about the length asked
 * for, so that the times of one family at two lengths can be compared.
 */

export type FuzzFamily = {
  readonly name: string;
  /** A text of about `units` UTF-16 units, never more. */
  readonly make: (units: number) => string;
};

/** Repeats of a part between a head and a tail, as many as fit. The part is told its number and how many there are. */
function repeated(parts: {
  readonly head?: string;
  readonly part: (index: number) => string;
  readonly tail?: string | ((count: number) => string);
  /** Most repeats, where a limit of the language is not what is tried. */
  readonly countMax?: number;
}): (units: number) => string {
  const tailOf = (count: number): string => (typeof parts.tail === "function" ? parts.tail(count) : (parts.tail ?? ""));
  return (units) => {
    const head = parts.head ?? "";
    const body: string[] = [];
    let length = head.length + tailOf(99_999).length;
    for (let index = 0; index < (parts.countMax ?? Infinity); index++) {
      const part = parts.part(index);
      if (length + part.length > units) break;
      body.push(part);
      length += part.length;
    }
    return head + body.join("") + tailOf(body.length);
  };
}

/** As `repeated`, of one text. */
function series(head: string, part: string, tail = ""): (units: number) => string {
  return repeated({ head, part: () => part, tail });
}

const inTask = (part: (index: number) => string, head = ""): ((units: number) => string) =>
  repeated({ head: `${head}task t {\n`, part, tail: "}\n" });

type Named = readonly (readonly [string, (units: number) => string])[];

const bracketFamilies: Named = [
  ["open brackets", series("int x = ", "(")],
  ["open braces", series("task t ", "{")],
  ["open squares", series("int x", "[")],
  ["closed brackets", series("int x = ", ")")],
  ["closed braces", series("task t { } ", "}")],
  ["brackets of 190", inTask((i) => `x = ${"(".repeat(190)}${i}${")".repeat(190)};\n`, "int x;\n")],
  ["braces of 190", inTask(() => `${"{".repeat(190)}x++;${"}".repeat(190)}\n`, "int x;\n")],
  ["calls of 100", inTask((i) => `f(${"f(".repeat(99)}${i}${")".repeat(100)};\n`, "int f(int a) { return a; }\n")],
  ["indices of 90", inTask(() => `a[${"a[".repeat(89)}0${"]".repeat(90)} = 0;\n`, "int a[2];\n")],
  ["unbalanced brackets in statements", inTask(() => "x = (1 + 2;\n", "int x;\n")],
  ["groups in skipped brackets", series("EXPORT_SYMBOL(", "()", ");")],
  ["attribute brackets", series("", "__attribute__((a(b)c)) ", "int x;")],
  ["statement expressions", series("task t { int x = ", "({")],
  ["statement expressions closed", inTask(() => "x = ({ int y = ({ x; }); y + 1; });\n", "int x;\n")],
  ["casts", series("int x = ", "(int)", "1;")],
  ["casts of 180", inTask(() => `x = ${"(int)".repeat(180)}1;\n`, "int x;\n")],
];

const expressionFamilies: Named = [
  ["sum", series("int x = 0", "+1", ";")],
  ["sum of names", series("int x; task t { int a = x", "+x", "; }")],
  ["sums of 190", inTask(() => `x = x${"+x".repeat(190)};\n`, "int x;\n")],
  ["local sums of 190", series("task t {\nint x = 0;\n", `x = x${"+x".repeat(190)};\n`, "}\n")],
  ["conjunctions", inTask(() => `if (x${"&&x".repeat(150)}${"||x".repeat(30)}) x = 0;\n`, "int x;\n")],
  ["assignments", series("task t { int x; ", "x=", "1; }")],
  ["commas", series("task t { int x = 0; x", ",x", "; }")],
  ["conditionals of 150", inTask(() => `x = ${"x?1:".repeat(150)}0;\n`, "int x;\n")],
  ["conditionals of conditions", inTask(() => `x = ${"(x?".repeat(60)}1${":0)".repeat(60)};\n`, "int x;\n")],
  ["unary operators", series("int x = ", "-+!~", "1;")],
  ["member chains", series("struct s { struct s *p; } *x; task t { x", "->p", "; }")],
  ["member chains of 150", inTask(() => `x${"->p".repeat(150)} = x;\n`, "struct s { struct s *p; } *x;\n")],
  ["strings", inTask((i) => `note("text ${i}");\n`)],
  ["string pieces", series("task t { note(", '"ab" ', "); }")],
  ["one long string", series('task t { note("', "a", '"); }')],
  ["escapes", series('task t { note("', "\\n", '"); }')],
  ["numbers", series("int x = ", "9", ";")],
  ["wide constants", inTask((i) => `x = ${i}99999999999;\n`, "int x;\n")],
  ["chains of calls", inTask((i) => `f${i % 7}();\n`, functionChain())],
  ["choices", inTask(() => "x = choose(0, 3);\n", "int x;\n")],
  [
    "sizes",
    inTask((i) => `x = sizeof(struct s) + offsetof(struct s, b) + ${i};\n`, "int x; struct s { int a, b; };\n"),
  ],
];

/** Seven functions, each calling the one before. */
function functionChain(): string {
  const calls = Array.from({ length: 6 }, (_, i) => `static void f${i + 1}(void) { f${i}(); }\n`);
  return `int x;\nstatic void f0(void) { x++; }\n${calls.join("")}`;
}

const statementFamilies: Named = [
  ["else if", series("int x; task t { ", "if (x == 1) x = 2; else ", "; }")],
  ["else if of 60", inTask(() => `${"if (x == 1) x = 2; else ".repeat(60)}x = 3;\n`, "int x;\n")],
  ["nested if", series("task t { ", "if (1) ", "; }")],
  ["nested loops of 60", inTask(() => `${"while (x) ".repeat(60)}x--;\n`, "int x;\n")],
  ["labels", repeated({ head: "int x; task t { ", part: (i) => `l${i}: x++;\n`, tail: "}" })],
  ["labels on one statement", series("task t { ", "a: ", "; }")],
  ["gotos back", repeated({ head: "int x; task t {\nback: x++;\n", part: () => "if (x) goto back;\n", tail: "}" })],
  [
    "gotos ahead",
    repeated({ head: "int x; task t {\n", part: (i) => `if (x == ${i}) goto out;\n`, tail: "out: x = 0; }" }),
  ],
  [
    "gotos and labels",
    repeated({
      head: "int x; task t {\n",
      part: (i) => `if (x) goto m${i + 1};\nm${i}: x++;\n`,
      tail: (count) => `m${count}: x = 0; }`,
    }),
  ],
  ["unknown labels", inTask((i) => `goto nowhere${i};\n`)],
  ["cases", repeated({ head: "int x; task t { switch (x) {\n", part: (i) => `case ${i}: x++; break;\n`, tail: "} }" })],
  [
    "case ranges",
    repeated({
      head: "int x; task t { switch (x) {\n",
      part: (i) => `case ${i * 2} ... ${i * 2 + 1}:\n`,
      tail: "x++; } }",
    }),
  ],
  ["equal cases", repeated({ head: "int x; task t { switch (x) {\n", part: () => "case 1:\n", tail: "x++; } }" })],
  ["switches", inTask(() => "switch (x) { case 1: x = 2; break; case 2: x = 3; default: x = 1; }\n", "int x;\n")],
  ["assignments to globals", inTask((i) => `x = ${i};\n`, "int x;\n")],
  ["assignments to locals", series("task t {\nint x;\n", "x = 7;\n", "}\n")],
  ["locals", inTask((i) => `int v${i} = ${i};\n`)],
  ["locals read", inTask((i) => (i === 0 ? "int v0 = 1;\n" : `int v${i} = v${i - 1} + 1;\n`))],
  ["blocks with locals", inTask((i) => `{ int a = ${i}; int *p = &a; x = *p; }\n`, "int x;\n")],
  ["asserts", inTask((i) => `assert(x != ${i}, "bounded");\n`, "int x;\n")],
  ["awaits", inTask((i) => `await(x >= ${i});\n`, "int x;\n")],
  ["atomic blocks", inTask(() => "atomic { x++; y = x; }\n", "int x, y;\n")],
  ["guards", inTask(() => "{ guard(mutex)(&m); x++; }\n", "int x; DEFINE_MUTEX(m);\n")],
  ["guards in one block", inTask((i) => `guard(mutex)(&m${i % 9}); x++;\n`, locks())],
  ["locks and unlocks", inTask(() => "mutex_lock(&m); x++; mutex_unlock(&m);\n", "int x; DEFINE_MUTEX(m);\n")],
  [
    "rwsem",
    inTask(() => "down_read(&s); x++; up_read(&s); down_write(&s); up_write(&s);\n", "int x; struct rw_semaphore s;\n"),
  ],
  ["rcu", inTask(() => "rcu_read_lock(); x++; rcu_read_unlock(); synchronize_rcu();\n", "int x;\n")],
  ["allocations", inTask(() => "p = kmalloc(sizeof(*p), GFP_KERNEL); kfree(p);\n", "struct s { int a; } *p;\n")],
  ["struct copies", inTask(() => "a = b;\n", "struct s { int c[20]; } a, b;\n")],
  ["wide struct copies", inTask(() => "a = b;\n", "struct s { int c[600]; } a, b;\n")],
  ["memset", inTask(() => "memset(&a, 0, sizeof(a));\n", "struct s { int c[300]; } a;\n")],
  ["ghosts", inTask(() => "ghost g++;\n", "ghost int g;\n")],
  ["notes", inTask((i) => `note(x == ${i}, "n");\n`, "int x;\n")],
];

function locks(): string {
  return `int x;\n${Array.from({ length: 9 }, (_, i) => `DEFINE_MUTEX(m${i});\n`).join("")}`;
}

const callFamilies: Named = [
  ["calls of a small function", inTask(() => "f(1);\n", "int x; static void f(int a) { x += a; }\n")],
  ["calls with results", inTask(() => "x = f(f(f(x)));\n", "int x; static int f(int a) { return a + 1; }\n")],
  [
    "calls by pointer",
    inTask(
      (i) => `p = ${i % 2 ? "f" : "g"}; p();\n`,
      "int x; void f(void) { x++; } void g(void) { x--; } void (*p)(void);\n",
    ),
  ],
  [
    "functions that call the one before twice",
    repeated({
      head: "int x; static void f0(void) { x++; }\n",
      part: (i) => `static void f${i + 1}(void) { f${i}(); f${i}(); }\n`,
      tail: (count) => `task t { f${count}(); }\n`,
    }),
  ],
  [
    "functions that call the one before",
    repeated({
      head: "int x; static void f0(void) { x++; }\n",
      part: (i) => `static void f${i + 1}(void) { f${i}(); }\n`,
      tail: (count) => `task t { f${count}(); }\n`,
    }),
  ],
  [
    "recursion in breadth",
    repeated({
      head: "int x; static void f(int n) {\nx++;\n",
      part: () => "f(n - 1);\n",
      tail: "}\ntask t { f(3); }\n",
    }),
  ],
  [
    "functions",
    repeated({
      head: "",
      part: (i) => `static int f${i}(int a, int b) { return a * b + ${i}; }\n`,
      tail: "task t { f0(1, 2); }\n",
    }),
  ],
  ["functions with no body", repeated({ head: "", part: (i) => `int f${i}(int a);\n`, tail: "task t { f0(1); }\n" })],
  ["functions with no body, all called", repeated({ part: (i) => `void u${i}(void);\n`, tail: "" })],
  ["undefined and called", inTask((i) => `{ void u${i}(void); u${i}(); }\n`)],
  ["parameters", repeated({ head: "void f(int a", part: (i) => `, int p${i}`, tail: ") { }\ntask t { }\n" })],
  ["arguments", repeated({ head: "void f(int a) { }\ntask t { f(1", part: () => ", 1", tail: "); }\n" })],
  ["properties", repeated({ head: "int x; task t { x = 1; }\n", part: (i) => `always(x != ${i + 2}, "p${i}");\n` })],
  ["sometimes", repeated({ head: "int x; task t { x = 1; }\n", part: (i) => `sometimes(x == ${i + 1}, "p${i}");\n` })],
  [
    "properties that call",
    repeated({
      head: "int x; static bool f(int n) { for (int i = 0; i < n; i++) if (x == i) return true; return false; }\ntask t { x = 1; }\n",
      part: (i) => `always(!f(${i}), "p");\n`,
    }),
  ],
  ["tasks", repeated({ head: "int x;\n", part: (i) => `task t${i} { x++; }\n` })],
  ["tasks of many", repeated({ head: "int x;\n", part: (i) => `task t${i}[64] { x++; }\n` })],
  ["inits", repeated({ head: "int x; task t { x++; }\n", part: (i) => `init { x = ${i}; }\n` })],
  [
    "one task fifteen times",
    (units) => `${inTask((i) => `x = ${i} + me;\n`, "int x;\n")(units - 8).replace("task t", "task t[15]")}`,
  ],
];

const declarationFamilies: Named = [
  ["globals", repeated({ part: (i) => `int g${i} = ${i};\n`, tail: "task t { g0 = 1; }\n" })],
  ["globals used", repeated({ part: (i) => `int g${i};\ntask t${i} { }\n` })],
  ["globals in one declaration", repeated({ head: "int g", part: (i) => `, *g${i}`, tail: ";\ntask t { }\n" })],
  ["globals declared twice", repeated({ part: () => "int g = 1;\n" })],
  ["globals of two types", repeated({ part: (i) => (i % 2 ? "int *g;\n" : "int g;\n") })],
  ["tentative globals", series("", "int g;\n", "task t { g = 1; }\n")],
  [
    "typedefs",
    repeated({
      head: "typedef int t0;\n",
      part: (i) => `typedef t${i} t${i + 1};\n`,
      tail: (n) => `t${n} x; task t { x = 1; }\n`,
    }),
  ],
  [
    "pointer typedefs",
    repeated({
      head: "typedef int t0;\n",
      part: (i) => `typedef t${i} *t${i + 1};\n`,
      tail: (n) => `t${n} x; task t { x = 1; }\n`,
    }),
  ],
  [
    "array typedefs",
    repeated({
      head: "typedef int t0;\n",
      part: (i) => `typedef t${i} t${i + 1}[1];\n`,
      tail: (n) => `t${n} x; task t { x = 1; }\n`,
    }),
  ],
  [
    "function typedefs",
    repeated({
      head: "typedef void t0(void);\n",
      part: (i) => `typedef void t${i + 1}(t${i} *f);\n`,
      tail: (n) => `t${n} *x; task t { x = 1; }\n`,
    }),
  ],
  [
    "doubling function types",
    repeated({
      head: "typedef void t0(void);\n",
      part: (i) => `typedef void t${i + 1}(t${i} *f, t${i} *g);\n`,
      tail: (n) => `t${n} *x, *y; task t { x = y; x = 1; }\n`,
    }),
  ],
  [
    "structs of two of the one before",
    repeated({
      head: "struct s0 { int a; };\n",
      part: (i) => `struct s${i + 1} { struct s${i} a, b; };\n`,
      tail: (n) => `struct s${n} x; task t { }\n`,
    }),
  ],
  [
    "empty structs of two of the one before",
    repeated({
      head: "struct s0 { };\n",
      part: (i) => `struct s${i + 1} { struct s${i} a, b; };\n`,
      tail: (n) => `struct s${n} x; task t { }\n`,
    }),
  ],
  [
    "structs of one of the one before",
    repeated({
      head: "struct s0 { int a; };\n",
      part: (i) => `struct s${i + 1} { struct s${i} a; };\n`,
      tail: (n) => `struct s${n} x; task t { }\n`,
    }),
  ],
  [
    "structs",
    repeated({ part: (i) => `struct s${i} { int a; struct s${i} *next; } v${i};\n`, tail: "task t { v0.a = 1; }\n" }),
  ],
  ["members", repeated({ head: "struct s {\n", part: (i) => `int m${i};\n`, tail: "} x;\ntask t { x.m0 = 1; }\n" })],
  ["members all used", (units) => membersUsed(Math.floor(units / 36))],
  ["equal members", series("struct s {\n", "int m;\n", "} x;\ntask t { x.m = 1; }\n")],
  [
    "anonymous members",
    repeated({ head: "struct s {\n", part: (i) => `struct { int m${i}; };\n`, tail: "} x;\ntask t { x.m0 = 1; }\n" }),
  ],
  ["nested anonymous members", (units) => nestedAnonymous(Math.min(190, Math.floor(units / 24)))],
  [
    "union members",
    repeated({ head: "union u {\n", part: (i) => `int m${i};\n`, tail: "} x;\ntask t { x.m0 = 1; }\n" }),
  ],
  ["enumerators", repeated({ head: "enum e {\n", part: (i) => `E${i},\n`, tail: "};\ntask t { int x = E0; }\n" })],
  [
    "enumerators from enumerators",
    repeated({ head: "enum e { E0,\n", part: (i) => `E${i + 1} = E${i} + 1,\n`, tail: "};\ntask t { int x = E0; }\n" }),
  ],
  ["equal enumerators", series("enum e {\n", "E,\n", "};\ntask t { int x = E; }\n")],
  ["array dimensions", series("int a", "[1]", "; task t { }")],
  ["pointers", series("int ", "*", "p; task t { }")],
  ["function declarators", series("int ", "(*", "f")],
  ["specifiers", series("", "unsigned ", "x;")],
  ["qualifiers", series("", "const ", "int x; task t { }")],
  [
    "wide initialiser",
    repeated({ head: "int a[60000] = {\n", part: (i) => `${i},\n`, tail: "};\ntask t { a[0] = 1; }\n" }),
  ],
  [
    "designated initialiser",
    repeated({ head: "int a[60000] = {\n", part: (i) => `[${i}] = ${i},\n`, tail: "};\ntask t { a[0] = 1; }\n" }),
  ],
  [
    "backward initialiser",
    repeated({
      head: "int a[60000] = {\n",
      part: (i) => `[${9999 - (i % 9999)}] = ${i},\n`,
      tail: "};\ntask t { a[0] = 1; }\n",
    }),
  ],
  [
    "range initialisers",
    repeated({ part: (i) => `int a${i}[60000] = { [0 ... 59999] = ${i} };\n`, tail: "task t { }\n" }),
  ],
  [
    "ranges in one initialiser",
    repeated({
      head: "int a[60000] = {\n",
      part: (i) => `[0 ... 59999] = ${i},\n`,
      tail: "};\ntask t { a[0] = 1; }\n",
    }),
  ],
  ["large arrays", repeated({ part: (i) => `int a${i}[65536];\n`, tail: "task t { a0[0] = 1; }\n" })],
  ["large local arrays", inTask((i) => `int a${i}[65536]; a${i}[0] = 1;\n`)],
  [
    "struct initialisers",
    repeated({
      head: "struct s { int a, b; } x[60000] = {\n",
      part: (i) => `{ .b = ${i}, .a = 1 },\n`,
      tail: "};\ntask t { }\n",
    }),
  ],
  ["local initialisers", inTask((i) => `struct s v${i} = { .a = ${i} };\n`, "struct s { int a; int b[20]; };\n")],
  ["compound literals", inTask((i) => `p = &(struct s){ .a = ${i} };\n`, "struct s { int a; } *p;\n")],
  ["initialiser braces", series("int x = ", "{", "1;")],
  ["excess initialisers", series("int x[2] = { ", "1, ", "};\ntask t { }")],
  [
    "typeof chain",
    repeated({ head: "int x0;\n", part: (i) => `typeof(x${i}) x${i + 1};\n`, tail: "task t { x0 = 1; }\n" }),
  ],
  [
    "typeof chain of pointers",
    repeated({ head: "int x0;\n", part: (i) => `typeof(&x${i}) x${i + 1};\n`, tail: "task t { x0 = 1; }\n" }),
  ],
  ["typeof within typeof", series("int x; ", "typeof(", "x")],
  ["static asserts", repeated({ part: (i) => `static_assert(${i} >= 0);\n`, tail: "task t { }\n" })],
  [
    "locks as globals",
    repeated({ part: (i) => `DEFINE_MUTEX(m${i});\n`, tail: "task t { mutex_lock(&m0); mutex_unlock(&m0); }\n" }),
  ],
  [
    "caches",
    repeated({
      head: "struct s { int a; };\n",
      part: (i) => `struct kmem_cache *c${i} = KMEM_CACHE(s, 4);\n`,
      tail: "task t { kmem_cache_alloc(c0, GFP_KERNEL); }\n",
    }),
  ],
];

function membersUsed(count: number): string {
  const members = Array.from({ length: count }, (_, i) => `int m${i};`).join("\n");
  const uses = Array.from({ length: count }, (_, i) => `x.m${i} = x.m${(i * 7) % count};`).join("\n");
  return `struct s {\n${members}\n} x;\ntask t {\n${uses}\n}\n`;
}

function nestedAnonymous(count: number): string {
  return `struct s { ${"struct { ".repeat(count)}int m; ${"}; ".repeat(count)}} x;\ntask t { x.m = 1; }\n`;
}

const preprocessorFamilies: Named = [
  ["macros", repeated({ part: (i) => `#define M${i} ${i}\n`, tail: "int x = M0; task t { x = M0; }\n" })],
  ["macros used", repeated({ part: (i) => `#define M${i} ${i}\nint x${i} = M${i};\n`, tail: "task t { x0 = M0; }\n" })],
  ["macros redefined", repeated({ part: (i) => `#define M ${i}\n` })],
  ["macros undefined", repeated({ part: (i) => `#define M ${i}\n#undef M\n`, tail: "task t { }\n" })],
  [
    "macro chain",
    repeated({
      head: "#define M0 1\n",
      part: (i) => `#define M${i + 1} M${i}\n`,
      tail: (n) => `int x = M${n}; task t { x = M${n}; }\n`,
    }),
  ],
  [
    "macro chain used often",
    repeated({
      head: "#define M0 1\n",
      part: (i) => (i < 100 ? `#define M${i + 1} M${i}\n` : `int x${i} = M100;\n`),
      tail: "task t { }\n",
    }),
  ],
  [
    "macro that doubles",
    repeated({
      head: "#define M0 x\n",
      part: (i) => `#define M${i + 1} M${i} M${i}\n`,
      tail: (n) => `int M${n};\n`,
      countMax: 60,
    }),
  ],
  [
    "arguments that double",
    repeated({
      head: "#define M0(x) x\n",
      part: (i) => `#define M${i + 1}(x) M${i}(x x)\n`,
      tail: (n) => `int M${n}(y);\n`,
      countMax: 40,
    }),
  ],
  ["macro calls within arguments", series("#define F(x) x\nint x = ", "F(")],
  ["macro calls of 150", inTask((i) => `x = ${"F(".repeat(150)}${i}${")".repeat(150)};\n`, "#define F(x) x\nint x;\n")],
  ["macro parameters", repeated({ head: "#define F(p", part: (i) => `, p${i}`, tail: ") 1\ntask t { }\n" })],
  ["macro parameters used", (units) => macroParameters(Math.floor(units / 24))],
  [
    "macro arguments",
    repeated({ head: "#define F(...) 1\nint x = F(0", part: () => ", 1", tail: "); task t { x = 1; }\n" }),
  ],
  ["long macro body", series("#define F ", "+ 1 ", "\nint x = 0 F; task t { x = 1; }\n")],
  ["long macro body used twice", series("#define F ", "x = 1; ", "\nint x; task t { F F }\n")],
  ["pastes", series("#define F a", " ## b", "\nint F; task t { }\n")],
  [
    "growing paste",
    repeated({ head: "#define C(a, b) a ## b\n#define X(a, b) C(a, b)\nint ", part: () => "X(a, ", tail: "" }),
  ],
  ["stringified", inTask((i) => `note(S(a b c ${i}));\n`, "#define S(x) #x\n")],
  [
    "stringified growth",
    repeated({ head: "#define S(x) #x\n#define D(x) S(x x)\ntask t { note(", part: () => "D(", tail: "a" }),
  ],
  ["conditionals", series("", "#if 1\n#endif\n", "task t { }\n")],
  ["open conditionals", series("", "#if 1\n")],
  ["skipped groups", series("", "#if 0\n@ stray ' \u0000\n#endif\n", "task t { }\n")],
  [
    "else groups",
    repeated({ head: "#if 0\n", part: (i) => `#elif N == ${i + 3}\nint x${i};\n`, tail: "#endif\ntask t { }\n" }),
  ],
  ["#if brackets", series("#if ", "(", "\n#endif\n")],
  ["#if sum", series("#if 0", "+1", "\n#endif\ntask t { }\n")],
  ["#if conditionals", series("#if 1", "?1:0", "\n#endif\ntask t { }\n")],
  ["#if unknown names", repeated({ part: (i) => `#if UNKNOWN${i}\n#endif\n`, tail: "task t { }\n" })],
  [
    "#if unknown names beside macros",
    repeated({ part: (i) => `#define KNOWN${i} 1\n#if KNOWM${i}\n#endif\n`, tail: "task t { }\n" }),
  ],
  ["unknown directives", repeated({ part: (i) => `#defin M${i} 1\n` })],
  ["includes of nothing", repeated({ part: (i) => `#include <nothing${i}.h>\n` })],
  ["includes of one kit", series("", "#include <linux/list.h>\n", "task t { }\n")],
  ["line markers", inTask(() => "x = __LINE__;\n", "int x;\n")],
  ["counters", inTask(() => "x = __COUNTER__;\n", "int x;\n")],
  ["file markers", inTask(() => "note(__FILE__);\n")],
  ["continued lines", series("int x\\\n", "\\\n", ";task t { }")],
  ["tokens across lines", inTask(() => "x\\\n= \\\n1;\n", "int x;\n")],
  ["comments", series("", "/* c */ // d\n", "task t { }\n")],
  ["comment stars", series("/*", "*", "")],
  ["comment that is open", series("", "/* ", "")],
  ["open macro calls", inTask((i) => `#define G${i}(x) x\nG${i}(\n#undef A\n`)],
  ["strings in a macro", inTask(() => "note(T);\n", `#define T "${"a".repeat(200)}"\n`)],
];

function macroParameters(count: number): string {
  const names = Array.from({ length: count }, (_, i) => `p${i}`);
  const args = names.map((_, i) => String(i % 10)).join(", ");
  return `#define F(${names.join(", ")}) (${names.join(" + ")})\nint a[] = { 1 };\ntask t { int x = F(${args}); }\n`;
}

const errorFamilies: Named = [
  ["unknown names", inTask((i) => `unknown${i} = 1;\n`)],
  [
    "unknown names beside many known",
    repeated({ head: "int total;\n", part: (i) => `int counter${i};\ntask a${i} { countre${i}++; }\n` }),
  ],
  ["unknown functions", inTask((i) => `unknown${i}(1);\n`)],
  ["unknown types", repeated({ part: (i) => `unknown${i}_t x${i};\n` })],
  ["unknown members", inTask((i) => `x.unknown${i} = 1;\n`, "struct s { int a; } x;\n")],
  ["unknown members of a wide struct", (units) => unknownMembers(Math.floor(units / 40))],
  ["unknown structs", inTask((i) => `struct u${i} v${i};\n`)],
  ["wrong types", inTask(() => "x = &x;\n", "int x;\n")],
  ["wrong types in macros", inTask(() => "BAD;\n", "int x;\n#define BAD x = &x\n")],
  ["missing semicolons", inTask(() => "x = 1\n", "int x;\n")],
  ["syntax errors", inTask(() => "x = = 1;\n", "int x;\n")],
  ["syntax errors in declarations", series("", "int = 3;\n")],
  ["syntax errors in members", series("struct s {\n", "int = 3;\n", "};\n")],
  ["stray characters", series("task t { ", "@ ", "}")],
  ["control characters", series("", "\u0000")],
  ["letters of other scripts", series("int ", "\u00e9", ";")],
  ["emoji", series("int x = ", "\ud83d\ude00", ";")],
  ["lone surrogates", series("int x = ", "\ud83d", ";")],
  ["curly quotes", series("task t { ", "note(\u201ctext\u201d);\n", "}")],
  ["byte order marks", series("", "\ufeff", "task t { }")],
  ["carriage returns", series("", "int x;\r", "task t { }")],
  ["line ends", series("", "\r\n", "task t { }")],
  ["blanks", series("", " ", "task t { }")],
  ["tabs before an error", series("", "\t", "@")],
  ["one long line of errors", (units) => inTask((i) => `u${i}=1; `)(units).replaceAll("\n", " ")],
  ["quotes", series("", '"\\')],
  ["apostrophes", series("task t { ", "' ", "}")],
  ["one long name", series("int ", "a", "; task t { }")],
  ["one long unknown name", series("task t { ", "a", " = 1; }")],
  ["long unknown names", inTask((i) => `${"n".repeat(1_000)}${i} = 1;\n`)],
  ["long member name", series("struct s { int a; } x; task t { x.", "b", " = 1; }")],
  ["long label", series("task t { goto ", "l", "; }")],
  ["long directive", series("#", "d", "\ntask t { }")],
  ["long option", series("//| ", "o", ": 1\ntask t { }")],
  ["options", repeated({ part: (i) => `//| option${i}: 1\n`, tail: "task t { }" })],
  ["casts to unknown types", inTask((i) => `x = (unknown${i}_t *)x;\n`, "int x;\n")],
  ["wrong argument counts", inTask(() => "f(1, 2);\n", "void f(int a) { }\n")],
  ["breaks", inTask(() => "break;\n")],
  ["duplicate labels", inTask(() => "a: ;\n")],
  ["duplicate tasks", series("", "task t { }\n")],
  ["duplicate functions", series("", "void f(void) { }\n", "task t { }")],
  ["impure properties", repeated({ head: "int x; task t { x = 1; }\n", part: () => "always(x++ < 3);\n" })],
  ["not yet", inTask(() => "raise_softirq(1);\n")],
];

function unknownMembers(count: number): string {
  const members = Array.from({ length: count }, (_, i) => `int member${i};`).join("\n");
  const uses = Array.from({ length: count }, (_, i) => `x.membre${i}++;`).join("\n");
  return `struct s {\n${members}\n} x;\ntask t {\n${uses}\n}\n`;
}

/** All families. */
export const fuzzFamilies: readonly FuzzFamily[] = [
  ...bracketFamilies,
  ...expressionFamilies,
  ...statementFamilies,
  ...callFamilies,
  ...declarationFamilies,
  ...preprocessorFamilies,
  ...errorFamilies,
].map(([name, make]) => ({ name, make }));
