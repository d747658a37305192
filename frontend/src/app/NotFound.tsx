import { Link } from "@tanstack/react-router";

import { t } from "@/messages";
import { Empty } from "@/ui";

export function NotFound() {
  return (
    <div className="page">
      <h1 className="visually-hidden">{t("notFound.title")}</h1>
      <Empty text={t("notFound.detail")}>
        <Link to="/" className="btn">
          {t("notFound.action")}
        </Link>
      </Empty>
    </div>
  );
}
