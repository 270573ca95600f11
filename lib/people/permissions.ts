import type { Viewer } from "./viewer.ts";

export type Visibility = "draft" | "link" | "public";

/** The part of anything made by a person that decides who may see it. */
export type Made = { readonly authorId: string; readonly visibility: Visibility };

export type Action =
  | {
      readonly kind: "read";
      readonly thing: Made;
      /** The viewer came by the thing's own unguessable address. */ readonly byLink: boolean;
    }
  | { readonly kind: "edit"; readonly thing: Made }
  | { readonly kind: "cancel-ask"; readonly thing: Made }
  | { readonly kind: "create" }
  | { readonly kind: "import-mail" }
  | { readonly kind: "withhold-mail" };

/**
 * May this viewer do this? The one place that decides. Its twin for lists is `visibleTo`:
 * a property test holds that both give the same answer for reads without a link.
 */
export function can(viewer: Viewer, action: Action): boolean {
  if (viewer.kind === "system") return true;
  switch (action.kind) {
    case "read":
      return (
        action.thing.visibility === "public" ||
        (action.byLink && action.thing.visibility === "link") ||
        owns(viewer, action.thing)
      );
    case "edit":
    case "cancel-ask":
      return (
        owns(viewer, action.thing) ||
        (viewer.kind === "person" && viewer.isOperator && action.thing.visibility === "public")
      );
    case "create":
      return viewer.kind === "person";
    case "import-mail":
    case "withhold-mail":
      return viewer.kind === "person" && viewer.isOperator;
  }
}

function owns(viewer: Viewer, thing: Made): boolean {
  return viewer.kind === "person" && viewer.personId === thing.authorId;
}

/** The WHERE of "what this viewer may find in a list", for tables with `visibility` and the named author column. */
export function visibleTo<AuthorColumn extends string>(
  viewer: Viewer,
  authorColumn: AuthorColumn,
): Record<string, never> | { OR: ({ visibility: "public" } | Record<AuthorColumn, string>)[] } {
  if (viewer.kind === "system") return {};
  const isPublic = { visibility: "public" as const };
  if (viewer.kind === "anonymous") return { OR: [isPublic] };
  return { OR: [isPublic, { [authorColumn]: viewer.personId } as Record<AuthorColumn, string>] };
}
