import pg from "pg";
import { environment } from "../env.server.ts";

const reconnectDelayMs = 500;

/**
 * Listens to NOTIFY on some channels for as long as the process lives, over a connection of its own. A notification sent
 * while the connection was down is lost: `onConnected` is called after every (re)connection, so that the caller looks
 * for itself then.
 *
 * @returns stops listening
 */
export function listenTo(
  channels: readonly string[],
  handlers: {
    readonly onNotification: (channel: string, payload: string) => void;
    readonly onConnected: () => void;
    readonly onLost: (error: Error) => void;
  },
): () => Promise<void> {
  let client: pg.Client | null = null;
  let retry: NodeJS.Timeout | undefined;
  let isStopped = false;

  const lose = (lost: pg.Client, error: Error): void => {
    if (client !== lost || isStopped) return;
    client = null;
    handlers.onLost(error);
    // Closing a broken connection fails in its own ways; it is thrown away.
    lost.end().catch(() => undefined);
    retry = setTimeout(connect, reconnectDelayMs);
  };

  const connect = (): void => {
    const opening = new pg.Client({ connectionString: environment().DATABASE_URL, keepAlive: true });
    client = opening;
    opening.on("error", (error) => {
      lose(opening, error);
    });
    opening.on("end", () => {
      lose(opening, new Error("the connection ended"));
    });
    opening.on("notification", (message) => {
      handlers.onNotification(message.channel, message.payload ?? "");
    });
    opening
      .connect()
      .then(() => opening.query(channels.map((channel) => `LISTEN ${pg.escapeIdentifier(channel)}`).join(";")))
      .then(handlers.onConnected)
      .catch((error: unknown) => {
        lose(opening, error instanceof Error ? error : new Error(String(error)));
      });
  };

  connect();
  return async () => {
    isStopped = true;
    clearTimeout(retry);
    await client?.end();
  };
}
