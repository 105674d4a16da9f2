import { defineConfig } from "vitest/config";

const ALL = "{functions,shared,infra,web,tests,bench}/**/*.test.ts";
const EMULATED = "{functions,shared,infra,web,tests,bench}/**/*.emulator.test.ts";

const timeouts = { testTimeout: 20_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    // The least machine has two cores; many files wait for processes and emulators, so a third runs beside two.
    maxWorkers: 3,
    projects: [
      { test: { name: "unit", include: [ALL], exclude: [EMULATED, "**/node_modules/**"], ...timeouts } },
      {
        test: {
          name: "emulator",
          include: [EMULATED],
          // Runs only when a test of this project is chosen, so the others start no emulator.
          globalSetup: ["tests/support/emulators/global-setup.ts"],
          ...timeouts,
        },
      },
    ],
  },
});
