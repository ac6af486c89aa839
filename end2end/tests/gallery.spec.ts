// Screenshots of every page into target/gallery: phone and desktop, light and dark, German and English.
import { expect, test } from "@playwright/test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { citizenPages, staffPages } from "./pages";
import { type Portal, startPortal } from "./portal";

const folder = join(__dirname, "../../target/gallery");
mkdirSync(folder, { recursive: true });

let portal: Portal;
test.beforeAll(async () => {
  portal = await startPortal();
});
test.afterAll(async () => portal.stop());

for (const [size, viewport] of [["phone", { width: 390, height: 844 }], ["desktop", { width: 1280, height: 900 }]] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const locale of ["de-DE", "en-GB"]) {
      test(`${size} ${colorScheme} ${locale}`, async ({ browser }) => {
        test.setTimeout(180_000);
        const take = async (role: keyof typeof staffPages | null, paths: string[]) => {
          const context = await browser.newContext({ viewport, colorScheme, locale });
          const page = await context.newPage();
          if (role) {
            await page.goto(`${portal.url}/anmelden`);
            await page.locator("#name").fill(portal.staff[role].email);
            await page.locator("#password").fill(portal.staff[role].password);
            await page.locator("main button[type=submit]").click();
            await expect(page).toHaveURL(/verwaltung/);
          }
          for (const path of paths) {
            await page.goto(portal.url + path);
            await page.waitForLoadState("networkidle");
            const name = `${path.replaceAll(/[^a-z]+/g, "-").replaceAll(/^-|-$/g, "") || "start"}-${role ?? "public"}-${size}-${colorScheme}-${locale.slice(0, 2)}.png`;
            await page.screenshot({ path: join(folder, name), fullPage: true });
          }
          await context.close();
        };
        await take(null, citizenPages);
        await take("administrator", staffPages.administrator);
        await take("registry_officer", staffPages.registry_officer);
      });
    }
  }
}
