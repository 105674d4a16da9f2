import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    // The content security policy allows no inline script, style or font.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    cssCodeSplit: false,
  },
});
