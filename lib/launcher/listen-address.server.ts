import { createServer } from "node:net";
import type { Environment } from "../env.server.ts";
import { LaunchError } from "./data-home.server.ts";
import { isErrno } from "./process-identity.server.ts";

/**
 * The address to serve on, known to be free a moment ago. PORT=0 takes any free port.
 *
 * @throws LaunchError when the port is taken or the address is not this machine's
 */
export async function choosePort(environment: Environment): Promise<{ host: string; port: number }> {
  const { HOST: host, PORT: wanted } = environment;
  const server = createServer();
  try {
    const port = await new Promise<number>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port: wanted, exclusive: true }, () => {
        const address = server.address();
        resolve(typeof address === "object" && address ? address.port : wanted);
      });
    });
    return { host, port };
  } catch (error) {
    throw new LaunchError(explain(error, host, wanted), { cause: error });
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

function explain(error: unknown, host: string, port: number): string {
  if (isErrno(error, "EADDRINUSE"))
    return `Port ${port} on ${host} is in use by another program. Choose another one: PORT=${port + 1} npm start`;
  if (isErrno(error, "EACCES"))
    return `Port ${port} on ${host} is not allowed for this user. Choose one above 1023 with PORT.`;
  const reason = error instanceof Error ? error.message : String(error);
  return `Nothing can be served on ${host}:${port} (${reason}). Check HOST and PORT.`;
}

/** The address to open in a browser on this machine. */
export function publicOrigin(host: string, port: number): string {
  const isAny = host === "0.0.0.0" || host === "::";
  const name = isAny ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
