// The table of a draft in which people type: judged while typing, saved by the server, with colleagues at work; and the
// pages that watch a list being read and taken over.
import { type Page, chromium, expect, test } from "@playwright/test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessible, invite, launch, output, type Portal, ready, signIn, startPortal, watch } from "./portal";

let portal: Portal;
test.beforeAll(async () => {
  portal = await startPortal();
});
test.afterAll(async () => {
  await portal.stop();
});

const HEAD = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort";

/** Names without digits that differ by more than one letter. */
function word(n: number): string {
  let text = "";
  for (let i = 0; i < 4; i++, n = Math.floor(n / 13)) text += String.fromCharCode(97 + (n % 13)).repeat(2);
  return text;
}

function many(count: number): string {
  const rows = [...Array(count).keys()].map((i) => `Muster${word(i)};Erika;${String(1 + (i % 28)).padStart(2, "0")}.03.${1930 + (i % 70)};Ringstraße;${(i % 3000) + 1};01945;Lindenau`);
  return [HEAD, ...rows].join("\n");
}

async function upload(page: Page, name: string, text: string): Promise<string> {
  const file = join(output, name);
  writeFileSync(file, text);
  await page.goto(`${portal.url}/verwaltung/listen`);
  await page.getByLabel("Datei").setInputFiles(file);
  await page.getByRole("button", { name: "Hochladen und prüfen" }).click();
  await expect(page.getByRole("heading", { name })).toBeVisible();
  return page.url();
}

test("people type into the table and see each other", async () => {
  const browser = await chromium.launch(launch());
  const context = async (dark: boolean) => (await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "de-DE", colorScheme: dark ? "dark" : "light" })).newPage();
  const page = await context(false);
  await signIn(page, portal, portal.staff.registry_officer);
  const complaints = watch(page);
  const rows = ["Quast;Zeno;02.01.1970;Ringstraße;;1945;Lindenau", "KAPITAL;Yara;04.01.1972;Ringstraße;4;01945;Lindenau", "Rabe;Xaver;05.01.1973;Ringstraße;5;01945;Lindenau"];
  const draft = await upload(page, "tabelle.csv", [HEAD, ...rows].join("\n"));
  await page.goto(`${draft}/zeilen`);
  await ready(page);
  const grid = page.getByRole("grid", { name: "Zeilen der Liste" });
  const row = (number: number) => grid.getByRole("row", { name: new RegExp(`^${number} `) });
  const field = (column: string, number: number) => page.getByLabel(`Zelle bearbeiten: ${column}, Zeile ${number}`);
  await expect(row(2)).toContainText("kein Brief");
  await expect(row(2)).toContainText("1945 → 01945");
  await expect(page.locator("#rows-plain")).toBeHidden();
  await accessible(page);

  // by keyboard: to the house number; what is wrong is said while somebody types, before anything is sent
  await grid.focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight");
  const sent: string[] = [];
  page.on("request", (request) => request.url().includes("/api/list-change") && sent.push(request.url()));
  await page.keyboard.type("1?");
  const panel = page.getByRole("region", { name: "Zeile 2" });
  await expect(panel).toContainText("Zeichen sind verloren gegangen");
  await expect(panel).not.toContainText("Hausnummer fehlt");
  await expect(page.getByRole("status").filter({ hasText: "Zeichen sind verloren gegangen" })).toBeAttached();
  await accessible(page);
  expect(sent).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(panel).toContainText("Hausnummer fehlt");
  await page.keyboard.press("Enter");
  await expect(field("Hausnummer", 2)).toBeFocused();
  await page.keyboard.type("12 c");
  await expect(panel).toContainText("Ringstraße 12 c");
  await page.keyboard.press("Enter");
  await expect(row(2)).toContainText("wird übernommen");
  await expect(page.getByText("Gespeichert.")).toBeVisible();
  // the cursor has gone down; the last change is taken back all the same, where it was
  await page.keyboard.press("Control+z");
  await expect(row(2)).toContainText("kein Brief");
  await expect(panel).toBeVisible();

  // whoever types on in the same row while it is saved, loses nothing
  await page.route("**/api/list-change", async (route) => {
    await new Promise((done) => setTimeout(done, 600));
    await route.continue();
  });
  await page.keyboard.type("12 c");
  await page.keyboard.press("Tab");
  await page.keyboard.type("01945 ");
  await page.waitForTimeout(1500);
  await expect(field("Postleitzahl", 2)).toBeFocused();
  await page.keyboard.type("x");
  await expect(field("Postleitzahl", 2)).toHaveValue("01945 x");
  await page.keyboard.press("Escape");
  await page.unroute("**/api/list-change");
  await expect(row(2)).toContainText("wird übernommen");

  // a colleague is seen at her row, and what she does appears
  const office = await context(false);
  await signIn(office, portal, portal.staff.administrator);
  const password = "grüner Tee um vier";
  await invite(office, portal, "Nora Neu", "nora@lindenau.example", "registry_officer", password);
  const other = await context(true);
  await signIn(other, portal, { email: "nora@lindenau.example", password });
  await other.goto(`${draft}/zeilen?stand=open`);
  await ready(other);
  await expect(page.getByText("Nora Neu ist in Zeile 3.")).toBeVisible();
  await other.getByRole("grid").focus();
  await accessible(other);
  await other.keyboard.press("Control+Enter");
  await expect(row(3)).toContainText("wird übernommen");

  // both type into the same cell: the second one is told, and keeps what was typed; whether the news had come or not
  await other.goto(`${draft}/zeilen`);
  await ready(other);
  const theirs = other.getByRole("grid").getByRole("row", { name: /^4 / });
  const type = async (who: Page, line: typeof theirs, cell: number, name: string, text: string) => {
    await line.getByRole("gridcell").nth(cell).dblclick();
    await expect(who.getByLabel(`Zelle bearbeiten: ${name}, Zeile 4`)).toBeFocused();
    await who.keyboard.press("Control+A");
    await who.keyboard.type(text);
  };
  for (const [cell, name, hers, mine, silent] of [[3, "Familienname", "Raabe", "Rabbe", true], [4, "Vornamen", "Xandra", "Xenia", false]] as const) {
    if (silent) await page.route("**/api/list-watch", (route) => route.abort());
    await type(page, row(4), cell, name, mine);
    await type(other, theirs, cell, name, hers);
    await other.keyboard.press("Enter");
    await expect(other.getByText("Gespeichert.")).toBeVisible();
    if (!silent) await page.waitForTimeout(3_500);
    await field(name, 4).press("Enter");
    await expect(page.getByText(`Dort steht jetzt „${hers}“.`, { exact: false })).toBeVisible();
    await expect(field(name, 4)).toHaveValue(mine);
    await page.screenshot({ path: join(output, "grid-stale.png"), fullPage: true });
    if (silent) await page.unroute("**/api/list-watch");
    await field(name, 4).press("Enter");
    await expect(row(4)).toContainText(mine);
    await expect(theirs).toContainText(mine);
  }

  // without a connection nothing is lost: it is saved when the connection is back
  await page.route("**/api/**", (route) => route.abort());
  await type(page, row(4), 8, "Postleitzahl", "01979");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Noch nicht gespeichert: keine Verbindung.", { exact: false })).toBeVisible();
  await expect(row(4)).toContainText("01979");
  await expect(theirs).not.toContainText("01979");
  await page.unroute("**/api/**");
  await expect(theirs).toContainText("01979");
  await expect(page.getByText("Noch nicht gespeichert: keine Verbindung.", { exact: false })).toHaveCount(0);

  // everything is there after a reload, also in the plain table
  await page.getByRole("link", { name: "Als einfache Tabelle ansehen" }).click();
  await expect(page.getByRole("row", { name: /Rabbe, Xenia/ })).toBeVisible();
  await accessible(page);
  expect(complaints.filter((text) => !text.includes("net::ERR_FAILED"))).toEqual([]);
  await browser.close();
});

test("20,000 rows are read, looked at and taken over while people watch", async () => {
  test.setTimeout(180_000);
  const browser = await chromium.launch(launch());
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "de-DE" });
  const page = await context.newPage();
  await signIn(page, portal, portal.staff.registry_officer);
  // the page that watches the reading ends in the draft
  const draft = await upload(page, "gross.csv", many(20_000));
  await expect(page.locator(".tile", { hasText: "20.000" }).first()).toBeVisible({ timeout: 90_000 });
  await page.goto(`${draft}/zeilen`);
  await ready(page);
  const grid = page.getByRole("grid");
  await expect(grid.getByRole("row", { name: /^2 / })).toBeVisible();
  // only what is seen is drawn, wherever one is
  const drawn = () => page.locator(".grid__row").count();
  expect(await drawn()).toBeLessThan(60);
  await grid.focus();
  await page.keyboard.press("Control+End");
  await expect(grid.getByRole("row", { name: /^20001 / })).toBeVisible();
  await expect(grid).toHaveAttribute("aria-rowcount", "20001");
  expect(await drawn()).toBeLessThan(60);
  await page.keyboard.press("Home");
  await page.keyboard.press("PageUp");
  const active = await grid.getAttribute("aria-activedescendant");
  await expect(page.locator(`#${active}`)).toBeInViewport();

  // the page that watches the taking over ends in the history
  await page.goto(`${draft}/folgen`);
  await page.getByRole("button", { name: /20\.000 Personen übernehmen/ }).click();
  await page.waitForURL(`${portal.url}/verwaltung/listen`, { timeout: 90_000 });
  await expect(page.getByRole("row", { name: /gross\.csv/ })).toContainText("übernommen");
  await browser.close();
});
