import type { ThreadPage } from "#lib/review/read-thread-page.server.ts";

/** What is known of a mail that is imported and may be read. */
export type MailPageValue = Extract<ThreadPage, { readonly kind: "mail" }>;
