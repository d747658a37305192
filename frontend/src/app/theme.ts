import { useSyncExternalStore } from "react";

export const THEMES = ["dark", "light", "system"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "dramatis.theme";
const prefersLight = window.matchMedia("(prefers-color-scheme: light)");
const listeners = new Set<() => void>();

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === value) ?? "dark";
}

let theme = stored();

function apply(): void {
  const light = theme === "light" || (theme === "system" && prefersLight.matches);
  document.documentElement.dataset["theme"] = light ? "light" : "dark";
}

export function startTheme(): void {
  apply();
  prefersLight.addEventListener("change", apply);
}

export function setTheme(next: Theme): void {
  theme = next;
  localStorage.setItem(KEY, next);
  apply();
  for (const listener of listeners) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );
}
