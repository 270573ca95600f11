import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { formToken } from "#lib/http/form-token.server.ts";
import { callerOf } from "#lib/http/request.server.ts";
import { readPerson } from "#lib/review/read-person.server.ts";
import { VerdictChip } from "../../_components/ui/chip.tsx";
import { FormToken } from "../../_components/ui/form-token.tsx";
import { utcWords } from "../../_components/ui/when.ts";

export const metadata: Metadata = { title: "You" };

/** Who is signed in here, and what is theirs. */
export default async function MePage(): Promise<ReactNode> {
  const { viewer, sessionSecret } = await callerOf(await headers());
  if (viewer.kind !== "person") redirect("/in");
  const person = await readPerson(viewer);
  return (
    <main id="main" className="page page-narrow">
      <div className="page-head">
        <h1>{viewer.displayName}</h1>
        <form method="post" action="/api/v1/sign-out">
          <FormToken value={sessionSecret === null ? null : formToken(sessionSecret)} />
          <button className="button" type="submit">
            Sign out
          </button>
        </form>
      </div>
      <p className="soft mb-4">
        {viewer.isOperator ? "Operator of this server. " : ""}
        {person.addresses.join(", ")}
      </p>
      <h2 className="mb-1">Your notebooks</h2>
      {person.notebooks.length === 0 ? (
        <p className="soft mb-4">
          None yet. <a href="/n/new">Write one</a>, or fork one of <a href="/n">those that are here</a>.
        </p>
      ) : (
        <ul className="mb-4">
          {person.notebooks.map((notebook) => (
            <li key={notebook.slug}>
              <a className="inline-block min-h-6" href={`/n/${notebook.slug}`}>
                {notebook.title}
              </a>{" "}
              <span className="soft small">{notebook.visibility}</span>
            </li>
          ))}
        </ul>
      )}
      <h2 className="mb-1">Your last runs</h2>
      {person.asks.length === 0 ? <p className="soft">None yet.</p> : null}
      <ul>
        {person.asks.map((ask) => (
          <li key={ask.id} className="flex flex-wrap items-baseline gap-2">
            <a className="inline-block min-h-6" href={`/r/${ask.id}`}>
              {ask.title} #{ask.cellId}
            </a>
            {ask.members.map((member) => (
              <VerdictChip key={member.variant} state={member.state} prefix={`${member.variant} `} />
            ))}
            <span className="soft small">{utcWords(ask.createdAt)}</span>
          </li>
        ))}
      </ul>
    </main>
  );
}
