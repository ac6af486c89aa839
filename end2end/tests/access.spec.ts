// axe finds nothing on any page: phone and desktop, light and dark, both languages, 320 px wide (400 % zoom), forced colours.
import { expect, test } from "@playwright/test";
import { type Portal, accessible, fits, startPortal, watch } from "./portal";
import { enter, live } from "./lived";
import { citizenPages, staffPages } from "./pages";

let portal: Portal;
let lived: Awaited<ReturnType<typeof live>>;
test.beforeAll(async ({ browser }) => {
  portal = await startPortal();
  lived = await live(browser, portal);
});
test.afterAll(async () => portal.stop());

const settings = [
  { name: "phone, light, German", viewport: { width: 390, height: 844 }, colorScheme: "light", locale: "de-DE" },
  { name: "desktop, dark, English", viewport: { width: 1280, height: 800 }, colorScheme: "dark", locale: "en-GB" },
  { name: "320 px", viewport: { width: 320, height: 640 }, colorScheme: "light", locale: "de-DE" },
  { name: "forced colours", viewport: { width: 1280, height: 800 }, colorScheme: "dark", forcedColors: "active", reducedMotion: "reduce", locale: "de-DE" },
] as const;

for (const { name, ...options } of settings) {
  test(`pages for everybody and of an account: ${name}`, async ({ browser }) => {
    test.setTimeout(120_000);
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints = watch(page);
    const check = async (paths: string[]) => {
      for (const path of paths) {
        await page.goto(portal.url + path);
        await accessible(page);
        await fits(page);
      }
    };
    await check([...citizenPages, ...lived.open]);
    await context.addCookies(await lived.resident.cookies());
    await check([...lived.account, ...lived.open]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test(`pages for staff: ${name}`, async ({ browser }) => {
    test.setTimeout(180_000);
    for (const role of ["administrator", "registry_officer"] as const) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const complaints = watch(page);
      await enter(page, portal, portal.staff[role]);
      for (const path of [...staffPages[role], ...(role === "registry_officer" ? lived.officer : [])]) {
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

test("staff are warned before they are signed out, and can stay", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE" });
  const page = await context.newPage();
  await page.clock.install();
  await enter(page, portal, portal.staff.clerk);
  await page.goto(`${portal.url}/verwaltung/nachrichten`);
  const warning = page.getByText("In fünf Minuten werden Sie abgemeldet");
  // another page of the same person has kept the session: nothing to say
  await page.clock.fastForward("57:00");
  await page.waitForTimeout(300);
  await expect(warning).toBeHidden();
  // the store would say this an hour later
  let left = "240";
  await page.route("**/konto/anwesend", (route) => route.fulfill({ body: left }));
  await page.clock.fastForward("57:00");
  await expect(warning).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Angemeldet bleiben" }).click();
  await expect(warning).toBeHidden();
  left = "0";
  await page.clock.fastForward("58:00");
  await expect(page.getByText("Sie sind abgemeldet.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Neu anmelden (neues Fenster)" })).toBeVisible();
  await context.close();
});

test("the town's colour is taken if it can be read, on light and dark screens", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE" });
  const page = await context.newPage();
  await enter(page, portal, portal.staff.administrator);
  const save = async (colour: string) => {
    await page.goto(`${portal.url}/verwaltung/einstellungen`);
    await page.locator("#colour").fill(colour);
    await page.getByRole("button", { name: "Speichern" }).click();
  };
  await save("#ffcc00");
  await expect(page.getByRole("alert")).toContainText("zu blass");
  await expect(page.locator("#colour")).toHaveValue("#ffcc00");
  await save("#0B5D3B");
  // what was saved is announced, although it stands in the page from the beginning
  await expect(page.locator("[data-say]")).toContainText("Gespeichert");
  for (const [colorScheme, colour] of [["light", "rgb(11, 93, 59)"], ["dark", "rgb(84, 141, 117)"]] as const) {
    const other = await browser.newContext({ colorScheme, locale: "de-DE", viewport: { width: 390, height: 844 } });
    const visitor = await other.newPage();
    await visitor.goto(portal.url);
    await expect(visitor.locator(".kern-btn--primary").first()).toHaveCSS("background-color", colour);
    await accessible(visitor);
    await visitor.screenshot({ path: `output/colour-${colorScheme}.png` });
    await other.close();
  }
  const manifest = await (await page.request.get(`${portal.url}/manifest.webmanifest`)).json();
  expect(manifest.theme_color).toBe("#0b5d3b");
  await save("");
  await context.close();
});
