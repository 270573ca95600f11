/**
 * An address as an identity: trimmed, lower case. Only the shape is checked (RFC 5321 lengths, one @, no blanks or controls);
 * whether it is somebody's is what the sign-in link proves.
 *
 * @returns null when it is not an address
 */
export function normaliseAddress(text: string): string | null {
  const address = text.trim().toLowerCase();
  if (address.length > 254) return null;
  const at = address.lastIndexOf("@");
  if (at < 1 || at > 64 || at === address.length - 1) return null;
  return /^[^\s@<>"(),;:\\]+$/.test(address.slice(0, at)) && /^[a-z0-9.-]+$/.test(address.slice(at + 1))
    ? address
    : null;
}
