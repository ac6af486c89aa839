// The clerk's comfort: columns and their Excel file, search and jump by keyboard alone, dense pages, work that is cancelled.
import { type Page, expect, test } from "@playwright/test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { type Portal, accessible, fits, output, signIn, startPortal, watch } from "./portal";

let portal: Portal;
test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  portal = await startPortal();
});
test.afterAll(async () => portal.stop());

/** A file of a zip archive, by the archive's own list of contents. */
function unzip(archive: Buffer, name: string): string {
  let at = archive.readUInt32LE(archive.lastIndexOf(Buffer.from("PK\x05\x06", "latin1")) + 16);
  while (archive.readUInt32LE(at) === 0x02014b50) {
    const [size, nameLength, extra, comment] = [20, 28, 30, 32].map((place) => (place === 20 ? archive.readUInt32LE(at + place) : archive.readUInt16LE(at + place)));
    if (archive.toString("utf8", at + 46, at + 46 + nameLength) === name) {
      const local = archive.readUInt32LE(at + 42);
      const begin = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
      const bytes = archive.subarray(begin, begin + size);
      return (archive.readUInt16LE(at + 10) === 0 ? bytes : inflateRawSync(bytes)).toString("utf8");
    }
    at += 46 + nameLength + extra + comment;
  }
  throw new Error(`${name} is not in the archive`);
}

/** Rows of the first sheet, each a list of texts. */
function rows(file: string): string[][] {
  const sheet = unzip(readFileSync(file), "xl/worksheets/sheet1.xml");
  return [...sheet.matchAll(/<row [^>]*>(.*?)<\/row>/gs)].map(([, row]) => [...row.matchAll(/<t[^>]*>(.*?)<\/t>/gs)].map(([, text]) => text));
}

async function office(page: Page): Promise<void> {
  await signIn(page, portal, portal.staff.registry_officer);
  await expect(page).toHaveURL(/\/verwaltung/);
}

test("columns are chosen, and the Excel file has them", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE", viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const complaints = watch(page);
  await office(page);
  await page.goto(`${portal.url}/verwaltung/einwohner?ortsteil=Tettau`);
  const heads = page.getByRole("columnheader");
  await expect(heads).toHaveText(["Name", "Straße und Hausnummer", "Postleitzahl", "Ort", "Ortsteil", "Stand"]);
  await page.getByText("Spalten wählen").click();
  const choice = page.getByRole("group", { name: "Diese Spalten zeigen" });
  await choice.getByLabel("Geburtsdatum").check();
  await choice.getByLabel("Ortsteil").uncheck();
  await choice.getByLabel("Postleitzahl").uncheck();
  await accessible(page);
  await page.screenshot({ path: join(output, "comfort-columns.png"), fullPage: true });
  await page.getByRole("button", { name: "Auswahl zeigen" }).click();
  // the filter stays
  await expect(page).toHaveURL(/ortsteil=Tettau/);
  await expect(heads).toHaveText(["Name", "Geburtsdatum", "Straße und Hausnummer", "Ort", "Stand"]);
  await accessible(page);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Als Excel-Datei" }).click()]);
  expect(download.suggestedFilename()).toBe("einwohner.xlsx");
  const file = join(output, "einwohner.xlsx");
  await download.saveAs(file);
  const [first, ...people] = rows(file);
  expect(first).toEqual(["Name", "Geburtsdatum", "Straße und Hausnummer", "Ort", "Stand"]);
  // more than a page holds, and nobody of another district
  expect(people.length).toBeGreaterThan(50);
  expect(people.every((person) => /, /.test(person[0]))).toBe(true);
  // a choice of this browser: it is still there tomorrow
  const cookie = (await context.cookies()).find((c) => c.name === "spalten-register")!;
  expect([cookie.value, cookie.httpOnly]).toEqual(["name.geburt.strasse.ort.stand", true]);
  await page.getByText("Spalten wählen").click();
  await page.getByRole("button", { name: "Wie am Anfang" }).click();
  await expect(heads).toHaveCount(6);
  // who did what is in the log
  const other = await browser.newContext({ locale: "de-DE" });
  const log = await other.newPage();
  await signIn(log, portal, portal.staff.administrator);
  await expect(log).toHaveURL(/\/verwaltung/);
  await log.goto(`${portal.url}/verwaltung/protokoll`);
  await expect(log.getByText("Register als Excel-Datei heruntergeladen").first()).toBeVisible();
  await expect(log.getByText(`rows=${people.length} columns=name.geburt.strasse.ort.stand`)).toBeVisible();
  await other.close();
  expect(complaints).toEqual([]);
  await context.close();
});

test("columns without JavaScript, on every table", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE", javaScriptEnabled: false });
  const page = await context.newPage();
  await office(page);
  for (const [path, column] of [
    ["/verwaltung/briefe", "Geprüft"],
    ["/verwaltung/einwohner", "Brief-Nummer"],
  ]) {
    await page.goto(portal.url + path);
    await expect(page.getByRole("columnheader", { name: column })).toHaveCount(0);
    await page.getByText("Spalten wählen").click();
    await page.getByRole("group", { name: "Diese Spalten zeigen" }).getByLabel(column).check();
    await page.getByRole("button", { name: "Auswahl zeigen" }).click();
    await expect(page.getByRole("columnheader", { name: column })).toBeVisible();
  }
  await context.close();
});

test("search and jump by keyboard alone", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE", viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const complaints = watch(page);
  await office(page);
  const dialog = page.getByRole("dialog", { name: "Suchen und springen" });
  const field = dialog.getByRole("combobox");
  const opener = page.getByRole("link", { name: /Suchen und springen/ });
  const open = async () => {
    // the script is there
    await expect(opener).toHaveAttribute("aria-haspopup", "dialog");
    await page.keyboard.press("Control+k");
    await expect(field).toBeFocused();
  };
  await open();
  await expect(dialog.getByRole("option", { name: /^Übersicht/ })).toHaveAttribute("aria-selected", "true");
  await accessible(page);
  await page.screenshot({ path: join(output, "comfort-palette.png") });
  // beginnings of words, umlauts as people type them
  await page.keyboard.type("rueckl");
  await expect(dialog.getByRole("option").nth(0)).toHaveText(/^Rückläufer Seite/);
  await expect(dialog.getByRole("option").nth(1)).toHaveText(/^Im Register suchen: rueckl/);
  await expect(dialog.getByRole("option").nth(2)).toHaveText(/^In Nachrichten suchen: rueckl/);
  await page.keyboard.press("ArrowDown");
  await expect(dialog.getByRole("option", { name: /Register/ })).toHaveAttribute("aria-selected", "true");
  await expect(field).toHaveAttribute("aria-activedescendant", (await dialog.getByRole("option", { selected: true }).getAttribute("id"))!);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/verwaltung\/briefe\/ruecklauf$/);
  // the same list again: what was typed is searched
  await open();
  await page.keyboard.type("Müller");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/verwaltung\/einwohner\?suche=M%C3%BCller$/);
  // Escape closes, and the focus is where it was
  await expect(opener).toHaveAttribute("aria-haspopup", "dialog");
  await opener.focus();
  await page.keyboard.press("Enter");
  await expect(field).toBeFocused();
  await page.keyboard.type("xyzzy");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(opener).toBeFocused();
  // a letter number opens the person
  await page.goto(`${portal.url}/verwaltung/einwohner?stand=open`);
  await page.getByRole("rowheader").getByRole("link").first().click();
  const number = /L-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(await page.getByRole("main").innerText())![0];
  const person = page.url();
  await page.goto(`${portal.url}/verwaltung`);
  await open();
  await page.keyboard.type(number.toLowerCase());
  await expect(dialog.getByRole("option").first()).toHaveText(new RegExp(`^Nummer öffnen: ${number}`, "i"));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(person);
  // the keys of the inbox do nothing while somebody types here
  await page.goto(`${portal.url}/verwaltung/nachrichten`);
  await open();
  await page.keyboard.type("jk");
  await expect(field).toHaveValue("jk");
  await page.keyboard.press("Escape");
  expect(complaints).toEqual([]);
  await context.close();
});

test("search and jump is a page without JavaScript, and nothing for citizens", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE", javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await signIn(page, portal, portal.staff.clerk);
  await page.getByRole("link", { name: /Suchen und springen/ }).click();
  await expect(page.getByRole("heading", { name: "Suchen und springen" })).toBeVisible();
  await fits(page);
  const main = page.getByRole("main");
  await expect(main.getByRole("link", { name: "Schalter" })).toBeVisible();
  await expect(main.getByRole("link", { name: "Neue Person" })).toHaveCount(0);
  await main.getByLabel("Suchwort oder Nummer").fill("V-0000-0000");
  await main.getByRole("button", { name: "Nummer öffnen" }).click();
  await expect(page.getByText("Zu dieser Nummer gibt es nichts, was Sie sehen dürfen.").first()).toBeVisible();
  await expect(main.getByLabel("Suchwort oder Nummer")).toHaveValue("V-0000-0000");
  await main.getByRole("button", { name: "In Nachrichten suchen" }).click();
  await expect(page).toHaveURL(/\/verwaltung\/nachrichten\?zeige=all&suche=V-0000-0000$/);
  expect(await (await fetch(`${portal.url}/`)).text()).not.toContain("palette");
  await context.close();
});

test("dense pages stay dense, and nothing becomes too small to press", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE", viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await office(page);
  await page.goto(`${portal.url}/verwaltung/einwohner?stand=open`);
  const row = page.getByRole("row").nth(1);
  const before = (await row.boundingBox())!.height;
  await page.getByRole("button", { name: "dicht", exact: true }).click();
  await expect(page.locator("html")).toHaveAttribute("data-density", "compact");
  // the filter stays
  await expect(page).toHaveURL(/stand=open/);
  const after = (await row.boundingBox())!.height;
  expect(after).toBeLessThan(before);
  expect(after).toBeGreaterThanOrEqual(24);
  for (const path of ["/verwaltung", "/verwaltung/briefe", "/verwaltung/einwohner/neu"]) {
    await page.goto(portal.url + path);
    await expect(page.locator("html")).toHaveAttribute("data-density", "compact");
    await accessible(page);
  }
  await page.screenshot({ path: join(output, "comfort-dense.png"), fullPage: true });
  await page.goto(`${portal.url}/hilfe`);
  await expect(page.locator("html")).not.toHaveAttribute("data-density", "compact");
  await page.goto(`${portal.url}/verwaltung`);
  await page.getByRole("button", { name: "bequem", exact: true }).click();
  await expect(page.locator("html")).not.toHaveAttribute("data-density", "compact");
  await context.close();
});

test("the charts have their figures as tables", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE", forcedColors: "active", viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await office(page);
  const chart = page.getByRole("img", { name: "Briefe nach Stand" });
  await expect(chart).toBeVisible();
  await page.getByText("Als Tabelle anzeigen Briefe nach Stand").click();
  await expect(page.getByRole("row", { name: /^offen \d/ })).toBeVisible();
  await page.screenshot({ path: join(output, "comfort-charts-forced-colors.png"), fullPage: true });
  await context.close();
});

/** People who differ, enough for a batch that takes a while. */
function crowd(people: number): string {
  const word = (n: number) => [0, 1, 2, 3].map((i) => String.fromCharCode(97 + (Math.floor(n / 13 ** i) % 13)).repeat(2)).join("");
  const two = (n: number) => String(n).padStart(2, "0");
  const streets = ["Ringstraße", "Dorfstraße", "Mühlweg", "Lindenallee"];
  const lines = Array.from({ length: people }, (_, i) => {
    const born = `${two(1 + (i % 28))}.${two(1 + (Math.floor(i / 28) % 12))}.${1940 + (Math.floor(i / 336) % 60)}`;
    return `Muster${word(i)};Erika;${born};${streets[Math.floor(i / 900) % 4]};${(i % 900) + 1};01945;Lindenau`;
  });
  return ["Nachname;Vorname;Geburtsdatum;Straße;Hausnummer;PLZ;Ort", ...lines].join("\n");
}

test("making letters is cancelled", async ({ browser }) => {
  test.setTimeout(180_000);
  const context = await browser.newContext({ locale: "de-DE", viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await office(page);
  const list = join(output, "viele.csv");
  writeFileSync(list, crowd(9_000));
  await page.goto(`${portal.url}/verwaltung/listen`);
  await page.getByLabel("Datei").setInputFiles(list);
  await page.getByRole("button", { name: "Hochladen und prüfen" }).click();
  await page.getByRole("button", { name: "Weiter: Folgen ansehen" }).click({ timeout: 60_000 });
  await page.getByRole("button", { name: /Personen übernehmen/ }).click({ timeout: 60_000 });
  await expect(page.getByText("Die hochgeladene Datei ist gelöscht.")).toBeVisible({ timeout: 60_000 });
  await page.goto(`${portal.url}/verwaltung/briefe`);
  const make = page.getByRole("button", { name: /Briefe machen$/ });
  const count = await make.innerText();
  await make.click();
  await page.getByRole("button", { name: "Druckauftrag abbrechen" }).click();
  await expect(page.getByText(/^Rolf Register hat diesen Druckauftrag am .* abgebrochen, bevor er fertig war\.$/)).toBeVisible();
  await expect(page.getByText(/Die Personen warten wieder auf einen Brief\./)).toBeVisible();
  await accessible(page);
  await page.screenshot({ path: join(output, "comfort-cancelled.png"), fullPage: true });
  // everybody waits again; nothing of the work goes on, and nothing failed
  await page.goto(`${portal.url}/verwaltung/briefe`);
  await expect(make).toHaveText(count);
  await expect(page.getByRole("row", { name: /abgebrochen/ })).toHaveCount(1);
  expect(portal.log()).not.toContain("job failed");
  await context.close();
});
