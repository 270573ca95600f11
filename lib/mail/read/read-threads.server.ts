import { db, type Prisma } from "../../db/client.server.ts";
import type { Viewer } from "../../people/viewer.ts";
import { countRunsByThread } from "../../review/run-counts.server.ts";
import type { ToneCounts } from "../../review/verdict-words.ts";
import { mailVisibleTo } from "./read-visible.server.ts";

export const threadsPerPage = 50;

export type ThreadLine = {
  readonly subject: string;
  /** The mail that the thread's page opens on: its first imported one. */
  readonly messageIdText: string;
  readonly fromName: string;
  /** Highest version of a series in it, null without patches. */
  readonly version: number | null;
  readonly messageCount: number;
  readonly ghostCount: number;
  readonly lastAt: Date;
  readonly runs: ToneCounts;
};

export type ThreadList = {
  readonly threads: readonly ThreadLine[];
  readonly page: number;
  readonly hasNext: boolean;
  readonly lastImportAt: Date | null;
};

/** One page of threads, the one with the newest mail first. @param page from 1 @param subject part of a subject, any case */
export async function readThreads(
  viewer: Viewer,
  options: { readonly page: number; readonly subject: string | null },
): Promise<ThreadList> {
  const mail = mailVisibleTo(viewer);
  const where: Prisma.ThreadWhereInput = {
    entries: { some: { message: { is: mail } } },
    ...(options.subject === null ? {} : { subject: { contains: escapeLike(options.subject), mode: "insensitive" } }),
  };
  const rows = await db().thread.findMany({
    where,
    orderBy: [{ lastAt: "desc" }, { id: "desc" }],
    skip: (options.page - 1) * threadsPerPage,
    take: threadsPerPage + 1,
    select: {
      id: true,
      subject: true,
      lastAt: true,
      messageCount: true,
      ghostCount: true,
      versions: { select: { number: true } },
      entries: {
        where: { message: { is: mail } },
        orderBy: [{ message: { sentAt: "asc" } }, { messageIdText: "asc" }],
        take: 1,
        select: { messageIdText: true, message: { select: { fromName: true, fromAddress: true } } },
      },
    },
  });
  const shown = rows.slice(0, threadsPerPage);
  const counts = await countRunsByThread(
    viewer,
    shown.map((row) => row.id),
  );
  const lastImport = await db().appearance.findFirst({ orderBy: { id: "desc" }, select: { seenAt: true } });
  return {
    threads: shown.flatMap((row) => threadLine(row, counts.get(row.id) ?? {})),
    page: options.page,
    hasNext: rows.length > threadsPerPage,
    lastImportAt: lastImport?.seenAt ?? null,
  };
}

type ThreadRow = Omit<ThreadLine, "messageIdText" | "fromName" | "version" | "runs"> & {
  readonly versions: readonly { readonly number: number }[];
  readonly entries: readonly {
    readonly messageIdText: string;
    readonly message: { readonly fromName: string; readonly fromAddress: string } | null;
  }[];
};

function threadLine(row: ThreadRow, runs: ToneCounts): ThreadLine[] {
  const first = row.entries[0];
  if (!first?.message) return [];
  return [
    {
      subject: row.subject,
      messageIdText: first.messageIdText,
      fromName: first.message.fromName || first.message.fromAddress,
      version: row.versions.length === 0 ? null : Math.max(...row.versions.map((version) => version.number)),
      messageCount: row.messageCount,
      ghostCount: row.ghostCount,
      lastAt: row.lastAt,
      runs,
    },
  ];
}

/** What people type is text, not a pattern. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
