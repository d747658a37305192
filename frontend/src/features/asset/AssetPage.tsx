import { Link, useParams } from "@tanstack/react-router";
import {
  ChevronDown,
  CircleAlert,
  CircleCheck,
  CirclePause,
  CircleStop,
  Download,
  LoaderCircle,
  Unplug,
} from "lucide-react";
import { useRef, type CSSProperties, type ReactNode } from "react";

import { exportUrl, type ExportFormat } from "@/api/assets";
import type { Asset } from "@/api/types";
import { isHeldBack, useStopScan, wasStopped } from "@/assets/scans";
import { t } from "@/messages";
import { percent } from "@/messages/format";
import type { NameFieldHandle } from "@/naming/NameField";
import { Button, Empty, ErrorNotice, isGone, Menu, MenuLink, Skeletons } from "@/ui";
import { Splitter, useStoredSize } from "@/ui/Splitter";
import { Top } from "@/ui/Top";
import { useCanEdit } from "@/ui/useCanEdit";

import "./asset.css";
import { CastPanel } from "./CastPanel";
import { PlayerPane } from "./PlayerPane";
import { Timeline } from "./Timeline";
import { useAssetKeys } from "./useAssetKeys";
import { useAssetView } from "./useAssetView";
import { useNaming } from "./useNaming";

/** Sizes of the panels beside and below the player, pixels. */
const CAST = { initial: 356, min: 280, max: 560 };
const LANES = { initial: 352, min: 160, max: 640 };

const FORMATS: readonly ExportFormat[] = ["videobox", "json", "csv", "webvtt"];

/** How things stand with an asset, in a few words. */
function statusOf(asset: Asset, tracks: number | undefined): { look?: string; icon: ReactNode; text: string } {
  if (asset.offline) return { icon: <Unplug size={13} aria-hidden />, text: t("status.offline") };
  if (wasStopped(asset)) return { icon: <CircleStop size={13} aria-hidden />, text: t("status.stopped") };
  if (asset.status === "failed")
    return { look: "danger", icon: <CircleAlert size={13} aria-hidden />, text: t("status.failed") };
  if (asset.status === "ready") {
    const text = tracks === undefined ? t("status.ready") : t("asset.tracks", { count: tracks });
    return { icon: <CircleCheck size={13} aria-hidden />, text };
  }
  if (isHeldBack(asset)) return { icon: <CirclePause size={13} aria-hidden />, text: t("status.paused") };
  const going = t(asset.fetching ? "status.fetching" : "status.processing", { share: percent(asset.progress) });
  return {
    look: "accent",
    icon: <LoaderCircle size={13} className="spin" aria-hidden />,
    text: asset.status === "queued" ? t("asset.queued") : going,
  };
}

function Status({ asset, tracks }: { asset: Asset; tracks: number | undefined }) {
  const { look = "", icon, text } = statusOf(asset, tracks);
  return (
    <span className={`pill num ${look}`} role="status">
      {icon}
      {text}
    </span>
  );
}

function StopScan({ asset, scan }: { asset: Asset; scan: string }) {
  const stop = useStopScan(asset);
  return (
    <Button
      look="ghost"
      small
      icon={<CircleStop size={15} aria-hidden />}
      aria-label={t("asset.stop")}
      disabled={stop.isPending}
      onClick={() => stop.mutate(scan)}
    >
      {t("asset.stopShort")}
    </Button>
  );
}

function ExportMenu({ id }: { id: string }) {
  return (
    <Menu
      button={
        <button type="button" className="btn">
          <Download size={16} aria-hidden />
          {t("asset.export")}
          <ChevronDown size={14} aria-hidden />
        </button>
      }
    >
      {FORMATS.map((format) => (
        <MenuLink key={format} href={exportUrl(id, format)} download="">
          {t(`asset.export.${format}`)}
        </MenuLink>
      ))}
    </Menu>
  );
}

/** Grey shapes where player, cast and timeline will be. */
function AssetSkeleton({ sizes }: { sizes: CSSProperties }) {
  return (
    <div className="asset" style={sizes}>
      <div className="player">
        <Skeletons count={1} height={0} className="picture-skeleton" />
      </div>
      <div className="cast">
        <div className="cast-head" />
        <Skeletons count={4} height={40} className="cast-skeleton" />
      </div>
      <div className="timeline" />
    </div>
  );
}

/** Who is in one video and when: player, cast and timeline, in which one selection is selected everywhere. */
export function AssetPage() {
  const { assetId } = useParams({ from: "/assets/$assetId" });
  // A fresh view for each video: no player or selection outlives the one it belongs to.
  return <AssetView key={assetId} assetId={assetId} />;
}

function AssetView({ assetId }: { assetId: string }) {
  const view = useAssetView(assetId);
  const field = useRef<NameFieldHandle>(null);
  const naming = useNaming(view);
  const pane = useRef<HTMLElement>(null);
  useAssetKeys(view, naming, field, pane);
  const { asset, tracks } = view;
  const canEdit = useCanEdit();
  const [cast, setCast] = useStoredSize("cast", CAST);
  const [lanes, setLanes] = useStoredSize("timeline", LANES);

  if (asset.isError) {
    return (
      <div className="page">
        <Top
          title={t(isGone(asset.error) ? "asset.gone" : "asset.failed")}
          above={<Link to="/">{t("nav.library")}</Link>}
        />
        {isGone(asset.error) ? (
          <Empty text={t("asset.goneDetail")}>
            <Link to="/" className="btn primary">
              {t("notFound.action")}
            </Link>
          </Empty>
        ) : (
          <ErrorNotice error={asset.error} onRetry={() => void asset.refetch()} />
        )}
      </div>
    );
  }
  const still = asset.data?.still ?? false; // nothing of it has a place in time, so it has no timeline
  const sizes = { "--cast": `${cast}px`, "--lanes": `${still ? 0 : lanes}px` } as CSSProperties;
  if (!asset.data) return <AssetSkeleton sizes={sizes} />;
  return (
    <div className="asset" style={sizes}>
      <h1 className="visually-hidden">{asset.data.title}</h1>
      <Top
        title={asset.data.title}
        above={<Link to="/">{t("nav.library")}</Link>}
        status={
          <>
            <Status asset={asset.data} tracks={tracks.data?.length} />
            {canEdit && asset.data.scan && <StopScan asset={asset.data} scan={asset.data.scan.id} />}
          </>
        }
        actions={(asset.data.status !== "failed" || (tracks.data?.length ?? 0) > 0) && <ExportMenu id={assetId} />}
      />
      <PlayerPane view={view} asset={asset.data} pane={pane} />
      <CastPanel view={view} asset={asset.data} naming={naming} field={field} />
      {!still && <Timeline view={view} asset={asset.data} />}
      <Splitter {...CAST} label={t("asset.resizeCast")} orientation="vertical" size={cast} onSize={setCast} />
      {!still && (
        <Splitter
          {...LANES}
          label={t("asset.resizeTimeline")}
          orientation="horizontal"
          size={lanes}
          onSize={setLanes}
        />
      )}
    </div>
  );
}
