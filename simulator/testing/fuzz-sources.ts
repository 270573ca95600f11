/**
 * Random and mutated source texts. One seed gives one text; most are damaged programs of the corpus, since random
 * characters alone never get past the first phases.
 */
import { fuzzFamilies } from "./fuzz-families.ts";
import { seededRandom, type Random } from "./fuzz-random.ts";

export type FuzzSource = { readonly kind: string; readonly text: string };

/** Longest text; the language allows 65,536 units, and one over the limit is tried as well. */
const unitsMax = 65_600;
/** Mutated programs are cut to this: most faults show in short texts, and short ones are quick. */
const mutantUnitsMax = 8_000;

type Mutation = (text: string, random: Random, corpus: readonly string[]) => string;

const characters = [
  ..."\u0000 \u0001 \u007f \r \ufeff \u00a0 \u2028 \ud800 \udfff \u201c \u2019 \u2013 \u00e9 \u4e2d \ud83d\ude00".split(
    " ",
  ),
  ..."( ) { } [ ] ; , : ? # ## \" ' /* */ // \\ \\\n & && -> . = == ++ -- ... @ $ ` ~ ^ % < << ! |".split(" "),
];

const fragments = [
  "#if 1\n", "#else\n", "#endif\n", "#define N N N\n", "#define F(x, ...) x ## __VA_ARGS__ #x\n", "#include <x>\n", "#include <linux/list.h>\n",
  "#undef N\n", "struct", "union {", "enum { A, B }", "typedef ", "static ", "const ", "volatile ", "sizeof", "sizeof(struct ", "typeof(", "case 1:",
  "case 1 ... 5:", "default:", "goto out;", "out:", "return;", "return 1;", "break;", "continue;", "if (", "else ", "while (1) ", "do ", "for (;;) ",
  "switch (x) {", "atomic {", "forever {", "ghost ", "choose(0, 1)", "choose(0, 1000000000)", "await(", "await(0);", "assert(", "task t { ", "init { ", "always(",
  "sometimes(0);", "finally(1);", "note(", "guard(mutex)(&", "({ ", " })", "__stub", "__stub(0, 9)", "0x", "1.5", "99999999999", "-2147483648 / -1", "1 << 31",
  "/ 0", "% 0", "[0 ... 9] = ", ".x = ", "container_of(", "kmalloc(sizeof(*p), GFP_KERNEL)", "kfree(p);", "READ_ONCE(", "int (*f)(int)", "= { 0 }", "int a[65536];",
  "int a[-1];", "*(int *)0 = 1;", "spin_lock(", "spin_unlock(", "mutex_lock(&m);", "rcu_read_lock();", "synchronize_rcu();", "schedule();", "wait_event(q, x);", "me", "NULL", "__LINE__",
  "f(f(f(1)))", "p->next->next", "x++", "x = x", "10us", "sleep(1ms);", "work(exp(1us));", "span(\"a\") {", "//| recursion: 100\n", "//| oom: on\n", "//| races: note\n",
  "//| signals: on\n", "//| warn: note\n", "a".repeat(300), "9".repeat(80), "\"" + "s".repeat(300) + "\"", "(".repeat(201), "{".repeat(199), "*".repeat(30),
]; // prettier-ignore

function at(text: string, random: Random): number {
  return random.below(text.length + 1);
}

function splice(text: string, from: number, remove: number, insert: string): string {
  return text.slice(0, from) + insert + text.slice(from + remove);
}

/** Words, numbers, and single other characters, with where they stand. */
function tokensOf(text: string): readonly { readonly start: number; readonly end: number }[] {
  return [...text.matchAll(/[A-Za-z_0-9]+|[^\sA-Za-z_0-9]/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
}

function onToken(edit: (token: string, random: Random, others: () => string) => string): Mutation {
  return (text, random) => {
    const tokens = tokensOf(text);
    if (tokens.length === 0) return text;
    const textOf = (token: { readonly start: number; readonly end: number }): string =>
      text.slice(token.start, token.end);
    const token = random.pick(tokens);
    const replaced = edit(textOf(token), random, () => textOf(random.pick(tokens)));
    return splice(text, token.start, token.end - token.start, replaced);
  };
}

const mutations: readonly (readonly [string, Mutation])[] = [
  ["byte", (text, random) => splice(text, at(text, random), 1, String.fromCharCode(random.below(256)))],
  ["bit", (text, random) => {
    const where = at(text, random);
    return splice(text, where, 1, String.fromCharCode(text.charCodeAt(where) ^ (1 << random.below(7)) || 0));
  }],
  ["character", (text, random) => splice(text, at(text, random), random.below(2), random.pick(characters))],
  ["fragment", (text, random) => splice(text, at(text, random), random.below(3) === 0 ? random.below(40) : 0, random.pick(fragments))],
  ["cut", (text, random) => splice(text, at(text, random), random.below(200), "")],
  ["end", (text, random) => text.slice(0, at(text, random))],
  ["repeat", (text, random) => {
    const from = at(text, random);
    const part = text.slice(from, from + random.below(80));
    return splice(text, from, 0, part.repeat(1 + random.below(30)));
  }],
  ["token deleted", onToken(() => "")],
  ["token doubled", onToken((token) => `${token} ${token}`)],
  ["token replaced", onToken((_, __, other) => other())],
  ["token replaced again", onToken((_, __, other) => other())],
  ["number changed", (text, random) => {
    const numbers = [...text.matchAll(/\b[0-9]+\b/g)];
    if (numbers.length === 0) return text;
    const number = random.pick(numbers);
    const values = ["0", "1", "-1", "2", "64", "65", "200", "255", "4096", "65536", "2147483647", "4294967295", "4294967296", "0x7fffffffu", "'a'"];
    return splice(text, number.index, number[0].length, random.pick(values));
  }],
  ["tokens swapped", (text, random) => {
    const tokens = tokensOf(text);
    const index = random.below(Math.max(1, tokens.length - 1));
    const [a, b] = [tokens[index], tokens[index + 1]];
    if (a === undefined || b === undefined) return text;
    return text.slice(0, a.start) + text.slice(b.start, b.end) + text.slice(a.end, b.start) + text.slice(a.start, a.end) + text.slice(b.end);
  }],
  ["line moved", (text, random) => {
    const lines = text.split("\n");
    const [line = ""] = lines.splice(random.below(lines.length), 1);
    lines.splice(random.below(lines.length + 1), 0, line);
    return lines.join("\n");
  }],
  ["lines of another", (text, random, corpus) => {
    const lines = random.pick(corpus).split("\n");
    const from = random.below(lines.length);
    const into = text.split("\n");
    into.splice(random.below(into.length + 1), random.below(4), ...lines.slice(from, from + 1 + random.below(20)));
    return into.join("\n");
  }],
  ["halves", (text, random, corpus) => {
    const other = random.pick(corpus);
    return text.slice(0, at(text, random)) + other.slice(at(other, random));
  }],
  ["line ends", (text, random) => text.replaceAll("\n", random.pick(["\r\n", "\r", "\n\n", "\\\n", " "]))],
  ["wrapped", (text, random) => random.pick(["#define F(x) x\nF(", "#if 0\n", "atomic {", "task w { ", "init { ", "struct s { ", "({ "]) + text + random.pick([")", "}", "\n#endif", "})", ""])],
  ["renamed", (text, random) => {
    const words = [...text.matchAll(/\b[a-z_]{2,}\b/g)];
    if (words.length === 0) return text;
    const [from, to] = [random.pick(words)[0], random.pick(words)[0]];
    return text.replaceAll(new RegExp(`\\b${from}\\b`, "g"), to);
  }],
]; // prettier-ignore

/** A program of the corpus with 1 to 8 mutations. */
function mutant(corpus: readonly string[], random: Random): FuzzSource {
  let text = random.pick(corpus).slice(0, mutantUnitsMax);
  const names: string[] = [];
  const rounds = 1 + random.below(random.pick([1, 3, 8]));
  for (let round = 0; round < rounds; round += 1) {
    const [name, mutate] = random.pick(mutations);
    text = mutate(text, random, corpus).slice(0, unitsMax);
    names.push(name);
  }
  return { kind: names.join(", "), text };
}

/** Fragments, words and characters without any plan. */
function salad(corpus: readonly string[], random: Random): FuzzSource {
  const parts: string[] = [];
  const count = 1 + random.below(200);
  const words = tokensOf(random.pick(corpus)).length > 0 ? random.pick(corpus).split(/\s+/) : [];
  for (let part = 0; part < count; part += 1) {
    const from = random.below(4);
    if (from === 0 || words.length === 0) parts.push(random.pick(fragments));
    else if (from === 1) parts.push(random.pick(characters));
    else parts.push(random.pick(words));
  }
  return { kind: "salad", text: parts.join(random.pick(["", " ", "\n"])).slice(0, unitsMax) };
}

/** A hostile family at a random length, some of them damaged. */
function hostile(corpus: readonly string[], random: Random): FuzzSource {
  const family = random.pick(fuzzFamilies);
  const text = family.make(random.pick([200, 1_000, 4_000, 16_000]));
  if (random.below(2) === 0) return { kind: family.name, text };
  const [name, mutate] = random.pick(mutations);
  return { kind: `${family.name}, ${name}`, text: mutate(text, random, corpus).slice(0, unitsMax) };
}

/**
 * The text of a seed.
 *
 * @param corpus programs to damage; at least one
 */
export function fuzzSource(seed: number, corpus: readonly string[]): FuzzSource {
  const random = seededRandom(seed);
  const choice = random.below(20);
  if (choice === 0) return salad(corpus, random);
  if (choice <= 2) return hostile(corpus, random);
  return mutant(corpus, random);
}

/** The programs in a notebook's cells, for a corpus. */
export function cellsOfNotebook(notebook: string): readonly string[] {
  return [...notebook.matchAll(/^```scn[^\n]*\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? "");
}
