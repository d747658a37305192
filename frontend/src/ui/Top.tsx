import { ChevronRight } from "lucide-react";
import { createContext, use, useEffect, type ReactNode } from "react";
import { createPortal } from "react-dom";

import { t } from "@/messages";

/** Where in the frame's top bar a page puts its breadcrumb and its own actions. */
export type TopSlots = { crumbs: HTMLElement | null; actions: HTMLElement | null };
export const TopSlotsContext = createContext<TopSlots>({ crumbs: null, actions: null });

type Props = {
  /** The name of what this page shows; also the window's title. */
  title: string;
  /** Links to what it lies in. */
  above?: ReactNode;
  status?: ReactNode;
  actions?: ReactNode;
};

/** A page's part of the top bar. */
export function Top({ title, above, status, actions }: Props) {
  const slots = use(TopSlotsContext);
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title]);
  return (
    <>
      {slots.crumbs &&
        createPortal(
          <>
            <nav className="crumbs" aria-label={t("top.breadcrumb")}>
              {above && (
                <>
                  {above}
                  <ChevronRight size={14} aria-hidden />
                </>
              )}
              <b className="clip" aria-current="page">
                {title}
              </b>
            </nav>
            {status}
          </>,
          slots.crumbs,
        )}
      {slots.actions && actions && createPortal(actions, slots.actions)}
    </>
  );
}
