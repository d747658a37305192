// Fails the build when what a browser must load outgrows its budget (bytes are gzip).
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET = { initial: 220 * 1024, chunk: 60 * 1024 };
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

const size = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;

/** The entry with everything it imports at once. */
function closure(key, seen = new Set()) {
  if (!seen.has(key)) {
    seen.add(key);
    for (const child of manifest[key].imports ?? []) closure(child, seen);
  }
  return seen;
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const initial = closure(entry);
const initialBytes = [...initial].reduce((sum, key) => sum + size(manifest[key].file), 0);
const rows = [["initial JavaScript", initialBytes, BUDGET.initial]];
for (const [key, { file, isDynamicEntry }] of Object.entries(manifest)) {
  if (!file.endsWith(".js") || initial.has(key) || !isDynamicEntry) continue;
  const own = [...closure(key)].filter((part) => !initial.has(part));
  rows.push([key, own.reduce((sum, part) => sum + size(manifest[part].file), 0), BUDGET.chunk]);
}

let failed = false;
for (const [name, bytes, budget] of rows.sort((a, b) => b[1] - a[1])) {
  const over = bytes > budget;
  failed ||= over;
  console.log(`${over ? "OVER " : "ok   "}${(bytes / 1024).toFixed(1).padStart(7)} of ${budget / 1024} KB  ${name}`);
}
process.exit(failed ? 1 : 0);
