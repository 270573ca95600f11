/** A page as text: always UTF-8, never guessed to be anything else, never kept by a shared cache. */
export function plainText(text: string): Response {
  return new Response(text, {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
      "cache-control": "private, no-store",
    },
  });
}
