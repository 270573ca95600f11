import { defineConfig } from "vitest/config";

// server-only throws outside React's server condition; tests of *.server.ts take its empty half.
const serverOnly = { "server-only": new URL("./node_modules/server-only/empty.js", import.meta.url).pathname };

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias: serverOnly },
        test: {
          name: "unit",
          include: ["simulator/**/*.test.ts", "lib/**/*.test.ts", "app/**/*.test.{ts,tsx}", "scripts/**/*.test.ts"],
        },
      },
      {
        resolve: { alias: serverOnly },
        test: {
          name: "db",
          include: ["tests/db/**/*.test.ts"],
          globalSetup: ["tests/db/start-postgres.ts"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve: { alias: serverOnly },
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 400_000,
        },
      },
    ],
  },
});
