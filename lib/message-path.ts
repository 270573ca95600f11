/**
 * Message-IDs as segments of URLs, the one codec for all pages and routes. An id may hold `/ + % ? #`, be a single dot,
 * or end in `.txt` like a text twin does; `page.tsx` gets its segment encoded, `route.ts` decoded.
 */
import { sha256Hex } from "./hash.ts";

/** Longer ids stand in URLs as their SHA-256: proxies and Node bound the request line at 8 to 16 kB. */
const plainIdMax = 1000;

/** What a segment names: an id, or the hash of one that is too long for a URL. */
export type MessageReference =
  { readonly kind: "id"; readonly messageId: string } | { readonly kind: "hash"; readonly messageIdHashHex: string };

/** The segment for a Message-ID (without <>). `/` and its like are escaped; `@ + = $ !` stay readable. */
export function messageIdToSegment(messageId: string): string {
  if (messageId.length > plainIdMax) return `~sha256:${sha256Hex(messageId)}~`;
  return needsGuard(messageId) ? `~${escapeSegment(messageId)}~` : escapeSegment(messageId);
}

/** The address of a mail's page. */
export function messagePath(messageId: string): string {
  return `/t/${messageIdToSegment(messageId)}`;
}

/** Reads a segment that is already percent-decoded (as `route.ts` receives it). */
export function messageReference(decoded: string): MessageReference {
  const guarded = /^~([^]*)~$/.exec(decoded)?.[1];
  if (guarded === undefined) return { kind: "id", messageId: withoutBrackets(decoded) };
  const hash = /^sha256:([0-9a-f]{64})$/.exec(guarded)?.[1];
  return hash === undefined ? { kind: "id", messageId: guarded } : { kind: "hash", messageIdHashHex: hash };
}

/** Reads a segment as `page.tsx` receives it. A malformed escape is taken literally: it can only name an unknown mail. */
export function messageReferenceOfPage(encoded: string): MessageReference {
  return messageReference(decodeSegment(encoded));
}

/** What a `.txt` address may mean, in the order to try: an id that ends in `.txt`, then the text twin of what stands before. */
export function textTwinOf(decoded: string): {
  readonly whole: MessageReference;
  readonly twin: MessageReference | null;
} {
  const whole = messageReference(decoded);
  return { whole, twin: decoded.endsWith(".txt") ? messageReference(decoded.slice(0, -4)) : null };
}

function decodeSegment(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (error) {
    if (error instanceof URIError) return encoded;
    throw error;
  }
}

/** Dots alone are path navigation, even escaped; the other shapes would be read as a guard or as another view of the mail. */
function needsGuard(messageId: string): boolean {
  return /^(\.{1,2}|~[^]*|[^]*\.(txt|json|mbox))$/i.test(messageId);
}

function escapeSegment(text: string): string {
  // A lone surrogate has no UTF-8 form; the stored id has U+FFFD there too.
  return encodeURIComponent(text.replace(/\p{Cs}/gu, "\uFFFD")).replace(/%(40|2B|3D|24|3A|2C|3B)/g, (escaped) =>
    decodeURIComponent(escaped),
  );
}

/** People paste ids with their angle brackets. */
function withoutBrackets(text: string): string {
  return text.replace(/^<([^]*)>$/, "$1");
}
