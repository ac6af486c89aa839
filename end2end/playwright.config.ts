import { defineConfig } from "@playwright/test";
import { launch } from "./tests/portal";

// the portal speaks of days of German municipalities, whatever the clock of this machine says
process.env.TZ = "Europe/Berlin";

const gallery = Boolean(process.env.STADTBRIEF_GALLERY);

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  // two cores: one browser and one server at a time
  workers: 1,
  fullyParallel: false,
  // a test that fails now and then is a bug
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: { launchOptions: launch(), locale: "de-DE", screenshot: "only-on-failure" },
  projects: [
    { name: "product", testIgnore: /gallery/ },
    ...(gallery ? [{ name: "gallery", testMatch: /gallery/ }] : []),
  ],
});
