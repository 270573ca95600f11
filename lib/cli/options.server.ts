import { parseArgs, type ParseArgsConfig } from "node:util";
import { UsageError } from "./usage.ts";

/**
 * Reads a command's words. Anything that is not declared is refused with what Node says of it.
 *
 * @throws UsageError
 */
export function readOptions<T extends NonNullable<ParseArgsConfig["options"]>>(
  words: readonly string[],
  options: T,
): { readonly values: ReturnType<typeof parseWith<T>>["values"]; readonly positionals: readonly string[] } {
  try {
    return parseWith([...words], options);
  } catch (error) {
    // parseArgs throws TypeErrors with codes ERR_PARSE_ARGS_*: all of them speak of the words.
    if (error instanceof TypeError && "code" in error) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function parseWith<T extends NonNullable<ParseArgsConfig["options"]>>(args: string[], options: T) {
  return parseArgs({ args, options, allowPositionals: true, strict: true });
}

/**
 * The one FILE of a command.
 *
 * @throws UsageError
 */
export function onlyPositional(positionals: readonly string[], what: string): string {
  const [only, ...more] = positionals;
  if (only === undefined) throw new UsageError(`${what} is missing`);
  if (more.length > 0) throw new UsageError(`one ${what} at a time; "${more.join(" ")}" is too much`);
  return only;
}

/**
 * `NAME=VALUE` pairs of -p. Values are numbers; a scenario's are whole.
 *
 * @throws UsageError
 */
export function readParameters(pairs: readonly string[]): Record<string, number> {
  const parameters: Record<string, number> = {};
  for (const pair of pairs) {
    const match = /^([A-Za-z_]\w*)=(.+)$/.exec(pair);
    const value = Number(match?.[2]);
    if (match?.[1] === undefined || !Number.isFinite(value)) {
      throw new UsageError(`-p ${pair}: write -p NAME=NUMBER`);
    }
    parameters[match[1]] = value;
  }
  return parameters;
}
