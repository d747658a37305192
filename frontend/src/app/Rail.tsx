import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleHelp, Clapperboard, History, LogOut, ScanFace, Search, Users, type LucideIcon } from "lucide-react";

import { logOut } from "@/api/session";
import type { Session } from "@/api/types";
import { t, type MessageId } from "@/messages";
import { showToast } from "@/naming/toasts";
import { Button, Menu, MenuItem } from "@/ui";

import { setTheme, THEMES, useTheme } from "./theme";

const PLACES: readonly { to: string; label: MessageId; icon: LucideIcon; also?: string }[] = [
  { to: "/", label: "nav.library", icon: Clapperboard },
  { to: "/inbox", label: "nav.inbox", icon: ScanFace },
  { to: "/people", label: "nav.people", icon: Users },
  { to: "/search", label: "nav.search", icon: Search },
  { to: "/activity", label: "nav.activity", icon: History },
];

function Account({ user }: { user: NonNullable<Session["user"]> }) {
  const client = useQueryClient();
  const theme = useTheme();
  const leave = async (): Promise<void> => {
    try {
      await logOut();
      client.clear();
      window.location.assign("/");
    } catch (error) {
      showToast({ kind: "error", error });
    }
  };
  return (
    <Menu
      button={
        <button type="button" className="avatar" aria-label={t("nav.account")}>
          {user.username.slice(0, 1).toLocaleUpperCase()}
        </button>
      }
    >
      <div className="menu-note sm">
        {t("account.signedInAs", { name: user.username })}
        <div className="xs t3">{t(`role.${user.role}`)}</div>
      </div>
      {THEMES.map((choice) => (
        <MenuItem key={choice} checked={choice === theme} onClick={() => setTheme(choice)}>
          {t(`theme.${choice}`)}
        </MenuItem>
      ))}
      <MenuItem onClick={() => void leave()}>
        <LogOut size={15} aria-hidden />
        {t("account.logOut")}
      </MenuItem>
    </Menu>
  );
}

export function Rail({ user, onHelp }: { user: NonNullable<Session["user"]>; onHelp: () => void }) {
  return (
    <nav className="rail" aria-label={t("nav.main")}>
      <img
        className="rail-mark"
        src={`${import.meta.env.BASE_URL}mark.svg`}
        alt={t("app.name")}
        width={32}
        height={32}
      />
      {PLACES.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          className="rail-link"
          aria-label={t(label)}
          title={t(label)}
          activeOptions={{ exact: to === "/", includeSearch: false }}
        >
          <Icon size={20} strokeWidth={1.75} aria-hidden />
        </Link>
      ))}
      <span className="grow" />
      <Button
        look="ghost"
        className="rail-link"
        icon={<CircleHelp size={20} strokeWidth={1.75} />}
        command="help"
        label={t("nav.help")}
        onClick={onHelp}
      />
      <Account user={user} />
    </nav>
  );
}
