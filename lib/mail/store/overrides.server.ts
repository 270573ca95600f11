import { z } from "zod";
import type { Db } from "../../db/client.server.ts";
import { log } from "../../log.server.ts";

/**
 * Corrections by hand that the mail parser obeys after every rebuild. They name mails by Message-ID, so that no rebuild loses
 * them; the newest that is not withdrawn counts.
 */
export interface MailOverrides {
  /** kind `parent`: a mail's parent, or null for none. */
  readonly parents: ReadonlyMap<string, string | null>;
  /** kind `version-join`, by a version's anchor: the anchor of a version of its series, or null for a series of its own. */
  readonly versionJoins: ReadonlyMap<string, string | null>;
}

const parentValue = z.strictObject({ parent: z.string().nullable() });
const joinValue = z.strictObject({ with: z.string().nullable() });

/** Reads all of them: they are few, each typed by a person. */
export async function readMailOverrides(db: Db): Promise<MailOverrides> {
  const rows = await db.override.findMany({
    where: { kind: { in: ["parent", "version-join"] }, withdrawnAt: null },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: { id: true, kind: true, subjectKey: true, value: true },
  });
  const parents = new Map<string, string | null>();
  const versionJoins = new Map<string, string | null>();
  for (const row of rows) {
    const parent = row.kind === "parent" ? parentValue.safeParse(row.value) : null;
    const join = row.kind === "version-join" ? joinValue.safeParse(row.value) : null;
    if (parent?.success) parents.set(row.subjectKey, parent.data.parent);
    else if (join?.success) versionJoins.set(row.subjectKey, join.data.with);
    else
      log().warn(
        { override: row.id, kind: row.kind },
        "this correction has no value that can be read and is not applied",
      );
  }
  return { parents, versionJoins };
}
