import type { ReactNode } from "react";
import type { Piece } from "#lib/editor/highlight.server.ts";
import { messagePath } from "#lib/message-path.ts";
import type { Block } from "#lib/notebooks/types.ts";
import type { NotebookPage } from "#lib/review/read-notebook-page.server.ts";
import { toneOf } from "#lib/review/verdict-words.ts";
import { FormToken } from "../ui/form-token.tsx";
import { RefreshWhilePending } from "../ui/refresh.client.tsx";
import { StaticMarkup } from "../ui/static-markup.tsx";
import { utcWords } from "../ui/when.ts";
import { plainLines, proseMarkup, sourceMarkup } from "./cell-markup.ts";
import { ClaimCell, ExpectCell } from "./claims.tsx";
import { RunCellView } from "./run-cell.tsx";

export type Highlighted = ReadonlyMap<number, readonly (readonly Piece[])[]>;

type Props = {
  readonly page: NotebookPage;
  /** Scenario cells in pieces, by the index of their block. */
  readonly highlighted: Highlighted;
  readonly canRun: boolean;
  readonly formToken: string | null;
  /** From `?p.NAME=`. */
  readonly parameters: Readonly<Record<string, string>>;
};

/** A notebook to read: prose, source, and under each run cell what came of it last. */
export function NotebookReading(props: Props): ReactNode {
  const { page } = props;
  return (
    <main id="main" className="page page-notebook">
      <NotebookHead {...props} />
      <Problems page={page} />
      <div className="notebook">
        {page.notebook.blocks.map((block, at) => (
          <BlockView key={at} block={block} index={at} {...props} />
        ))}
      </div>
      <RefreshWhilePending askIds={pendingAsks(page)} />
    </main>
  );
}

function NotebookHead({ page, formToken, canRun }: Props): ReactNode {
  const { view, places } = page;
  const isOld = view.number !== view.newestNumber;
  return (
    <header className="mb-3">
      <div className="page-head mb-1">
        <p className="small soft">
          <a href="/n" data-key="up">
            Notebooks
          </a>{" "}
          / <code>{view.slug}</code>
        </p>
        <div className="twins">
          <a href={`/n/${view.slug}.txt${isOld ? `?revision=${view.number}` : ""}`}>.txt</a>
          <a href={`/api/v1/notebooks/${view.slug}`}>.json</a>
        </div>
      </div>
      <div className="mail-meta">
        <b>{view.authorName}</b>
        <span>
          revision {view.number}
          {isOld ? ` of ${view.newestNumber}` : ""}, {utcWords(view.savedAt)}
        </span>
        <code>{view.textHash.slice(0, 12)}</code>
        <span>{visibilityWords[view.visibility]}</span>
        {view.shippedAs === null ? null : <span>ships with Hunkbook</span>}
        {view.canEdit ? (
          <a className="button" href={`/n/${view.slug}/edit`}>
            Edit
          </a>
        ) : null}
        {canRun ? (
          <form method="post" action={`/api/v1/notebooks/${view.slug}/fork`}>
            <FormToken value={formToken} />
            <button className="button" type="submit">
              Fork
            </button>
          </form>
        ) : null}
      </div>
      {isOld ? (
        <p className="notice notice-warning mt-2">
          This is an older revision. <a href={`/n/${view.slug}`}>The newest is {view.newestNumber}</a>.
        </p>
      ) : null}
      {places.length === 0 ? null : (
        <p className="small mt-2">
          <span className="soft">About </span>
          {places.map((place) => (
            <a
              key={`${place.messageIdText} ${place.hunkKey ?? ""}`}
              className="mr-3 inline-block min-h-6"
              href={`${messagePath(place.messageIdText)}${place.hunkKey === null ? "" : `#h-${place.hunkKey}`}`}
            >
              {place.subject}
            </a>
          ))}
        </p>
      )}
    </header>
  );
}

const visibilityWords = { draft: "draft, only you see it", link: "by link only", public: "public" } as const;

/** Errors of the text, as a compiler prints them; each leads to its line. */
function Problems({ page }: { readonly page: NotebookPage }): ReactNode {
  if (page.diagnostics.length === 0) return null;
  const errors = page.diagnostics.filter((diagnostic) => diagnostic.severity === "error").length;
  return (
    <details className={`notice ${errors > 0 ? "notice-error" : "notice-warning"}`} open={errors > 0}>
      <summary>
        {errors} {errors === 1 ? "error" : "errors"}, {page.diagnostics.length - errors} warnings in this notebook
      </summary>
      <ul className="diagnostics">
        {page.diagnostics.slice(0, 50).map((diagnostic, at) => (
          <li key={at}>
            <a href={`#L${diagnostic.line}`}>
              line {diagnostic.line}:{diagnostic.column}
            </a>{" "}
            {diagnostic.severity}: {diagnostic.message} <code>[{diagnostic.code}]</code>
          </li>
        ))}
      </ul>
    </details>
  );
}

type BlockProps = Props & { readonly block: Block; readonly index: number };

function BlockView(props: BlockProps): ReactNode {
  const { block, index, highlighted, page } = props;
  switch (block.kind) {
    case "prose":
      return block.text.trim() === "" ? null : <StaticMarkup className="prose" markup={proseMarkup(block.text)} />;
    case "scn":
      return (
        <Cell block={block} what="scenario">
          <StaticMarkup
            className="scroll-x"
            markup={sourceMarkup(highlighted.get(index) ?? plainLines(block.text), block.textLine)}
          />
        </Cell>
      );
    case "run":
      return (
        <Cell block={block} what="run">
          <PlainSource block={block} />
          <RunCellView {...props} cellId={block.id ?? ""} />
        </Cell>
      );
    case "expect":
      return (
        <Cell block={block} what="expected">
          <ExpectCell page={page} block={block} />
        </Cell>
      );
    case "claim":
      return (
        <Cell block={block} what="claim">
          <ClaimCell page={page} block={block} />
        </Cell>
      );
    case "hunkbook":
      return (
        <details className="cell cell-folded">
          <summary className="cell-head">notebook header</summary>
          <PlainSource block={block} />
        </details>
      );
    case "param":
    case "variant":
    case "hunks":
      return (
        <Cell block={block} what={blockWords[block.kind]}>
          <PlainSource block={block} />
        </Cell>
      );
  }
}

const blockWords = { param: "parameters", variant: "variants", hunks: "hunk switches" } as const;

type CellProps = { readonly block: Block; readonly what: string; readonly children: ReactNode };

function Cell({ block, what, children }: CellProps): ReactNode {
  return (
    <section className="cell" id={block.id === null ? undefined : `cell-${block.id}`} data-item tabIndex={-1}>
      <h2 className="cell-head">
        {what}
        {block.id === null ? null : <a href={`#cell-${block.id}`}>#{block.id}</a>}
      </h2>
      {children}
    </section>
  );
}

function PlainSource({ block }: { readonly block: Block }): ReactNode {
  return <StaticMarkup className="scroll-x" markup={sourceMarkup(plainLines(block.text), block.textLine)} />;
}

function pendingAsks(page: NotebookPage): readonly string[] {
  return [...page.runs.values()]
    .filter((run) => run.members.some(({ state }) => ["queued", "running"].includes(toneOf(state))))
    .map((run) => run.askId);
}
