import type { ReactNode } from "react";

type Props = { readonly askId: string; readonly ordinal: number; readonly schedule: string };

/** A schedule as text, to be kept, changed and run again: a plain form, so that its answer has an address. */
export function ReplayForm({ askId, ordinal, schedule }: Props): ReactNode {
  const id = `schedule-${ordinal}`;
  return (
    <form method="get" action={`/r/${askId}/replay`} className="replay-form small mt-1">
      <input type="hidden" name="member" value={ordinal} />
      <label htmlFor={id}>Schedule</label>
      <input
        id={id}
        name="schedule"
        defaultValue={schedule}
        className="input mono"
        spellCheck={false}
        autoComplete="off"
        maxLength={8000}
      />
      <button className="button" type="submit">
        Replay
      </button>
    </form>
  );
}
