// Registration as residents meet it: link, typed ID, photo, refusals, no JavaScript, keyboard, other language.
import { type BrowserContext, type Page, devices, expect, test } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type Portal, accessible, fits, newestMail, noCookies, output, picture, ready, signIn, startPortal, textOf, watch } from "./portal";

const phone = { ...devices["Pixel 5"], viewport: { width: 390, height: 844 }, locale: "de-DE" };

let portal: Portal;
test.beforeAll(async () => {
  portal = await startPortal();
});
test.afterAll(async () => {
  expect(portal.log()).not.toContain("panicked");
  await portal.stop();
});

/** The user ID on a page of the demo letters. */
function userId(page: number): string {
  return /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(textOf(portal.letters, page))![0];
}

async function fillAccount(page: Page): Promise<void> {
  await page.getByLabel("Neues Passwort").fill("grüner Tee um vier");
  await page.getByLabel(/Ich stimme den/).check();
  await page.getByRole("button", { name: "Registrieren" }).click();
}

test.describe("on a phone", () => {
  let context: BrowserContext;
  let page: Page;
  test.beforeEach(async ({ browser }) => {
    context = await browser.newContext(phone);
    page = await context.newPage();
  });
  test.afterEach(async () => context.close());

  test("the camera app opens the link; the code leaves the address at once", async () => {
    const complaints = watch(page);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(portal.link);
    await expect(page.getByText(/^Dieser Brief ist für .+… in Lindenau\.$/)).toBeVisible();
    const code = portal.link.split("#")[1];
    expect(page.url()).not.toContain("#");
    // no request carried the code in its address, and nobody else was asked
    expect(asked.filter((url) => url.includes(code))).toEqual([]);
    expect(asked.filter((url) => !url.startsWith(portal.url))).toEqual([]);
    await page.goBack().catch(() => null);
    expect(page.url()).not.toContain(code);
    await noCookies(context);
    expect(complaints).toEqual([]);
  });

  test("a typed ID: grouping appears, look-alikes are taken as meant, a typo is located without asking the server", async () => {
    await page.goto(`${portal.url}/registrieren`);
    await ready(page);
    const field = page.getByRole("textbox", { name: "Benutzer-ID" });
    const right = userId(3);
    await field.pressSequentially(right.replaceAll("-", "").toLowerCase().replaceAll("0", "o").replaceAll("1", "l"));
    await expect(field).toHaveValue(right);
    await expect(page.getByText("Vollständig, ohne Tippfehler.")).toBeVisible();
    const place = 10; // third group
    const other = right[place] === "7" ? "8" : "7";
    let asked = 0;
    page.on("request", () => asked++);
    await field.fill(right.slice(0, place) + other + right.slice(place + 1));
    await expect(page.getByText("Bitte prüfen Sie die 3. Gruppe.")).toBeVisible();
    expect(asked).toBe(0);
    await fits(page);
    await accessible(page);
    await page.screenshot({ path: join(output, "phone-typo.png"), fullPage: true });
    await field.fill(right);
    await page.getByRole("button", { name: "Weiter" }).click();
    await fillAccount(page);
    await expect(page.getByText("kommunal bestätigt")).toBeVisible();
  });

  test("who types before the WebAssembly is there keeps what was typed", async () => {
    let go = () => {};
    const typed = new Promise<void>((done) => (go = done));
    await page.route("**/*.wasm", async (route) => {
      await typed;
      await route.continue();
    });
    await page.goto(`${portal.url}/registrieren`, { waitUntil: "domcontentloaded" });
    const field = page.getByRole("textbox", { name: "Benutzer-ID" });
    const right = userId(4);
    await field.fill(right.replaceAll("-", ""));
    go();
    await ready(page);
    await expect(field).toHaveValue(right);
    await expect(page.getByText("Vollständig, ohne Tippfehler.")).toBeVisible();
  });

  test("a photo of the letter", async () => {
    // two pages away from the others, darker and turned, as a JPEG
    const photo = join(output, "photo.jpg");
    execFileSync("ffmpeg", ["-y", "-loglevel", "error", "-i", picture(portal.letters, 5, "photo-page", 110), "-vf", "rotate=0.05:c=gray,eq=brightness=-0.15:contrast=0.8,noise=alls=6", "-q:v", "6", photo]);
    await page.goto(`${portal.url}/registrieren`);
    await ready(page);
    await page.getByLabel("Oder ein Foto vom Brief auswählen").setInputFiles(photo);
    await expect(page.getByText(/^Dieser Brief ist für/)).toBeVisible();
    await page.goto(`${portal.url}/registrieren`);
    await ready(page);
    await page.getByLabel("Oder ein Foto vom Brief auswählen").setInputFiles(join(__dirname, "../../docs/screenshots/start-phone.png"));
    await expect(page.getByText("In diesem Foto haben wir keinen Code gefunden.")).toBeVisible();
  });

  test("a camera that is refused says so and offers another way", async ({ browser }) => {
    const refused = await browser.newContext({ ...phone, permissions: [] });
    const other = await refused.newPage();
    await other.goto(`${portal.url}/registrieren`);
    await ready(other);
    await other.getByRole("button", { name: "Kamera starten" }).click();
    await expect(other.locator(".scanner__message--trouble")).not.toBeEmpty();
    await refused.close();
  });
});

test("without JavaScript: type, be refused, correct, register", async ({ browser }) => {
  const context = await browser.newContext({ ...phone, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${portal.url}/`);
  await page.getByRole("link", { name: "Ich habe einen Brief bekommen" }).click();
  const right = userId(7);
  await page.getByRole("textbox", { name: "Benutzer-ID" }).fill(right.slice(0, 18));
  await page.getByRole("button", { name: "Weiter" }).click();
  await expect(page.getByText("Wir haben 15 Zeichen gelesen.")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Benutzer-ID" })).toHaveValue(right.slice(0, 18));
  await page.getByRole("textbox", { name: "Benutzer-ID" }).fill(right);
  await page.getByRole("button", { name: "Weiter" }).click();
  await page.getByLabel("Neues Passwort").fill("kurz");
  await page.getByLabel(/E-Mail-Adresse/).fill("erika@example.org");
  await page.getByRole("button", { name: "Registrieren" }).click();
  await expect(page.getByRole("alert").getByRole("link")).toHaveCount(2);
  await expect(page.getByLabel(/E-Mail-Adresse/)).toHaveValue("erika@example.org");
  await fillAccount(page);
  await expect(page.getByText("kommunal bestätigt")).toBeVisible();
  await expect(page.getByText("Wir haben Ihnen eine E-Mail geschickt.")).toBeVisible();
  // the link in the mail shows a button first: mail scanners open links
  await expect.poll(() => newestMail(portal)).toContain("/bestaetigen?t=");
  const link = /http:\/\/localhost:\d+\/bestaetigen\?t=\w+/.exec(newestMail(portal))![0];
  await page.goto(link);
  await page.goto(link);
  await page.getByRole("button", { name: "Adresse bestätigen" }).click();
  await expect(page.getByText("Sie können sich jetzt mit dieser Adresse anmelden.")).toBeVisible();
  await page.goto(link);
  await page.getByRole("button", { name: "Adresse bestätigen" }).click();
  await expect(page.getByRole("heading", { name: "Dieser Link gilt nicht mehr" })).toBeVisible();
  await context.close();
});

test("with the keyboard only, in English", async ({ browser }) => {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${portal.url}/`);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.goto(`${portal.url}/registrieren`);
  await ready(page);
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate(() => document.activeElement?.id)) === "benutzer_id") break;
  }
  await page.keyboard.type(userId(9));
  await page.keyboard.press("Enter");
  await expect(page.getByText(/^This letter is for/)).toBeVisible();
  await page.getByLabel("New password").focus();
  await page.keyboard.type("green tea at four o'clock");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Register" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("confirmed by the municipality")).toBeVisible();
  await context.close();
});

test("every refusal has its calm page", async ({ browser, page }) => {
  const officer = await browser.newContext({ locale: "de-DE" });
  const desk = await officer.newPage();
  await signIn(desk, portal, portal.staff.registry_officer);
  const show = async (id: string, heading: string) => {
    await page.goto(`${portal.url}/registrieren`);
    await page.getByRole("textbox", { name: "Benutzer-ID" }).fill(id);
    await page.getByRole("button", { name: "Weiter" }).click();
    await expect(page.getByRole("heading", { name: heading })).toBeVisible();
    await expect(page.getByText("035755 01-0").first()).toBeVisible();
    await accessible(page);
  };
  const addressee = (n: number) => /Guten Tag (.*),/.exec(textOf(portal.letters, n))![1];
  const open = async (n: number) => {
    await desk.goto(`${portal.url}/verwaltung/einwohner`);
    await desk.getByLabel("Suche").fill(addressee(n));
    await desk.getByRole("button", { name: "Suchen" }).click();
    await desk.getByRole("rowheader").getByRole("link").first().click();
  };
  await show("0000-0000-0000-0000", "Das hat nicht geklappt");
  await open(20);
  await desk.getByRole("button", { name: "Brief machen" }).click();
  await expect(desk.getByRole("main").getByText("Die Briefe sind fertig und geprüft")).toBeVisible();
  await show(userId(20), "Es gibt einen neueren Brief");
  await open(21);
  await desk.getByRole("button", { name: "Zurückziehen" }).click();
  await show(userId(21), "Dieser Brief gilt nicht mehr");
  await page.goto(`${portal.url}/registrieren`);
  await page.getByRole("textbox", { name: "Benutzer-ID" }).fill(userId(22));
  await page.getByRole("button", { name: "Weiter" }).click();
  await fillAccount(page);
  await page.getByRole("button", { name: "Abmelden", exact: true }).first().click();
  await show(userId(22), "Dieser Brief wurde schon benutzt");
  await officer.close();
});

test("open registration, then a letter confirms the same account", async ({ browser, page }) => {
  const office = await browser.newContext({ locale: "de-DE" });
  const desk = await office.newPage();
  await signIn(desk, portal, portal.staff.administrator);
  const choose = async (label: string) => {
    await desk.goto(`${portal.url}/verwaltung/einstellungen`);
    await desk.getByRole("group", { name: "Einwohnerinnen und Einwohner" }).getByLabel(label).check();
    await desk.getByRole("button", { name: "Speichern" }).click();
    await expect(desk.getByText("Die Einstellungen gelten ab sofort.")).toBeVisible();
  };
  await choose("frei, mit E-Mail-Adresse");
  await page.goto(`${portal.url}/registrieren`);
  await page.getByRole("link", { name: "Mit E-Mail-Adresse registrieren" }).click();
  await page.getByLabel("Name").fill("Kim");
  await page.getByLabel("E-Mail-Adresse").fill("kim@example.org");
  await fillAccount(page);
  await expect(page.getByText("kim@example.org")).toBeVisible();
  await expect.poll(() => newestMail(portal)).toContain("kim@example.org");
  await page.goto(/http:\/\/localhost:\d+\/bestaetigen\?t=\w+/.exec(newestMail(portal))![0]);
  await page.getByLabel("Passwort").fill("grüner Tee um vier");
  await page.getByRole("button", { name: "Adresse bestätigen" }).click();
  await expect(page.getByText("E-Mail-Adresse bestätigt").first()).toBeVisible();
  await page.getByRole("link", { name: "Brief einlösen" }).click();
  await page.getByRole("textbox", { name: "Benutzer-ID" }).fill(userId(30));
  await page.getByRole("button", { name: "Weiter" }).click();
  await expect(page.getByText("Der Brief bestätigt dieses Konto.")).toBeVisible();
  await page.getByLabel(/Ich stimme den/).check();
  await page.getByRole("button", { name: "Registrieren" }).click();
  await expect(page.getByText("kommunal bestätigt")).toBeVisible();
  await choose("nur mit Brief");
  await office.close();
});
