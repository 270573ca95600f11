import { AppError } from "../errors.ts";

const bodyMaxBytes = 1_000_000;
const jsonDepthMax = 64;

/**
 * A request's body as a record of fields: JSON, urlencoded or multipart text fields. Bounded before it is parsed.
 * A `form-token` field is taken out and returned apart.
 *
 * @throws AppError bad-request | too-large | unsupported-media-type
 */
export async function readBody(
  request: Request,
): Promise<{ readonly fields: unknown; readonly formToken: string | null; readonly isForm: boolean }> {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  const bytes = await readBounded(request);
  if (type === "application/json" || (type === "" && bytes.length === 0)) {
    return {
      fields: bytes.length === 0 ? {} : parseJson(bytes),
      formToken: request.headers.get("x-form-token"),
      isForm: false,
    };
  }
  if (type !== "application/x-www-form-urlencoded" && type !== "multipart/form-data") {
    throw new AppError(
      "unsupported-media-type",
      `This address takes JSON or a form, not ${type === "" ? "a body without a Content-Type" : type}.`,
    );
  }
  const fields = await readForm(request.headers, bytes);
  const { "form-token": formToken = null, ...rest } = fields;
  return { fields: rest, formToken, isForm: true };
}

async function readBounded(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for (const reader = request.body?.getReader(); reader;) {
    const { done, value } = await reader.read();
    if (done) break;
    sizeBytes += value.length;
    if (sizeBytes > bodyMaxBytes) {
      await reader.cancel();
      throw new AppError(
        "too-large",
        `The body is larger than ${bodyMaxBytes} bytes. A notebook holds 256 kB at most; import mail with \`hunkbook import FILE\`.`,
      );
    }
    chunks.push(value);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

async function readForm(headers: Headers, bytes: Uint8Array<ArrayBuffer>): Promise<Record<string, string>> {
  // A null prototype: a field named __proto__ is a field.
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  try {
    const form = await new Response(bytes, {
      headers: { "content-type": headers.get("content-type") ?? "" },
    }).formData();
    // Browsers send text areas with CRLF (HTML standard, form submission); texts here are LF.
    for (const [name, value] of form) if (typeof value === "string") fields[name] = value.replace(/\r\n/g, "\n");
  } catch (cause) {
    throw new AppError("bad-request", "The form could not be read: its encoding is broken.", { cause: String(cause) });
  }
  return fields;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (depthOf(value) <= jsonDepthMax) return value;
  } catch (cause) {
    throw new AppError(
      "bad-request",
      `The body is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
  throw new AppError("bad-request", `The JSON is nested deeper than ${jsonDepthMax} levels.`);
}

function depthOf(value: unknown): number {
  let depth = 0;
  for (let level: unknown[] = [value]; level.length > 0 && depth <= jsonDepthMax; depth++) {
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return depth - 1;
}
