import type { Metadata } from "next";
import { headers } from "next/headers";
import { cache, type ReactNode } from "react";
import { callerOf } from "#lib/http/request.server.ts";
import { formToken } from "#lib/http/form-token.server.ts";
import { messageReferenceOfPage } from "#lib/message-path.ts";
import { can } from "#lib/people/permissions.ts";
import { readThreadPage } from "#lib/review/read-thread-page.server.ts";
import { GhostPage, UnknownMail } from "../../_components/thread/not-imported.tsx";
import { ThreadMailPage } from "../../_components/thread/thread-mail.tsx";

type Props = {
  readonly params: Promise<{ readonly messageId: string }>;
  readonly searchParams: Promise<{ readonly from?: string | string[] }>;
};

/** One read for the title and the page. */
const load = cache(async (segment: string, lineFrom: number) => {
  const caller = await callerOf(await headers());
  const reference = messageReferenceOfPage(segment);
  return { caller, reference, page: await readThreadPage(caller.viewer, { reference, lineFrom }) };
});

export async function generateMetadata({ params, searchParams }: Props): Promise<Metadata> {
  const { page } = await load((await params).messageId, lineFrom((await searchParams).from));
  return { title: page.kind === "mail" ? page.mail.subject : "Mail not imported" };
}

/** A thread: its tree and one of its mails, results and remarks beside the hunks. */
export default async function MailPage({ params, searchParams }: Props): Promise<ReactNode> {
  const { caller, reference, page } = await load((await params).messageId, lineFrom((await searchParams).from));
  switch (page.kind) {
    case "unknown":
      return <UnknownMail reference={reference} />;
    case "ghost":
      return <GhostPage thread={page.thread} messageIdText={page.ghost.messageIdText} />;
    case "mail":
      return (
        <ThreadMailPage
          page={page}
          actions={{
            canWrite: can(caller.viewer, { kind: "create" }),
            formToken: caller.sessionSecret === null ? null : formToken(caller.sessionSecret),
            messageIdText: page.mail.messageIdText,
            ownAttachments: page.ownAttachments,
          }}
        />
      );
  }
}

function lineFrom(text: string | string[] | undefined): number {
  return typeof text === "string" && /^\d{1,8}$/.test(text) ? Number(text) : 0;
}
