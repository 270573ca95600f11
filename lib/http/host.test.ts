import { describe, expect, it } from "vitest";
import { isAllowedHost, isOwnOrigin } from "./host.ts";

describe("isAllowedHost", () => {
  const publicUrl = "https://notes.example.org:8443";
  it.each(["127.0.0.1", "127.0.0.1:3000", "localhost:3999", "LOCALHOST:1", "notes.example.org:8443"])(
    "answers to %s",
    (host) => {
      expect(isAllowedHost(host, publicUrl)).toBe(true);
    },
  );
  it.each([
    null,
    "",
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:3000",
    "notes.example.org",
    "notes.example.org:8443@evil.example",
    "127.0.0.1:3000/x",
    "localhost:999999",
  ])("refuses %s", (host) => {
    expect(isAllowedHost(host, publicUrl)).toBe(false);
  });
});

describe("isOwnOrigin", () => {
  it("takes the origin that the browser addressed, and PUBLIC_URL's", () => {
    expect(isOwnOrigin("http://127.0.0.1:3000", "127.0.0.1:3000", undefined)).toBe(true);
    expect(isOwnOrigin("https://notes.example.org", "127.0.0.1:3000", "https://notes.example.org/")).toBe(true);
  });
  it.each(["null", "http://evil.example", "http://127.0.0.1:3001", "https://127.0.0.1:3000", "http://localhost:3000"])(
    "refuses %s",
    (origin) => {
      expect(isOwnOrigin(origin, "127.0.0.1:3000", undefined)).toBe(false);
    },
  );
  it("refuses an origin that equals a Host header which is not ours", () => {
    expect(isOwnOrigin("http://evil.example", "evil.example", undefined)).toBe(false);
  });
});
