// The main job on the real product: from an uploaded list to a resident who registers with the printed letter.
import { chromium, devices, expect, test } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type Portal, accessible, cameraVideo, fits, launch, output, picture, ready, signIn, startPortal, textOf, watch } from "./portal";

const list = join(__dirname, "../../assets/demo/einwohner-dirty-600-mit-kopfzeilen.xlsx");

for (const kind of ["sqlite", "postgres"] as const) {
  test.describe(kind, () => {
    let portal: Portal;
    test.beforeAll(async () => {
      portal = await startPortal(kind);
    });
    test.afterAll(async () => {
      const log = portal?.log() ?? "";
      await portal?.stop();
      // no person, no code, no password in any line of the log
      for (const secret of ["Heidrich", "HEIDRICH", "Müller", portal.userId, portal.link.split("#")[1], portal.staff.registry_officer.password, "lindenau.example", "grüner Tee"]) {
        expect(log).not.toContain(secret);
      }
      expect(log).not.toContain("panicked");
    });

    test("from the list to the registered resident", async ({ page }) => {
      test.setTimeout(120_000);
      const complaints = watch(page);
      await signIn(page, portal, portal.staff.registry_officer);
      await page.getByRole("link", { name: "Einwohnerlisten" }).click();
      await page.getByLabel("Datei").setInputFiles(list);
      await page.getByRole("button", { name: "Hochladen und prüfen" }).click();

      // rows with findings are listed with row, field and reason; nothing is stored yet
      await expect(page.getByText("Überschriften in Zeile 4")).toBeVisible();
      await expect(page.getByText("Noch ist nichts gespeichert.")).toBeVisible();
      await expect(page.getByText("Diese Spalten werden nicht gebraucht und nicht gespeichert: Geschl., Staatsang.")).toBeVisible();
      await page.getByText("Familienname fehlt").click();
      await expect(page.getByRole("region", { name: "Familienname fehlt" }).getByRole("row")).toHaveCount(3);
      await accessible(page);
      await page.screenshot({ path: join(output, `${kind}-preview.png`), fullPage: true });

      // a decision for a whole rule
      const taken = page.locator(".tile", { hasText: "werden übernommen" }).locator(".tile__value");
      const before = await taken.innerText();
      await page.locator(".finding-group", { hasText: "Name ist in Großbuchstaben" }).getByLabel("Trotzdem übernehmen").check();
      await page.getByRole("button", { name: "Neu prüfen" }).click();
      await expect(taken).not.toHaveText(before);

      // a row is repaired by hand: its house number was missing
      await page.locator(".tile", { hasText: "bekommen keinen Brief" }).click();
      await accessible(page);
      await page.screenshot({ path: join(output, `${kind}-rows.png`), fullPage: true });
      await ready(page);
      const broken = page.getByRole("grid").getByRole("row", { name: /Hausnummer fehlt/ }).first();
      const number = /^\d+/.exec(await broken.innerText())![0];
      await broken.locator(".grid__cell--house_number").dblclick();
      await expect(page.getByLabel(`Zelle bearbeiten: Hausnummer, Zeile ${number}`)).toBeFocused();
      await page.keyboard.type("7 b");
      await page.keyboard.press("Enter");
      await expect(page.getByText("Gespeichert.")).toBeVisible();
      const repaired = page.getByRole("grid").getByRole("row", { name: new RegExp(`^${number} `) });
      await expect(repaired).toContainText("wird übernommen");
      await repaired.getByRole("gridcell").first().click();
      await page.getByRole("link", { name: "Zeile als Formular" }).click();
      await expect(page.getByLabel("Hausnummer", { exact: true })).toHaveValue("7 b");
      await expect(page.getByText(/Zuletzt geändert von Rolf Register/)).toBeVisible();
      await accessible(page);
      await page.screenshot({ path: join(output, `${kind}-row.png`), fullPage: true });
      await page.getByRole("link", { name: "Zurück zu den Zeilen" }).click();
      await page.getByRole("link", { name: "Zurück zum Entwurf" }).click();

      // what would happen, and then it does
      await page.getByRole("button", { name: "Weiter: Folgen ansehen" }).click();
      await expect(page.getByRole("heading", { name: "Was passiert, wenn Sie die Liste übernehmen" })).toBeVisible();
      await accessible(page);
      await page.screenshot({ path: join(output, `${kind}-consequences.png`), fullPage: true });
      await page.getByRole("button", { name: /Personen übernehmen/ }).click();
      await expect(page.getByText("Die hochgeladene Datei ist gelöscht.")).toBeVisible();

      // letters, with live progress
      await page.getByRole("link", { name: "Briefe machen" }).click();
      await page.getByRole("button", { name: /Briefe machen$/ }).click();
      await expect(page.getByRole("main").getByText("Die Briefe sind fertig und geprüft")).toBeVisible({ timeout: 30_000 });
      await accessible(page);
      await page.screenshot({ path: join(output, `${kind}-batch.png`) });
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /PDF herunterladen/ }).click()]);
      const pdf = join(output, `${kind}-letters.pdf`);
      await download.saveAs(pdf);
      execFileSync("qpdf", ["--check", pdf]);
      const letter = textOf(pdf, 1);
      const name = /Guten Tag (.*),/.exec(letter)![1];
      expect(letter).toContain("01945 Lindenau");
      expect(complaints).toEqual([]);

      // the resident: a phone whose camera sees the printed page
      const video = cameraVideo(picture(pdf, 1, `${kind}-letter`), `${kind}-camera`);
      const phone = await chromium.launch(launch(["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${video}`]));
      const context = await phone.newContext({ ...devices["Pixel 5"], viewport: { width: 390, height: 844 }, locale: "de-DE", permissions: ["camera"] });
      const hand = await context.newPage();
      const phoneComplaints = watch(hand);
      await hand.goto(`${portal.url}/`);
      expect(await context.cookies()).toEqual([]);
      await hand.getByRole("link", { name: "Ich habe einen Brief bekommen" }).click();
      await ready(hand);
      await hand.getByRole("button", { name: "Kamera starten" }).click();
      await expect(hand.getByText(/^Dieser Brief ist für/)).toBeVisible({ timeout: 30_000 });
      await fits(hand);
      await accessible(hand);
      await hand.screenshot({ path: join(output, `${kind}-phone-account.png`), fullPage: true });
      await hand.getByLabel("Neues Passwort").fill("grüner Tee um vier");
      await hand.getByLabel(/Ich stimme den/).check();
      await hand.getByRole("button", { name: "Registrieren" }).click();
      await expect(hand.getByRole("heading", { name: "Mein Konto" })).toBeVisible();
      await expect(hand.getByText("kommunal bestätigt")).toBeVisible();
      await expect(hand.getByText(name, { exact: true })).toBeVisible();
      expect(phoneComplaints).toEqual([]);
      await hand.screenshot({ path: join(output, `${kind}-phone-done.png`), fullPage: true });
      await phone.close();

      // the same letter again
      const userId = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(letter)![0];
      await page.getByRole("button", { name: "Abmelden" }).click();
      await page.goto(`${portal.url}/registrieren`);
      await page.getByRole("textbox", { name: "Benutzer-ID" }).fill(userId);
      await page.getByRole("button", { name: "Weiter" }).click();
      await expect(page.getByRole("heading", { name: "Dieser Brief wurde schon benutzt" })).toBeVisible();
    });
  });
}
