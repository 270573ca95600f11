/**
 * Text for a terminal: control characters (but line end and tab), and the characters that reorder or hide text, as a
 * middle dot, so that a notebook or a mail cannot act on the terminal or show what it does not say.
 *
 * @source docs/platform: Trojan Source (CVE-2021-42574); ECMA-48 C0 and C1
 */
export function printable(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, "\u00b7")
    .replace(/\p{Cs}/gu, "\u00b7");
}
