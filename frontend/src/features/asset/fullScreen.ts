/** Shows the player, with its controls, on the whole screen; or leaves it. */
export function toggleFullScreen(pane: HTMLElement | null): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void pane?.requestFullscreen();
}
