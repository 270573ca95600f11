import { expect, it } from "vitest";
import { formToken, isFormToken } from "./form-token.server.ts";
import { readCookie, sessionCookie, sessionCookieName } from "./cookies.ts";

it("pins the cookie to the host exactly when people come by https", () => {
  expect(sessionCookieName("https://notes.example.org")).toBe("__Host-hunkbook");
  expect(sessionCookieName(undefined)).toBe("hunkbook");
  expect(sessionCookie("s", { publicUrl: "https://notes.example.org", maxAgeSeconds: 60 })).toBe(
    "__Host-hunkbook=s; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure",
  );
  expect(sessionCookie("s", { publicUrl: undefined, maxAgeSeconds: 0 })).toBe(
    "hunkbook=s; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
  );
});

it("reads one cookie among others, by its exact name", () => {
  expect(readCookie("xhunkbook=1; hunkbook=abc=; theme=dark", "hunkbook")).toBe("abc=");
  expect(readCookie("theme=dark", "hunkbook")).toBeNull();
  expect(readCookie(null, "hunkbook")).toBeNull();
});

it("accepts a form token only with the session that it was made for", () => {
  expect(isFormToken(formToken("one"), "one")).toBe(true);
  expect(isFormToken(formToken("one"), "two")).toBe(false);
  expect(isFormToken("", "one")).toBe(false);
});
