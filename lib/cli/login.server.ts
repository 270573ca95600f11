import { publicOrigin } from "../launcher/listen-address.server.ts";
import { normaliseAddress } from "../people/address.ts";
import { issueSignInLink } from "../people/tokens.server.ts";
import { withDatabase } from "./database.server.ts";
import { exitCodes, type ExitCode } from "./exit-codes.ts";
import { onlyPositional, readOptions } from "./options.server.ts";
import type { Terminal } from "./terminal.server.ts";
import { UsageError } from "./usage.ts";

/** `hunkbook login`: whoever may run this command may sign anybody in; that is what makes them the operator. */
export async function loginCommand(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { positionals } = readOptions(words, {});
  const text = onlyPositional(positionals, "ADDRESS");
  const address = normaliseAddress(text);
  if (address === null) throw new UsageError(`"${text}" is not a mail address`);
  return withDatabase(async ({ PUBLIC_URL, HOST, PORT }) => {
    const origin = PUBLIC_URL?.replace(/\/$/, "") ?? publicOrigin(HOST, PORT);
    terminal.out(`${await issueSignInLink({ kind: "address", address }, origin)}\n`);
    return exitCodes.holds;
  });
}
