import { Link } from "@tanstack/react-router";
import { ChevronDown, ChevronUp, CircleAlert, CircleCheck, RotateCcw, X } from "lucide-react";
import { useEffect, useState } from "react";

import { t } from "@/messages";
import { fileSize, percent } from "@/messages/format";
import { Button } from "@/ui";

import { cancelUpload, clearUploads, retryUpload, useUploads, type Upload } from "./queue";
import "./uploads.css";

/** So long the tray says that all is done; then the library shows it anyway. Pointer or focus hold it. */
const LINGERS_MS = 8_000;

function Row({ upload }: { upload: Upload }) {
  const { id, file, state, progress, bytesPerSecond, error, asset } = upload;
  return (
    <li className="upload">
      <div className="row">
        {state === "failed" && <CircleAlert size={16} color="var(--danger)" aria-hidden />}
        {state === "done" && <CircleCheck size={16} color="var(--confirmed)" aria-hidden />}
        {asset ? (
          <Link to="/assets/$assetId" params={{ assetId: asset.id }} search={{}} className="grow clip m">
            {file.name}
          </Link>
        ) : (
          <span className="grow clip m">{file.name}</span>
        )}
        {state === "failed" && file.size > 0 && (
          <Button
            look="ghost"
            small
            icon={<RotateCcw size={14} />}
            label={t("upload.retry", { name: file.name })}
            onClick={() => retryUpload(id)}
          />
        )}
        {state !== "done" && (
          <Button
            look="ghost"
            small
            icon={<X size={14} />}
            label={t("upload.cancel", { name: file.name })}
            onClick={() => cancelUpload(id)}
          />
        )}
      </div>
      {state === "sending" && (
        <>
          <div
            className="progress"
            role="progressbar"
            aria-label={file.name}
            aria-valuenow={Math.round(progress * 100)}
            aria-valuemin={0}
            aria-valuemax={100}
          >
            <i style={{ width: `${progress * 100}%` }} />
          </div>
          <span className="xs t3 num">
            {t("upload.sending", {
              share: percent(progress),
              size: fileSize(file.size),
              speed: fileSize(bytesPerSecond),
            })}
          </span>
        </>
      )}
      {state === "waiting" && <span className="xs t3">{t("upload.waiting")}</span>}
      {state === "done" && (
        <span className="xs t3">{t(upload.alreadyHere ? "upload.alreadyHere" : "upload.done")}</span>
      )}
      {error && <p className="sm upload-error">{error}</p>}
    </li>
  );
}

/** What is being sent, in a corner of every page, so that one can go on working. */
export default function UploadTray() {
  const uploads = useUploads();
  const [open, setOpen] = useState(true);
  const [held, setHeld] = useState(false);
  const busy = uploads.filter(({ state }) => state === "sending" || state === "waiting").length;
  const failed = uploads.filter(({ state }) => state === "failed").length;
  const done = busy === 0 && failed === 0;
  useEffect(() => {
    if (!done || held) return undefined;
    const timer = setTimeout(clearUploads, LINGERS_MS);
    return () => clearTimeout(timer);
  }, [done, held]);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      if (busy > 0) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [busy]);
  return (
    <section
      className="tray"
      aria-label={t("upload.tray")}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <header className="row">
        <h2 className="grow h3" role="status">
          {busy > 0
            ? t("upload.busy", { count: busy })
            : failed > 0
              ? t("upload.someFailed", { count: failed })
              : t("upload.allDone", { count: uploads.length })}
        </h2>
        <Button
          look="ghost"
          small
          icon={open ? <ChevronDown size={16} /> : <ChevronUp size={16} />}
          label={open ? t("upload.fold") : t("upload.unfold")}
          onClick={() => setOpen(!open)}
        />
        {busy === 0 && (
          <Button look="ghost" small icon={<X size={16} />} label={t("upload.close")} onClick={clearUploads} />
        )}
      </header>
      {open && (
        <ul>
          {uploads.map((upload) => (
            <Row key={upload.id} upload={upload} />
          ))}
        </ul>
      )}
    </section>
  );
}
