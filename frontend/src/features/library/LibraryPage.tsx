import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Link2, Search, Upload } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { assetsOptions } from "@/api/assets";
import { PausedNotice } from "@/assets/Notice";
import { t } from "@/messages";
import { Button, ErrorNotice, More, NoMatch, Skeletons } from "@/ui";
import { Top } from "@/ui/Top";
import { useCanEdit } from "@/ui/useCanEdit";
import { VirtualGrid } from "@/ui/VirtualGrid";
import { addUploads } from "@/uploads/queue";

import { AssetCard } from "./AssetCard";
import { EmptyLibrary } from "./EmptyLibrary";
import "./library.css";
import { LinkDialog } from "./LinkDialog";
import { PersonFilter } from "./PersonFilter";
import { STATUSES, type LibrarySearch } from "./search";

export function LibraryPage() {
  const filters = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const canEdit = useCanEdit();
  const chooser = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(filters.q ?? "");
  const [linking, setLinking] = useState(false);
  const query = useInfiniteQuery(assetsOptions(filters));
  const assets = query.data?.pages.flatMap((page) => page.results) ?? [];
  const filtered = filters.q !== undefined || filters.status !== undefined || filters.person !== undefined;
  const empty = query.isSuccess && assets.length === 0 && !filtered;

  const filter = (change: { [K in keyof LibrarySearch]: LibrarySearch[K] | undefined }): void => {
    const all = Object.entries({ ...filters, ...change }).filter(([, value]) => value);
    void navigate({ search: Object.fromEntries(all), replace: true });
  };
  useEffect(() => {
    const timer = setTimeout(() => {
      const q = typed.trim();
      if (q !== (filters.q ?? "")) filter({ q });
    }, 200);
    return () => clearTimeout(timer);
  });
  const clear = (): void => {
    setTyped("");
    filter({ q: undefined, status: undefined, person: undefined });
  };

  return (
    <div className="page" data-scroll>
      <Top title={t("library.title")} />
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        accept="video/*,image/*,.mxf,.mkv,.mts,.m2ts,.ts"
        aria-label={t("library.choose")}
        onChange={(event) => {
          addUploads(event.target.files ?? []);
          event.target.value = "";
        }}
      />
      <div className="page-head">
        <h1 className="grow">{t("library.heading")}</h1>
        {!empty && (
          <>
            <div className="searchfield library-filter">
              <Search size={15} aria-hidden />
              <input
                className="input"
                type="search"
                aria-label={t("library.filter")}
                placeholder={t("library.filter")}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            </div>
            <PersonFilter person={filters.person} onChange={(person) => filter({ person })} />
            <select
              className="btn"
              aria-label={t("library.status")}
              value={filters.status ?? ""}
              onChange={(event) => {
                const status = STATUSES.find((known) => known === event.target.value);
                filter({ status });
              }}
            >
              <option value="">{t("library.status.all")}</option>
              {STATUSES.map((status) => (
                <option key={status} value={status}>
                  {t(`status.name.${status}`)}
                </option>
              ))}
            </select>
          </>
        )}
        {canEdit && <Button icon={<Link2 size={16} />} label={t("link.open")} onClick={() => setLinking(true)} />}
        {canEdit && !empty && (
          <Button look="primary" icon={<Upload size={16} />} onClick={() => chooser.current?.click()}>
            {t("library.upload")}
          </Button>
        )}
      </div>

      {assets.some(({ scan }) => scan?.paused) && <PausedNotice />}
      {query.isPending && <Skeletons count={8} height={240} className="library-grid" />}
      {query.isError && <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess &&
        assets.length === 0 &&
        (filtered ? (
          <NoMatch q={filters.q ?? (filters.status ? t(`status.name.${filters.status}`) : "")} onClear={clear} />
        ) : (
          <EmptyLibrary onChoose={() => chooser.current?.click()} />
        ))}
      {assets.length > 0 && (
        <VirtualGrid
          items={assets}
          keyOf={({ id }) => id}
          label={t("library.list")}
          minWidth={248}
          gap={16}
          rowHeight={234}
        >
          {(asset) => <AssetCard asset={asset} />}
        </VirtualGrid>
      )}
      <More query={query} />
      <LinkDialog open={linking} onClose={() => setLinking(false)} />
    </div>
  );
}
