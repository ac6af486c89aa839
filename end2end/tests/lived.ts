// A portal that has been in use for a while: an account, a case with an answer, an idea with a comment, a draft list, a
// print batch. So that pages about one thing can be looked at, too.
import { type Browser, type BrowserContext, type Page, expect } from "@playwright/test";
import { join } from "node:path";
import { type Portal, type Staff, textOf } from "./portal";

const LIST = join(__dirname, "../../assets/demo/einwohner-dirty-600.xlsx");
export const PASSWORD = "grüner Tee um vier";

export type Lived = {
  /** Letter number of the account, to sign in with. */
  name: string;
  /** Pages of the account. */
  account: string[];
  /** Pages for everybody about one thing. */
  open: string[];
  /** Pages of the registry officer about one thing. */
  officer: string[];
};

/** Signs in whatever the language of the page. */
export async function enter(page: Page, portal: Portal, who: Staff): Promise<void> {
  await page.goto(`${portal.url}/anmelden`);
  await page.locator("#name").fill(who.email);
  await page.locator("#password").fill(who.password);
  await page.locator("main form:has(#password) button[type=submit]").click();
  await expect(page).not.toHaveURL(/anmelden/);
}

/** Registers with the letter of this number, without an e-mail address; gives the letter's number for signing in. */
export async function register(page: Page, portal: Portal, letter: number): Promise<string> {
  const text = textOf(portal.letters, letter);
  const userId = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(text)![0];
  await page.goto(`${portal.url}/registrieren`);
  await page.locator("[name=benutzer_id]").last().fill(userId);
  await page.locator("form:has(#benutzer_id) button[type=submit]").click();
  await page.locator("[name=password]").fill(PASSWORD);
  await page.locator("[name=consent]").check();
  await page.getByRole("main").locator("button[type=submit]").last().click();
  await expect(page).toHaveURL(/\/konto/);
  return /\b\d{4} \d{4}( \d{4})?\b|\b[0-9A-Z]{4} [0-9A-Z]{4}\b/.exec(text)?.[0] ?? "";
}

const path = (page: Page) => new URL(page.url()).pathname;

export async function live(browser: Browser, portal: Portal): Promise<Lived & { resident: BrowserContext }> {
  const resident = await browser.newContext({ locale: "de-DE" });
  const phone = await resident.newPage();
  const name = await register(phone, portal, 30);
  await phone.goto(`${portal.url}/konto/nachricht`);
  await phone.locator("#subject").fill("Laterne am Anger");
  await phone.locator("main textarea").fill("Die Laterne an der Ecke ist seit Montag dunkel.");
  await phone.locator("main form button[type=submit]").last().click();
  await expect(phone).toHaveURL(/vorgaenge\//);
  const own = path(phone);
  await phone.goto(`${portal.url}/ideen/neu`);
  await phone.locator("#titel").fill("Eine Bank am Anger");
  await phone.locator("#beitrag").fill("Dort sitzen viele, und es gibt keine.");
  await phone.getByRole("button", { name: "Veröffentlichen" }).click();
  const idea = path(phone);
  await phone.locator("#beitrag").fill("Am besten im Schatten.");
  await phone.getByRole("button", { name: "Veröffentlichen" }).click();
  await phone.goto(`${portal.url}/umfragen`);
  const survey = await phone.locator("main h3 a").first().getAttribute("href");

  const office = await (await browser.newContext({ locale: "de-DE" })).newPage();
  await enter(office, portal, portal.staff.registry_officer);
  const at = own.split("/").pop();
  const desk = `/verwaltung/nachrichten/${at}`;
  await office.goto(portal.url + desk);
  await office.goto(`${portal.url}/verwaltung/einwohner?suche=mueller`);
  const person = await office.locator("main tbody th a").first().getAttribute("href");
  await office.goto(`${portal.url}/verwaltung/listen`);
  await office.locator("input[type=file]").setInputFiles(LIST);
  await office.getByRole("button", { name: "Hochladen und prüfen" }).click();
  await expect(office).toHaveURL(/listen\/[0-9a-f-]+/);
  await expect(office.getByRole("button", { name: /Folgen ansehen/ })).toBeVisible();
  const draft = path(office);
  await office.goto(`${portal.url}/verwaltung/briefe`);
  const batch = await office.locator("main tbody a").first().getAttribute("href");
  await office.context().close();
  return {
    resident,
    name,
    account: ["/konto", "/konto/sicherheit", "/konto/daten", "/konto/vorgaenge", own, "/konto/aendern", "/konto/nachricht", "/konto/beitraege", "/konto/loeschen"],
    open: [idea, survey!, "/ideen"],
    officer: [desk, person!, `${person}/aendern`, draft, `${draft}/zeilen`, `${draft}/folgen`, batch!],
  };
}
