import type { ReactNode } from "react";
import type { MailBlock } from "#lib/review/mail-view.ts";
import type { ThreadMargin } from "#lib/review/read-margins.server.ts";
import { StaticMarkup } from "../ui/static-markup.tsx";
import { hunkTable } from "./diff-markup.ts";
import type { ActionContext } from "./hunk-actions.tsx";
import { Margin } from "./margin.tsx";
import { textBlock } from "./text-markup.ts";
import type { MailPageValue } from "./page-value.ts";

type HunkBlock = Extract<MailBlock, { readonly kind: "hunk" }>;
type FileBlock = Extract<MailBlock, { readonly kind: "file" }>;

/** A stretch of the mail that shares one margin: a hunk, and what follows until the next. */
type Group = { readonly hunk: HunkBlock | null; readonly rest: MailBlock[] };

type Props = { readonly page: MailPageValue; readonly actions: ActionContext };

/** The mail's text in order. Every hunk stands beside its margin, and above it where the window is narrow. */
export function MailFlow({ page, actions }: Props): ReactNode {
  return groups(page.blocks).map((group, at) => {
    const margin = group.hunk === null ? null : (page.margins.get(group.hunk.key) ?? emptyMargin(group.hunk.key));
    return (
      <div key={at} className="flow">
        {group.hunk === null || margin === null ? null : (
          <>
            <div className="flow-main">
              <HunkPart block={group.hunk} margin={margin} page={page} actions={actions} />
            </div>
            <Margin margin={margin} actions={actions} />
          </>
        )}
        <div className="flow-rest">
          {group.rest.map((block, i) => (
            <Block key={i} block={block} page={page} actions={actions} />
          ))}
        </div>
      </div>
    );
  });
}

function groups(blocks: readonly MailBlock[]): readonly Group[] {
  const all: Group[] = [{ hunk: null, rest: [] }];
  for (const block of blocks) {
    // A continued hunk at the top of a later page has no first part there.
    if (block.kind === "hunk" && block.isFirst) all.push({ hunk: block, rest: [] });
    else all.at(-1)?.rest.push(block);
  }
  return all.filter((group) => group.hunk !== null || group.rest.length > 0);
}

type BlockProps = Props & { readonly block: MailBlock };

function Block({ block, page, actions }: BlockProps): ReactNode {
  switch (block.kind) {
    case "prose":
    case "quote":
    case "ending":
      return block.lines.every((line) => line.trim() === "") ? null : <StaticMarkup markup={textBlock(block)} />;
    case "file":
      return <FileHead block={block} page={page} />;
    case "hunk":
      return (
        <HunkPart
          block={block}
          margin={page.margins.get(block.key) ?? emptyMargin(block.key)}
          page={page}
          actions={actions}
        />
      );
  }
}

function FileHead({ block, page }: { readonly block: FileBlock; readonly page: MailPageValue }): ReactNode {
  const { diff, path } = block;
  const owner = page.mail.owners.find((row) => row.diffOrdinal === diff.ordinal)?.ownerName;
  const lines = diff.hunks.flatMap((hunk) => hunk.lines);
  const added = lines.filter((line) => line.kind === "+").length;
  const deleted = lines.filter((line) => line.kind === "-").length;
  const from = diff.oldPath !== diff.newPath && diff.kind === "renamed" ? `renamed from ${diff.oldPath}` : diff.kind;
  return (
    <h2 className="file-head">
      {path === "" ? "(file not named)" : path}
      <span className="soft">
        {diff.kind === "modified" || diff.kind === "unknown" ? "" : `${from}, `}+{added} -{deleted}
        {diff.quoteDepth > 0 ? `, quoted${owner === undefined || owner === "" ? "" : `: diff by ${owner}`}` : ""}
      </span>
    </h2>
  );
}

type PartProps = Props & { readonly block: HunkBlock; readonly margin: ThreadMargin };

function HunkPart({ block, margin, page, actions }: PartProps): ReactNode {
  const { hunk } = block;
  const markup = hunkTable({
    hunk,
    rows: block.rows,
    margin,
    isLast: block.isLast,
    messageIdText: page.mail.messageIdText,
    actions,
  });
  if (!block.isFirst) {
    return (
      <div className="hunk">
        <StaticMarkup className="hunk-scroll" markup={markup} />
      </div>
    );
  }
  return (
    <section
      className="hunk"
      id={`h-${block.key}`}
      data-item
      tabIndex={-1}
      aria-label={`Hunk at line ${hunk.oldStart}`}
    >
      <div className="hunk-head">
        <a href={`#h-${block.key}`}>
          @@ -{hunk.oldStart},{hunk.oldCount} +{hunk.newStart},{hunk.newCount} @@
        </a>
        <span className="heading">{hunk.heading}</span>
        <HunkState block={block} />
      </div>
      <StaticMarkup className="hunk-scroll" markup={markup} />
    </section>
  );
}

/** What was mended in reading the hunk, and what it therefore may be used for. */
function HunkState({ block: { hunk } }: { readonly block: HunkBlock }): ReactNode {
  if (hunk.state === "complete" && hunk.repairs.length === 0) return null;
  const words = [
    ...(hunk.state === "complete" ? [] : [hunk.state]),
    ...(hunk.repairs.length === 0 ? [] : [`${hunk.repairs.length} repairs`]),
  ].join(", ");
  return (
    <span
      title={hunk.repairs.map((repair) => `body line ${repair.line + 1}: ${repair.kind} ${repair.detail}`).join("\n")}
    >
      {words}
    </span>
  );
}

function emptyMargin(hunkKey: string): ThreadMargin {
  return { hunkKey, chips: [], remarks: [], comments: [], withdrawn: [], attachments: [], history: null };
}
