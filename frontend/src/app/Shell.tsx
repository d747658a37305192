import { useQuery } from "@tanstack/react-query";

import { sessionOptions } from "@/api/session";
import { LoginPage } from "@/features/login/LoginPage";
import { ErrorNotice, useAfterDelay } from "@/ui";

import { Frame } from "./Frame";

function Waiting() {
  return useAfterDelay() ? (
    <div className="frame" aria-busy>
      <div className="rail" />
      <div className="top" />
    </div>
  ) : null;
}

/** The log-in page for strangers, at any address; the frame for everybody else. */
export function Shell() {
  const session = useQuery(sessionOptions);
  if (session.isPending) return <Waiting />;
  if (session.isError) {
    return (
      <main className="page">
        <ErrorNotice error={session.error} onRetry={() => void session.refetch()} />
      </main>
    );
  }
  return session.data.user ? <Frame user={session.data.user} /> : <LoginPage />;
}
