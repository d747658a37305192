import { Tooltip, TooltipAnchor, TooltipProvider } from "@ariakit/react";
import type { ComponentProps, ReactNode } from "react";

import { commandOf, type CommandId } from "@/keys/commands";
import { t } from "@/messages";

const SYMBOLS: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Backspace: "⌫",
};

/** One chord as key caps. */
export function KeyHint({ chord }: { chord: string }): ReactNode {
  const parts = chord === "+" ? ["+"] : chord.split("+");
  return parts.map((part) => <kbd key={part}>{SYMBOLS[part] ?? part}</kbd>);
}

export type ButtonProps = Omit<ComponentProps<"button">, "children"> & {
  /** Says what the button does where it shows only an icon; also its tooltip. */
  label?: string;
  icon?: ReactNode;
  children?: ReactNode;
  look?: "plain" | "primary" | "ghost" | "link";
  small?: boolean;
  danger?: boolean;
  /** The command that its key calls too: shown in the tooltip, or beside the text with `showKey`. */
  command?: CommandId;
  showKey?: boolean;
};

export function Button({
  label,
  icon,
  children,
  look = "plain",
  small,
  danger,
  command,
  showKey,
  className,
  ...rest
}: ButtonProps) {
  const classes = ["btn", look, small && "small", danger && "danger", !children && "icon", className]
    .filter(Boolean)
    .join(" ");
  const chord = command ? commandOf(command).keys[0] : undefined;
  const name = label ?? (command && !children ? t(commandOf(command).label) : undefined);
  const button = (
    <button type="button" className={classes} aria-label={name} {...rest}>
      {icon}
      {children}
      {showKey && chord && <KeyHint chord={chord} />}
    </button>
  );
  if (children && (showKey || !chord)) return button;
  return (
    <TooltipProvider timeout={400}>
      <TooltipAnchor render={button} />
      <Tooltip className="tooltip" gutter={6}>
        {name ?? (command && t(commandOf(command).label))}
        {chord && <KeyHint chord={chord} />}
      </Tooltip>
    </TooltipProvider>
  );
}
