import { describe, expect, it } from "vitest";
import { DiagnosticSink } from "../../source/diagnostic.ts";
import { indexFile } from "../../source/span.ts";
import { preprocess } from "./preprocess.ts";

/** Texts of the tokens that come out, joined by blanks; diagnostics' codes behind a bar. */
function run(text: string, constants: Record<string, number> = {}): string {
  const sources = { files: [indexFile({ name: "t.scn", text, firstLine: 1 }, { isKit: false })] };
  const sink = new DiagnosticSink(sources);
  const kit = (path: string): string | null => (path === "a/b.h" ? "int from_kit;\n" : null);
  const { tokens } = preprocess({ sources, constants: new Map(Object.entries(constants)), kit, sink });
  const codes = sink.sorted().map((each) => each.code);
  const out = tokens.slice(0, -1).map((token) => token.text);
  return [...out, ...(codes.length === 0 ? [] : ["|", ...codes])].join(" ");
}

describe("macro expansion (C11 6.10.3)", () => {
  it("follows the standard's example 3", () => {
    const text = `#define x 3
#define f(a) f(x * (a))
#undef x
#define x 2
#define g f
#define z z[0]
#define h g(~
#define m(a) a(w)
#define w 0,1
#define t(a) a
f(y+1) + f(f(z)) % t(t(g)(0) + t)(1);
g(x+(3,4)-w) | h 5) & m
(f)^m(m);
`;
    const expected = `f(2 * (y+1)) + f(2 * (f(2 * (z[0])))) % f(2 * (0)) + t(1);
f(2 * (2+(3,4)-0,1)) | f(2 * (~ 5)) & f(2 * (0,1))^m(0,1);`;
    expect(run(text).replace(/\s/g, "")).toBe(expected.replace(/\s/g, ""));
  });

  it("follows the standard's example 5 on ## and empty arguments", () => {
    const text =
      "#define t(x,y,z) x ## y ## z\nint j[] = { t(1,2,3), t(,4,5), t(6,,7), t(8,9,), t(10,,), t(,11,), t(,,12), t(,,) };\n";
    expect(run(text)).toBe("int j [ ] = { 123 , 45 , 67 , 89 , 10 , 11 , 12 , } ;");
  });

  it("stringifies as written and expands through one more macro", () => {
    expect(run('#define S(x) #x\n#define X(x) S(x)\n#define N 4\nS(N + "a\\n") X(N  +1)\n')).toBe(
      '"N + \\"a\\\\n\\"" "4 +1"',
    );
  });

  it("drops the comma of an empty variable argument list", () => {
    expect(run("#define P(f, a...) p(f, ## a)\nP(1) P(1, 2, 3)\n")).toBe("p ( 1 ) p ( 1 , 2 , 3 )");
  });

  it("leaves the name of a function macro alone without arguments", () => {
    expect(run("#define F(x) <x>\nF F (1) F\n(2)\n")).toBe("F < 1 > < 2 >");
  });
});

describe("conditionals", () => {
  it("compare constants, and treat && || and ?: as C does", () => {
    expect(run("#if (A + 1) * 2 == 6 && (B ? 0 : 1) || 1 / (A - 2 || 1)\nyes\n#endif\n", { A: 2, B: 0 })).toBe("yes");
  });

  it("take exactly one branch, also when nested in a skipped one", () => {
    const text = "#if 0\n#if 1\na\n#else\nb\n#endif\n#elif 1\nc\n#elif 1\nd\n#else\ne\n#endif\n";
    expect(run(text)).toBe("c");
  });

  it("say nothing about characters in skipped lines", () => {
    expect(run("#if 0\ndon't @ \u0000\n#endif\nx\n")).toBe("x");
  });

  it("know whether an option is enabled", () => {
    const text =
      "IS_ENABLED(CONFIG_A) IS_ENABLED(CONFIG_B) IS_ENABLED(CONFIG_C)\n#if IS_ENABLED(CONFIG_A)\nyes\n#endif\n";
    expect(run(text, { CONFIG_A: 1, CONFIG_B: 0 })).toBe("1 0 0 yes");
  });
});

describe("predefined constants", () => {
  it("stay one operand when negative", () => {
    expect(run("1-N", { N: -3 })).toBe("1 - ( - 3 )");
    expect(run("N M", { N: -2147483648, M: 4294967295 })).toBe("( - 2147483647 - 1 ) 4294967295u");
  });
});

describe("kits", () => {
  it("are included once", () => {
    expect(run("#include <a/b.h>\n#include <a/b.h>\nx\n")).toBe("int from_kit ; x");
  });

  it("that do not exist are named", () => {
    expect(run("#include <c.h>\n")).toBe("| SCN012");
  });
});

describe("lines", () => {
  it("are joined by a backslash, also inside a word and with CR LF", () => {
    expect(run("int ab\\\ncd = 1 + \\\r\n 2;\n")).toBe("int abcd = 1 + 2 ;");
  });
});
