import pino, { type Logger } from "pino";
import { environment } from "./env.server.ts";

let logger: Logger | undefined;

/** The process's log: JSON lines on stderr. Mail text, secrets and cookies never go in. */
export function log(): Logger {
  logger ??= pino(
    {
      level: environment().LOG_LEVEL,
      base: null,
      redact: ["req.headers", "headers", "cookie", "token", "*.token", "*.secret"],
    },
    pino.destination(2),
  );
  return logger;
}
