// Ways into an account: app and passkey as second factor, passkey without a name, links and codes of mails, freezing.
import { type Browser, type CDPSession, type Page, expect, test } from "@playwright/test";
import { createHmac } from "node:crypto";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type Portal, accessible, fits, newestMail, output, signIn, startPortal, textOf, watch } from "./portal";

let portal: Portal;

const PHONE = { viewport: { width: 390, height: 844 }, locale: "de-DE" };

/** What an app shows (RFC 6238, six digits, 30 seconds). */
function appCode(secret: string, step = Math.floor(Date.now() / 30_000)): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replaceAll(" ", "")].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g)!.map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A device that holds passkeys and always recognises its owner. */
async function authenticator(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return session;
}

async function register(browser: Browser, letter: number): Promise<Page> {
  const context = await browser.newContext(PHONE);
  const page = await context.newPage();
  const userId = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(textOf(portal.letters, letter))![0];
  await page.goto(`${portal.url}/registrieren`);
  await page.locator("[name=benutzer_id]").fill(userId);
  await page.getByRole("main").getByRole("button", { name: "Weiter" }).click();
  await page.locator("[name=password]").fill("grüner Tee um vier");
  await page.locator("[name=email]").fill(`person${letter}@example.org`);
  await page.locator("[name=consent]").check();
  await page.getByRole("main").locator("button[type=submit]").last().click();
  await expect(page).toHaveURL(/\/konto/);
  const link = /https?:\/\/\S+bestaetigen\S+/.exec(await mail("bestaetigen"))![0];
  await page.goto(link);
  await page.getByRole("main").getByRole("button").first().click();
  return page;
}

/** Waits for a mail with this word. */
async function mail(word: string): Promise<string> {
  let text = "";
  await expect.poll(() => (text = newestMail(portal)).includes(word), { timeout: 15_000 }).toBe(true);
  return text;
}

for (const kind of ["sqlite", "postgres"] as const) {
  test.describe(kind, () => {
    test.describe.configure({ mode: "serial" });
    test.beforeAll(async () => {
      portal = await startPortal(kind);
    });
    test.afterAll(async () => portal?.stop());

    test("the town hall helps somebody who has lost the phone", async ({ browser }) => {
      const phone = await register(browser, 6);
      const office = await (await browser.newContext({ locale: "de-DE" })).newPage();
      const complaints = watch(office);
      await signIn(office, portal, portal.staff.registry_officer);
      await office.goto(`${portal.url}/verwaltung/einwohner?stand=registered`);
      await office.locator("tbody a").first().click();
      await accessible(office);
      await office.getByRole("button", { name: "Überall abmelden" }).click();
      await expect(office.getByRole("main").getByText("Alle Geräte sind abgemeldet")).toBeVisible();
      await accessible(office);
      await phone.goto(`${portal.url}/konto`);
      await expect(phone).toHaveURL(/anmelden/);
      await signIn(phone, portal, { email: "person6@example.org", password: "grüner Tee um vier" });
      await expect(phone).toHaveURL(/\/konto$/);
      // somebody else is in the account: on a narrow screen, with the keyboard
      await office.setViewportSize({ width: 390, height: 844 });
      await office.getByText("Jemand Fremdes ist im Konto").focus();
      await office.keyboard.press("Enter");
      await fits(office);
      await office.getByRole("button", { name: "Konto einfrieren" }).press("Enter");
      await expect(office.getByRole("main").getByText("Das Konto ist eingefroren")).toBeVisible();
      await accessible(office);
      await signIn(phone, portal, { email: "person6@example.org", password: "grüner Tee um vier" });
      await expect(phone.getByText("Dieses Konto ist eingefroren").first()).toBeVisible();
      expect(complaints).toEqual([]);
    });

    test("an app as second factor, replay, recovery codes, reset", async ({ browser }) => {
      const context = await browser.newContext({ locale: "de-DE" });
      const page = await context.newPage();
      const complaints = watch(page);
      const clerk = portal.staff.clerk;
      await signIn(page, portal, clerk);
      await page.goto(`${portal.url}/konto/sicherheit`);
      await accessible(page);
      const secret = (await page.locator("main code").first().innerText()).trim();
      await page.locator("#app_password").fill(clerk.password);
      await page.getByLabel("Code aus der App").fill("000000");
      await page.getByRole("button", { name: "App bestätigen" }).click();
      await expect(page.locator("#code-error")).toBeVisible();
      // the same secret is still there
      expect((await page.locator("main code").first().innerText()).trim()).toBe(secret);
      await page.locator("#app_password").fill(clerk.password);
      await page.getByLabel("Code aus der App").fill(appCode(secret));
      await page.getByRole("button", { name: "App bestätigen" }).click();
      await expect(page.getByText("Ihre Ersatz-Codes")).toBeVisible();
      await accessible(page);
      await page.screenshot({ path: join(output, "security-codes.png"), fullPage: true });
      const codes = await page.locator(".recovery-codes code").allInnerTexts();
      expect(codes).toHaveLength(10);
      await page.getByRole("button", { name: "Ich habe die Codes notiert" }).click();
      await accessible(page);

      const other = await (await browser.newContext(PHONE)).newPage();
      await signIn(other, portal, clerk);
      await expect(other.getByRole("heading", { name: "Zweiter Faktor" })).toBeVisible();
      await accessible(other);
      await fits(other);
      // half a session opens nothing
      await other.goto(`${portal.url}/verwaltung`);
      await expect(other).toHaveURL(/anmelden/);
      await signIn(other, portal, clerk);
      // the code that was used for setting up does not work again
      await other.getByLabel("Code aus der App").fill(appCode(secret, Math.floor(Date.now() / 30_000) - 1));
      await other.getByRole("button", { name: "Weiter" }).click();
      await expect(other.locator("#code-error")).toBeVisible();
      await other.getByLabel("Code aus der App").fill(codes[0].toLowerCase());
      await other.getByRole("button", { name: "Weiter" }).click();
      await expect(other).toHaveURL(/verwaltung/);

      // the administrator resets the factor; then the password is enough again
      const boss = await (await browser.newContext({ locale: "de-DE" })).newPage();
      await signIn(boss, portal, portal.staff.administrator);
      await boss.goto(`${portal.url}/verwaltung/team`);
      await accessible(boss);
      await boss.screenshot({ path: join(output, "security-team.png"), fullPage: true });
      await boss.getByRole("button", { name: /Zweiten Faktor zurücksetzen/ }).click();
      await expect(boss.getByRole("button", { name: /Zweiten Faktor zurücksetzen/ })).toHaveCount(0);
      await signIn(page, portal, clerk);
      await expect(page).toHaveURL(/verwaltung/);
      expect(complaints).toEqual([]);
    });

    test("a passkey as second factor that is a must", async ({ browser }) => {
      const boss = await (await browser.newContext({ locale: "de-DE" })).newPage();
      await signIn(boss, portal, portal.staff.administrator);
      await boss.goto(`${portal.url}/verwaltung/einstellungen`);
      await boss.getByLabel("Alle in der Verwaltung brauchen einen zweiten Faktor").check();
      await boss.getByRole("button", { name: "Speichern" }).last().click();
      await expect(boss.getByText("Gespeichert").first()).toBeVisible();

      const page = await (await browser.newContext({ locale: "de-DE" })).newPage();
      const complaints = watch(page);
      await authenticator(page);
      const officer = portal.staff.registry_officer;
      await signIn(page, portal, officer);
      await expect(page.getByText("Bitte richten Sie einen zweiten Faktor ein")).toBeVisible();
      await accessible(page);
      await page.goto(`${portal.url}/verwaltung/einwohner`);
      await expect(page).toHaveURL(/anmelden/);
      await signIn(page, portal, officer);
      await page.getByLabel("Name").fill("Schlüssel am Bund");
      await page.getByRole("button", { name: "Passkey einrichten" }).click();
      await expect(page.getByText("Ihre Ersatz-Codes")).toBeVisible();
      await page.getByRole("button", { name: "Ich habe die Codes notiert" }).click();
      await expect(page).toHaveURL(/\/verwaltung$/);
      await page.getByRole("button", { name: "Abmelden" }).click();
      await signIn(page, portal, officer);
      await page.getByRole("button", { name: "Mit Passkey bestätigen" }).click();
      await expect(page).toHaveURL(/\/verwaltung$/);
      await page.goto(`${portal.url}/konto/sicherheit`);
      await expect(page.getByText("Schlüssel am Bund").first()).toBeVisible();
      await expect(page.getByText("zuletzt benutzt am")).toBeVisible();
      // the last one stays, as long as it is a must
      await page.getByText("Schlüssel am Bund entfernen").first().click();
      await page.locator("details[open]").getByLabel("Passwort").fill(officer.password);
      await page.locator("details[open]").getByRole("button").click();
      await expect(page.getByText("Ihre Kommune verlangt einen zweiten Faktor. Richten Sie erst einen anderen ein.").first()).toBeVisible();
      // and a passkey alone signs in: it is two factors by itself
      await page.getByRole("button", { name: "Abmelden" }).click();
      await page.goto(`${portal.url}/anmelden/passkey`);
      await accessible(page);
      await page.getByRole("main").getByRole("button", { name: "Mit Passkey anmelden" }).click();
      await expect(page).toHaveURL(/\/verwaltung$/);
      expect(complaints).toEqual([]);
    });

    test("staff are invited by mail", async ({ browser }) => {
      const boss = await (await browser.newContext({ locale: "de-DE" })).newPage();
      await signIn(boss, portal, portal.staff.administrator);
      // the administrator must set up something too, now that it is a must
      const secret = (await boss.locator("main code").first().innerText()).trim();
      await boss.getByLabel("Code aus der App").fill(appCode(secret));
      await boss.getByRole("button", { name: "App bestätigen" }).click();
      await boss.getByRole("button", { name: "Ich habe die Codes notiert" }).click();
      await boss.goto(`${portal.url}/verwaltung/team`);
      await boss.getByLabel("Name").fill("Nora Neu");
      await boss.getByLabel("E-Mail-Adresse").fill("nora@lindenau.example");
      await boss.locator("#role").selectOption("clerk");
      await boss.getByRole("button", { name: "Einladen", exact: true }).click();
      await expect(boss.getByText("Die Einladung ist unterwegs.")).toBeVisible();
      const link = /https?:\/\/\S+einladung\S+/.exec(await mail("einladung"))![0];
      const nora = await (await browser.newContext(PHONE)).newPage();
      // a mail scanner opens the link; it still works
      await nora.request.get(link);
      await nora.goto(link);
      await accessible(nora);
      await nora.getByLabel("Neues Passwort").fill("kurz");
      await nora.getByRole("button", { name: "Speichern" }).click();
      await expect(nora.locator("#password-error")).toBeVisible();
      await nora.getByLabel("Neues Passwort").fill("Neun Hexen tanzen im Mai");
      await nora.getByRole("button", { name: "Speichern" }).click();
      await expect(nora.getByText("Ihr neues Passwort ist gespeichert.")).toBeVisible();
      await nora.goto(link);
      await expect(nora.getByText("Dieser Link gilt nicht mehr")).toBeVisible();
      await signIn(nora, portal, { email: "nora@lindenau.example", password: "Neun Hexen tanzen im Mai" });
      await expect(nora.getByText("Bitte richten Sie einen zweiten Faktor ein")).toBeVisible();
    });

    test("a resident signs in by mail, by passkey, with a new password, and freezes the account", async ({ browser }) => {
      const phone = await register(browser, 4);
      const complaints = watch(phone);
      await phone.goto(`${portal.url}/konto`);
      const number = /K-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(await phone.locator("main").innerText())![0];
      await phone.goto(`${portal.url}/konto/daten`);
      await accessible(phone);
      await fits(phone);
      const json = await (await phone.request.get(`${portal.url}/konto/daten/meine-daten.json`)).json();
      expect(json.email).toBe("person4@example.org");
      const [download] = await Promise.all([phone.waitForEvent("download"), phone.getByRole("link", { name: "Als PDF" }).click()]);
      const pdf = join(output, "meine-daten.pdf");
      await download.saveAs(pdf);
      expect(execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8" })).toContain(json.name);
      // a passkey on the phone
      await authenticator(phone);
      await phone.goto(`${portal.url}/konto/sicherheit`);
      await accessible(phone);
      await phone.locator("#passkey_password").fill("grüner Tee um vier");
      await phone.getByRole("button", { name: "Passkey einrichten" }).click();
      await expect(phone.getByText("eingerichtet am")).toBeVisible();
      await phone.getByRole("button", { name: "Abmelden" }).click();
      await phone.goto(`${portal.url}/anmelden/passkey`);
      await phone.getByRole("main").getByRole("button", { name: "Mit Passkey anmelden" }).click();
      await expect(phone).toHaveURL(/\/konto$/);
      await phone.getByRole("button", { name: "Abmelden" }).click();

      // by mail: the code of the mail, typed on the page that waits
      await phone.goto(`${portal.url}/anmelden`);
      await accessible(phone);
      await phone.getByRole("link", { name: "Mit E-Mail anmelden" }).click();
      await accessible(phone);
      await phone.locator("[name=name]").fill("person4@example.org");
      await phone.getByRole("button", { name: "E-Mail schicken" }).click();
      const text = await mail("anmelden/link");
      await phone.getByLabel("Code aus der E-Mail").fill("000 001");
      await phone.getByRole("main").getByRole("button", { name: "Anmelden" }).click();
      await expect(phone.locator("#code-error")).toBeVisible();
      await phone.getByLabel("Code aus der E-Mail").fill(/^\s*(\d{3} \d{3})\s*$/m.exec(text)![1]);
      await phone.getByRole("main").getByRole("button", { name: "Anmelden" }).click();
      await expect(phone).toHaveURL(/\/konto$/);
      await phone.getByRole("button", { name: "Abmelden" }).click();

      // forgotten password; the answer for a stranger is the same
      for (const name of ["niemand@example.org", "person4@example.org"]) {
        await phone.goto(`${portal.url}/passwort-vergessen`);
        await phone.locator("[name=name]").fill(name);
        await phone.getByRole("button", { name: "Link schicken" }).click();
        await expect(phone.getByText("Sehen Sie in Ihr Postfach")).toBeVisible();
      }
      await phone.goto(/https?:\/\/\S+passwort-neu\S+/.exec(await mail("passwort-neu"))![0]);
      await phone.getByLabel("Neues Passwort").fill("Zehn Frösche im Teich");
      await phone.getByRole("button", { name: "Speichern" }).click();
      await signIn(phone, portal, { email: "person4@example.org", password: "Zehn Frösche im Teich" });
      await expect(phone).toHaveURL(/\/konto$/);

      // that was not me
      const stranger = await (await browser.newContext({ ...PHONE, locale: "en-GB" })).newPage();
      await stranger.goto(`${portal.url}/das-war-ich-nicht`);
      await accessible(stranger);
      await stranger.getByLabel("Number of the confirmation").fill("K-0000-0000");
      await stranger.getByRole("button", { name: "Freeze the account" }).click();
      await expect(stranger.locator("#nummer-error")).toBeVisible();
      await stranger.getByLabel("Number of the confirmation").fill(number.toLowerCase());
      await stranger.getByRole("button", { name: "Freeze the account" }).click();
      await expect(stranger.getByText("The account is frozen")).toBeVisible();
      await phone.goto(`${portal.url}/konto`);
      await expect(phone).toHaveURL(/anmelden/);
      await signIn(phone, portal, { email: "person4@example.org", password: "Zehn Frösche im Teich" });
      await expect(phone.getByText("Dieses Konto ist eingefroren").first()).toBeVisible();
      expect(complaints).toEqual([]);
    });
  });
}
