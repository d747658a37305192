export { Button, KeyHint, type ButtonProps } from "./Button";
export { Dialog } from "./Dialog";
export { Face } from "./Face";
export { Menu, MenuGroup, MenuItem, MenuLink } from "./Menu";
export { Empty, ErrorNotice, isGone, NoMatch, Skeletons, useAfterDelay } from "./states";
export { StateMark } from "./StateMark";
export { Tabs, type TabItem } from "./Tabs";
export { More } from "./More";
