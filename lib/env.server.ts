import { z } from "zod";

/**
 * The environment, parsed once. Nobody else reads process.env.
 * The launcher validates the same schema before it starts anything, so a child never meets a bad value.
 */
const environmentSchema = z.object({
  DATABASE_URL: z.string().url().optional(),
  /** Role that migrates and owns the queue's schema; DATABASE_URL when absent. */
  DATABASE_OWNER_URL: z.string().url().optional(),
  /** The address under which people reach the server; its host joins the Host allow-list. */
  PUBLIC_URL: z.string().url().optional(),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().min(1).default("127.0.0.1"),
  ROLE: z.enum(["all", "migrate"]).default("all"),
  HUNKBOOK_HOME: z.string().min(1).optional(),
  HUNKBOOK_WEAK_SANDBOX: z.enum(["0", "1"]).default("0"),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  NODE_ENV: z.enum(["production", "development", "test"]).default("production"),
});

export type Environment = z.infer<typeof environmentSchema>;

export type EnvironmentOutcome =
  | { readonly kind: "valid"; readonly environment: Environment }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/** Checks every variable and reports all problems at once; values are never printed, they may be secrets. */
export function parseEnvironment(variables: Readonly<Record<string, string | undefined>>): EnvironmentOutcome {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = environmentSchema.safeParse(given);
  if (parsed.success) return { kind: "valid", environment: parsed.data };
  return { kind: "invalid", problems: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) };
}

let parsed: Environment | undefined;

/** The validated environment of this process. @throws Error listing every problem when it is invalid. */
export function environment(): Environment {
  if (parsed) return parsed;
  const outcome = parseEnvironment(process.env);
  if (outcome.kind === "invalid") throw new Error(`The environment is not usable:\n${outcome.problems.join("\n")}`);
  parsed = outcome.environment;
  return parsed;
}
