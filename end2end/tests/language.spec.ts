// Languages that an operator adds: a whole one that is written from right to left, and a sentence in one's own words.
import { expect, test } from "@playwright/test";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Portal, accessible, fits, ready, startPortal, watch } from "./portal";
import { citizenPages, staffPages } from "./pages";

const texts = join(__dirname, "../../locales/texts/de");

/** Arabic letters in place of Latin ones: a language that nobody speaks, as long as German and from right to left. */
function mirrored(text: string): string {
  const letters = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي";
  // placeholders, plurals and addresses stay as they are
  return text.replaceAll(/\{[^}]*\}|https?:\S+|[a-zäöüß]/gi, (part) => (part.length > 1 ? part : letters[part.toLowerCase().charCodeAt(0) % letters.length]));
}

const folder = mkdtempSync(join(tmpdir(), "stadtbrief-languages-"));
mkdirSync(join(folder, "ar"));
mkdirSync(join(folder, "de"));
for (const name of readdirSync(texts)) {
  const lines = readFileSync(join(texts, name), "utf8").split("\n");
  // sentences of one line; the others appear in German, as in a translation that is not finished
  const simple = lines.filter((line, i) => /^[a-z][\w-]* = \S/.test(line) && !/^\s/.test(lines[i + 1] ?? ""));
  writeFileSync(
    join(folder, "ar", name),
    simple
      .map((line) => line.split(/ = (.*)/))
      .map(([key, value]) => `${key} = ${key.startsWith("format-") ? value : mirrored(value)}`)
      .join("\n") + "\n",
  );
}
writeFileSync(join(folder, "ar/format.ftl"), "format-direction = rtl\nformat-group = ,\nformat-decimal = .\nformat-day = %Y/%m/%d\nformat-moment = %Y/%m/%d %H:%M\nlanguage-name = العربية\n");
writeFileSync(join(folder, "de/own.ftl"), "start-how = So kommen Sie zu Ihrem Konto bei uns\n");

let portal: Portal;
test.beforeAll(async () => {
  portal = await startPortal("sqlite", { STADTBRIEF_LANGUAGES: folder });
});
test.afterAll(async () => portal.stop());

test("a sentence in the town's own words", async ({ page }) => {
  await page.goto(portal.url);
  await expect(page.getByRole("heading", { name: "So kommen Sie zu Ihrem Konto bei uns" })).toBeVisible();
});

for (const viewport of [{ width: 390, height: 844 }, { width: 1280, height: 900 }]) {
  test(`every page from right to left, ${viewport.width} px`, async ({ browser }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({ viewport, locale: "ar" });
    const page = await context.newPage();
    const complaints = watch(page);
    for (const path of citizenPages) {
      await page.goto(portal.url + path);
      await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
      await expect(page.locator("html")).toHaveAttribute("lang", "ar");
      await fits(page);
    }
    await page.goto(`${portal.url}/registrieren`);
    await ready(page);
    await accessible(page);
    await page.screenshot({ path: `output/rtl-registration-${viewport.width}.png`, fullPage: true });
    // the logo is where reading begins, the tools are where it ends
    const box = async (selector: string) => (await page.locator(selector).boundingBox())!;
    const [brand, tools] = [await box(".brand"), await box(".site-header__tools")];
    if (viewport.width > 1000) expect(brand.x).toBeGreaterThan(tools.x);
    const office = await context.newPage();
    await office.goto(`${portal.url}/anmelden`);
    await office.locator("#name").fill(portal.staff.registry_officer.email);
    await office.locator("#password").fill(portal.staff.registry_officer.password);
    await office.locator("main button[type=submit]").first().click();
    await expect(office).toHaveURL(/verwaltung/);
    for (const path of staffPages.registry_officer) {
      await office.goto(portal.url + path);
      await fits(office);
    }
    await office.goto(`${portal.url}/verwaltung`);
    await office.screenshot({ path: `output/rtl-dashboard-${viewport.width}.png`, fullPage: true });
    // days as this language writes them
    await office.goto(`${portal.url}/verwaltung/briefe`);
    await expect(office.locator("main")).toContainText(/\d{4}\/\d\d\/\d\d/);
    expect(complaints).toEqual([]);
    await context.close();
  });
}

test("what the town wrote in German is marked as German on a page in another language", async ({ browser }) => {
  const context = await browser.newContext({ locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(`${portal.url}/nutzungsbedingungen`);
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.locator("main p[lang=de]").first()).toBeVisible();
  await page.goto(`${portal.url}/umfragen`);
  await page.locator("main h3 a").first().click();
  await expect(page.locator("main h1")).toHaveAttribute("lang", "de");
  await context.close();
});
