// axe finds nothing on any page: phone and desktop, light and dark, both languages, 320 px wide (400 % zoom).
import { expect, test } from "@playwright/test";
import { type Portal, accessible, fits, signIn, startPortal, watch } from "./portal";
import { citizenPages, staffPages } from "./pages";

let portal: Portal;
test.beforeAll(async () => {
  portal = await startPortal();
});
test.afterAll(async () => portal.stop());

const settings = [
  { name: "phone, light, German", viewport: { width: 390, height: 844 }, colorScheme: "light", locale: "de-DE" },
  { name: "desktop, dark, English", viewport: { width: 1280, height: 800 }, colorScheme: "dark", locale: "en-GB" },
  { name: "320 px", viewport: { width: 320, height: 640 }, colorScheme: "light", locale: "de-DE" },
] as const;

for (const { name, ...options } of settings) {
  test(`pages for everybody: ${name}`, async ({ browser }) => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints = watch(page);
    for (const path of citizenPages) {
      await page.goto(portal.url + path);
      await accessible(page);
      await fits(page);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  test(`pages for staff: ${name}`, async ({ browser }) => {
    test.setTimeout(120_000);
    for (const role of ["administrator", "registry_officer"] as const) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const complaints = watch(page);
      await page.goto(`${portal.url}/anmelden`);
      if (options.locale === "en-GB") {
        await page.getByLabel("E-mail address or letter number").fill(portal.staff[role].email);
        await page.getByLabel("Password", { exact: true }).fill(portal.staff[role].password);
        await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
      } else {
        await signIn(page, portal, portal.staff[role]);
      }
      await expect(page).toHaveURL(/verwaltung/);
      for (const path of staffPages[role]) {
        await page.goto(portal.url + path);
        await accessible(page);
        await fits(page);
      }
      expect(complaints).toEqual([]);
      await context.close();
    }
  });
}

test("the language is kept after somebody has chosen it, and only then", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE" });
  const page = await context.newPage();
  await page.goto(`${portal.url}/hilfe`);
  expect(await context.cookies()).toEqual([]);
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("heading", { name: "Help with the letter" })).toBeVisible();
  await page.goto(`${portal.url}/`);
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await context.close();
});
