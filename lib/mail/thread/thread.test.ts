import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupFreshMails, planThread } from "./thread-groups.ts";
import type { LightMail } from "./thread-groups.ts";
import { buildTree, namedIds, partitionThreads } from "./thread.ts";
import type { ThreadMail } from "./thread.ts";

const id = fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h");
const mails = fc.uniqueArray(
  fc.record({
    messageId: id,
    references: fc.array(id, { maxLength: 3 }),
    inReplyTo: fc.array(id, { maxLength: 1 }),
    sentAtMs: fc.nat(20),
  }),
  {
    selector: (mail) => mail.messageId,
    maxLength: 8,
  },
);

/** Flooding the graph of "names": the definition, without any cleverness. */
function floodedThreads(all: readonly ThreadMail[]): string[] {
  const names = (mail: ThreadMail): Set<string> => new Set(namedIds(mail));
  const left = new Set(all);
  const threads: string[] = [];
  for (const start of all) {
    if (!left.delete(start)) continue;
    const members = [start];
    const ids = names(start);
    for (let grown = true; grown;) {
      grown = false;
      for (const mail of left) {
        if (![...names(mail)].some((name) => ids.has(name))) continue;
        left.delete(mail);
        members.push(mail);
        for (const name of names(mail)) ids.add(name);
        grown = true;
      }
    }
    threads.push(
      members
        .map((mail) => mail.messageId)
        .sort()
        .join(),
    );
  }
  return threads.sort();
}

const keysOf = (threads: readonly (readonly ThreadMail[])[]): string[] =>
  threads
    .map((members) =>
      members
        .map((mail) => mail.messageId)
        .sort()
        .join(),
    )
    .sort();

describe("threads", () => {
  it("are the connected components of who names whom", () => {
    fc.assert(
      fc.property(mails, (all) => {
        expect(keysOf(partitionThreads(all))).toEqual(floodedThreads(all));
      }),
      { numRuns: 2000 },
    );
  });

  it("come out the same when mails arrive one by one, in any order", () => {
    fc.assert(
      fc.property(mails, fc.infiniteStream(fc.nat(5)), (all, sizes) => {
        expect(keysOf(arriveInBatches(all, sizes))).toEqual(keysOf(partitionThreads(all)));
      }),
      { numRuns: 1000 },
    );
  });

  it("have a tree that holds every mail and ghost once, parents first, without cycles", () => {
    fc.assert(
      fc.property(mails, fc.dictionary(id, fc.option(id)), (all, corrections) => {
        for (const thread of partitionThreads(all)) {
          const { nodes } = buildTree(thread, new Map(Object.entries(corrections)));
          const placed = new Set<string>();
          for (const node of nodes) {
            expect(placed.has(node.messageId)).toBe(false);
            if (node.parent !== null) expect(placed.has(node.parent)).toBe(true);
            placed.add(node.messageId);
          }
          for (const mail of thread) for (const name of namedIds(mail)) expect(placed.has(name)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("parse again exactly what is new and what stands below it", () => {
    const light = (messageId: string, rowId: number, references: string[]): LightMail => ({
      messageId,
      rowId,
      references,
      inReplyTo: [],
      sentAtMs: rowId,
      subject: messageId,
    });
    const all = [
      light("root", 1, []),
      light("left", 2, ["root"]),
      light("below", 3, ["root", "late"]),
      light("late", 4, ["root"]),
    ];
    const plan = planThread({ mails: all, freshRowIds: new Set([4]), parents: new Map() });
    expect([...plan.toParse].sort()).toEqual([3, 4]);
  });
});

/** The database import's bookkeeping, in memory. */
function arriveInBatches(all: readonly ThreadMail[], sizes: Iterable<number>): ThreadMail[][] {
  const threads = new Map<number, ThreadMail[]>();
  const entries = new Map<string, number>();
  let nextThread = 1;
  let at = 0;
  for (const size of sizes) {
    if (at >= all.length) break;
    const batch = all.slice(at, (at += size + 1)).map((mail, i) => ({ ...mail, rowId: i, subject: "" }));
    for (const group of groupFreshMails(batch, { entries, parents: new Map() })) {
      const threadId = group.threadIds[0] ?? nextThread++;
      const members = [...group.threadIds.flatMap((old) => threads.get(old) ?? []), ...group.fresh];
      for (const old of group.threadIds) threads.delete(old);
      threads.set(threadId, members);
      for (const mail of members) for (const name of namedIds(mail)) entries.set(name, threadId);
    }
  }
  return [...threads.values()];
}
