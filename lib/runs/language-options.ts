import type { LanguageOptions } from "#simulator";

/**
 * The language's options as notebooks write them (`on`, `note`, `8`), as the compiler takes them. The notebook's parser
 * has refused every other key and value before a run is planned.
 *
 * @throws Error on a key or value that the parser should have refused
 */
export function languageOptions(written: Readonly<Record<string, string>>): LanguageOptions {
  let options: LanguageOptions = {};
  for (const [key, value] of Object.entries(written)) options = { ...options, ...optionOf(key, value) };
  return options;
}

function optionOf(key: string, value: string): LanguageOptions {
  switch (key) {
    case "recursion":
      return { recursion: Number(value) };
    case "races":
      if (value === "error" || value === "note" || value === "off") return { races: value };
      break;
    case "warn":
      if (value === "error" || value === "note") return { warn: value };
      break;
    case "lockdep":
      if (value === "instances" || value === "strict") return { lockdep: value };
      break;
    case "reuse":
    case "oom":
    case "signals":
      if (value === "on" || value === "off") return { [key]: value === "on" };
      break;
  }
  throw new Error(`assert: the notebook's parser let the option "${key}: ${value}" pass`);
}
