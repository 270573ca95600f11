/**
 * Which #include lines of pasted kernel code are accepted without being read, and which kits come by themselves.
 * What a header declares is either built in, in a kit, or declared by the user; the line itself says nothing more.
 */
import { indexFile, type SourceFile } from "../../source/span.ts";
import { lexFile } from "./lex.ts";
import { specifierWords } from "./words.ts";
import type { Token } from "./token.ts";

/** Folders that kernel code includes from in angle brackets (include/ and arch/x/include/ of Linux 6.12). */
const headerFolders: ReadonlySet<string> = new Set(
  (
    "acpi asm asm-generic clocksource crypto cxl drm dt-bindings generated hyperv keys kunit kvm linux math-emu media memory " +
    "misc net pcmcia ras rdma rv scsi soc sound target trace uapi ufs vdso video xen"
  ).split(" "),
);

/**
 * True for a kernel header that is skipped: `<linux/mm.h>`, `<asm/tlb.h>`, and in quotes a file without a folder or of
 * an upper one (`"internal.h"`, `"../sched/sched.h"`). A kit of the path goes first. Others are mistakes.
 */
export function isKernelHeader(path: string, { quoted }: { readonly quoted: boolean }): boolean {
  if (!path.endsWith(".h")) return false;
  if (quoted && (path.startsWith("../") || !path.includes("/"))) return true;
  return headerFolders.has(path.split("/")[0] ?? "");
}

/**
 * Kits that a unit gets without asking: when it says `struct` with one of the tags, or uses one of the words. Null for
 * words: every name that the kit's text defines.
 */
const impliedKits: readonly {
  readonly path: string;
  readonly tags: readonly string[];
  readonly words: readonly string[] | null;
}[] = [
  { path: "linux/kernel.h", tags: [], words: null },
  {
    path: "linux/cleanup.h",
    tags: [],
    words: [
      ..."DEFINE_FREE __free no_free_ptr return_ptr".split(" "),
      ..."retain_and_null_ptr DEFINE_CLASS CLASS DEFINE_GUARD".split(" "),
    ],
  },
  {
    path: "linux/list.h",
    tags: ["list_head", "hlist_head", "hlist_node"],
    words: ["LIST_HEAD", "HLIST_HEAD", "DEFINE_HASHTABLE", "DECLARE_HASHTABLE"],
  },
  { path: "linux/list_bl.h", tags: ["hlist_bl_head", "hlist_bl_node"], words: [] },
  { path: "linux/bit_spinlock.h", tags: [], words: null },
  { path: "linux/lockref.h", tags: ["lockref"], words: [] },
  { path: "linux/kref.h", tags: ["kref"], words: [] },
  { path: "linux/llist.h", tags: ["llist_head", "llist_node"], words: ["LLIST_HEAD"] },
  { path: "linux/rbtree.h", tags: ["rb_root", "rb_root_cached", "rb_node"], words: [] },
  { path: "linux/interval_tree_generic.h", tags: [], words: ["INTERVAL_TREE_DEFINE"] },
  { path: "linux/interval_tree.h", tags: ["interval_tree_node"], words: [] },
];

const kitWords: readonly { readonly path: string; readonly word: RegExp }[] = [
  { path: "linux/list_bl.h", word: /^hlist_bl_/ },
  { path: "linux/lockref.h", word: /^lockref_/ },
  { path: "linux/kref.h", word: /^kref_/ },
  { path: "linux/list.h", word: /^(list_|hlist_|hash_(add|del|init|for_each)|INIT_H?LIST_|H?LIST_HEAD)/ },
  { path: "linux/llist.h", word: /^(llist_|init_llist_|LLIST_HEAD)/ },
  { path: "linux/rbtree.h", word: /^(rb_|rbtree_|RB_)/ },
  { path: "mm/interval_tree.h", word: /^(anon_)?vma_interval_tree_/ },
  { path: "linux/interval_tree.h", word: /^interval_tree_/ },
];

/** The kit that a name of the kernel would be in; null for other names. */
export function kitOfWord(name: string): string | null {
  const implied = impliedKits.find(({ tags, words }) => tags.includes(name) || words?.includes(name) === true);
  return implied?.path ?? kitWords.find(({ word }) => word.test(name))?.path ?? null;
}

/** What the unit's own texts say: which words they use and which they define. */
export type OwnWords = {
  /** Identifiers, `struct x` as "struct x". */
  readonly used: ReadonlySet<string>;
  /** Macros and functions, tags as "struct x". */
  readonly defined: ReadonlySet<string>;
};

/** Reads the words of a unit's texts; nothing when no kit could be meant, which a look at the bare letters tells. Linear. */
export function ownWords(files: readonly SourceFile[], kit: (path: string) => string | null): OwnWords {
  const words = { used: new Set<string>(), defined: new Set<string>() };
  const letters = new Set(files.flatMap((file) => file.text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []));
  const couldMean = impliedKits.some((implied) =>
    [...implied.tags, ...kitWordsOf(implied, kit)].some((word) => letters.has(word)),
  );
  if (!couldMean) return words;
  for (const file of files) noteWords(lexFile(indexFile(file, { isKit: false }), 0).tokens, words);
  return words;
}

function noteWords(
  tokens: readonly Token[],
  { used, defined }: { readonly used: Set<string>; readonly defined: Set<string> },
): void {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.text === "{") depth += 1;
    if (token.text === "}") depth = Math.max(0, depth - 1);
    if (token.kind !== "identifier") continue;
    const [before, after] = [tokens[index - 1], tokens[index + 1]];
    if (before?.text === "struct") (after?.text === "{" ? defined : used).add(`struct ${token.text}`);
    // `int f(` and `*f(` declare f; `static LIST_HEAD(` has no type in front and uses a macro.
    const behindType = before?.text === "*" || (before?.kind === "identifier" && !specifierWords.has(before.text));
    const isFunction = depth === 0 && after?.text === "(" && !token.startsLine && behindType;
    if (before?.text === "define" || isFunction) defined.add(token.text);
    else used.add(token.text);
  }
}

/**
 * Paths of the kits that a unit implies, in the table's order. Kernel code takes struct list_head for granted; a unit
 * that defines the struct itself keeps its own and gets nothing.
 */
export function impliedKitPaths(own: OwnWords, kit: (path: string) => string | null): readonly string[] {
  return impliedKits
    .filter((implied) => {
      const { tags } = implied;
      if (tags.some((tag) => own.defined.has(`struct ${tag}`))) return false;
      const wanted = kitWordsOf(implied, kit);
      return tags.some((tag) => own.used.has(`struct ${tag}`)) || wanted.some((word) => own.used.has(word));
    })
    .map(({ path }) => path);
}

function kitWordsOf(implied: (typeof impliedKits)[number], kit: (path: string) => string | null): readonly string[] {
  return implied.words ?? definedWords(kit(implied.path) ?? "");
}

/** Names of the macros and inline functions at the beginnings of a kit's lines. */
function definedWords(text: string): readonly string[] {
  const macros = [...text.matchAll(/^#define (\w+)/gm)];
  const functions = [...text.matchAll(/^static inline [^(\n]*?(\w+)\(/gm)];
  return [...macros, ...functions].map((match) => match[1] ?? "");
}
