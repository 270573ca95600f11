import type { z } from "zod";
import { AppError, httpStatus } from "../errors.ts";
import { log } from "../log.server.ts";
import type { Viewer } from "../people/viewer.ts";
import { readBody } from "./body.server.ts";
import { callerOf, checkHost, checkOrigin } from "./request.server.ts";

/** A call that has passed every check: who, where to, with what. */
export type Call<Params, Input> = {
  readonly viewer: Viewer;
  readonly sessionSecret: string | null;
  readonly params: Params;
  readonly input: Input;
  /** Sent by a plain HTML form: answer with 303 and a page, not with JSON. */
  readonly isForm: boolean;
  readonly request: Request;
};

export type RouteDefinition<Params, Input> = {
  readonly params: z.ZodType<Params>;
  /** The query of a GET, the body of anything else. Strict objects only: an extra field is an error. */
  readonly input: z.ZodType<Input>;
  /** May this viewer do this at all? Finer checks stand in the query's WHERE. */
  readonly authorise: (viewer: Viewer) => "allowed" | "sign-in-needed" | "not-found";
  /** One lib call and a response; a plain value is sent as JSON. */
  readonly handler: (call: Call<Params, Input>) => Promise<Response | object>;
};

/** Next gives no params where the address has none. */
type RouteContext = { readonly params?: Promise<Record<string, string | string[]>> };
export type RouteHandler = (request: Request, context: RouteContext) => Promise<Response>;

/**
 * A route is a seam: parse, authorise, one lib call, respond; in this order, and none of them can be forgotten.
 * Every change (anything but GET and HEAD) passes the Origin or form-token check first.
 */
export function defineRoute<Params, Input>(route: RouteDefinition<Params, Input>): RouteHandler {
  return async (request, context) => {
    try {
      const call = await parseCall(route, request, (await context.params) ?? {});
      const answer = await route.handler(call);
      return answer instanceof Response
        ? answer
        : Response.json(answer, { headers: { "cache-control": "private, no-store" } });
    } catch (error) {
      return refusal(error, request);
    }
  };
}

async function parseCall<Params, Input>(
  route: RouteDefinition<Params, Input>,
  request: Request,
  rawParams: Record<string, string | string[]>,
): Promise<Call<Params, Input>> {
  checkHost(request.headers);
  const { viewer, sessionSecret } = await callerOf(request.headers);
  const isChange = request.method !== "GET" && request.method !== "HEAD";
  const body = isChange
    ? await readBody(request)
    : { fields: Object.fromEntries(new URL(request.url).searchParams), formToken: null, isForm: false };
  if (isChange) checkOrigin(request.headers, { sessionSecret, formToken: body.formToken });
  const allowed = route.authorise(viewer);
  if (allowed === "sign-in-needed")
    throw new AppError(
      "sign-in-needed",
      "Sign in first: open the link that `npm start` printed, or one from `hunkbook login ADDRESS`.",
    );
  if (allowed === "not-found") throw new AppError("not-found", "There is nothing at this address.");
  const params = parsePart(route.params, rawParams, "address");
  return {
    viewer,
    sessionSecret,
    params,
    input: parsePart(route.input, body.fields, "request"),
    isForm: body.isForm,
    request,
  };
}

function parsePart<T>(schema: z.ZodType<T>, value: unknown, part: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || part}: ${issue.message}`);
  throw new AppError("bad-request", `The ${part} is not usable: ${problems.join("; ")}`, { problems });
}

/** Any error as an answer: a refusal says itself, a fault says nothing of the inside and is logged under its number. */
export function refusal(error: unknown, request: Request): Response {
  if (error instanceof AppError) return errorResponse(error, request);
  const reportId = crypto.randomUUID();
  log().error({ err: error, reportId, method: request.method }, "route failed");
  const body = { error: { code: "internal", message: `The server failed. Nothing was changed. Report ${reportId}.` } };
  return Response.json(body, { status: 500, headers: { "cache-control": "no-store" } });
}

function errorResponse(error: AppError, request: Request): Response {
  const status = httpStatus[error.code];
  const headers = { "cache-control": "no-store", ...(error.code === "queue-full" ? { "retry-after": "5" } : {}) };
  const wantsText = (request.headers.get("accept") ?? "").includes("text/html");
  if (wantsText)
    return new Response(`${error.message}\n`, {
      status,
      headers: { ...headers, "content-type": "text/plain; charset=utf-8" },
    });
  return Response.json(
    {
      error: {
        code: error.code,
        message: error.message,
        ...(error.detail === undefined ? {} : { detail: error.detail }),
      },
    },
    { status, headers },
  );
}

/** 303 See Other to a path of ours: a form's answer is a page that can be loaded again. */
export function seeOther(path: string): Response {
  if (!path.startsWith("/") || path.startsWith("//") || path.includes("\\"))
    throw new AppError("bad-request", "A redirect stays on this server.");
  return new Response(null, { status: 303, headers: { location: path, "cache-control": "no-store" } });
}
