import type { ReactNode } from "react";
import type { RunPage } from "#lib/review/run-page.ts";
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
        <ul className="notes">
          {lines.map((place) => (
            <li key={`${place.file}:${place.line}`}>
              <SourceLine place={place} page={page} />
            </li>
          ))}
          {oneSided.map((branch) => (
            <li key={`${branch.place.file}:${branch.place.line}:${branch.place.column}`}>
              <code>({branch.condition})</code> {oneSidedWords(branch)}
              <PlaceLink place={branch.place} page={page} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

type PlaceProps = { readonly place: { readonly file: string; readonly line: number }; readonly page: RunPage };

function SourceLine({ place, page }: PlaceProps): ReactNode {
  const cellId = place.file.replace(/^#/, "");
  const first = page.cellLines.get(cellId);
  const text = first === undefined ? undefined : page.text?.split("\n")[first + place.line - 2];
  return (
    <>
      {text === undefined ? null : <code>{text.trim()}</code>}
      <PlaceLink place={place} page={page} />
    </>
  );
}

function PlaceLink({ place, page }: PlaceProps): ReactNode {
  const first = page.cellLines.get(place.file.replace(/^#/, ""));
  return (
    <span className="soft">
      {" "}
      {first === undefined ? `${place.file}:${place.line}` : `line ${first + place.line - 1}`}
    </span>
  );
}
