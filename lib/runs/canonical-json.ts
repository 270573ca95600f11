/**
 * One spelling of every JSON value, so that equal values have equal bytes and equal hashes: keys sorted by UTF-16
 * units, no blanks, numbers and strings as JSON.stringify writes them.
 *
 * @source RFC 8785 (JSON Canonicalization Scheme), sections 3.2.1 to 3.2.3
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * The canonical text of a value. Members that are undefined are left out, as JSON.stringify does.
 *
 * @throws Error on a number that JSON cannot say (NaN, an infinity): a hash of `null` in its place would be a lie
 */
export function canonicalJson(value: Json): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new Error(`assert: ${String(value)} has no JSON form`);
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(",")}}`;
}

// Array.isArray does not narrow a readonly array out of a union.
function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
