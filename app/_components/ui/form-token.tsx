import type { ReactNode } from "react";

/** For browsers that send no Origin: see lib/http/form-token.server.ts. */
export function FormToken({ value }: { readonly value: string | null }): ReactNode {
  return value === null ? null : <input type="hidden" name="form-token" value={value} />;
}
