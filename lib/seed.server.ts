/**
 * What a fresh installation shows: the demonstration thread, the notebooks that ship, and their verdicts. Runs at every
 * start; what is there already costs a query.
 */
import { join } from "node:path";
import { db } from "./db/client.server.ts";
import { importMail } from "./mail/import.server.ts";
import { renderNotebookDiagnostic } from "./notebooks/diagnostics.ts";
import { parseNotebook } from "./notebooks/parse/parse.ts";
import { canRun } from "./notebooks/plan/plan.ts";
import { installShippedNotebooks, type ShippedNotebook } from "./notebooks/store/shipped.server.ts";
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
  const notebooks = await installShippedNotebooks(join(root, "notebooks"));
  return { lines: await askShippedNotebooks(notebooks) };
}

async function importDemonstration(root: string): Promise<void> {
  await importMail({
    source: join(root, "demo/demonstration.mbox"),
    archiveName: demonstrationArchive,
    kind: "mbox",
  });
}

/** Asks every run cell of the shipped notebooks, unless this revision was asked of this engine. */
async function askShippedNotebooks(notebooks: readonly ShippedNotebook[]): Promise<string[]> {
  const lines: string[] = [];
  const placed = await Promise.all(
    notebooks.map(async (notebook) => ({ notebook, attachmentId: await readAttachmentId(notebook) })),
  );
  // What stands in a margin goes first: that is where the first look falls.
  placed.sort((a, b) => Number(a.attachmentId === null) - Number(b.attachmentId === null));
  for (const { notebook, attachmentId } of placed) {
    const asked = await readAskedCells(notebook);
    for (const run of parseNotebook(notebook.text).notebook.runs) {
      if (!canRun(run) || asked.has(run.id)) continue;
      const outcome = await requestRuns(systemViewer(), {
        text: notebook.text,
        cellId: run.id,
        visibility: "public",
        notebookId: notebook.notebookId,
        ...(attachmentId === null ? {} : { attachmentId }),
      });
      lines.push(...complaint(notebook, run.id, outcome));
    }
  }
  return lines;
}

/** Cells with an ask of ours for this very text whose runs are this engine's and have, or will have, an end. */
async function readAskedCells({ notebookId, textHash }: ShippedNotebook): Promise<ReadonlySet<string>> {
  const asks = await db().ask.findMany({
    where: {
      notebookId,
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
async function readAttachmentId({ notebookId }: ShippedNotebook): Promise<string | null> {
  const row = await db().attachment.findFirst({
    where: { notebookId, origin: "about", withdrawnAt: null },
    orderBy: { createdAt: "asc" },
    select: { id: true },
  });
  return row?.id ?? null;
}

function complaint(notebook: ShippedNotebook, cellId: string, outcome: RequestOutcome): string[] {
  switch (outcome.kind) {
    case "asked":
      return [];
    case "rejected":
      return outcome.diagnostics.map((diagnostic) => renderNotebookDiagnostic(diagnostic, notebook.fileName));
    case "refused":
      return [`${notebook.fileName}#${cellId} was not asked: ${outcome.message}`];
  }
}
