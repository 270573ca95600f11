import { db } from "../db/client.server.ts";
import { mailVisibleTo } from "../mail/read/read-visible.server.ts";
import type { Viewer } from "../people/viewer.ts";

/** The text of a new notebook, about a mail and with a switch for a hunk when they are given. It checks as it stands. */
export async function notebookTemplate(
  viewer: Viewer,
  about: { readonly about: string | null; readonly hunkKey: string | null },
): Promise<string> {
  const hunk =
    about.hunkKey === null
      ? null
      : await db().hunk.findFirst({
          where: { key: about.hunkKey, fileDiff: { message: mailVisibleTo(viewer) } },
          select: { oldStart: true, fileDiff: { select: { newPath: true, oldPath: true } } },
        });
  const id = about.about !== null && /^[^\s<>]{1,900}$/.test(about.about) ? about.about : null;
  const path =
    hunk === null ? null : hunk.fileDiff.newPath === "/dev/null" ? hunk.fileDiff.oldPath : hunk.fileDiff.newPath;
  const place = path === null || hunk === null ? null : `${path}@${hunk.oldStart}`;
  return template({ about: id, hunk: id === null ? null : place });
}

function template({ about, hunk }: { readonly about: string | null; readonly hunk: string | null }): string {
  const fence = "```";
  const header = ["format: hunkbook/1", "lang: scn/1", ...(about === null ? [] : [`about: <${about}>`])].join("\n");
  const switches = hunk === null ? "" : `${fence}hunks\nPATCHED = ${hunk}\n${fence}\n\n`;
  const variants = hunk === null ? "LOCKED=1" : "PATCHED=1";
  const name = hunk === null ? "LOCKED" : "PATCHED";
  return `# What can go wrong here?

${fence}hunkbook
${header}
${fence}

Say what the model stands for, and what it leaves out.

${switches}${fence}variant
before = base
after = ${variants}
${fence}

${fence}scn #model
spinlock_t lock;
int count;

task worker[2] {
	int seen;

	if (${name})
		spin_lock(&lock);
	seen = READ_ONCE(count);
	WRITE_ONCE(count, seen + 1);
	if (${name})
		spin_unlock(&lock);
}

finally(count == 2);
${fence}

${fence}run #race
check before after
${fence}
`;
}
