import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";

import { ApiError } from "@/api/client";
import { logIn, sessionOptions } from "@/api/session";
import { t } from "@/messages";
import { Button, ErrorNotice } from "@/ui";

import "./login.css";

export function LoginPage() {
  const client = useQueryClient();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: () => logIn(username, password),
    onSuccess: (session) => client.setQueryData(sessionOptions.queryKey, session),
  });
  useEffect(() => {
    document.title = `${t("login.title")} · ${t("app.name")}`;
  }, []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    login.mutate();
  };
  const refused = login.error instanceof ApiError && [400, 401, 403].includes(login.error.status);
  return (
    <main className="login">
      <form className="login-card" onSubmit={submit}>
        <img src={`${import.meta.env.BASE_URL}mark.svg`} alt="" width={48} height={48} />
        <div>
          <h1>{t("app.name")}</h1>
          <p className="t2">{t("app.tagline")}</p>
        </div>
        <label className="field">
          <span>{t("login.username")}</span>
          <input
            className="input"
            name="username"
            autoComplete="username"
            // The page is this form.
            // eslint-disable-next-line jsx-a11y/no-autofocus
            autoFocus
            required
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
        </label>
        <label className="field">
          <span>{t("login.password")}</span>
          <input
            className="input"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </label>
        {refused && (
          <p className="login-refused" role="alert">
            {t("login.wrong")}
          </p>
        )}
        {login.isError && !refused && <ErrorNotice error={login.error} />}
        <Button type="submit" look="primary" disabled={login.isPending}>
          {login.isPending ? t("login.busy") : t("login.submit")}
        </Button>
        <p className="xs t3">{t("login.firstRun")}</p>
      </form>
    </main>
  );
}
