import type { ReactNode } from "react";
import { notebookLine, type RunPage } from "#lib/review/run-page.ts";
import { coverageCounts, coverageScope, oneSidedWords, unreachedOf } from "#lib/runs/coverage-words.ts";
import type { ResultCoverage } from "#lib/runs/run-result.ts";

type Props = { readonly coverage: ResultCoverage; readonly page: RunPage };

/** What no interleaving executed: dead code of the model, or a stage that the scenario never sets. */
export function CoverageView({ coverage, page }: Props): ReactNode {
  const { lines, oneSided } = unreachedOf(coverage);
  return (
    <>
      <h3 className="mt-3 mb-1">{coverage.complete ? "Never reached" : "Not reached before the search ended"}</h3>
      <p className="soft">
        {coverageCounts(coverage)}. Not reached: {coverageScope(coverage)}.
      </p>
      {lines.length === 0 && oneSided.length === 0 ? (
        <p>Every line was reached, and every condition went both ways.</p>
      ) : (
        <div className="scroll-x">
          <table className="grid-table coverage">
            <thead>
              <tr>
                <th scope="col">Line</th>
                <th scope="col">Found</th>
                <th scope="col">Source</th>
              </tr>
            </thead>
            <tbody>
              {lines.map((place) => (
                <tr key={`${place.file}:${place.line}`}>
                  <td>
                    <PlaceLink place={place} page={page} />
                  </td>
                  <td>{coverage.complete ? "never reached" : "not reached"}</td>
                  <td>
                    <code>{sourceLine({ place, page })}</code>
                  </td>
                </tr>
              ))}
              {oneSided.map((branch) => (
                <tr key={`${branch.place.file}:${branch.place.line}:${branch.place.column}`}>
                  <td>
                    <PlaceLink place={branch.place} page={page} />
                  </td>
                  <td>
                    {oneSidedWords(branch)}
                    {coverage.complete ? null : " so far"}
                  </td>
                  <td>
                    <code>({branch.condition})</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

type PlaceProps = { readonly place: { readonly file: string; readonly line: number }; readonly page: RunPage };

function sourceLine({ place, page }: PlaceProps): string {
  const line = notebookLine(page, place);
  return line === null ? "" : (page.text?.split("\n")[line - 1]?.trim() ?? "");
}

function PlaceLink({ place, page }: PlaceProps): ReactNode {
  const line = notebookLine(page, place);
  if (line === null || page.notebook === null) return `${place.file}:${place.line}`;
  const revision = page.revision === null ? "" : `?revision=${page.revision}`;
  return (
    <a className="inline-block min-h-6" href={`/n/${page.notebook.slug}${revision}#L${line}`}>
      line {line}
    </a>
  );
}
