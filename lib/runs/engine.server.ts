import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** The built simulator that runs use: what computed a result is part of its run key. */
export type Engine = {
  /** sha256 of dist/simulator.mjs. */
  readonly digest: string;
  readonly version: string;
  /** Directory that holds simulator.mjs and child.mjs. */
  readonly directory: string;
};

const engineFileSchema = z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/), version: z.string() });

let found: Engine | undefined;

/**
 * The engine of this installation, read once a process.
 *
 * @throws Error saying how to build when there is none
 */
export function engine(): Engine {
  found ??= findEngine();
  return found;
}

/** dist/ is beside or above this module: it is the module's own directory in a bundle, the root's child in a checkout. */
function findEngine(): Engine {
  const starts = [dirname(fileURLToPath(import.meta.url)), process.cwd()];
  for (const start of starts) {
    for (let directory = start; ; directory = dirname(directory)) {
      for (const candidate of [directory, join(directory, "dist")]) {
        const engineFile = readEngineFile(join(candidate, "engine.json"));
        if (engineFile !== null) return { ...engineFile, directory: candidate };
      }
      if (dirname(directory) === directory) break;
    }
  }
  throw new Error(
    "The simulator is not built: there is no dist/engine.json. Run `npm run build` in the project's root.",
  );
}

function readEngineFile(path: string): z.infer<typeof engineFileSchema> | null {
  try {
    return engineFileSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new Error(`${path} is damaged; run \`npm run build\`.`, { cause: error });
  }
}
