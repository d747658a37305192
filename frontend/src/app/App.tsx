import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";

import { ApiError } from "@/api/client";
import { sessionOptions } from "@/api/session";

import { router } from "./router";

const client = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      // The session ended elsewhere: ask who is logged in, which brings the log-in page.
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
        void client.invalidateQueries({ queryKey: sessionOptions.queryKey });
      }
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // An answer that says what is wrong will say it again; only silence is worth another try.
      retry: (failures, error) => !(error instanceof ApiError) && failures < 2,
    },
  },
});

export function App() {
  return (
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
