import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddresses } from "./addresses.ts";
import { decodeCharset } from "./charset.ts";
import { parseDate, parseSentDate } from "./dates.ts";
import { decodeMail } from "./decode.ts";
import { decodeWords, messageIds, parseParameters } from "./headers.ts";
import { mailLimits } from "../limits.ts";
import { decodeBase64, decodeQuotedPrintable } from "./transfer.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (text: string) => decodeMail(bytes(text), { kind: "eml", receivedAtMs: 0 });
const codes = (text: string): string[] => decode(text).oddities.map((oddity) => oddity.code);

describe("transfer encodings", () => {
  it("undo what Node's base64 does, whatever the line breaks", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 80 }), (data, width) => {
        const encoded = Buffer.from(data)
          .toString("base64")
          .replace(new RegExp(`(.{${width}})`, "g"), "$1\r\n");
        expect(Buffer.from(decodeBase64(bytes(encoded)).bytes)).toEqual(Buffer.from(data));
      }),
    );
  });

  it("undo quoted-printable, bytes above 7F and soft breaks included", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
        const encoded = [...data].map((byte) => `=${byte.toString(16).padStart(2, "0").toUpperCase()}`).join("=\n");
        expect(Buffer.from(decodeQuotedPrintable(bytes(encoded)).bytes)).toEqual(Buffer.from(data));
      }),
    );
  });
});

describe("charsets", () => {
  it("take valid UTF-8 for UTF-8 under every label that is often wrong", () => {
    for (const label of [null, "y", "us-ascii", "ISO-8859-1", "windows-1252", "unknown-8bit"])
      expect(decodeCharset(bytes("Grüße – ja"), label).text).toBe("Grüße – ja");
  });
  it("never throw, whatever label and bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (data, label) => typeof decodeCharset(data, label).text === "string"),
    );
  });
});

describe("header values", () => {
  it("join a character that was split over two encoded words", () => {
    expect(decodeWords("=?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=")).toBe("Grüße");
    expect(decodeWords("a =?utf-8?b?w7w=?= b")).toBe("a ü b");
    expect(decodeWords("=?utf-8*de?q?=C3=BC?=")).toBe("ü");
  });
  it("leave what is no encoded word alone", () => {
    for (const value of ["=?", "=?utf-8?x?abc?=", "=?utf-8?q?no end", "a=?b=?c"])
      expect(decodeWords(value)).toBe(value);
  });
  it("read Message-IDs out of phrases, comments and broken brackets", () => {
    expect(messageIds('Your message of "Mon" <a@b>')).toEqual(["a@b"]);
    expect(messageIds("<a@b><c@d>\t<a@b>")).toEqual(["a@b", "c@d"]);
    expect(messageIds("<a <b@c>")).toEqual(["b@c"]);
    expect(messageIds("bare@id")).toEqual(["bare@id"]);
    expect(messageIds("no id here")).toEqual([]);
  });
  it("read addresses with commas, comments, groups and quotes", () => {
    expect(parseAddresses('"Last, \\"N\\" First" <A.b@Example.ORG>, list: x@y.org, (c, d) z@w.org;')).toEqual([
      { name: 'Last, "N" First', address: "A.b@example.org" },
      { name: "", address: "x@y.org" },
      { name: "c, d", address: "z@w.org" },
    ]);
  });
  it("read parameters in pieces (RFC 2231)", () => {
    const { value, parameters } = parseParameters("attachment; filename*0*=utf-8''%c3%bc; filename*1=b.txt; x=\"a;b\"");
    expect([value, parameters.get("filename"), parameters.get("x")]).toEqual(["attachment", "üb.txt", "a;b"]);
  });
});

describe("dates", () => {
  it("are read in the forms that mail has", () => {
    const instant = Date.UTC(2026, 1, 2, 9, 0, 0);
    for (const field of [
      "Mon, 2 Feb 2026 10:00:00 +0100",
      "2 Feb 26 09:00 GMT",
      "Mon Feb  2 09:00:00 2026",
      "Mon, 02 Feb 2026 04:00:00 EST",
      "2026-02-02T10:00:00+01:00",
      "Mon, 2 Feb 2026 10:00:00 +0100 (CET)",
    ])
      expect(parseDate(field)?.atMs, field).toBe(instant);
  });
  it("never leave the range that the database takes", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.integer({ min: 0, max: 4e12 }), (field, receivedAtMs) => {
        const { atMs } = parseSentDate(field, receivedAtMs);
        expect(atMs).toBeGreaterThanOrEqual(0);
        expect(atMs).toBeLessThanOrEqual(receivedAtMs + 86_400_000);
      }),
    );
    expect(parseSentDate("Mon, 2 Feb 271821 10:00:00 +0000", 5).oddities[0]?.code).toBe("date-clamped");
  });
});

describe("limits", () => {
  const nested = (depth: number): string =>
    Array.from({ length: depth }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`).join("") +
    "\nx\n";
  const parts = (count: number): string =>
    `Content-Type: multipart/mixed; boundary=b\n\n${"--b\n\nx\n".repeat(count)}--b--\n`;

  it("are each reported when they are passed, and not before", () => {
    expect(codes(nested(mailLimits.depthMax))).not.toContain("depth-limit");
    expect(codes(nested(mailLimits.depthMax + 1))).toContain("depth-limit");
    expect(codes(parts(mailLimits.partsMax))).not.toContain("part-limit");
    expect(codes(parts(mailLimits.partsMax + 1))).toContain("part-limit");
    expect(codes(`${"X: y\n".repeat(mailLimits.headersMax)}\nx`)).not.toContain("header-limit");
    expect(codes(`${"X: y\n".repeat(mailLimits.headersMax + 1)}\nx`)).toContain("header-limit");
    expect(codes(`X: ${"y".repeat(mailLimits.headerBytesMax)}\n\nx`)).toContain("header-limit");
    expect(
      decode(`References: ${"<a@b> ".repeat(3)}${Array.from({ length: 600 }, (_, i) => `<${i}@x>`).join(" ")}\n\nx`)
        .references,
    ).toHaveLength(mailLimits.referencesMax);
  });

  it("keep the generated bombs within time: 2 MB each, linear", { timeout: 60_000 }, () => {
    const bombs: Record<string, string> = {
      nest: nested(40_000),
      rfc822: `${"Content-Type: message/rfc822\n\n".repeat(60_000)}x`,
      parts: parts(250_000),
      headers: `${"X-A: b\n".repeat(300_000)}\nx`,
      words: `Subject: ${"=?utf-8?q?=41?= ".repeat(60_000)}\n\nx`,
      parentheses: `From: ${"(".repeat(900_000)}\n\nx`,
      brackets: `References: ${"<".repeat(900_000)}>\n\nx`,
      parameters: `Content-Type: text/plain${";\n a*1=x".repeat(100_000)}\n\nx`,
      html: `Content-Type: text/html\n\n${"<div><a".repeat(300_000)}`,
      quotes: `Content-Type: text/html\n\n${"<blockquote>x<br>".repeat(120_000)}`,
      long: `\n${"x".repeat(2e6)}`,
    };
    for (const [name, bomb] of Object.entries(bombs)) {
      const before = process.cpuUsage();
      decode(bomb);
      // Processor time, so that a busy machine does not fail it.
      expect(process.cpuUsage(before).user / 1000, name).toBeLessThan(2500);
    }
  });
});

describe("any bytes at all", () => {
  it("decode to a mail without throwing", () => {
    const soup = fc.array(
      fc.constantFrom(
        "Content-Type: multipart/mixed; boundary=b\n",
        "--b\n",
        "--b--\n",
        "\n",
        "\r\n",
        "From: a@b\n",
        " folded\n",
        "Content-Transfer-Encoding: base64\n",
        "=?utf-8?q?",
        "\0",
        "Subject: [PATCH v2 1/3",
        "]\n",
        "<p>",
        "\xff",
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(soup, (pieces) => typeof decode(pieces.join("")).body === "string"),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        (data) => typeof decodeMail(data, { kind: "mbox", receivedAtMs: 0 }).body === "string",
      ),
    );
  });

  it("give a made Message-ID that is the same every time", () => {
    const mail = decode("Subject: none\n\nx\n");
    expect(mail.messageId).toMatch(/^sha256-[0-9a-f]{64}@no-message-id\.invalid$/);
    expect(decode("Subject: none\n\nx\n").messageId).toBe(mail.messageId);
  });
});

describe("content hashes", () => {
  const mail = (options: { hops?: string; footer?: string; to?: string } = {}) =>
    decode(
      `${options.hops ?? ""}From: a@example.org\nTo: ${options.to ?? "l@example.org"}\nMessage-ID: <x@example.org>\nDate: Mon, 2 Feb 2026 10:00:00 +0000\n\ntext\n${options.footer ?? ""}`,
    );
  const hash = (one: ReturnType<typeof mail>): string => Buffer.from(one.contentHash).toString("hex");

  it("are equal for copies that took another road, and differ for another content", () => {
    const plain = hash(mail());
    expect(hash(mail({ hops: "Received: by somebody; Mon, 2 Feb 2026 10:00:01 +0000\nX-Spam: no\n" }))).toBe(plain);
    expect(hash(mail({ footer: `${"_".repeat(47)}\nexample mailing list\nexample@lists.example.org\n` }))).toBe(plain);
    expect(hash(mail({ footer: "\n\n" }))).toBe(plain);
    expect(hash(mail({ to: "other@example.org" }))).not.toBe(plain);
    expect(hash(mail({ footer: "more\n" }))).not.toBe(plain);
  });
});
