/** Has Temporal read time zones without `Intl`, in the worker's bundle. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { edited } from "./edited.ts";

const FORMATS = fileURLToPath(new URL("./zone-format.ts", import.meta.url));

/** The zones of the Node that bundles, which is of the same version as the one that runs. */
const HEAD = `import { createZoneFormats } from ${JSON.stringify(FORMATS)};
const zoneFormat = createZoneFormats(${JSON.stringify(Intl.supportedValuesOf("timeZone"))});
`;

/** Puts the formats of {@link FORMATS} where Temporal makes the format of a zone. */
export const readZonesWithoutIntl: Plugin = {
  name: "read-zones-without-intl",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]temporal-polyfill[\\/]chunks[\\/]internal\.js$/ }, async ({ path }) => ({
      contents:
        HEAD +
        edited(path, await readFile(path, "utf8"), [
          ['new RawDateTimeFormat("en-u-hc-h23", {', 'zoneFormat(RawDateTimeFormat, "en-u-hc-h23", {'],
        ]),
      loader: "js",
    }));
  },
};
