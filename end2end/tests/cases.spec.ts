// A request from both sides: the resident on a phone, the clerk at the desk. On SQLite and on PostgreSQL.
import { type Browser, type BrowserContext, type Page, expect, test } from "@playwright/test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Portal, accessible, fits, output, signIn, startPortal, textOf, watch } from "./portal";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, locale: "de-DE" };
const DESK = { viewport: { width: 1360, height: 900 }, locale: "de-DE" };

/** Registers with the n-th letter of the demo; gives a phone that is signed in. */
async function resident(browser: Browser, portal: Portal, letter: number, options = {}): Promise<Page> {
  const context = await browser.newContext({ ...PHONE, ...options });
  const page = await context.newPage();
  const userId = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(textOf(portal.letters, letter))![0];
  await page.goto(`${portal.url}/registrieren`);
  await page.locator("[name=benutzer_id]").fill(userId);
  await page.getByRole("main").getByRole("button", { name: /Weiter|Continue/ }).click();
  await page.locator("[name=password]").fill("grüner Tee um vier");
  await page.locator("[name=consent]").check();
  await page.getByRole("main").locator("button[type=submit]").last().click();
  await expect(page).toHaveURL(/\/konto/);
  return page;
}

async function clerk(browser: Browser, portal: Portal, who: keyof Portal["staff"] = "clerk"): Promise<Page> {
  const context = await browser.newContext(DESK);
  const page = await context.newPage();
  await signIn(page, portal, portal.staff[who]);
  await expect(page).toHaveURL(/\/verwaltung/);
  return page;
}

/** A picture like a card, drawn by the browser. */
async function card(context: BrowserContext, text: string, type: "png" | "jpeg" = "png"): Promise<Buffer> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 856, height: 540 });
  await page.setContent(`<body style="margin:0;background:#dfe8ef;font:32px sans-serif"><h1 style="padding:40px">AUSWEIS</h1><p style="padding:0 40px">${text}</p></body>`);
  const picture = await page.screenshot({ type });
  await page.close();
  return picture;
}

async function newName(page: Page, portal: Portal, name: string): Promise<void> {
  await page.goto(`${portal.url}/konto/aendern`);
  await page.locator("[name=family_name]").fill(name);
  await page.locator("[name=reason]").fill("Heirat am 3. Mai");
  await page.getByRole("button", { name: "Weiter" }).click();
  await expect(page.getByRole("heading", { name: "Nachweis", exact: true })).toBeVisible();
}

for (const kind of ["sqlite", "postgres"] as const) {
  test.describe(kind, () => {
    let portal: Portal;
    test.beforeAll(async () => {
      portal = await startPortal(kind);
    });
    test.afterAll(async () => portal?.stop());

    test("a new name, with a picture, a question back and a decision", async ({ browser }) => {
      test.setTimeout(120_000);
      const phone = await resident(browser, portal, 1);
      const complaints = watch(phone);
      await newName(phone, portal, "Nachtigall");
      await accessible(phone);
      await fits(phone);

      // without a picture, with a picture that cannot be read: said at the field
      await phone.locator("[name=einwilligung]").check();
      await phone.getByRole("button", { name: "Foto und Antrag senden" }).click();
      await expect(phone.locator("#bild-error")).toContainText("wählen Sie ein Foto");
      // the editor: turned, a part blackened by two taps
      await phone.locator("#bild").setInputFiles({ name: "ausweis.png", mimeType: "image/png", buffer: await card(phone.context(), "NACHTIGALL") });
      const canvas = phone.locator(".id-picture canvas");
      await expect(canvas).toBeVisible();
      await phone.getByRole("button", { name: "Schwärzen" }).click();
      const box = (await canvas.boundingBox())!;
      await phone.touchscreen.tap(box.x + 20, box.y + 20);
      await phone.touchscreen.tap(box.x + 120, box.y + 60);
      await expect(phone.getByText("Geschwärzte Bereiche: 1")).toBeVisible();
      await accessible(phone);
      await phone.screenshot({ path: join(output, `cases-${kind}-picture.png`), fullPage: true });
      await phone.locator("[name=einwilligung]").check();
      await phone.getByRole("button", { name: "Foto und Antrag senden" }).click();
      await expect(phone.getByText("Wir haben Ihre Angaben bekommen")).toBeVisible();
      await accessible(phone);
      const number = /V-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(await phone.locator("main").innerText())![0];

      // the clerk finds it, is the only one who sees the new name covered, and asks back
      const desk = await clerk(browser, portal);
      const noise = watch(desk);
      await desk.getByRole("link", { name: "Nachrichten", exact: true }).click();
      await accessible(desk);
      await desk.keyboard.press("j");
      await desk.keyboard.press("Enter");
      await expect(desk.getByText(number)).toBeVisible();
      await expect(desk.getByText("Nachtigall")).toHaveCount(0);
      await expect(desk.getByText("verdeckt: bitte aus dem Ausweis abtippen")).toBeVisible();
      await accessible(desk);
      await desk.keyboard.press("a");
      await expect(desk.getByText("Sie sind jetzt zuständig.")).toBeVisible();
      await desk.getByRole("link", { name: "Bild zeigen" }).click();
      const picture = desk.getByRole("img", { name: "Foto des Ausweises" });
      await expect(picture).toBeVisible();
      expect(await picture.evaluate((i: HTMLImageElement) => i.decode().then(() => i.naturalWidth))).toBeGreaterThan(400);
      await desk.screenshot({ path: join(output, `cases-${kind}-desk.png`), fullPage: true });
      await desk.getByText("Rückfrage stellen").click();
      await desk.getByLabel("Ihre Frage").fill("Bitte prüfen Sie die Hausnummer.");
      await desk.getByRole("group", { name: "Diese Angaben soll die Person prüfen" }).getByLabel("Hausnummer").check();
      await desk.getByRole("button", { name: "Rückfrage senden" }).click();
      await expect(desk.getByText("Der Vorgang wartet auf die Antwort.")).toBeVisible();

      // the applicant sees only that field, and that somebody has looked
      await phone.reload();
      await expect(phone.getByRole("heading", { name: "Wir haben eine Frage an Sie" })).toBeVisible();
      await expect(phone.locator("[name=family_name]")).toHaveCount(0);
      await expect(phone.getByText("Bild angesehen")).toBeVisible();
      await phone.locator("[name=house_number]").fill("77");
      await accessible(phone);
      await phone.getByRole("button", { name: "Antwort senden" }).click();
      await expect(phone.getByText("Rückfrage beantwortet")).toBeVisible();

      // documents: the applicant's PDF; one with a script is refused; the town's own
      const sheet = await desk.context().newPage();
      await sheet.setContent("<h1>Urkunde</h1>");
      const pdf = await sheet.pdf();
      await sheet.close();
      await phone.locator("[name=mitteilung]").fill("Hier ist die Urkunde.");
      await phone.locator("#datei").setInputFiles({ name: "urkunde.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 <</S/JavaScript/JS(app.alert(1))>> %%EOF") });
      await phone.getByRole("button", { name: "Nachricht senden" }).click();
      await expect(phone.locator("#datei-error")).toContainText("enthält Programme");
      await accessible(phone);
      await phone.locator("#datei").setInputFiles({ name: "Urkunde Müller.pdf", mimeType: "application/pdf", buffer: pdf });
      await phone.getByRole("button", { name: "Nachricht senden" }).click();
      const saving = phone.waitForEvent("download");
      await phone.getByRole("link", { name: "Urkunde Müller.pdf" }).click();
      const saved = join(output, "urkunde.pdf");
      await (await saving).saveAs(saved);
      expect(readFileSync(saved).subarray(0, 5).toString()).toBe("%PDF-");
      const helper = await clerk(browser, portal);
      await helper.goto(desk.url().split("?")[0]);
      await expect(helper.getByRole("link", { name: "Urkunde Müller.pdf" })).toBeVisible();
      await helper.getByText("Nachricht schreiben, ohne").click();
      await helper.locator("#nachricht").fill("Vielen Dank.");
      await helper.locator("#datei").setInputFiles({ name: "x.exe", mimeType: "application/pdf", buffer: Buffer.from("MZ") });
      await helper.getByRole("button", { name: "Nachricht senden" }).click();
      await expect(helper.locator("#datei-error")).toBeVisible();
      await expect(helper.locator("#nachricht")).toHaveValue("Vielen Dank.");
      await accessible(helper);
      await helper.locator("#datei").setInputFiles({ name: "Merkblatt.pdf", mimeType: "application/pdf", buffer: pdf });
      await helper.getByRole("button", { name: "Nachricht senden" }).click();
      await expect(helper.getByRole("link", { name: "Merkblatt.pdf" })).toBeVisible();
      await phone.reload();
      await expect(phone.getByRole("link", { name: "Merkblatt.pdf" })).toBeVisible();
      await phone.screenshot({ path: join(output, `cases-${kind}-documents.png`), fullPage: true });

      // a decision on the old view is refused and says why; what was typed stays
      await desk.getByText("Ablehnen", { exact: true }).first().click();
      await desk.locator("#grund").fill("Das Bild ist unscharf.");
      await desk.getByRole("button", { name: "Ablehnen" }).click();
      await expect(desk.getByText("Jemand anderes hat den Vorgang inzwischen geändert")).toBeVisible();
      await expect(desk.locator("#grund")).toHaveValue("Das Bild ist unscharf.");

      // typed blind: wrong, then right
      await desk.getByLabel("Familienname, wie er im Ausweis steht").fill("Nachtigal");
      await desk.getByRole("button", { name: "Zustimmen und Profil ändern" }).click();
      await expect(desk.locator("#abgetippt-error")).toContainText("etwas anderes");
      await desk.getByLabel("Familienname, wie er im Ausweis steht").fill("NACHTIGALL");
      await desk.getByRole("button", { name: "Zustimmen und Profil ändern" }).click();
      await expect(desk.getByText("Zugestimmt. Das Profil ist geändert")).toBeVisible();
      await expect(desk.getByText("SHA-256")).toBeVisible();
      await expect(desk.getByRole("link", { name: "Bild zeigen" })).toHaveCount(0);

      await phone.goto(`${portal.url}/konto/vorgaenge`);
      await accessible(phone);
      await phone.getByRole("link", { name: "Änderung von Name oder Anschrift" }).click();
      await expect(phone.getByText("Bild gelöscht").first()).toBeVisible();
      await phone.goto(`${portal.url}/konto`);
      await expect(phone.getByText("Nachtigall").first()).toBeVisible();
      await expect(phone.getByText("Angaben mit einem Foto des Ausweises geprüft")).toBeVisible();
      expect([...complaints, ...noise]).toEqual([]);
    });

    test("without JavaScript: the server marks the picture, or the desk checks the document", async ({ browser }) => {
      const plain = await resident(browser, portal, 2, { javaScriptEnabled: false });
      await newName(plain, portal, "Ohneskript");
      // HEIC, a document, a huge file: refused with help
      for (const [name, buffer, text] of [
        ["foto.jpg", Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"), "HEIC"],
        ["foto.jpg", Buffer.from("%PDF-1.7 /JavaScript"), "kein Foto"],
        ["foto.jpg", Buffer.alloc(50 * 1024 * 1024, 1), "zu groß"],
      ] as const) {
        // by way of a file: so much cannot be handed over in memory
        const file = join(output, name);
        writeFileSync(file, buffer);
        await plain.locator("#bild").setInputFiles(file);
        await plain.locator("[name=einwilligung]").check();
        await plain.getByRole("button", { name: "Foto und Antrag senden" }).click();
        await expect(plain.locator("#bild-error")).toContainText(text);
      }
      const helper = await browser.newContext();
      const picture = await card(helper, "OHNESKRIPT", "jpeg");
      await plain.locator("#bild").setInputFiles({ name: "a.jpg", mimeType: "image/jpeg", buffer: picture });
      await plain.getByRole("button", { name: "Foto und Antrag senden" }).click();
      await expect(plain.locator("#einwilligung-error")).toBeVisible();
      await plain.locator("#bild").setInputFiles({ name: "a.jpg", mimeType: "image/jpeg", buffer: picture });
      await plain.locator("[name=einwilligung]").check();
      await plain.getByRole("button", { name: "Foto und Antrag senden" }).click();
      await expect(plain.getByText("Wir haben Ihre Angaben bekommen")).toBeVisible();
      // withdrawn: the picture is gone
      await plain.getByRole("link", { name: "Bild ansehen" }).click();
      await plain.goBack();
      await plain.locator("details").last().evaluate((d: HTMLDetailsElement) => (d.open = true));
      await plain.locator("[name=sicher]").check();
      await plain.getByRole("button", { name: "Antrag zurückziehen" }).click();
      await expect(plain.getByText("zurückgezogen")).toBeVisible();

      // the other way: at the desk, with a code
      await newName(plain, portal, "Amschalter");
      await plain.getByRole("button", { name: "Ohne Foto senden" }).click();
      const code = (await plain.locator(".desk-code").innerText()).trim();
      const officer = await clerk(browser, portal, "registry_officer");
      await officer.goto(`${portal.url}/verwaltung/nachrichten/schalter`);
      await accessible(officer);
      await officer.getByLabel("Nummer der Person").fill("0000 0000");
      await officer.getByRole("button", { name: "Vorgang öffnen" }).click();
      await expect(officer.locator("#code-error")).toContainText("gibt es nicht");
      await officer.getByLabel("Nummer der Person").fill(code.toLowerCase());
      await officer.getByRole("button", { name: "Vorgang öffnen" }).click();
      await officer.getByRole("button", { name: "Ausweis wurde gezeigt" }).click();
      await officer.getByLabel("Familienname, wie er im Ausweis steht").fill("Amschalter");
      await officer.getByRole("button", { name: "Zustimmen und Profil ändern" }).click();
      await expect(officer.getByText("Zugestimmt.")).toBeVisible();
      await plain.goto(`${portal.url}/konto`);
      await expect(plain.getByText("Angaben im Rathaus mit dem Ausweis geprüft")).toBeVisible();
    });

    test("two clerks at one case, and a message to the town hall", async ({ browser }) => {
      const phone = await resident(browser, portal, 3, { locale: "en-GB" });
      await phone.goto(`${portal.url}/konto/nachricht`);
      await phone.getByLabel("What is it about?").fill("Lamp");
      await phone.getByLabel("Your message").fill("The lamp at the corner is dark.");
      await accessible(phone);
      await phone.getByRole("button", { name: "Send message" }).click();
      await expect(phone.getByText("We have received what you sent.")).toBeVisible();
      await accessible(phone);
      await fits(phone);
      const one = await clerk(browser, portal);
      const other = await clerk(browser, portal, "registry_officer");
      for (const desk of [one, other]) {
        await desk.goto(`${portal.url}/verwaltung/nachrichten?art=message`);
        await desk.locator("[data-row]").first().click();
      }
      // who opened first learns of the other without reloading
      await expect(one.getByText("hat diesen Vorgang gerade offen")).toBeVisible({ timeout: 15_000 });
      await other.getByRole("button", { name: "Übernehmen", exact: true }).click();
      await expect(one.getByText("Der Vorgang wurde eben geändert")).toBeVisible({ timeout: 15_000 });
      // a prepared text
      await other.goto(`${portal.url}/verwaltung/nachrichten/vorgaben`);
      await accessible(other);
      await other.getByText("Textvorlage anlegen").click();
      await other.getByLabel("Name", { exact: true }).fill("Dank");
      await other.getByLabel("Text", { exact: true }).fill("Vielen Dank für Ihren Hinweis.");
      await other.getByRole("button", { name: "Speichern" }).last().click();
      await other.goto(`${portal.url}/verwaltung/nachrichten?zeige=mine`);
      await other.locator("[data-row]").first().click();
      await other.locator("#vorlage-antwort").selectOption({ label: "Dank" });
      await expect(other.locator("#antwort")).toHaveValue("Vielen Dank für Ihren Hinweis.");
      await other.getByRole("button", { name: "Antworten und abschließen" }).click();
      await expect(other.getByText("Beantwortet. Der Vorgang ist abgeschlossen.")).toBeVisible();
      await phone.reload();
      await expect(phone.getByText("Vielen Dank für Ihren Hinweis.")).toBeVisible();
      // a view that is saved comes back
      await other.goto(`${portal.url}/verwaltung/nachrichten?zeige=decided`);
      await other.getByText("Diese Ansicht speichern").click();
      await other.getByLabel("Name der Ansicht").fill("Erledigt");
      await other.getByRole("button", { name: "Speichern" }).click();
      await expect(other.getByRole("navigation", { name: "Gespeicherte Ansichten" }).getByRole("link", { name: "Erledigt" })).toHaveAttribute("aria-current", "page");
      await accessible(other);
    });
  });
}
