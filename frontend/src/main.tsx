import "@fontsource-variable/inter/wght.css";

import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/controls.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app/App";
import { startTheme } from "./app/theme";

startTheme();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
