import { onlineManager, useQueryClient } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { Search, Undo2, Upload } from "lucide-react";
import { lazy, Suspense, useEffect, useMemo, useState, useSyncExternalStore } from "react";

import type { Session } from "@/api/types";
import { listenForKeys, useCommand } from "@/keys/useCommand";
import { t } from "@/messages";
import { Toasts } from "@/naming/Toasts";
import { useUndo } from "@/naming/useDecide";
import { Button, KeyHint } from "@/ui";
import { TopSlotsContext } from "@/ui/Top";
import { useCanEdit } from "@/ui/useCanEdit";
import { addUploads, onUploaded, useUploads } from "@/uploads/queue";
import { useFileDrop } from "@/uploads/useFileDrop";

import "./frame.css";
import { HelpDialog } from "./HelpDialog";
import { Rail } from "./Rail";

const FindDialog = lazy(() => import("./FindDialog"));
const UploadTray = lazy(() => import("@/uploads/UploadTray"));

function Offline() {
  const online = useSyncExternalStore(
    (listener) => onlineManager.subscribe(listener),
    () => onlineManager.isOnline(),
  );
  return online ? null : (
    <div className="offline" role="alert">
      {t("state.offline")}
    </div>
  );
}

/** Rail, top bar and the page inside; what every page needs hangs here. */
export function Frame({ user }: { user: NonNullable<Session["user"]> }) {
  const [crumbs, setCrumbs] = useState<HTMLElement | null>(null);
  const [actions, setActions] = useState<HTMLElement | null>(null);
  const slots = useMemo(() => ({ crumbs, actions }), [crumbs, actions]);
  const [finding, setFinding] = useState(false);
  const [helping, setHelping] = useState(false);
  const canEdit = useCanEdit();
  const { undo, redo, busy } = useUndo();
  const uploading = useUploads().length > 0;
  const dropping = useFileDrop(canEdit, addUploads);
  const client = useQueryClient();
  useEffect(() => onUploaded(() => void client.invalidateQueries({ queryKey: ["assets"] })), [client]);

  useEffect(listenForKeys, []);
  useCommand("find", () => setFinding(true));
  useCommand("help", () => setHelping(true));
  useCommand("undo", () => void undo(), canEdit);
  useCommand("redo", redo, canEdit);

  return (
    <TopSlotsContext value={slots}>
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <div className="frame">
        <Rail user={user} onHelp={() => setHelping(true)} />
        <header className="top">
          <div className="top-crumbs" ref={setCrumbs} />
          <button type="button" className="top-search" onClick={() => setFinding(true)}>
            <Search size={15} aria-hidden />
            <span className="grow clip">{t("top.search")}</span>
            <KeyHint chord="Ctrl+K" />
          </button>
          {canEdit && (
            <Button
              look="ghost"
              icon={<Undo2 size={16} />}
              command="undo"
              label={t("top.undo")}
              disabled={busy}
              onClick={() => void undo()}
            />
          )}
          <div className="row" ref={setActions} />
        </header>
        <main className="content" id="content" tabIndex={-1}>
          <Offline />
          <div className="content-page">
            <Suspense>
              <Outlet />
            </Suspense>
          </div>
        </main>
      </div>
      {dropping && (
        <div className="dropzone" aria-hidden>
          <Upload size={28} />
          <b>{t("library.drop")}</b>
          <span className="t2">{t("library.dropNote")}</span>
        </div>
      )}
      <Toasts />
      <HelpDialog open={helping} onClose={() => setHelping(false)} />
      <Suspense>
        {finding && <FindDialog onClose={() => setFinding(false)} />}
        {uploading && <UploadTray />}
      </Suspense>
    </TopSlotsContext>
  );
}
