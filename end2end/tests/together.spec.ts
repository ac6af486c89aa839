// What a verified town does together: a survey from the first word to the published result, with blind ballots and without
// JavaScript, and attacks on one answer per person; ideas, comments and reports.
import { type Browser, type Page, expect, test } from "@playwright/test";
import { join } from "node:path";
import { type Portal, accessible, fits, newestMail, output, ready, signIn, startPortal, textOf, watch } from "./portal";

const PASSWORD = "grüner Tee um vier";
const PHONE = { viewport: { width: 390, height: 844 }, locale: "de-DE", hasTouch: true };
const DESK = { viewport: { width: 1280, height: 900 }, locale: "de-DE" };

async function staff(browser: Browser, portal: Portal, who: keyof Portal["staff"]): Promise<Page> {
  const page = await (await browser.newContext(DESK)).newPage();
  await signIn(page, portal, portal.staff[who]);
  await expect(page).toHaveURL(/verwaltung/);
  return page;
}

/** A resident who redeems the letter of this number; without JavaScript it goes as well. */
async function resident(browser: Browser, portal: Portal, letter: number, javaScriptEnabled = true): Promise<Page> {
  const page = await (await browser.newContext({ ...PHONE, javaScriptEnabled })).newPage();
  const id = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(textOf(portal.letters, letter))![0];
  await page.goto(`${portal.url}/registrieren`);
  if (javaScriptEnabled) await ready(page);
  await page.getByRole("textbox", { name: "Benutzer-ID" }).fill(id);
  await page.getByRole("button", { name: "Weiter" }).click();
  await page.getByLabel("Neues Passwort").fill(PASSWORD);
  await page.getByLabel(/Ich stimme den/).check();
  await page.getByRole("button", { name: "Registrieren" }).click();
  await expect(page).toHaveURL(/konto/);
  return page;
}

async function look(page: Page, name: string): Promise<void> {
  await accessible(page);
  await fits(page);
  await page.screenshot({ path: join(output, `together-${name}.png`), fullPage: true });
}

for (const kind of ["sqlite", "postgres"] as const) {
  test.describe(`together on ${kind}`, () => {
    let portal: Portal;
    test.describe.configure({ mode: "serial" });
    test.beforeAll(async () => {
      portal = await startPortal(kind);
    });
    test.afterAll(async () => portal?.stop());

    test("a survey: make, release, answer, close, publish", async ({ browser }) => {
      test.setTimeout(360_000);
      const clerk = await staff(browser, portal, "clerk");
      const noise = watch(clerk);
      await clerk.getByRole("link", { name: "Umfragen", exact: true }).click();
      await look(clerk, `${kind}-list`);
      await clerk.getByLabel("Titel").fill("Bücherbus");
      await clerk.getByRole("button", { name: "Umfrage anlegen" }).click();
      // what is missing is said, and what was typed is kept
      await clerk.locator("#q1_text").fill("Wie oft käme er recht?");
      await clerk.getByRole("button", { name: "Speichern und freigeben" }).click();
      await expect(clerk.getByRole("alert")).toContainText("Einleitung");
      await expect(clerk.locator("#q1_text")).toHaveValue("Wie oft käme er recht?");
      await look(clerk, `${kind}-missing`);
      await clerk.locator("#intro").fill("Soll der Bücherbus öfter kommen?");
      await clerk.locator("#q1_choices").fill("Jede Woche\nJeden Monat");
      await clerk.locator("#q1_required").check();
      await clerk.getByRole("button", { name: "Noch eine Frage" }).click();
      await clerk.locator("#q2_text").fill("Warum?");
      await clerk.locator("#q2_kind").selectOption("text");
      await clerk.getByRole("button", { name: "Noch eine Frage" }).click();
      await clerk.getByRole("button", { name: "Frage 3 nach oben" }).click();
      await expect(clerk.locator("#q3_text")).toHaveValue("Warum?");
      await clerk.getByRole("button", { name: "Frage 2 entfernen" }).click();
      await expect(clerk.locator("#q2_text")).toHaveValue("Warum?");
      const today = new Date();
      const last = new Date(today.getTime() + 7 * 86_400_000);
      for (const [field, day] of [["opens", today], ["closes", last]] as const) {
        await clerk.locator(`#${field}_day`).fill(String(day.getDate()));
        await clerk.locator(`#${field}_month`).fill(String(day.getMonth() + 1));
        await clerk.locator(`#${field}_year`).fill(String(day.getFullYear()));
      }
      await clerk.getByLabel(/^Blind:/).check();
      await look(clerk, `${kind}-editor`);
      await clerk.getByRole("button", { name: "Speichern und freigeben" }).click();
      await expect(clerk.getByText("offen", { exact: true })).toBeVisible();
      const office = clerk.url().split("?")[0];
      const survey = office.replace("/verwaltung", "");

      // nobody who is not confirmed
      const visitor = await (await browser.newContext(PHONE)).newPage();
      await visitor.goto(survey);
      await expect(visitor.getByText("Zum Antworten bitte anmelden")).toBeVisible();
      await expect(visitor.locator("#f1")).toBeHidden();
      await look(visitor, `${kind}-visitor`);

      // with a blind ballot
      const anna = await resident(browser, portal, 3);
      const complaints = watch(anna);
      await anna.goto(`${portal.url}/umfragen`);
      await look(anna, `${kind}-open`);
      await anna.getByRole("link", { name: "Bücherbus" }).click();
      await look(anna, `${kind}-question`);
      const sent: { url: string; cookie?: string }[] = [];
      anna.on("request", async (request) => {
        if (request.method() === "POST") sent.push({ url: request.url(), cookie: (await request.allHeaders()).cookie });
      });
      await expect(anna.getByRole("button", { name: "Stimmzettel mit Antworten abgeben" })).toBeDisabled();
      await anna.getByRole("button", { name: "Stimmzettel holen" }).click();
      await expect(anna.getByText("Ihr Stimmzettel liegt in diesem Browser.", { exact: false })).toBeVisible();
      await look(anna, `${kind}-ballot`);
      // a missing answer costs nothing
      await anna.getByRole("button", { name: "Stimmzettel mit Antworten abgeben" }).click();
      await expect(anna.getByRole("alert").first()).toContainText("Bitte beantworten Sie diese Frage.");
      await look(anna, `${kind}-ballot-missing`);
      const slot = await anna.evaluate(() => Object.entries(localStorage).find(([k]) => k.startsWith("stadtbrief-ballot"))!);
      const { ballot, stratum } = JSON.parse(slot[1]) as { ballot: string; stratum: string };
      // signed out, the ballot is as good
      await anna.goto(`${portal.url}/konto`);
      await anna.getByRole("button", { name: "Abmelden" }).click();
      await anna.goto(survey);
      await anna.getByLabel("Jede Woche").check();
      await anna.getByLabel(/Warum/).fill("Weil ich viel lese");
      await anna.getByRole("button", { name: "Stimmzettel mit Antworten abgeben" }).click();
      await expect(anna.getByText("Ihre Antwort ist angekommen.", { exact: false })).toBeVisible();
      await look(anna, `${kind}-thanks`);
      const cast = sent.filter((r) => r.url.endsWith("/urne"));
      expect(cast.length).toBeGreaterThan(0);
      expect(cast.map((r) => r.cookie).filter(Boolean)).toEqual([]);
      expect(await anna.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith("stadtbrief-ballot")))).toEqual([]);

      // the same ballot again, for another survey, and one that was made up
      const again = { gruppe: stratum, stimmzettel: ballot, f1: "2", sprache: "de" };
      const replayed = await anna.request.post(`${survey}/urne`, { form: again });
      expect(replayed.status()).toBe(422);
      expect(await replayed.text()).toContain("schon abgegeben");
      await visitor.goto(`${portal.url}/umfragen`);
      const demo = (await visitor.getByRole("link", { name: /Spielplatz/ }).getAttribute("href"))!;
      for (const [to, token] of [[portal.url + demo, ballot], [survey, `${ballot.slice(0, -4)}AAAA`]]) {
        const forged = await anna.request.post(`${to}/urne`, { form: { ...again, stimmzettel: token } });
        expect(forged.status()).toBe(422);
        expect(await forged.text()).toContain("gilt hier nicht");
      }
      // from another device: no second one
      const number = /L-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(textOf(portal.letters, 3))![0];
      const other = await (await browser.newContext(PHONE)).newPage();
      await signIn(other, portal, { email: number, password: PASSWORD });
      await other.goto(survey);
      await expect(other.getByText("Sie haben einen Stimmzettel")).toBeVisible();
      await expect(other.getByRole("button", { name: "Stimmzettel holen" })).toBeHidden();
      await look(other, `${kind}-other-device`);

      // without JavaScript
      for (let n = 4; n < 14; n++) {
        const page = await resident(browser, portal, n, false);
        await page.goto(survey);
        if (n === 4) {
          await page.getByRole("button", { name: "Antworten absenden" }).click();
          await expect(page.getByText("Bitte beantworten Sie diese Frage.").first()).toBeVisible();
        }
        await page.getByLabel(n % 3 ? "Jede Woche" : "Jeden Monat").check();
        await page.getByRole("button", { name: "Antworten absenden" }).click();
        await expect(page.getByText("Ihre Antwort ist angekommen.", { exact: false })).toBeVisible();
        if (n === 4) {
          await page.goto(survey);
          await expect(page.getByText("Sie haben schon geantwortet")).toBeVisible();
        }
        await page.context().close();
      }

      // closed, counted, published
      await clerk.goto(office);
      await expect(clerk.getByText("Solange die Umfrage offen ist, sieht niemand Antworten")).toBeVisible();
      await look(clerk, `${kind}-running`);
      await clerk.getByRole("button", { name: "Jetzt beenden" }).click();
      await expect(clerk.getByText("Weil ich viel lese")).toBeVisible();
      await look(clerk, `${kind}-result-staff`);
      const download = clerk.waitForEvent("download");
      await clerk.getByRole("link", { name: "Ergebnis als Excel-Datei" }).click();
      expect((await download).suggestedFilename()).toBe("umfrage.xlsx");
      await visitor.goto(survey);
      await expect(visitor.getByText("Diese Umfrage ist beendet")).toBeVisible();
      await clerk.locator("#follow_up").fill("Der Bus kommt jede Woche.");
      await clerk.getByRole("button", { name: "Ergebnis veröffentlichen" }).click();
      await expect(clerk.getByText("Ergebnis veröffentlicht", { exact: true })).toBeVisible();
      await visitor.goto(survey);
      await expect(visitor.getByText("Der Bus kommt jede Woche.")).toBeVisible();
      await expect(visitor.getByText("Weil ich viel lese")).toBeHidden();
      await look(visitor, `${kind}-result`);
      await look(clerk, `${kind}-published`);
      expect(noise).toEqual([]);
      expect(complaints).toEqual([]);
    });

    test("ideas: propose, support, comment, change, report, hide", async ({ browser }) => {
      test.setTimeout(300_000);
      const [berta, carl] = [await resident(browser, portal, 20), await resident(browser, portal, 21, false)];
      const complaints = watch(berta);
      await berta.goto(`${portal.url}/ideen`);
      await look(berta, `${kind}-no-ideas`);
      await berta.getByRole("link", { name: "Idee vorschlagen" }).click();
      await berta.getByRole("button", { name: "Veröffentlichen" }).click();
      await expect(berta.locator("#titel-error")).toBeVisible();
      await look(berta, `${kind}-idea-missing`);
      await berta.locator("#titel").fill("Eine Bank am Anger");
      await berta.locator("#beitrag").fill("Dort sitzen viele, und es gibt keine.");
      await berta.getByRole("button", { name: "Veröffentlichen" }).click();
      await expect(berta.getByText("Ihre Idee ist veröffentlicht.")).toBeVisible();
      const idea = berta.url().split("?")[0];

      await carl.goto(idea);
      await carl.getByRole("button", { name: "Das unterstütze ich" }).click();
      await expect(carl.getByText("Eine Person unterstützt das")).toBeVisible();
      await carl.locator("#beitrag").fill("Gute Idee, am besten im Schatten.");
      await carl.getByRole("button", { name: "Veröffentlichen" }).click();
      await expect(carl.getByText("im Schatten")).toBeVisible();

      await berta.goto(idea);
      await berta.getByRole("link", { name: "Ändern oder löschen" }).click();
      await look(berta, `${kind}-change`);
      await berta.locator("#titel").fill("Zwei Bänke am Anger");
      await berta.getByRole("button", { name: "Speichern" }).click();
      await expect(berta.getByRole("heading", { name: "Zwei Bänke am Anger" })).toBeVisible();
      await berta.getByText("frühere Fassungen").click();
      await expect(berta.getByText("Eine Bank am Anger")).toBeVisible();
      await look(berta, `${kind}-idea`);

      // anybody reports, staff decide, the author learns why
      const visitor = await (await browser.newContext(PHONE)).newPage();
      await visitor.goto(idea);
      await visitor.getByRole("listitem").filter({ hasText: "im Schatten" }).getByRole("link", { name: /Melden/ }).click();
      await visitor.getByRole("button", { name: "Meldung absenden" }).click();
      await expect(visitor.locator("#grund-error")).toBeVisible();
      await visitor.locator("#grund").selectOption("spam");
      await visitor.locator("#email").fill("petra@example.org");
      await look(visitor, `${kind}-report`);
      await visitor.getByRole("button", { name: "Meldung absenden" }).click();
      await expect(visitor.getByText("Danke für Ihre Meldung")).toBeVisible();
      await look(visitor, `${kind}-reported`);

      const clerk = await staff(browser, portal, "clerk");
      await clerk.goto(`${portal.url}/verwaltung`);
      await look(clerk, `${kind}-dashboard`);
      await clerk.goto(`${portal.url}/verwaltung/nachrichten`);
      await clerk.getByRole("link", { name: "Meldungen" }).click();
      await look(clerk, `${kind}-moderation`);
      const reported = clerk.locator("section").first();
      await reported.getByRole("button", { name: "Verbergen" }).click();
      await expect(clerk.getByText("Grund:").first()).toBeVisible();
      await look(clerk, `${kind}-moderation-missing`);
      await reported.getByLabel("Grund").fill("Das ist Werbung.");
      await reported.getByRole("button", { name: "Verbergen" }).click();
      await expect(clerk.getByText("Keine Meldungen warten.")).toBeVisible();
      await expect.poll(() => newestMail(portal), { timeout: 15_000 }).toContain("petra@example.org");
      await carl.goto(`${portal.url}/konto/beitraege`);
      await expect(carl.getByText("Grund: Das ist Werbung.")).toBeVisible();
      // axe needs JavaScript, which Carl has none of
      await carl.screenshot({ path: join(output, `together-${kind}-own.png`), fullPage: true });
      await visitor.goto(idea);
      await expect(visitor.getByText("im Schatten")).toBeHidden();

      // the town answers
      await clerk.goto(idea);
      await clerk.locator("#stand").selectOption("planned");
      await clerk.locator("#antwort").fill("Wir stellen sie im Mai auf.");
      await clerk.getByRole("button", { name: "Speichern" }).click();
      await visitor.goto(idea);
      await expect(visitor.getByText("Wir stellen sie im Mai auf.")).toBeVisible();
      await look(visitor, `${kind}-answered`);
      await visitor.goto(`${portal.url}/hausregeln`);
      await look(visitor, `${kind}-rules`);

      // switched off the pages are gone, and come back as they were
      const office = await staff(browser, portal, "administrator");
      for (const on of [false, true]) {
        await office.goto(`${portal.url}/verwaltung/einstellungen`);
        for (const label of ["Umfragen einschalten", "Ideen einschalten"]) await office.getByLabel(label).setChecked(on);
        await office.getByRole("button", { name: "Speichern" }).first().click();
        await expect(office.getByText("Gespeichert").first()).toBeVisible();
        for (const path of ["/umfragen", "/ideen", idea.replace(portal.url, "")]) {
          const answer = await visitor.goto(portal.url + path);
          expect(answer!.status(), path).toBe(on ? 200 : 404);
        }
      }
      await look(office, `${kind}-settings`);
      expect(complaints).toEqual([]);
    });
  });
}
