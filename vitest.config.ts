import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Left to itself vitest keeps one core of two for the watcher that it does not run here.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          include: ["simulator/**/*.test.ts", "lib/**/*.test.ts", "app/**/*.test.{ts,tsx}", "scripts/**/*.test.ts"],
          // Far above what any test needs: a loaded machine is no failure. Speed is for the benchmarks.
          testTimeout: 60_000,
        },
      },
      {
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
