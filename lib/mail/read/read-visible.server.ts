import type { Prisma } from "../../db/client.server.ts";
import type { Viewer } from "../../people/viewer.ts";

/**
 * The WHERE of "mail that this viewer may read": a mail is public when one of the archives in which it appeared is.
 * The operator and the program itself read everything. From: in a mail gives its author nothing.
 */
export function mailVisibleTo(viewer: Viewer): Prisma.MessageWhereInput {
  if (viewer.kind === "system") return {};
  if (viewer.kind === "person" && viewer.isOperator) return {};
  return { appearances: { some: { archive: { visibility: "public" } } } };
}
