import * as Ariakit from "@ariakit/react";
import type { ReactElement, ReactNode } from "react";

/** A button that opens a menu. */
export function Menu({ button, children }: { button: ReactElement; children: ReactNode }) {
  return (
    <Ariakit.MenuProvider>
      <Ariakit.MenuButton render={button} />
      <Ariakit.Menu className="menu" gutter={6} portal>
        {children}
      </Ariakit.Menu>
    </Ariakit.MenuProvider>
  );
}

/** Items that belong together, under their name. */
export function MenuGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Ariakit.MenuGroup className="menu-group">
      <Ariakit.MenuGroupLabel className="menu-label sm t2">{label}</Ariakit.MenuGroupLabel>
      {children}
    </Ariakit.MenuGroup>
  );
}

export function MenuItem({
  children,
  onClick,
  checked,
}: {
  children: ReactNode;
  onClick: () => void;
  checked?: boolean;
}) {
  if (checked === undefined) {
    return (
      <Ariakit.MenuItem className="menu-item" onClick={onClick}>
        {children}
      </Ariakit.MenuItem>
    );
  }
  return (
    <Ariakit.MenuItem className="menu-item" role="menuitemradio" aria-checked={checked} onClick={onClick}>
      <span className="grow">{children}</span>
      {checked && <span aria-hidden>✓</span>}
    </Ariakit.MenuItem>
  );
}

export function MenuLink({ children, href, download }: { children: ReactNode; href: string; download?: string }) {
  return (
    <Ariakit.MenuItem
      className="menu-item"
      render={
        <a href={href} download={download}>
          {children}
        </a>
      }
    />
  );
}
