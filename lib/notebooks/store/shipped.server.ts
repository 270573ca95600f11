/** The notebooks that come with the program: files of notebooks/ as rows owned by the system person. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { db, type Transaction } from "../../db/client.server.ts";
import { systemPersonId } from "../../people/known.server.ts";
import { decodeNotebook } from "../parse/decode.ts";
import { renderNotebookDiagnostic } from "../diagnostics.ts";
import { aboutHash, insertRevision, readContent, type Content } from "./revisions.server.ts";
import { chooseSlug } from "./slug.server.ts";

export type ShippedNotebook = {
  readonly notebookId: string;
  /** File name under notebooks/. */
  readonly fileName: string;
  readonly slug: string;
  readonly number: number;
  readonly textHash: string;
  readonly text: string;
  /** A revision was written by this call. */
  readonly isChanged: boolean;
};

/**
 * Brings the rows in step with the files: a new file makes a notebook, a changed one a revision, an unchanged one nothing.
 * A notebook whose file is gone stays, with all its results. Several processes may call this at once.
 *
 * @param directory where the files are; by default notebooks/ of this installation
 * @throws Error naming the file when one cannot be read: what ships is checked by tests, so this installation is damaged
 */
export async function installShippedNotebooks(directory = shippedDirectory()): Promise<readonly ShippedNotebook[]> {
  const installed: ShippedNotebook[] = [];
  for (const fileName of shippedFiles(directory)) {
    const content = readShipped(directory, fileName);
    installed.push(await db().$transaction((transaction) => installOne(transaction, fileName, content)));
  }
  return installed;
}

function shippedFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(suffix))
    .sort();
}

const suffix = ".hb.md";

/** notebooks/ above this module (a checkout, or dist/ in it) or above the working directory. */
export function shippedDirectory(): string {
  for (const start of [dirname(fileURLToPath(import.meta.url)), process.cwd()]) {
    for (let at = start; ; at = dirname(at)) {
      const candidate = join(at, "notebooks");
      if (holdsNotebooks(candidate)) return candidate;
      if (dirname(at) === at) break;
    }
  }
  throw new Error("The notebooks that ship with hunkbook were not found; run it from its own folder.");
}

function holdsNotebooks(directory: string): boolean {
  try {
    return shippedFiles(directory).length > 0;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return false;
    throw new Error(`${directory} cannot be read.`, { cause: error });
  }
}

function readShipped(directory: string, fileName: string): Content {
  const path = join(directory, fileName);
  const decoded = decodeNotebook(readFileSync(path));
  const problems = decoded.kind === "refused" ? decoded.diagnostics : [];
  const content = decoded.kind === "text" ? readContent(decoded.text) : null;
  if (content?.kind === "content") return content;
  const reasons = problems.map((diagnostic) => renderNotebookDiagnostic(diagnostic, path));
  if (content?.kind === "refused") reasons.push(content.message);
  throw new Error(`${path} is damaged; install hunkbook again.\n${reasons.join("\n")}`);
}

async function installOne(transaction: Transaction, fileName: string, content: Content): Promise<ShippedNotebook> {
  // One installer at a time: two would both find the row missing.
  await transaction.$executeRaw`select pg_advisory_xact_lock(${installLock}::bigint)`;
  const slug = fileName.slice(0, -suffix.length);
  const row = await transaction.notebook.findUnique({
    where: { shippedAs: fileName },
    select: { id: true, slug: true, revisions: { orderBy: { number: "desc" }, take: 1 } },
  });
  const newest = row?.revisions[0];
  const common = { fileName, textHash: content.textHash, text: content.text };
  if (row !== null && newest?.textHash === content.textHash) {
    return { ...common, notebookId: row.id, slug: row.slug, number: newest.number, isChanged: false };
  }
  const data = { title: content.notebook.title ?? slug, aboutHash: aboutHash(content.notebook) };
  const freeSlug = row?.slug ?? (await freeShippedSlug(transaction, slug));
  const written =
    row === null
      ? await transaction.notebook.create({
          data: { ...data, slug: freeSlug, authorId: systemPersonId, visibility: "public", shippedAs: fileName },
        })
      : await transaction.notebook.update({ where: { id: row.id }, data });
  const number = (newest?.number ?? 0) + 1;
  const author = { notebookId: written.id, authorId: systemPersonId };
  await insertRevision(transaction, { ...author, number, visibility: "public", content });
  await transaction.event.create({
    data: { personId: systemPersonId, kind: "notebook.shipped", subject: written.id, detail: { fileName, number } },
  });
  return { ...common, notebookId: written.id, slug: freeSlug, number, isChanged: true };
}

/** Names this advisory lock. */
const installLock = 727_073_72;

/** A person may have taken the file's name before it shipped. */
async function freeShippedSlug(transaction: Transaction, slug: string): Promise<string> {
  const wish = await chooseSlug(transaction, { title: slug, visibility: "public", wish: slug });
  return wish ?? (await chooseSlug(transaction, { title: slug, visibility: "public", wish: null })) ?? slug;
}
