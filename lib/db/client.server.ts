import { PrismaPg } from "@prisma/adapter-pg";
import { environment } from "../env.server.ts";
import { Prisma, PrismaClient } from "#prisma/generated/client.ts";

export { Prisma };
export type Transaction = Prisma.TransactionClient;
/** What a query function takes: the client itself or an open transaction. */
export type Db = PrismaClient | Transaction;

// Next loads server modules several times in development; one pool per process lives on globalThis.
const holder = globalThis as typeof globalThis & { hunkbookDb?: PrismaClient };

/** The one Prisma client of this process, connected on first use as the app role. */
export function db(): PrismaClient {
  holder.hunkbookDb ??= connect();
  return holder.hunkbookDb;
}

function connect(): PrismaClient {
  const url = environment().DATABASE_URL;
  if (!url)
    throw new Error(
      "DATABASE_URL is not set: the launcher (npm start) or the command sets it before anything reads the database.",
    );
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 10 }) });
}

/** Closes the pool, so that a command can end. */
export async function disconnect(): Promise<void> {
  await holder.hunkbookDb?.$disconnect();
  delete holder.hunkbookDb;
}
