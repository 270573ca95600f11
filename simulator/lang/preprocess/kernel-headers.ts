/**
 * Which #include lines of pasted kernel code are accepted without being read, and which kits come by themselves.
 * What a header declares is either built in, in a kit, or declared by the user; the line itself says nothing more.
 */
import { indexFile, type SourceFile } from "../../source/span.ts";
import { lexFile } from "./lex.ts";
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

/** Kits that a unit gets without asking: which words say that it needs them, after `struct` or as a call. */
const impliedKits: readonly {
  readonly path: string;
  readonly tags: readonly string[];
  readonly calls: readonly string[];
}[] = [
  {
    path: "linux/list.h",
    tags: ["list_head", "hlist_head", "hlist_node"],
    calls: ["LIST_HEAD", "HLIST_HEAD", "DEFINE_HASHTABLE", "DECLARE_HASHTABLE"],
  },
  { path: "linux/llist.h", tags: ["llist_head", "llist_node"], calls: ["LLIST_HEAD"] },
  { path: "linux/rbtree.h", tags: ["rb_root", "rb_root_cached", "rb_node"], calls: [] },
  { path: "linux/interval_tree_generic.h", tags: [], calls: ["INTERVAL_TREE_DEFINE"] },
  { path: "linux/interval_tree.h", tags: ["interval_tree_node"], calls: [] },
];

const kitWords: readonly { readonly path: string; readonly word: RegExp }[] = [
  { path: "linux/list.h", word: /^(list_|hlist_|hash_(add|del|init|for_each)|INIT_H?LIST_|H?LIST_HEAD)/ },
  { path: "linux/llist.h", word: /^(llist_|init_llist_|LLIST_HEAD)/ },
  { path: "linux/rbtree.h", word: /^(rb_|rbtree_|RB_)/ },
  { path: "mm/interval_tree.h", word: /^(anon_)?vma_interval_tree_/ },
  { path: "linux/interval_tree.h", word: /^interval_tree_/ },
];

/** The kit that a name of the kernel would be in; null for other names. */
export function kitOfWord(name: string): string | null {
  const implied = impliedKits.find(({ tags, calls }) => tags.includes(name) || calls.includes(name));
  return implied?.path ?? kitWords.find(({ word }) => word.test(name))?.path ?? null;
}

const impliedWord = new RegExp(impliedKits.flatMap(({ tags, calls }) => [...tags, ...calls]).join("|"));

/**
 * Paths of the kits that a unit's own texts imply, in the table's order. Kernel code takes struct list_head for
 * granted; a unit that defines the struct itself keeps its own and gets nothing. Linear.
 */
export function impliedKitPaths(files: readonly SourceFile[]): readonly string[] {
  if (!files.some((file) => impliedWord.test(file.text))) return [];
  const used = new Set<string>();
  const defined = new Set<string>();
  for (const file of files) noteWords(lexFile(indexFile(file, { isKit: false }), 0).tokens, { used, defined });
  return impliedKits
    .filter(({ tags, calls }) => {
      const words = [...tags, ...calls];
      return words.some((word) => used.has(word)) && !words.some((word) => defined.has(word));
    })
    .map(({ path }) => path);
}

type Words = { readonly used: Set<string>; readonly defined: Set<string> };

/** Notes `struct x`, `x(`, and which of them are definitions. */
function noteWords(tokens: readonly Token[], { used, defined }: Words): void {
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "identifier") continue;
    const [before, after] = [tokens[index - 1]?.text, tokens[index + 1]?.text];
    if (before === "struct") (after === "{" ? defined : used).add(token.text);
    if (after === "(") (before === "define" ? defined : used).add(token.text);
  }
}
