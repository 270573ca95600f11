/** What changed between two revisions, block by block: an id that stays is the same cell however much its text changed. */
import { diffArrays } from "diff";
import type { Block, Notebook } from "./types.ts";

export type DiffLine = { readonly kind: " " | "+" | "-"; readonly text: string };

export type CellChange =
  | { readonly kind: "added"; readonly newer: Block }
  | { readonly kind: "removed"; readonly older: Block }
  | { readonly kind: "changed"; readonly older: Block; readonly newer: Block; readonly lines: readonly DiffLine[] }
  /** Same kind and text under another id. */
  | { readonly kind: "renamed"; readonly older: Block; readonly newer: Block }
  | { readonly kind: "same"; readonly older: Block; readonly newer: Block };

/** All blocks of both revisions: in the newer one's order, each removed block behind the block that it followed. */
export function diffNotebooks(older: Pick<Notebook, "blocks">, newer: Pick<Notebook, "blocks">): CellChange[] {
  const pairs = pairBlocks(older.blocks, newer.blocks);
  const changes: CellChange[] = [];
  const paired = new Set(pairs.values());
  const removed = older.blocks.filter((block) => !paired.has(block));
  const takeRemoved = (before: number): void => {
    while (removed[0] !== undefined && removed[0].lineStart < before) {
      changes.push({ kind: "removed", older: removed[0] });
      removed.shift();
    }
  };
  for (const block of newer.blocks) {
    const partner = pairs.get(block);
    if (partner !== undefined) takeRemoved(partner.lineStart);
    changes.push(partner === undefined ? { kind: "added", newer: block } : changeOf(partner, block));
  }
  takeRemoved(Number.POSITIVE_INFINITY);
  return changes;
}

/** newer -> older: by id; then equal text of one kind (a rename); then blocks without id in order of kind. */
function pairBlocks(older: readonly Block[], newer: readonly Block[]): Map<Block, Block> {
  const pairs = new Map<Block, Block>();
  const free = new Set(older);
  const pair = (block: Block, key: (block: Block) => string, index: Map<string, Block[]>): void => {
    const partner = pairs.has(block) ? undefined : index.get(key(block))?.find((candidate) => free.has(candidate));
    if (partner === undefined) return;
    pairs.set(block, partner);
    free.delete(partner);
  };
  const keys: readonly ((block: Block) => string)[] = [
    (block) => `${block.kind} ${block.id ?? ""}\n${block.text}`,
    (block) => (block.id === null ? "" : `${block.kind} ${block.id}`),
    (block) => (block.text.trim() === "" ? "" : `${block.kind}\n${block.text}`),
    (block) => (block.id === null ? block.kind : ""),
  ];
  for (const key of keys) {
    const index = groupBy(older, key);
    for (const block of newer) if (key(block) !== "") pair(block, key, index);
  }
  return pairs;
}

function groupBy(blocks: readonly Block[], key: (block: Block) => string): Map<string, Block[]> {
  const groups = new Map<string, Block[]>();
  for (const block of blocks) {
    const group = groups.get(key(block));
    if (group === undefined) groups.set(key(block), [block]);
    else group.push(block);
  }
  return groups;
}

function changeOf(older: Block, newer: Block): CellChange {
  if (older.text !== newer.text) return { kind: "changed", older, newer, lines: diffLines(older.text, newer.text) };
  return older.id === newer.id ? { kind: "same", older, newer } : { kind: "renamed", older, newer };
}

/** More edits than this are shown as all old lines, then all new ones: the search is quadratic in them. */
const editLengthMax = 2_000;

function diffLines(older: string, newer: string): DiffLine[] {
  const before = older.replace(/\n$/, "").split("\n");
  const after = newer.replace(/\n$/, "").split("\n");
  const parts = diffArrays(before, after, { maxEditLength: editLengthMax });
  if (parts === undefined) return [...before.map((text) => line("-", text)), ...after.map((text) => line("+", text))];
  return parts.flatMap((part) => part.value.map((text) => line(part.added ? "+" : part.removed ? "-" : " ", text)));
}

function line(kind: DiffLine["kind"], text: string): DiffLine {
  return { kind, text };
}
