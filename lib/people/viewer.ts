/** Who looks or acts. A From: header of ingested mail never makes a viewer. */
export type Viewer =
  | { readonly kind: "anonymous" }
  | { readonly kind: "person"; readonly personId: string; readonly displayName: string; readonly isOperator: boolean }
  /** The program itself at start-up (shipped notebooks, imports by command). Never made from a request. */
  | { readonly kind: "system"; readonly personId: string };

export const anonymous: Viewer = { kind: "anonymous" };

/** The person id to write as author, or null for an anonymous viewer. */
export function authorOf(viewer: Viewer): string | null {
  return viewer.kind === "anonymous" ? null : viewer.personId;
}
