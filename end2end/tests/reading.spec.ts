// What a screen reader says, in its order: names, roles and messages of the whole registration, as snapshots; and staff who
// work with the keyboard alone.
import { type Page, expect, test } from "@playwright/test";
import { type Portal, launch, ready, startPortal, textOf, watch } from "./portal";

test.use({ launchOptions: launch() });

let portal: Portal;
test.beforeAll(async () => {
  portal = await startPortal();
});
test.afterAll(async () => portal.stop());

const userId = (letter: number) => /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(textOf(portal.letters, letter))![0];

/** The page as a screen reader goes through it. */
const reads = (page: Page, name: string) => expect(page.locator("body")).toMatchAriaSnapshot({ name: `${name}.aria.yml` });

test("a whole registration as it is read aloud", async ({ browser }) => {
  test.setTimeout(180_000);
  const context = await browser.newContext({ locale: "de-DE", viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(portal.url);
  await reads(page, "start");
  await page.getByRole("link", { name: "Ich habe einen Brief bekommen" }).click();
  await ready(page);
  await reads(page, "register");
  const field = page.getByRole("textbox", { name: "Benutzer-ID" });
  await expect(field).toHaveAccessibleDescription(/16 Zeichen in vier Gruppen/);
  // a typo is said while it can still be mended, in a live region
  const right = userId(11);
  await field.fill(right.slice(0, -1) + (right.endsWith("A") ? "B" : "A"));
  await expect(page.locator("[aria-live=polite]:not(:empty), [role=status]:not(:empty), [role=alert]:not(:empty)").filter({ hasText: "Tippfehler" }).first()).toBeVisible();
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await field.fill(right);
  await page.getByRole("button", { name: "Weiter", exact: true }).click();
  await reads(page, "account-form");
  // what is missing comes first, has the focus, and leads to its field
  await page.getByRole("button", { name: "Registrieren" }).click();
  const summary = page.getByRole("alert");
  await expect(summary).toBeFocused();
  await reads(page, "account-form-missing");
  await summary.getByRole("link").first().press("Enter");
  await expect(page.getByLabel("Neues Passwort")).toBeFocused();
  await expect(page.getByLabel("Neues Passwort")).toHaveAccessibleDescription(/Passwort/);
  await page.getByLabel("Neues Passwort").fill("grüner Tee um vier");
  await page.getByLabel(/Ich stimme den/).check();
  await page.getByRole("button", { name: "Registrieren" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText("kommunal bestätigt")).toBeVisible();
  await page.goto(`${portal.url}/anmelden`);
  await context.clearCookies();
  await page.goto(`${portal.url}/anmelden`);
  await reads(page, "sign-in");
  await context.close();
});

/** Presses Tab until the focus is on something with this name, as somebody does who cannot see a pointer. */
async function tabTo(page: Page, name: RegExp, most = 80): Promise<void> {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    const focus = page.locator(":focus");
    const said = await focus.evaluate((element: HTMLElement) => {
      const labels = "labels" in element ? [...((element as HTMLInputElement).labels ?? [])].map((label) => label.innerText) : [];
      return [element.getAttribute("aria-label") ?? "", ...labels, element.innerText ?? "", (element as HTMLInputElement).name ?? ""].join(" ");
    });
    // whatever has the focus shows it
    const outlined = await focus.evaluate((element) => {
      const style = getComputedStyle(element);
      return element.matches("input, select, textarea") || style.outlineStyle !== "none" || style.boxShadow !== "none" || element.matches(".kern-btn, [tabindex='-1']");
    });
    expect(outlined, `${said} shows no focus`).toBe(true);
    if (name.test(said)) return;
  }
  throw new Error(`no way to ${name} with the Tab key`);
}

test("letters for a district with the keyboard alone", async ({ browser }) => {
  test.setTimeout(120_000);
  const context = await browser.newContext({ locale: "de-DE", viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const complaints = watch(page);
  await page.goto(`${portal.url}/anmelden`);
  await tabTo(page, /E-Mail-Adresse oder Brief-Nummer/);
  await page.keyboard.type(portal.staff.registry_officer.email);
  await tabTo(page, /^ *Passwort|password/);
  await page.keyboard.type(portal.staff.registry_officer.password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/verwaltung/);
  await tabTo(page, /^ *Briefe/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/verwaltung\/briefe/);
  await tabTo(page, /Briefe machen/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/briefe\/[0-9a-f-]{36}/);
  await expect(page.getByRole("link", { name: /PDF herunterladen/ })).toBeVisible({ timeout: 60_000 });
  // and back to the beginning of the content without passing the navigation again
  await page.goto(`${portal.url}/verwaltung/einwohner`);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.locator("main")).toBeFocused();
  await tabTo(page, /suche|Suche/, 6);
  await page.keyboard.type("mueller");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/suche=mueller/);
  expect(complaints).toEqual([]);
  await context.close();
});
