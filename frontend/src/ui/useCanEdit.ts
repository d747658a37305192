import { useQuery } from "@tanstack/react-query";

import { sessionOptions } from "@/api/session";

/** Whether the reader may decide, upload and delete: viewers see no such controls. */
export function useCanEdit(): boolean {
  const { data } = useQuery(sessionOptions);
  return data?.user != null && data.user.role !== "viewer";
}
