import { useRouter } from "@tanstack/react-router";

import { ErrorNotice } from "@/ui";

/** A page that failed while it was drawn: the frame around it still works. */
export function PageError({ error, reset }: { error: unknown; reset: () => void }) {
  const router = useRouter();
  return (
    <div className="page">
      <ErrorNotice
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </div>
  );
}
