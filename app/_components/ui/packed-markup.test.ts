import fc from "fast-check";
import { expect, it } from "vitest";
import { markup, text } from "./markup.ts";
import { packMarkup, unpackMarkup } from "./packed-markup.ts";

it("gives back what was packed", () => {
  const pieces = fc.constantFrom(
    "<tr class=a><td><td>",
    "<b>",
    '">',
    "&lt;",
    "x",
    "\t",
    "\n",
    "&",
    '"',
    "<",
    "</i>",
    "ü",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const html = parts.join("");
      expect(unpackMarkup(packMarkup(html))).toBe(html);
    }),
  );
});

it("keeps private characters of a mail as references, so that no mail can write a tag", () => {
  const { html } = markup`<p>${text("\ue000\ue012script\ue013")}</p>`;
  const back = unpackMarkup(packMarkup(html));
  expect(back).toBe("<p>&#57344;&#57362;script&#57363;</p>");
});

it("makes rows small", () => {
  const row = "<tr class=a><td><td>813<td>+\tset_handoff(rtm);";
  expect(Buffer.byteLength(packMarkup(row))).toBeLessThan(32);
});
