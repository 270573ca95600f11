import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitMbox, splitMboxBytes, unescapeFromLines } from "./mbox.ts";
import type { MboxEntry } from "./mbox.ts";

const SEPARATOR = "From mboxrd@z Thu Jan  1 00:00:00 1970\n";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (array: Uint8Array): string => new TextDecoder().decode(array);

async function splitChunks(whole: Uint8Array, sizes: readonly number[], mailBytesMax = 1e7): Promise<MboxEntry[]> {
  async function* chunks() {
    let at = 0;
    for (let i = 0; at < whole.length; i++) {
      const size = Math.max(1, sizes[i % sizes.length] ?? 1);
      yield whole.subarray(at, (at += size));
    }
  }
  const entries: MboxEntry[] = [];
  for await (const entry of splitMbox(chunks(), mailBytesMax)) entries.push(entry);
  return entries;
}

const line = fc.constantFrom(
  "text",
  "",
  "From here on",
  ">From quoted",
  ">>From twice",
  "From: x",
  "\r",
  "From a@b Mon Jan  1 00:00:00 2026",
);
const mailText = fc.array(line, { maxLength: 8 }).map((lines) => `From: a@example.org\n\n${lines.join("\n")}\n\n`);

describe("splitting an mbox", () => {
  it("gives the same mails wherever the chunks end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(mailText, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 }),
        async (mails, sizes) => {
          const whole = bytes(mails.map((mail) => SEPARATOR + mail).join(""));
          expect(await splitChunks(whole, sizes)).toEqual(splitMboxBytes(whole, 1e7));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("loses no byte: separators and mails are the file", () => {
    fc.assert(
      fc.property(fc.array(mailText, { minLength: 1, maxLength: 6 }), (mails) => {
        const whole = mails.map((mail) => SEPARATOR + mail).join("");
        let at = 0;
        for (const entry of splitMboxBytes(bytes(whole), 1e7)) {
          if (entry.kind === "oversized") throw new Error("too long");
          const gap = whole.slice(at, entry.offsetBytes);
          expect(gap).toMatch(/^From [^\n]*\n$/);
          expect(whole.slice(entry.offsetBytes, entry.offsetBytes + entry.bytes.length)).toBe(text(entry.bytes));
          at = entry.offsetBytes + entry.bytes.length;
        }
        expect(at).toBe(whole.length);
      }),
    );
  });

  it("finds exactly the mails that were put in with mboxrd quoting", () => {
    fc.assert(
      fc.property(fc.array(mailText, { minLength: 1, maxLength: 6 }), (mails) => {
        const quoted = mails.map((mail) => SEPARATOR + mail.replace(/^(>*From )/gm, ">$1"));
        const entries = splitMboxBytes(bytes(quoted.join("")), 1e7);
        expect(
          entries.map((entry) => (entry.kind === "mail" ? text(unescapeFromLines(entry.bytes)) : entry.kind)),
        ).toEqual(mails);
      }),
    );
  });

  it("drops a mail over the limit and goes on behind it", () => {
    const whole = bytes(`${SEPARATOR}${"x".repeat(5000)}\n\n${SEPARATOR}From: a@example.org\n\nsmall\n`);
    expect(splitMboxBytes(whole, 1000).map((entry) => [entry.kind, entry.offsetBytes])).toEqual([
      ["oversized", SEPARATOR.length],
      ["mail", 2 * SEPARATOR.length + 5002],
    ]);
  });

  it("reads a line of 30 MB in time that grows with its length only", async () => {
    const long = new Uint8Array(30e6).fill(0x78);
    long.set(bytes(SEPARATOR));
    const before = process.cpuUsage();
    const entries = await splitChunks(long, [65_536], 5e7);
    expect(entries.map((entry) => (entry.kind === "mail" ? entry.bytes.length : entry.kind))).toEqual([
      30e6 - SEPARATOR.length,
    ]);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(3000);
  });

  it("calls what stands before the first separator a preamble, unless it is blank", () => {
    expect(splitMboxBytes(bytes("hello\n\n"), 100).map((entry) => entry.kind)).toEqual(["preamble"]);
    expect(splitMboxBytes(bytes("\n\r\n"), 100)).toEqual([]);
  });
});
