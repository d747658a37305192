import { X } from "lucide-react";
import { useEffect, useId, useRef, type ReactNode } from "react";

import { t } from "@/messages";

import { Button } from "./Button";

type Props = {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  className?: string;
  bare?: boolean;
};

/** A modal dialog: the browser's own keeps the focus inside and gives it back. `bare` hides the heading. */
export function Dialog({ title, open, onClose, children, className, bare }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    if (open && element && !element.open) {
      element.showModal();
      // A dialog that asks begins at its field; one that only says something begins at its heading.
      (element.querySelector("input") ?? element.querySelector("h2"))?.focus();
    }
    if (!open && element?.open) element.close();
  }, [open]);
  return (
    // The click handler only closes on the backdrop; Escape is the keyboard's way and the browser's own.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      className={["dialog", className].filter(Boolean).join(" ")}
      aria-labelledby={heading}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      {open && (
        <>
          <div className={bare ? "visually-hidden" : "dialog-head"}>
            <h2 id={heading} className="grow" tabIndex={-1}>
              {title}
            </h2>
            {!bare && <Button look="ghost" small icon={<X size={16} />} label={t("dialog.close")} onClick={onClose} />}
          </div>
          {children}
        </>
      )}
    </dialog>
  );
}
