import { Link } from "@tanstack/react-router";

import { t } from "@/messages";
import { Empty } from "@/ui";
import { Top } from "@/ui/Top";

/** For an address with nothing behind it, or with something that is not there any more. */
export function NotFound() {
  return (
    <div className="page">
      <Top title={t("notFound.title")} />
      <h1 className="visually-hidden">{t("notFound.title")}</h1>
      <Empty text={t("notFound.detail")}>
        <Link to="/" className="btn primary">
          {t("notFound.action")}
        </Link>
      </Empty>
    </div>
  );
}
