import fc from "fast-check";
import { expect, it } from "vitest";
import { can, visibleTo, type Made } from "./permissions.ts";
import { anonymous, type Viewer } from "./viewer.ts";

const person = (personId: string, isOperator: boolean): Viewer => ({
  kind: "person",
  personId,
  displayName: personId,
  isOperator,
});

const viewers = fc.oneof(
  fc.constant<Viewer>(anonymous),
  fc.tuple(fc.constantFrom("a", "b"), fc.boolean()).map(([id, isOperator]) => person(id, isOperator)),
  fc.constant<Viewer>({ kind: "system", personId: "s" }),
);
const things = fc.record({
  authorId: fc.constantFrom("a", "b"),
  visibility: fc.constantFrom("draft", "link", "public"),
}) as fc.Arbitrary<Made>;

/** The WHERE, evaluated by hand on one row. */
function matches(where: ReturnType<typeof visibleTo<"authorId">>, row: Made): boolean {
  if (!("OR" in where)) return true;
  return where.OR.some((clause) =>
    Object.entries(clause).every(([column, value]) => row[column as keyof Made] === value),
  );
}

it("finds in lists exactly what may be read without a link", () => {
  fc.assert(
    fc.property(viewers, things, (viewer, thing) => {
      expect(matches(visibleTo(viewer, "authorId"), thing)).toBe(can(viewer, { kind: "read", thing, byLink: false }));
    }),
  );
});

it("shows a draft to its author only, whoever has its address", () => {
  const draft: Made = { authorId: "a", visibility: "draft" };
  expect(can(person("b", true), { kind: "read", thing: draft, byLink: true })).toBe(false);
  expect(can(anonymous, { kind: "read", thing: draft, byLink: true })).toBe(false);
  expect(can(person("a", false), { kind: "read", thing: draft, byLink: false })).toBe(true);
});

it("shows a link-only thing to whoever has its address", () => {
  expect(can(anonymous, { kind: "read", thing: { authorId: "a", visibility: "link" }, byLink: true })).toBe(true);
});

it("lets nobody edit another's work, but an operator what is public", () => {
  expect(can(person("b", false), { kind: "edit", thing: { authorId: "a", visibility: "public" } })).toBe(false);
  expect(can(person("b", true), { kind: "edit", thing: { authorId: "a", visibility: "public" } })).toBe(true);
  expect(can(person("b", true), { kind: "edit", thing: { authorId: "a", visibility: "link" } })).toBe(false);
});

it("needs a session to make anything, and an operator to import mail", () => {
  expect(can(anonymous, { kind: "create" })).toBe(false);
  expect(can(person("a", false), { kind: "create" })).toBe(true);
  expect(can(person("a", false), { kind: "import-mail" })).toBe(false);
  expect(can(person("a", true), { kind: "import-mail" })).toBe(true);
});
