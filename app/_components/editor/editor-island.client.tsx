"use client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Workbench, type WorkbenchProps } from "./workbench.client.tsx";

/** The editor with JavaScript. It takes over the plain form's text area, which stays the way without it. */
export function EditorIsland(props: WorkbenchProps): ReactNode {
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: 2 } } }));
  return (
    <QueryClientProvider client={client}>
      <Workbench {...props} />
    </QueryClientProvider>
  );
}
