/** Draws the PNG icons in `public/` from `public/icon.svg`. Run it after a change of the mark: `node web/make-icons.ts`. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { launchBrowser } from "../tests/support/browser.ts";

const folder = new URL("public/", import.meta.url);
const rounded = await readFile(new URL("icon.svg", folder), "utf8");
// Systems that cut icons to their own shape need a ground that reaches the edge.
const square = rounded.replace(' rx="112"', "");

const icons = [
  { name: "icon-192.png", svg: rounded, side: 192 },
  { name: "icon-512.png", svg: rounded, side: 512 },
  { name: "icon-maskable-512.png", svg: square, side: 512 },
  { name: "icon-180.png", svg: square, side: 180 },
];

const browser = await launchBrowser();
try {
  for (const { name, svg, side } of icons) {
    const page = await browser.newPage({ viewport: { width: side, height: side } });
    await page.setContent(`<style>body{margin:0}svg{display:block;width:${side}px}</style>${svg}`);
    await page.screenshot({ path: fileURLToPath(new URL(name, folder)), omitBackground: true });
    await page.close();
  }
} finally {
  await browser.close();
}
