// The life of letters in the browser: preview that follows the typing, returned mail by scanner and keys and by camera, a new
// letter for somebody at home, and the town's own computer.
import { chromium, expect, test } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type Portal, accessible, fits, launch, output, picture, ready, signIn, startPortal, textOf, watch } from "./portal";

let portal: Portal;
test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  portal = await startPortal();
});
test.afterAll(async () => portal.stop());

const numberOf = (letter: number) => /L-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(textOf(portal.letters, letter))![0];

test("the preview follows what is typed, and a version is saved", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE", viewport: { width: 1360, height: 900 } });
  const page = await context.newPage();
  const complaints = watch(page);
  await signIn(page, portal, portal.staff.registry_officer);
  await page.goto(`${portal.url}/verwaltung/briefe/vorlagen`);
  await ready(page);
  const sides = page.locator("#preview-sides svg");
  await expect(sides).toHaveCount(2);
  const before = await sides.first().innerHTML();
  await page.getByLabel("Betreff").fill("Post aus dem Rathaus");
  await expect.poll(() => sides.first().innerHTML()).not.toBe(before);
  // large print takes more sides, an empty back page fewer
  await page.getByLabel("Großdruck").check();
  await expect(sides).toHaveCount(4);
  await page.getByLabel("Großdruck").uncheck();
  await page.getByLabel("Brief an").selectOption("lang");
  await page.getByLabel("Text der Rückseite").fill("");
  await expect(sides).toHaveCount(1);
  // what does not fit is said at once, and not saved
  const body = page.getByLabel("Text vor dem Code");
  const good = await body.inputValue();
  await body.fill("Zeile\n\n".repeat(60));
  await expect(page.getByText(/Zeilen zu lang/)).toBeVisible();
  await page.getByRole("button", { name: "Als neue Fassung speichern" }).click();
  await expect(page.getByRole("link", { name: /Zeilen zu lang für die Vorderseite/ })).toBeVisible();
  await body.fill(good);
  await page.getByRole("button", { name: "Als neue Fassung speichern" }).click();
  await expect(page.getByText("Gespeichert als Fassung 1.")).toBeVisible();
  await expect(page.getByRole("rowheader", { name: "Fassung 1" })).toBeVisible();
  await accessible(page);
  await page.screenshot({ path: join(output, "letters-template.png") });
  expect(complaints).toEqual(["Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"].filter((c) => complaints.includes(c)));
  await context.close();
});

test("returned letters die by scanner and keys", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE", viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await signIn(page, portal, portal.staff.letter_officer);
  await page.goto(`${portal.url}/verwaltung/briefe`);
  await page.getByRole("link", { name: "Druckauftrag 1" }).click();
  await page.getByRole("button", { name: "Als versandt melden" }).click();
  await expect(page.getByText("Dieser Druckauftrag ist versiegelt")).toBeVisible();
  await page.goto(`${portal.url}/verwaltung/briefe/ruecklauf`);
  await ready(page);
  const field = page.getByLabel("Brief-Nummer");
  await expect(field).toBeFocused();
  const answer = page.locator(".station__answer");
  // a hand scanner types the number and Enter; no reason yet, so a key says it
  await page.keyboard.type(numberOf(1));
  await page.keyboard.press("Enter");
  await expect(answer).toContainText("Welcher Grund?");
  await page.keyboard.press("2");
  await expect(answer).toContainText(`${numberOf(1)}: verzogen. Der Code gilt nicht mehr.`);
  // the reason stays: sixty letters, one after the other, as fast as a scanner is
  const start = Date.now();
  for (let letter = 2; letter <= 61; letter++) {
    await page.keyboard.type(numberOf(letter));
    await page.keyboard.press("Enter");
  }
  await expect(answer).toContainText(`${numberOf(61)}: verzogen`);
  await expect(page.locator("#return-log li")).toHaveCount(61);
  console.log(`60 returned letters noted in ${Date.now() - start} ms, the time to read their numbers included`);
  await page.keyboard.type("L-0000-0000");
  await page.keyboard.press("Enter");
  await expect(answer).toContainText("ist keine Brief-Nummer dieser Kommune");
  await page.reload();
  await expect(page.getByRole("heading", { name: "Zweifelhafte Anschriften" })).toBeVisible();
  await expect(page.getByText("61 Personen.")).toBeVisible();
  await accessible(page);
  await page.screenshot({ path: join(output, "letters-returned.png") });
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Liste für das Meldeamt (Excel)" }).click()]);
  expect(download.suggestedFilename()).toBe("zweifelhafte-anschriften.xlsx");
  // a slip is taken back
  await page.getByRole("button", { name: `Rückgängig ${numberOf(61)}` }).click();
  await expect(page.getByText("Der Vermerk ist zurückgenommen.")).toBeVisible();
  // the resident at home is told
  const id = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(textOf(portal.letters, 1))![0];
  const home = await (await browser.newContext({ locale: "de-DE", viewport: { width: 390, height: 844 } })).newPage();
  await home.goto(`${portal.url}/registrieren`);
  await home.getByRole("textbox", { name: "Benutzer-ID" }).fill(id);
  await home.getByRole("button", { name: "Weiter" }).click();
  await expect(home.getByText("Die Post hat diesen Brief an uns zurückgeschickt.")).toBeVisible();
  await accessible(home);
  await context.close();
});

test("without WebAssembly a returned letter is a form", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE", javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, portal, portal.staff.registry_officer);
  await page.goto(`${portal.url}/verwaltung/briefe/ruecklauf`);
  await page.getByLabel("5 – kein Briefkasten").check();
  await page.getByLabel("Brief-Nummer").fill(numberOf(70).toLowerCase());
  await page.getByRole("button", { name: "Vermerken" }).click();
  await expect(page.getByText(`${numberOf(70)}: kein Briefkasten. Der Code gilt nicht mehr.`)).toBeVisible();
  await expect(page.getByLabel("5 – kein Briefkasten")).toBeChecked();
  await page.goto(`${portal.url}/verwaltung/briefe/vorlagen`);
  await page.getByLabel("Betreff").fill("Ohne Skript");
  await page.getByRole("button", { name: "Vorschau zeigen" }).click();
  await expect(page.locator("#preview-sides svg")).toHaveCount(1);
  await expect(page.getByLabel("Betreff")).toHaveValue("Ohne Skript");
  await context.close();
});

test("a camera reads the return mark in the window", async () => {
  // the window of the envelope, as it is held before a laptop
  const letter = picture(portal.letters, 75, "return-letter", 200);
  const video = join(output, "return-camera.mjpeg");
  const filter = "crop=iw*0.41:ih*0.152:iw*0.095:ih*0.151,rotate=0.03:c=gray:ow=rotw(0.03):oh=roth(0.03),scale=1000:-2,pad=1280:720:(ow-iw)/2:(oh-ih)/2:gray,format=yuvj420p";
  execFileSync("ffmpeg", ["-y", "-loglevel", "error", "-loop", "1", "-i", letter, "-vf", filter, "-t", "1", "-r", "10", "-c:v", "mjpeg", "-q:v", "3", video]);
  const browser = await chromium.launch(launch(["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${video}`]));
  const context = await browser.newContext({ locale: "de-DE", viewport: { width: 1280, height: 900 }, permissions: ["camera"] });
  const page = await context.newPage();
  await signIn(page, portal, portal.staff.letter_officer);
  await page.goto(`${portal.url}/verwaltung/briefe/ruecklauf`);
  await ready(page);
  await page.getByLabel("1 – unbekannt").check();
  await page.getByRole("button", { name: "Kamera", exact: true }).click();
  await expect(page.locator(".station__answer")).toContainText(`${numberOf(75)}: unbekannt`, { timeout: 30_000 });
  await page.screenshot({ path: join(output, "letters-station.png") });
  await browser.close();
});

test("somebody at home checks the letter, and asks for a new one", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE", viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(`${portal.url}/`);
  await page.getByRole("link", { name: "Ist mein Brief echt?" }).click();
  await page.getByLabel("Brief-Nummer").fill(numberOf(80));
  await page.getByRole("button", { name: "Prüfen" }).click();
  await expect(page.getByText("Ja, diese Nummer gibt es")).toBeVisible();
  await fits(page);
  await accessible(page);
  await page.getByLabel("Brief-Nummer").fill("quatsch");
  await page.getByRole("button", { name: "Prüfen" }).click();
  await expect(page.getByRole("link", { name: /Das ist keine Brief-Nummer/ })).toBeVisible();
  await page.goto(`${portal.url}/`);
  await page.getByRole("link", { name: "Neuen Brief anfordern" }).click();
  await page.getByRole("button", { name: "Brief anfordern" }).click();
  await expect(page.getByRole("alert")).toContainText("Geburtsdatum");
  await accessible(page);
  await page.getByLabel("Vorname").fill("Niemand");
  await page.getByLabel("Familienname").fill("Nirgendwo");
  await page.getByLabel("Tag").fill("1");
  await page.getByLabel("Monat").fill("2");
  await page.getByLabel("Jahr").fill("1970");
  await page.getByLabel("Straße").fill("Weg");
  await page.getByLabel("Hausnummer").fill("1");
  await page.getByLabel("Postleitzahl").fill("01945");
  await page.getByRole("button", { name: "Brief anfordern" }).click();
  await expect(page.getByRole("heading", { name: "Ihre Anfrage ist eingegangen" })).toBeVisible();
  await fits(page);
  await context.close();
});
