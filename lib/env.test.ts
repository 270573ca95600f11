import { expect, it } from "vitest";
import { parseEnvironment } from "./env.server.ts";

it("fills in what is not said", () => {
  const outcome = parseEnvironment({ PORT: "" });
  expect(outcome).toMatchObject({ kind: "valid", environment: { PORT: 3000, HOST: "127.0.0.1", ROLE: "all" } });
});

it("names every problem at once and no value", () => {
  const outcome = parseEnvironment({ PORT: "ninety", ROLE: "everything", DATABASE_URL: "secret-not-a-url" });
  expect(outcome.kind).toBe("invalid");
  const text = JSON.stringify(outcome);
  for (const name of ["PORT", "ROLE", "DATABASE_URL"]) expect(text).toContain(name);
  expect(text).not.toContain("secret");
});
