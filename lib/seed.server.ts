/**
 * What a fresh installation shows: the demonstration thread, the notebooks that ship, and their verdicts. Runs at every
 * start; what is there already costs a query.
 */
import { join } from "node:path";
import { db } from "./db/client.server.ts";
import { importMail } from "./mail/import.server.ts";
import { renderNotebookDiagnostic } from "./notebooks/diagnostics.ts";
import { parseNotebook } from "./notebooks/parse.ts";
import { installShippedNotebooks } from "./notebooks/store.server.ts";
import { ensureKnownPersons, systemPersonId, systemViewer } from "./people/known.server.ts";
import { engine } from "./runs/engine.server.ts";
import { requestRuns, type RequestOutcome } from "./runs/request.server.ts";

export type SeedReport = {
  /** What a person who watches the start should know; empty when nothing was to do. */
  readonly lines: readonly string[];
};

const demonstrationArchive = "demonstration";

/**
 * Brings the database to what this version ships.
 *
 * @param root the checkout: demo/ and notebooks/ stand in it
 */
export async function seedDatabase(root: string): Promise<SeedReport> {
  await ensureKnownPersons();
  await importDemonstration(root);
  await installShippedNotebooks(join(root, "notebooks"));
  return { lines: await askShippedNotebooks() };
}

async function importDemonstration(root: string): Promise<void> {
  await importMail({
    source: join(root, "demo/demonstration.mbox"),
    archiveName: demonstrationArchive,
    kind: "mbox",
  });
}

type Shipped = { readonly id: string; readonly slug: string; readonly text: string; readonly textHash: string };

/** Asks every check cell of the shipped notebooks, unless this revision was asked of this engine. */
async function askShippedNotebooks(): Promise<string[]> {
  const lines: string[] = [];
  for (const notebook of await readShipped()) {
    const asked = await readAskedCells(notebook);
    for (const run of parseNotebook(notebook.text).notebook.runs) {
      if (run.command.kind !== "check" || asked.has(run.id)) continue;
      const outcome = await requestRuns(systemViewer(), {
        text: notebook.text,
        cellId: run.id,
        visibility: "public",
        notebookId: notebook.id,
        ...(await readAttachment(notebook)),
      });
      lines.push(...complaint(notebook, run.id, outcome));
    }
  }
  return lines;
}

async function readShipped(): Promise<Shipped[]> {
  const notebooks = await db().notebook.findMany({
    where: { shippedAs: { not: null } },
    orderBy: { slug: "asc" },
    select: {
      id: true,
      slug: true,
      revisions: {
        orderBy: { number: "desc" },
        take: 1,
        select: { textHash: true, text: { select: { text: true } } },
      },
    },
  });
  return notebooks.flatMap(({ id, slug, revisions }) =>
    revisions.map((revision) => ({ id, slug, text: revision.text.text, textHash: revision.textHash })),
  );
}

/** Cells with an ask of ours for this very text whose runs are this engine's and have, or will have, an end. */
async function readAskedCells({ id, textHash }: Shipped): Promise<ReadonlySet<string>> {
  const asks = await db().ask.findMany({
    where: {
      notebookId: id,
      textHash,
      personId: systemPersonId,
      cancelledAt: null,
      members: {
        some: {},
        every: { run: { engine: engine().digest, status: { in: ["queued", "running", "finished"] } } },
      },
    },
    select: { cellId: true },
  });
  return new Set(asks.map((ask) => ask.cellId));
}

/** The notebook's own attachment by its about: line, if its thread is here. */
async function readAttachment({ id }: Shipped): Promise<{ attachmentId?: string }> {
  const row = await db().attachment.findFirst({
    where: { notebookId: id, origin: "about", withdrawnAt: null },
    select: { id: true },
  });
  return row === null ? {} : { attachmentId: row.id };
}

function complaint(notebook: Shipped, cellId: string, outcome: RequestOutcome): string[] {
  switch (outcome.kind) {
    case "asked":
      return [];
    case "rejected":
      return outcome.diagnostics.map((diagnostic) => renderNotebookDiagnostic(diagnostic, `${notebook.slug}.hb.md`));
    case "refused":
      return [`${notebook.slug}#${cellId} was not asked: ${outcome.message}`];
  }
}
