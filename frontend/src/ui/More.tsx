import { useEffect, useRef } from "react";

import { t } from "@/messages";

import { Button } from "./Button";

type Props = { query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } };

/** The end of a list that goes on: fetches the next page when it comes into view, or when pressed. */
export function More({ query: { hasNextPage, isFetchingNextPage, fetchNextPage } }: Props) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = end.current;
    if (!element || !hasNextPage || isFetchingNextPage) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) fetchNextPage();
      },
      { rootMargin: "400px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (!hasNextPage) return null;
  return (
    <div ref={end} className="row" style={{ justifyContent: "center", padding: 16, gridColumn: "1 / -1" }}>
      <Button look="ghost" disabled={isFetchingNextPage} onClick={() => fetchNextPage()}>
        {isFetchingNextPage ? t("state.loadingMore") : t("state.more")}
      </Button>
    </div>
  );
}
