// What the town says about itself: the statement is edited and put back, the film is watched, a barrier is reported without
// JavaScript and answered.
import { expect, test } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { enter } from "./lived";
import { type Portal, accessible, fits, newestMail, output, startPortal, watch } from "./portal";

for (const kind of ["sqlite", "postgres"] as const) {
  test.describe(kind, () => {
    let portal: Portal;
    test.beforeAll(async () => {
      portal = await startPortal(kind);
    });
    test.afterAll(async () => portal?.stop());

    test("a text is published, changed at the same time by another, and put back", async ({ browser }) => {
      test.setTimeout(120_000);
      const office = await (await browser.newContext({ locale: "de-DE", viewport: { width: 1280, height: 900 } })).newPage();
      const complaints = watch(office);
      await enter(office, portal, portal.staff.administrator);
      // what the law asks for is said until it is done or put off
      await expect(office.getByText("Die Seite in Gebärdensprache fehlt")).toBeVisible();
      await office.locator("form", { has: office.locator("button[value=easy-language]") }).getByRole("button", { name: "In 90 Tagen" }).click();
      await expect(office).toHaveURL(/\/verwaltung$/);
      await expect(office.getByText("Leichte Sprache ist noch nicht geprüft")).toBeHidden();
      await office.goto(`${portal.url}/verwaltung/texte`);
      await accessible(office);
      await office.screenshot({ path: join(output, `texts-${kind}.png`), fullPage: true });
      await office.getByRole("row", { name: /Erklärung zur Barrierefreiheit/ }).getByRole("link").first().click();
      await expect(office.getByText("Das ist der mitgelieferte Text")).toBeVisible();
      const other = await office.context().newPage();
      await other.goto(office.url());
      await office.locator("#text").fill("## Unser Stand\n\nAlles geht.\n\n- [Hilfe](/hilfe)\n- [schlecht](javascript:alert(1))");
      await office.getByRole("button", { name: "Veröffentlichen", exact: true }).click();
      await expect(office.getByText("Der Text ist veröffentlicht.")).toBeVisible();
      await accessible(office);
      await fits(office);
      // the other one is told, and what was typed is still there
      await other.locator("#text").fill("Etwas anderes");
      await other.getByRole("button", { name: "Veröffentlichen", exact: true }).click();
      await expect(other.getByRole("alert")).toBeVisible();
      await expect(other.locator("#text")).toHaveValue("Etwas anderes");
      const visitor = await (await browser.newContext({ locale: "en-GB", viewport: { width: 390, height: 844 } })).newPage();
      await visitor.goto(`${portal.url}/barrierefreiheit`);
      await expect(visitor.getByRole("heading", { name: "Unser Stand" })).toBeVisible();
      // German on an English page: said, and marked for screen readers
      await expect(visitor.getByText("This text exists in German only.")).toBeVisible();
      await expect(visitor.locator(".public-text")).toHaveAttribute("lang", "de");
      expect(await visitor.locator(".public-text a").evaluateAll((links) => links.map((link) => link.getAttribute("href")))).toEqual(["/hilfe"]);
      await accessible(visitor);
      // the state's body, once the state is chosen
      await office.goto(`${portal.url}/verwaltung/einstellungen`);
      await office.locator("#land").selectOption("nw");
      await office.getByRole("button", { name: "Speichern" }).click();
      await expect.poll(async () => {
        await visitor.reload();
        return visitor.getByText("Ombudsstelle für barrierefreie Informationstechnik des Landes").isVisible();
      }).toBe(true);
      // another version, then the first one again
      await office.goto(`${portal.url}/verwaltung/texte/accessibility`);
      await office.locator("#text").fill("Zweite Fassung");
      await office.getByRole("button", { name: "Veröffentlichen", exact: true }).click();
      await office.getByText(/^Fassung 1:/).click();
      await office.getByRole("button", { name: "Fassung 1 wieder veröffentlichen" }).click();
      await expect(office.getByText(/^Fassung 3:/)).toBeVisible();
      await visitor.reload();
      await expect(visitor.getByRole("heading", { name: "Unser Stand" })).toBeVisible();
      expect(complaints).toEqual([]);
    });

    test("a film in sign language is uploaded, watched in parts, and deleted", async ({ browser, request }) => {
      const film = join(output, "film.mp4");
      execFileSync("ffmpeg", ["-y", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=size=640x360:rate=25:duration=8", "-vf", "noise=alls=60:allf=t", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart", film]);
      expect((await request.get(`${portal.url}/gebaerdensprache`)).status()).toBe(404);
      const office = await (await browser.newContext({ locale: "de-DE" })).newPage();
      await enter(office, portal, portal.staff.administrator);
      await office.goto(`${portal.url}/verwaltung/texte/sign-language`);
      await office.locator("#film").setInputFiles({ name: "kein-film.mp4", mimeType: "video/mp4", buffer: Buffer.from("<html>") });
      await office.getByRole("button", { name: "Film hochladen" }).click();
      await expect(office.getByRole("alert")).toContainText("Das ist kein Film");
      await office.locator("#film").setInputFiles(film);
      await office.getByRole("button", { name: "Film hochladen" }).click();
      await expect(office.getByText(/Es gibt einen Film vom/)).toBeVisible();
      await office.locator("#text").fill("Willkommen im Portal.");
      await office.getByRole("button", { name: "Veröffentlichen", exact: true }).click();
      const bytes = readFileSync(film);
      const part = await request.get(`${portal.url}/gebaerdensprache/film`, { headers: { range: "bytes=1000000-1100000" } });
      expect([part.status(), part.headers()["content-range"]]).toEqual([206, `bytes 1000000-1100000/${bytes.length}`]);
      expect((await part.body()).equals(bytes.subarray(1_000_000, 1_100_001))).toBe(true);
      const beyond = await request.get(`${portal.url}/gebaerdensprache/film`, { headers: { range: `bytes=${bytes.length}-` } });
      expect(beyond.status()).toBe(416);
      const visitor = await (await browser.newContext({ locale: "de-DE", viewport: { width: 390, height: 844 } })).newPage();
      await visitor.goto(portal.url);
      await expect.poll(async () => {
        await visitor.reload();
        return visitor.getByRole("link", { name: "Gebärdensprache" }).isVisible();
      }, { timeout: 15_000 }).toBe(true);
      await visitor.getByRole("link", { name: "Gebärdensprache" }).click();
      await accessible(visitor);
      await fits(visitor);
      // the browser can play it
      await expect.poll(() => visitor.locator("video").evaluate((video: HTMLVideoElement) => video.readyState)).toBeGreaterThan(0);
      await visitor.screenshot({ path: join(output, `signs-${kind}.png`), fullPage: true });
      await office.goto(`${portal.url}/verwaltung/texte/sign-language`);
      await office.getByRole("button", { name: "Film löschen" }).click();
      await expect(office.getByText(/Es gibt einen Film vom/)).toBeHidden();
      expect((await request.get(`${portal.url}/gebaerdensprache/film`)).status()).toBe(404);
    });

    test("a barrier is reported without JavaScript, and the answer comes by mail", async ({ browser }) => {
      const phone = await (await browser.newContext({ locale: "de-DE", viewport: { width: 390, height: 844 }, javaScriptEnabled: false })).newPage();
      await phone.goto(`${portal.url}/barrierefreiheit`);
      await phone.getByRole("main").getByRole("link", { name: "Barriere melden" }).first().click();
      await phone.getByRole("button", { name: "Absenden" }).click();
      await expect(phone.getByRole("alert").getByRole("link")).toHaveCount(1);
      await phone.locator("#barrier").fill("Der Knopf hat keinen Namen.");
      await phone.locator("#contact_email").fill("nora@example.org");
      await phone.getByRole("button", { name: "Absenden" }).click();
      const number = /V-\w{4}-\w{4}/.exec(await phone.getByRole("main").innerText())![0];
      await phone.screenshot({ path: join(output, `barrier-${kind}.png`), fullPage: true });
      const desk = await (await browser.newContext({ locale: "de-DE", viewport: { width: 1280, height: 900 } })).newPage();
      const complaints = watch(desk);
      await enter(desk, portal, portal.staff.clerk);
      await desk.goto(`${portal.url}/verwaltung/nachrichten`);
      await desk.getByRole("row", { name: new RegExp(number) }).getByRole("link").first().click();
      await expect(desk.getByText("Der Knopf hat keinen Namen.").first()).toBeVisible();
      await accessible(desk);
      await desk.getByRole("textbox", { name: "Antwort" }).first().fill("Danke, der Knopf heißt jetzt.");
      await desk.getByRole("button", { name: "Antworten und abschließen" }).click();
      await expect.poll(() => newestMail(portal), { timeout: 15_000 }).toContain(number);
      expect(complaints).toEqual([]);
    });
  });
}
