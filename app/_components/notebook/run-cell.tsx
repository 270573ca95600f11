import type { ReactNode } from "react";
import { canRun as canRunCommand } from "#lib/notebooks/plan/plan.ts";
import type { Parameter } from "#lib/notebooks/types.ts";
import type { CellRun, NotebookPage } from "#lib/review/read-notebook-page.server.ts";
import { toneOf, verdictWords } from "#lib/review/verdict-words.ts";
import { FormToken } from "../ui/form-token.tsx";
import { utcWords } from "../ui/when.ts";

type Props = {
  readonly page: NotebookPage;
  readonly cellId: string;
  readonly canRun: boolean;
  readonly formToken: string | null;
  readonly parameters: Readonly<Record<string, string>>;
};

/** Under a run block: its last results, and the form that asks again. */
export function RunCellView(props: Props): ReactNode {
  const run = props.page.runs.get(props.cellId);
  return (
    <div className="cell-foot">
      {run === undefined ? <p className="soft">Not run yet.</p> : <LastRun run={run} />}
      <RunForm {...props} />
    </div>
  );
}

/** More are not listed under a cell: the run's own page has them. */
const listedMax = 16;

function LastRun({ run }: { readonly run: CellRun }): ReactNode {
  const more = run.members.length - listedMax;
  return (
    <>
      {run.headline === null ? null : (
        <p>
          <a href={`/r/${run.askId}`}>{run.headline}</a>
        </p>
      )}
      <ul className="results">
        {run.members.slice(0, listedMax).map((member) => (
          <li key={member.ordinal}>
            <a className={`result result-${toneOf(member.state)}`} href={`/r/${run.askId}#m${member.ordinal}`}>
              <span className="result-verdict">
                {member.variant}: {verdictWords(member.state)}
              </span>
            </a>
          </li>
        ))}
      </ul>
      {more > 0 ? <p className="small soft">and {more} more</p> : null}
      <p className="small soft">
        <a className="inline-block min-h-6" href={`/r/${run.askId}`}>
          Asked by {run.askerName}
        </a>
        , {utcWords(run.askedAt)}
        {run.isThisText ? "" : ", from another revision of this notebook"}
        {run.isThisText && !run.isOwnParameters ? ", with other parameter values" : ""}
      </p>
    </>
  );
}

function RunForm({ page, cellId, canRun, formToken, parameters }: Props): ReactNode {
  const run = page.notebook.runs.find((candidate) => candidate.id === cellId);
  if (run === undefined) return null;
  if (!canRunCommand(run))
    return (
      <p className="soft">
        {run.command.kind === "crossover"
          ? "A crossover goes on in rounds: hunkbook simulate runs it, without this server."
          : "This version runs no ablation of a figure yet; ablate without metric= it does."}
      </p>
    );
  if (!canRun) {
    return (
      <p className="small">
        <a href="/in">Sign in to run it yourself</a>
      </p>
    );
  }
  return (
    <form method="post" action="/api/v1/asks" className="form-row mt-1">
      <FormToken value={formToken} />
      <input type="hidden" name="slug" value={page.view.slug} />
      <input type="hidden" name="cellId" value={cellId} />
      <input type="hidden" name="revision" value={page.view.number} />
      {page.notebook.parameters.map((parameter) => (
        <ParameterField key={parameter.name} parameter={parameter} given={parameters[parameter.name]} />
      ))}
      {run.command.kind === "check" ? <CoverageField /> : null}
      <button className="button button-main" type="submit">
        Run #{cellId}
      </button>
    </form>
  );
}

/** An ablation compares subsets and a reach ends at its witness: coverage is asked of checks. */
function CoverageField(): ReactNode {
  return (
    <label className="form-row min-h-6 gap-1" title="also report lines and branches that no interleaving reached">
      <input type="checkbox" name="coverage" value="1" />
      with coverage
    </label>
  );
}

function ParameterField({
  parameter,
  given,
}: {
  readonly parameter: Parameter;
  readonly given: string | undefined;
}): ReactNode {
  const { domain, name, note } = parameter;
  const value = given ?? String(parameter.value);
  return (
    <label className="form-row gap-1" title={note}>
      <code>{name}</code>
      {domain.kind === "set" ? (
        <select name={`p.${name}`} defaultValue={value}>
          {domain.values.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          name={`p.${name}`}
          type="number"
          className="w-24"
          min={domain.low}
          max={domain.high}
          step={domain.step ?? "any"}
          defaultValue={value}
        />
      )}
    </label>
  );
}
