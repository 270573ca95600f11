import { db } from "../../db/client.server.ts";
import type { MessageReference } from "../../message-path.ts";
import type { Viewer } from "../../people/viewer.ts";
import { countRunsByMessage } from "../../review/run-counts.server.ts";
import type { ToneCounts } from "../../review/verdict-words.ts";
import { referenceHash } from "./read-mail.server.ts";
import { treeRows, type TreeRow } from "./read-tree.ts";
import { mailVisibleTo } from "./read-visible.server.ts";

/** A mail or a ghost as the tree shows it. */
export type ThreadMail = {
  readonly messageIdText: string;
  readonly parentIdText: string | null;
  readonly sentAtMs: number | null;
  /** Null for a ghost: named by others, not imported. */
  readonly mail: {
    readonly subject: string;
    readonly title: string;
    readonly fromName: string;
    readonly patchLabel: string | null;
    readonly versionNumber: number | null;
    readonly hasDiff: boolean;
    readonly trailers: readonly string[];
    readonly runs: ToneCounts;
    readonly remarkCount: number;
  } | null;
};

export type ThreadVersion = {
  readonly seriesTitle: string;
  readonly number: number;
  readonly joinReason: string;
  readonly patches: readonly { readonly number: number; readonly title: string; readonly messageIdText: string }[];
  readonly coverIdText: string | null;
};

export type ThreadView = {
  readonly threadId: number;
  readonly subject: string;
  readonly messageCount: number;
  readonly ghostCount: number;
  readonly rows: readonly TreeRow<ThreadMail>[];
  readonly versions: readonly ThreadVersion[];
};

/** The thread that an id belongs to, be it imported or only named; null when nothing here has named it. */
export async function readThread(viewer: Viewer, reference: MessageReference): Promise<ThreadView | null> {
  const entry = await db().threadEntry.findUnique({
    where: { messageIdHash: referenceHash(reference) },
    select: { thread: { select: { id: true, subject: true } } },
  });
  if (!entry) return null;
  const { id: threadId, subject } = entry.thread;
  const mails = await readThreadMails(viewer, threadId);
  if (!mails.some((mail) => mail.mail !== null)) return null;
  return {
    threadId,
    subject,
    messageCount: mails.filter((mail) => mail.mail !== null).length,
    ghostCount: mails.filter((mail) => mail.mail === null).length,
    rows: treeRows(mails),
    versions: await readVersions(viewer, threadId),
  };
}

/** Mail that the viewer may not read stands in the tree as a ghost: its place is known from others, nothing of it is told. */
async function readThreadMails(viewer: Viewer, threadId: number): Promise<readonly ThreadMail[]> {
  const entries = await db().threadEntry.findMany({
    where: { threadId },
    select: { messageIdText: true, parent: { select: { messageIdText: true } }, messageId: true },
  });
  const messages = await db().message.findMany({
    where: { id: { in: entries.flatMap((entry) => entry.messageId ?? []) }, AND: [mailVisibleTo(viewer)] },
    select: {
      id: true,
      subject: true,
      title: true,
      fromName: true,
      fromAddress: true,
      sentAt: true,
      patch: { select: { number: true, version: { select: { number: true, patchCount: true } } } },
      coverOf: { select: { number: true, patchCount: true } },
      trailers: { where: { name: { endsWith: "-by", mode: "insensitive" } }, select: { name: true } },
      _count: { select: { fileDiffs: true, mailedComments: true } },
    },
  });
  const runs = await countRunsByMessage(
    viewer,
    messages.map((message) => message.id),
  );
  const byId = new Map(messages.map((message) => [message.id, message]));
  return entries.map((entry) => {
    const message = entry.messageId === null ? undefined : byId.get(entry.messageId);
    return {
      messageIdText: entry.messageIdText,
      parentIdText: entry.parent?.messageIdText ?? null,
      sentAtMs: message?.sentAt.getTime() ?? null,
      mail: message ? { ...treeMail(message), runs: runs.get(message.id) ?? {} } : null,
    };
  });
}

type TreeMessage = {
  readonly subject: string;
  readonly title: string;
  readonly fromName: string;
  readonly fromAddress: string;
  readonly patch: {
    readonly number: number;
    readonly version: { readonly number: number; readonly patchCount: number };
  } | null;
  readonly coverOf: readonly { readonly number: number; readonly patchCount: number }[];
  readonly trailers: readonly { readonly name: string }[];
  readonly _count: { readonly fileDiffs: number; readonly mailedComments: number };
};

function treeMail(message: TreeMessage): Omit<NonNullable<ThreadMail["mail"]>, "runs"> {
  const cover = message.coverOf[0];
  const patch = message.patch;
  return {
    subject: message.subject,
    title: message.title,
    fromName: message.fromName || message.fromAddress,
    patchLabel: patch ? `${patch.number}/${patch.version.patchCount}` : cover ? `0/${cover.patchCount}` : null,
    versionNumber: patch?.version.number ?? cover?.number ?? null,
    hasDiff: message._count.fileDiffs > 0,
    trailers: patch || cover ? [] : [...new Set(message.trailers.map((trailer) => trailer.name))],
    remarkCount: message._count.mailedComments,
  };
}

/** All versions of the series that have a version in this thread, wherever their mails are. */
async function readVersions(viewer: Viewer, threadId: number): Promise<readonly ThreadVersion[]> {
  const rows = await db().version.findMany({
    where: { series: { versions: { some: { threadId } } } },
    orderBy: [{ seriesId: "asc" }, { number: "asc" }, { id: "asc" }],
    select: {
      number: true,
      joinReason: true,
      series: { select: { title: true } },
      cover: { select: { messageIdText: true } },
      patches: {
        where: { message: { is: mailVisibleTo(viewer) } },
        orderBy: [{ number: "asc" }, { id: "asc" }],
        select: { number: true, title: true, message: { select: { messageIdText: true } } },
      },
    },
  });
  return rows.map((row) => ({
    seriesTitle: row.series.title,
    number: row.number,
    joinReason: row.joinReason,
    coverIdText: row.cover?.messageIdText ?? null,
    patches: row.patches.map(({ number, title, message }) => ({ number, title, messageIdText: message.messageIdText })),
  }));
}
