import type { ReactNode } from "react";
import { ablationRemarks, shownSubsets, type AblationView } from "#lib/review/ablation-view.ts";
import type { RunMember } from "#lib/review/run-page.ts";
import { noteLetter, noteMarks, methodWords, unknownNoteWords } from "#lib/runs/ablation-words.ts";
import { VerdictChip } from "../ui/chip.tsx";

type Props = { readonly view: AblationView; readonly members: readonly RunMember[] };

/** Every subset of the switches with its verdict, and what they say together. */
export function AblationTable({ view, members }: Props): ReactNode {
  const { ablation } = view;
  const shown = shownSubsets(view);
  return (
    <section className="mb-4">
      <p className="soft max-w-[90ch]">Ablation: {methodWords(ablation)}.</p>
      <Remarks view={view} />
      <div className="scroll-x">
        <table className="grid-table">
          <thead>
            <tr>
              {ablation.switches.map((name) => (
                <th key={name} scope="col">
                  <code>{name}</code>
                </th>
              ))}
              <th scope="col">Verdict</th>
              {ablation.notes.length === 0 ? null : <th scope="col">Notes reached</th>}
              <th scope="col">Run key</th>
            </tr>
          </thead>
          <tbody>
            {members.map((member, index) => (
              <SubsetRow key={member.ordinal} view={view} member={member} index={index} isShown={shown} />
            ))}
          </tbody>
        </table>
      </div>
      <NoteLegend view={view} />
    </section>
  );
}

function Remarks({ view }: { readonly view: AblationView }): ReactNode {
  const remarks = ablationRemarks(view);
  if (remarks.length === 0 && view.expects.length === 0) return null;
  return (
    <ul className="notes">
      {remarks.map((remark) => (
        <li key={remark}>{remark}</li>
      ))}
      {view.expects.map(({ text, state }) => (
        <li key={text} className={state.kind === "drift" ? "t-violated" : undefined}>
          {state.kind === "match" ? "match" : state.kind === "drift" ? "drift" : "not run"}: {text}
          {state.kind === "drift" ? <span className="soft"> (found: {state.found})</span> : null}
        </li>
      ))}
    </ul>
  );
}

function SubsetRow({
  view,
  member,
  index,
  isShown,
}: {
  readonly view: AblationView;
  readonly member: RunMember;
  readonly index: number;
  readonly isShown: ReadonlySet<string>;
}): ReactNode {
  const { ablation } = view;
  const cell = ablation.cells[index];
  const chip = <VerdictChip state={member.state} />;
  return (
    <tr>
      {ablation.switches.map((name) => (
        <td key={name} className={cell?.subset.includes(name) ? "font-medium" : "soft"}>
          {cell?.subset.includes(name) ? "on" : "off"}
        </td>
      ))}
      <td>
        {isShown.has(member.variant) ? (
          <a href={`#m${member.ordinal}`} className="inline-block min-h-6">
            {chip}
          </a>
        ) : (
          chip
        )}
      </td>
      {ablation.notes.length === 0 ? null : <td>{cell === undefined ? "" : noteMarks(ablation, cell)}</td>}
      <td>
        <code>{member.runKey}</code>
      </td>
    </tr>
  );
}

function NoteLegend({ view }: { readonly view: AblationView }): ReactNode {
  const { notes } = view.ablation;
  if (notes.length === 0) return null;
  return (
    <dl className="facts small mt-1">
      {notes.map((note, index) => (
        <div key={note.text} className="contents">
          <dt>{noteLetter(index)}</dt>
          <dd>
            note <q>{note.text}</q>
          </dd>
        </div>
      ))}
      {notes.some((note) => note.unknown.length > 0) ? (
        <div className="contents">
          <dt>?</dt>
          <dd>{unknownNoteWords.replace(/^[?]: /, "")}</dd>
        </div>
      ) : null}
    </dl>
  );
}
