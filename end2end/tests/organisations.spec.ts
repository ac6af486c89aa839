// The whole life of an organisation, from both sides: apply, question back, answer, approve, letter, redeem, publish, hand over,
// leave; on a phone and at a desk, on SQLite and on PostgreSQL.
import { type Browser, type BrowserContext, type Page, expect, test } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type Portal, accessible, fits, newestMail, output, signIn, startPortal, watch } from "./portal";

const PASSWORD = "Sieben Zwerge im Wald";
const PHONE = { viewport: { width: 390, height: 844 }, locale: "de-DE", hasTouch: true };

async function link(portal: Portal, part: string): Promise<string> {
  let found: string | undefined;
  await expect.poll(() => (found = new RegExp(`https?://\\S+${part}\\S+`).exec(newestMail(portal))?.[0]), { timeout: 15_000 }).toBeTruthy();
  return found!;
}

async function staff(browser: Browser, portal: Portal, who: keyof Portal["staff"]): Promise<Page> {
  const page = await (await browser.newContext({ locale: "de-DE" })).newPage();
  await signIn(page, portal, portal.staff[who]);
  await expect(page).toHaveURL(/verwaltung/);
  return page;
}

async function picture(context: BrowserContext): Promise<Buffer> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 860, height: 540 });
  await page.setContent("<body style='background:#def;font:40px sans-serif'><h1>PERSONALAUSWEIS</h1><p>VERA VORSITZ</p></body>");
  const png = await page.screenshot();
  await page.close();
  return png;
}

/** Switches the directory on. */
async function directory(office: Page, portal: Portal, on: boolean): Promise<void> {
  await office.goto(`${portal.url}/verwaltung/einstellungen`);
  await office.getByLabel("Markt für Angebote").setChecked(on);
  await office.getByLabel("Verzeichnis der Organisationen einschalten").setChecked(on);
  await office.getByRole("button", { name: "Speichern" }).first().click();
  await expect(office.getByText("Gespeichert").first()).toBeVisible();
}

async function fill(page: Page, name: string): Promise<void> {
  await page.locator("#organisation_kind").selectOption("club");
  for (const [field, value] of [
    ["organisation_name", name],
    ["register", "Amtsgericht Cottbus"],
    ["register_number", "VR 1234"],
    ["purpose", "Turnen für alle."],
    ["web", "https://tv-lindenau.example"],
    ["street", "Sportweg"],
    ["house_number", "3"],
    ["postcode", "01945"],
    ["city", "Lindenau"],
    ["person", "Vera Vorsitz"],
    ["person_role", "Vorsitzende"],
  ])
    await page.locator(`#${field}`).fill(value);
}

for (const kind of ["sqlite", "postgres"] as const) {
  test.describe(`organisations on ${kind}`, () => {
    let portal: Portal;
    test.describe.configure({ mode: "serial" });
    test.beforeAll(async () => {
      portal = await startPortal(kind);
    });
    test.afterAll(async () => portal?.stop());

    test("apply, question, answer, approve, letter, redeem, publish, hand over, leave", async ({ browser }) => {
      test.setTimeout(360_000);
      const office = await staff(browser, portal, "administrator");
      const vera = await (await browser.newContext(PHONE)).newPage();
      const [noise, complaints] = [watch(office), watch(vera)];
      // switched off there is nothing
      await directory(office, portal, false);
      for (const path of ["/verzeichnis", "/markt", "/organisation/aufnahme"]) {
        const answer = await vera.goto(portal.url + path);
        expect(answer!.status(), path).toBe(404);
      }
      await directory(office, portal, true);
      await accessible(office);

      // apply
      await vera.goto(`${portal.url}/verzeichnis`);
      await expect(vera.getByText("Noch steht niemand im Verzeichnis")).toBeVisible();
      await accessible(vera);
      await fits(vera);
      await vera.getByRole("link", { name: "Aufnahme beantragen" }).click();
      await accessible(vera);
      await vera.getByRole("button", { name: "Weiter" }).click();
      await expect(vera.locator("#organisation_name-error")).toBeVisible();
      await accessible(vera);
      await fits(vera);
      await vera.screenshot({ path: join(output, `organisations-${kind}-apply.png`), fullPage: true });
      await fill(vera, "Turnverein Lindenau e. V.");
      await vera.locator("#name").fill("Vera Vorsitz");
      await vera.locator("#email").fill("vera@example.org");
      await vera.locator("#password").fill(PASSWORD);
      await vera.locator("#consent").check();
      await vera.getByRole("button", { name: "Weiter" }).click();
      await expect(vera.getByText("vera@example.org")).toBeVisible();
      await accessible(vera);
      await vera.goto(await link(portal, "bestaetigen"));
      await vera.locator("[name=password]").fill(PASSWORD);
      await vera.getByRole("main").getByRole("button").first().click();
      // on with the proof
      await expect(vera).toHaveURL(/nachweis/);
      await accessible(vera);
      await fits(vera);
      await vera.locator("#bild").setInputFiles({ name: "ausweis.png", mimeType: "image/png", buffer: await picture(vera.context()) });
      await vera.locator("[name=einwilligung]").check();
      await vera.getByRole("button", { name: "Foto und Antrag senden" }).click();
      await expect(vera.getByText("Wir haben Ihre Angaben bekommen")).toBeVisible();
      await accessible(vera);
      const request = vera.url().split("?")[0];

      // the clerk asks for the kind and the number
      const clerk = await staff(browser, portal, "clerk");
      await clerk.goto(`${portal.url}/verwaltung/nachrichten`);
      await clerk.getByRole("link", { name: /Vera Vorsitz/ }).first().click();
      await expect(clerk.getByText("Turnverein Lindenau e. V.").first()).toBeVisible();
      await accessible(clerk);
      await clerk.screenshot({ path: join(output, `organisations-${kind}-desk.png`), fullPage: true });
      await clerk.getByText("Rückfrage stellen").click();
      await clerk.getByLabel("Ihre Frage").fill("Bitte prüfen Sie die Nummer.");
      const asked = clerk.getByRole("group", { name: "Diese Angaben soll die Person prüfen" });
      await asked.getByLabel("Registernummer").check();
      await asked.getByLabel("Art der Organisation").check();
      await clerk.getByRole("button", { name: "Rückfrage senden" }).click();
      await vera.goto(request);
      await vera.locator("#register_number").fill("VR 4321");
      await accessible(vera);
      await vera.getByRole("button", { name: "Antwort senden" }).click();
      await expect(vera.getByText("Rückfrage beantwortet")).toBeVisible();
      await clerk.reload();
      await clerk.getByRole("button", { name: "Aufnehmen und Brief machen" }).click();
      await clerk.getByRole("link", { name: "Zur Organisation und zum Brief" }).click();
      await expect(clerk.getByText("VR 4321")).toBeVisible();
      await accessible(clerk);
      await fits(clerk);

      // the letter as a file for an e-mail: tagged, to the attention of the person, with a code that works
      await expect(async () => {
        await clerk.reload();
        await expect(clerk.getByRole("link", { name: "Barrierefreies PDF" })).toBeVisible({ timeout: 500 });
      }).toPass({ timeout: 30_000 });
      await clerk.screenshot({ path: join(output, `organisations-${kind}-page.png`), fullPage: true });
      const waiting = clerk.waitForEvent("download");
      await clerk.getByRole("link", { name: "Barrierefreies PDF" }).click();
      const pdf = join(output, `organisations-${kind}.pdf`);
      await (await waiting).saveAs(pdf);
      expect(execFileSync("pdfinfo", [pdf], { encoding: "utf8" })).toMatch(/Tagged: +yes/);
      const text = execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8" });
      for (const words of ["Turnverein Lindenau e. V.", "Vera Vorsitz", "Sportweg 3", "01945 Lindenau", "Artikel 13"]) expect(text).toContain(words);
      expect(text).not.toContain("MUSTER");
      const userId = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(text)![0];
      await clerk.getByRole("button", { name: "Heute verschickt" }).click();
      await expect(clerk.getByText("Gültig bis")).toBeVisible();

      // redeemed by the account of the request
      await vera.goto(`${portal.url}/registrieren`);
      await vera.locator("[name=benutzer_id]").fill(userId);
      await vera.getByRole("main").getByRole("button", { name: "Weiter" }).click();
      await expect(vera.getByText("Turnverein Lindenau e. V.")).toBeVisible();
      await expect(vera.getByText("Ihr eigenes Konto ändert sich nicht")).toBeVisible();
      await accessible(vera);
      await vera.locator("[name=consent]").check();
      await vera.getByRole("main").locator("button[type=submit]").last().click();
      await expect(vera).toHaveURL(/\/konto/);
      await vera.getByRole("link", { name: "Turnverein Lindenau e. V." }).click();
      await accessible(vera);
      await fits(vera);
      await vera.screenshot({ path: join(output, `organisations-${kind}-member.png`), fullPage: true });

      // publish: bad input first, then with a look by the town
      await vera.locator("#description").fill("Wir turnen montags um 18 Uhr in der Halle.");
      await vera.locator("#web").fill("javascript:alert(1)");
      await vera.locator("button[value=eintrag]").click();
      await expect(vera.locator("#web-error")).toBeVisible();
      await expect(vera.locator("#category-error")).toBeVisible();
      await vera.locator("#web").fill("https://tv-lindenau.example");
      await vera.locator("#category").selectOption("sport");
      await vera.locator("#hours").fill("Montag 18 bis 20 Uhr");
      await vera.locator("button[value=eintrag]").click();
      await expect(vera.getByText("liegt jetzt bei der Verwaltung")).toBeVisible();
      const guest = await (await browser.newContext(PHONE)).newPage();
      await guest.goto(`${portal.url}/verzeichnis`);
      await expect(guest.getByText("Noch steht niemand im Verzeichnis")).toBeVisible();
      await clerk.goto(`${portal.url}/verwaltung`);
      await expect(clerk.getByRole("heading", { name: "Organisationen" })).toBeVisible();
      await clerk.goto(`${portal.url}/verwaltung/organisationen`);
      await accessible(clerk);
      await clerk.getByRole("link", { name: "Turnverein Lindenau e. V." }).click();
      await expect(clerk.getByText("Neuer Eintrag wartet auf Prüfung")).toBeVisible();
      await accessible(clerk);
      await clerk.getByRole("button", { name: "Veröffentlichen", exact: true }).click();
      await guest.reload();
      await guest.locator("[name=q]").fill("TURNEN");
      await guest.getByRole("button", { name: "Suchen" }).click();
      await expect(guest.getByText("1 Eintrag")).toBeVisible();
      await accessible(guest);
      await fits(guest);
      await guest.screenshot({ path: join(output, `organisations-${kind}-directory.png`), fullPage: true });
      await guest.getByRole("link", { name: "Turnverein Lindenau e. V." }).click();
      await expect(guest.getByText("hat Gemeinde Lindenau geprüft").or(guest.getByText("Name und Anschrift hat"))).toBeVisible();
      await expect(guest.getByText("Sportweg")).toHaveCount(0);
      await accessible(guest);
      await fits(guest);
      await guest.screenshot({ path: join(output, `organisations-${kind}-entry.png`), fullPage: true });

      // a notice for the market: bad input, a look by the town, then for everybody until its day
      await vera.goto(vera.url().split("?")[0]);
      await vera.locator("button[value=aushang]").click();
      await expect(vera.locator("#notice_title-error")).toBeVisible();
      await expect(vera.locator("#until_day-error")).toBeVisible();
      await expect(vera.locator("#description")).toHaveValue(/Wir turnen/);
      await accessible(vera);
      await fits(vera);
      await vera.locator("#notice_kind").selectOption("event");
      await vera.locator("#notice_title").fill("Sommerfest");
      await vera.locator("#notice_text").fill("Mit Blaskapelle und Kuchen.");
      const last = new Date(Date.now() + 5 * 86_400_000);
      await vera.locator("#until_day").fill(String(last.getDate()));
      await vera.locator("#until_month").fill(String(last.getMonth() + 1));
      await vera.locator("#until_year").fill(String(last.getFullYear()));
      await vera.locator("button[value=aushang]").click();
      await expect(vera.getByText("Sommerfest").first()).toBeVisible();
      await guest.goto(`${portal.url}/markt`);
      await expect(guest.getByText("Zurzeit gibt es keine Aushänge")).toBeVisible();
      await clerk.goto(`${portal.url}/verwaltung/organisationen`);
      await clerk.getByRole("link", { name: "Turnverein Lindenau e. V." }).click();
      await accessible(clerk);
      await clerk.getByRole("button", { name: "Veröffentlichen: Sommerfest" }).click();
      await guest.reload();
      await expect(guest.getByRole("heading", { name: "Sommerfest" })).toBeVisible();
      await accessible(guest);
      await fits(guest);
      await guest.screenshot({ path: join(output, `organisations-${kind}-market.png`), fullPage: true });
      await guest.getByRole("link", { name: "Turnverein Lindenau e. V." }).click();
      await expect(guest.getByRole("heading", { name: "Sommerfest" })).toBeVisible();
      await accessible(guest);

      // hand over: invited by mail, an account of one's own, then the only owner
      await vera.goto(`${portal.url}/konto`);
      await vera.getByRole("link", { name: "Turnverein Lindenau e. V." }).click();
      await vera.getByRole("button", { name: "Organisation verlassen" }).click();
      await expect(vera.getByText("Mindestens eine Person muss verantwortlich bleiben").first()).toBeVisible();
      await vera.locator("#invite_email").fill("nora@example.org");
      await vera.getByLabel("Verantwortlich: darf alles").check();
      await expect(vera.locator("#invite_language")).toHaveValue("de");
      await vera.getByRole("button", { name: "Einladen" }).click();
      await expect(vera.getByText("nora@example.org, eingeladen bis")).toBeVisible();
      const nora = await (await browser.newContext(PHONE)).newPage();
      await nora.goto(await link(portal, "beitreten"));
      await accessible(nora);
      await nora.locator("#name").fill("Nora Nachfolge");
      await nora.locator("#password").fill(PASSWORD);
      await nora.locator("#consent").check();
      await nora.getByRole("button", { name: "Einladung annehmen" }).click();
      await expect(nora.getByRole("heading", { name: "Turnverein Lindenau e. V." })).toBeVisible();
      await vera.reload();
      await vera.getByRole("button", { name: "Organisation verlassen" }).click();
      await expect(vera).toHaveURL(/\/konto$/);
      await expect(vera.getByRole("link", { name: "Turnverein Lindenau e. V." })).toHaveCount(0);

      // a logo: what is no picture is refused, what is one is looked at first
      const club = nora.url().split("?")[0];
      await nora.locator("#bild").setInputFiles({ name: "logo.svg", mimeType: "image/svg+xml", buffer: Buffer.from("<svg onload='alert(1)'/>") });
      await nora.getByRole("button", { name: "Logo hochladen" }).click();
      await expect(nora.locator("#bild-error")).toBeVisible();
      await accessible(nora);
      await nora.locator("#bild").setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: await picture(nora.context()) });
      await nora.getByRole("button", { name: "Logo hochladen" }).click();
      await expect(nora.getByRole("img", { name: "Das Logo" })).toBeVisible();
      await accessible(nora);
      await fits(nora);
      await nora.screenshot({ path: join(output, `organisations-${kind}-logo.png`), fullPage: true });
      await clerk.goto(`${portal.url}/verwaltung/organisationen`);
      await clerk.getByRole("link", { name: "Turnverein Lindenau e. V." }).click();
      await accessible(clerk);
      await clerk.screenshot({ path: join(output, `organisations-${kind}-logo-review.png`), fullPage: true });
      await clerk.getByRole("button", { name: "Logo zeigen" }).click();

      // another name: asked for, compared, approved
      await nora.getByRole("link", { name: "Name oder Anschrift ändern" }).click();
      await nora.getByRole("button", { name: "Antrag senden" }).click();
      await expect(nora.locator("#reason-error")).toBeVisible();
      await nora.locator("#organisation_name").fill("Turnverein 1862 Lindenau e. V.");
      await nora.locator("#reason").fill("Beschluss der Mitglieder");
      await accessible(nora);
      await fits(nora);
      await nora.getByRole("button", { name: "Antrag senden" }).click();
      await expect(nora.getByText("Turnverein 1862 Lindenau e. V.").first()).toBeVisible();
      await accessible(nora);
      await clerk.goto(`${portal.url}/verwaltung/nachrichten`);
      await clerk.getByRole("link", { name: /Nora Nachfolge/ }).first().click();
      await expect(clerk.getByText("Turnverein 1862 Lindenau e. V.").first()).toBeVisible();
      await accessible(clerk);
      await clerk.screenshot({ path: join(output, `organisations-${kind}-change.png`), fullPage: true });
      await clerk.getByRole("button", { name: "Zustimmen" }).click();
      await guest.goto(`${portal.url}/verzeichnis`);
      await guest.getByRole("link", { name: "Turnverein 1862 Lindenau e. V." }).click();
      await expect(guest.locator("img.logo")).toBeVisible();
      expect(await guest.locator("img.logo").evaluate((i: HTMLImageElement) => i.naturalWidth)).toBe(400);
      await accessible(guest);
      await fits(guest);
      await guest.screenshot({ path: join(output, `organisations-${kind}-entry.png`), fullPage: true });

      // under a notice: the organisation speaks, strangers read
      await guest.getByRole("link", { name: "Sommerfest" }).click();
      await expect(guest.getByText("Noch keine Kommentare")).toBeVisible();
      await nora.goto(guest.url());
      await nora.locator("#beitrag").fill("Beginn um 15 Uhr.");
      await nora.getByRole("button", { name: "Veröffentlichen" }).click();
      await guest.reload();
      await expect(guest.getByRole("listitem").filter({ hasText: "Beginn um 15 Uhr." })).toContainText("Turnverein 1862");
      await accessible(guest);
      await fits(guest);
      await guest.screenshot({ path: join(output, `organisations-${kind}-notice.png`), fullPage: true });

      // the tool is switched off: hidden, and the data stays
      await directory(office, portal, false);
      expect((await guest.goto(`${portal.url}/verzeichnis`))!.status()).toBe(404);
      await directory(office, portal, true);
      await guest.goto(`${portal.url}/verzeichnis`);
      await expect(guest.getByText("1 Eintrag")).toBeVisible();

      // leave for good
      await nora.goto(club);
      await nora.locator("details").last().evaluate((d: HTMLDetailsElement) => (d.open = true));
      await nora.getByRole("button", { name: "Organisation aus dem Portal nehmen" }).click();
      await expect(nora.locator("#sicher-error")).toBeVisible();
      await nora.locator("#sicher").check();
      await nora.getByRole("button", { name: "Organisation aus dem Portal nehmen" }).click();
      await guest.reload();
      await expect(guest.getByText("Noch steht niemand im Verzeichnis")).toBeVisible();
      expect([...noise, ...complaints]).toEqual([]);
      expect(portal.log()).not.toContain("Turnverein");
      expect(portal.log()).not.toContain("example.org");
    });
  });
}

test("without JavaScript and in English: shown at the desk, withdrawn, refused", async ({ browser }) => {
  test.setTimeout(180_000);
  const portal = await startPortal();
  try {
    const office = await staff(browser, portal, "administrator");
    await directory(office, portal, true);
    const visitor = await (await browser.newContext({ locale: "en-GB", javaScriptEnabled: false })).newPage();
    await visitor.goto(`${portal.url}/organisation/aufnahme`);
    await fill(visitor, "Bäckerei Müller GmbH");
    await visitor.locator("#name").fill("Max Müller");
    await visitor.locator("#email").fill("max@example.org");
    await visitor.locator("#password").fill(PASSWORD);
    await visitor.locator("#consent").check();
    await visitor.getByRole("button", { name: "Continue" }).click();
    await visitor.goto(await link(portal, "bestaetigen"));
    await visitor.locator("[name=password]").fill(PASSWORD);
    await visitor.getByRole("main").getByRole("button").first().click();
    await visitor.getByRole("button", { name: "Send without a photo" }).click();
    const code = (await visitor.locator(".desk-code").innerText()).trim();
    const clerk = await staff(browser, portal, "clerk");
    await clerk.goto(`${portal.url}/verwaltung/nachrichten/schalter`);
    await clerk.locator("#code").fill(code);
    await clerk.getByRole("main").locator("button[type=submit]").click();
    await expect(clerk.getByText("Bäckerei Müller GmbH").first()).toBeVisible();
    await expect(clerk.getByRole("button", { name: "Aufnehmen und Brief machen" })).toHaveCount(0);
    // withdrawn by the applicant
    await visitor.locator("summary").last().click();
    await visitor.locator("[name=sicher]").check();
    await visitor.getByRole("button", { name: /[Ww]ithdraw/ }).click();
    // once more, this time refused with a reason
    await visitor.goto(`${portal.url}/organisation/aufnahme`);
    await expect(visitor.getByText("Max Müller")).toBeVisible();
    await fill(visitor, "Bäckerei Müller GmbH");
    await visitor.getByRole("button", { name: "Continue" }).click();
    await visitor.getByRole("button", { name: "Send without a photo" }).click();
    await clerk.goto(`${portal.url}/verwaltung/nachrichten`);
    await clerk.getByRole("link", { name: /Max Müller/ }).first().click();
    await clerk.getByText("Ablehnen", { exact: true }).first().click();
    await clerk.locator("#grund").fill("Der Sitz ist nicht in Lindenau.");
    await clerk.getByRole("button", { name: "Ablehnen" }).click();
    await expect(clerk.getByText("Der Sitz ist nicht in Lindenau.")).toBeVisible();
    await visitor.goto(`${portal.url}/konto/vorgaenge`);
    await visitor.getByRole("link", { name: "Admission of an organisation" }).first().click();
    await expect(visitor.getByText("Der Sitz ist nicht in Lindenau.")).toBeVisible();
    await clerk.goto(`${portal.url}/verwaltung/organisationen`);
    await expect(clerk.getByText("Keine Organisation passt dazu")).toBeVisible();
  } finally {
    await portal.stop();
  }
});
