// Lists and the register without JavaScript, on a phone, in English: repair, decide, undo, consequences, by hand.
import { chromium, expect, test } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessible, fits, launch, output, picture, type Portal, signIn, startPortal, textOf } from "./portal";

let portal: Portal;
test.beforeAll(async () => {
  portal = await startPortal();
});
test.afterAll(async () => {
  await portal.stop();
});

const HEAD = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort";

function list(name: string, rows: string[]): string {
  const path = join(output, name);
  writeFileSync(path, [HEAD, ...rows].join("\n") + "\n");
  return path;
}

test("a list is repaired without JavaScript, on a phone, in English", async () => {
  const browser = await chromium.launch(launch());
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: "en-GB", javaScriptEnabled: false, acceptDownloads: true });
  const page = await context.newPage();
  await page.goto(`${portal.url}/anmelden`);
  await page.getByLabel("E-mail address or letter number").fill(portal.staff.registry_officer.email);
  await page.getByLabel("Password", { exact: true }).fill(portal.staff.registry_officer.password);
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await page.goto(`${portal.url}/verwaltung/listen`);
  const people = ["Quast;Zeno;02.01.1970;Ringstraße;;01945;Lindenau", "=Evil;Xenia;03.01.1971;Ringstraße;3;01945;Lindenau", "KAPITAL;Yara;04.01.1972;Ringstraße;4;1945;Lindenau"];
  await page.getByLabel("File").setInputFiles(list("english.csv", people));
  await page.getByRole("button", { name: "Upload and check" }).click();
  await expect(page.getByRole("heading", { name: "english.csv" })).toBeVisible();
  await fits(page);
  await page.screenshot({ path: join(output, "lists-phone-draft.png"), fullPage: true });

  // findings as a workbook: what looks like a formula is text
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "All findings as an Excel file" }).click()]);
  const workbook = join(output, "befunde.xlsx");
  await download.saveAs(workbook);
  const strings = execFileSync("unzip", ["-p", workbook, "xl/sharedStrings.xml"], { encoding: "utf8" });
  expect(strings).toContain("=Evil");
  expect(execFileSync("unzip", ["-p", workbook, "xl/worksheets/sheet1.xml"], { encoding: "utf8" })).not.toContain("<f>");
  expect(readFileSync(workbook).length).toBeGreaterThan(1000);

  // one row is repaired; a wrong repair comes back with what was typed; the change can be undone
  await page.locator(".tile", { hasText: "get no letter" }).click();
  await expect(page.getByRole("link", { name: "2", exact: true })).toBeVisible();
  await fits(page);
  await page.screenshot({ path: join(output, "lists-phone-rows.png"), fullPage: true });
  await page.getByRole("link", { name: "2", exact: true }).click();
  await page.getByLabel("House number", { exact: true }).fill("2 c");
  await page.getByRole("button", { name: "Save and check" }).click();
  await expect(page.getByText("is taken over").first()).toBeVisible();
  await fits(page);
  await page.screenshot({ path: join(output, "lists-phone-row.png"), fullPage: true });
  await page.getByRole("button", { name: "Undo the last change" }).click();
  await expect(page.getByLabel("House number", { exact: true })).toHaveValue("");
  await page.getByLabel("House number", { exact: true }).fill("2 c");
  await page.getByRole("button", { name: "Save and check" }).click();

  // a question about one row is answered in the table
  await page.goto(page.url().replace(/zeile\/.*/, "zeilen?stand=open"));
  await page.locator("tr", { hasText: "KAPITAL" }).getByRole("button", { name: "Take over" }).click();
  await expect(page.getByText("There are no rows here.")).toBeVisible();

  // two would be new, everybody else is missing: unusually many
  await page.getByRole("link", { name: "Back to the draft" }).click();
  await page.getByRole("button", { name: "Go on: see the consequences" }).click();
  await expect(page.getByText("500 of 500 people in the register are not in this list.")).toBeVisible();
  await fits(page);
  await page.screenshot({ path: join(output, "lists-phone-consequences.png"), fullPage: true });
  await page.getByLabel(/The list is complete/).check();
  await page.getByRole("button", { name: "Take over 2 people" }).click();
  await expect(page.getByText("Unusually many people are missing.")).toBeVisible();
  await page.getByRole("button", { name: "Take over 2 people" }).click();
  await expect(page.getByText("The uploaded file has been deleted.")).toBeVisible();

  // the next list: one moved
  await page.goto(`${portal.url}/verwaltung/listen`);
  await page.getByLabel("File").setInputFiles(list("moved.csv", ["Quast;Zeno;02.01.1970;Neuer Weg;9;01945;Lindenau"]));
  await page.getByRole("button", { name: "Upload and check" }).click();
  await page.getByRole("button", { name: "Go on: see the consequences" }).click();
  await expect(page.getByRole("row", { name: /Moved within the municipality 1/ })).toBeVisible();
  await page.getByRole("button", { name: "Take over 1 person" }).click();
  await page.goto(`${portal.url}/verwaltung/einwohner?suche=quast`);
  await expect(page.getByRole("cell", { name: "Neuer Weg 9" })).toBeVisible();
  await browser.close();
});

test("a resident by hand", async () => {
  const browser = await chromium.launch(launch());
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "de-DE", colorScheme: "dark" });
  const page = await context.newPage();
  await signIn(page, portal, portal.staff.registry_officer);
  await page.goto(`${portal.url}/verwaltung/einwohner`);
  await page.getByRole("link", { name: "Person hinzufügen" }).click();
  await page.getByLabel("Familienname").fill("NORDSTERN");
  await page.getByLabel("Vornamen").fill("Ada");
  await page.getByLabel("Straße").fill("Weg");
  await page.getByRole("button", { name: "Speichern" }).click();
  await expect(page.getByRole("link", { name: "Hausnummer fehlt" })).toBeVisible();
  await accessible(page);
  await page.getByLabel("Hausnummer", { exact: true }).fill("5");
  // a day that does not exist is said at the three fields, which keep what was typed; a year alone is enough
  const birth = page.getByRole("group", { name: "Geburtsdatum" });
  await birth.getByLabel("Tag").fill("31");
  await birth.getByLabel("Monat").fill("2");
  await birth.getByLabel("Jahr").fill("1970");
  await page.getByRole("button", { name: "Speichern", exact: true }).click();
  await expect(page.locator("#geburt_day-error")).toBeVisible();
  await expect(birth.getByLabel("Tag")).toHaveValue("31");
  await accessible(page);
  await birth.getByLabel("Tag").fill("");
  await birth.getByLabel("Monat").fill("");
  await page.getByRole("button", { name: "Speichern", exact: true }).click();
  await expect(page.getByText("Name ist in Großbuchstaben geschrieben")).toBeVisible();
  await page.screenshot({ path: join(output, "resident-questions.png"), fullPage: true });
  await page.getByRole("button", { name: "Trotzdem speichern" }).click();
  await expect(page.getByRole("heading", { name: "Ada NORDSTERN" })).toBeVisible();
  await accessible(page);
  await page.screenshot({ path: join(output, "resident-page.png"), fullPage: true });
  await page.getByText("Person entfernen").first().click();
  await page.getByLabel(/stand irrtümlich hier/).check();
  await page.getByRole("button", { name: "Person entfernen" }).click();
  await page.goto(`${portal.url}/verwaltung/einwohner?suche=nordstern`);
  await expect(page.getByText("Niemand passt zu dieser Suche.", { exact: false })).toBeVisible();
  await browser.close();
});

test("a person with a register block exists for few, and gets the letter at the desk", async () => {
  const browser = await chromium.launch(launch());
  const as = async (who: keyof Portal["staff"]) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "de-DE", acceptDownloads: true });
    const page = await context.newPage();
    await signIn(page, portal, portal.staff[who]);
    return page;
  };
  const office = await as("administrator");
  await office.goto(`${portal.url}/verwaltung/einstellungen`);
  await office.getByLabel("bekommen den Brief am Schalter, ohne Anschrift").check();
  await office.getByRole("button", { name: "Speichern" }).click();
  await expect(office.getByText("Die Einstellungen gelten ab sofort.", { exact: false })).toBeVisible();

  // a list with one more blocked person
  const few = await as("registry_officer");
  await few.goto(`${portal.url}/verwaltung/listen`);
  const file = join(output, "sperre.csv");
  writeFileSync(file, `${HEAD};Auskunftssperre\nNachtfalter;Zilla;02.01.1970;Weg;1;01945;Lindenau;\nSilberdistel;Yvo;03.01.1971;Weg;2;01945;Lindenau;§ 51 BMG\n`);
  await few.getByLabel("Datei").setInputFiles(file);
  await few.getByRole("button", { name: "Hochladen und prüfen" }).click();
  await expect(few.getByText(/nach § 51/).first()).toBeVisible();
  await accessible(few);
  const draft = few.url();
  await few.getByRole("button", { name: "Weiter: Folgen ansehen" }).click();
  await few.getByRole("button", { name: "1 Person übernehmen" }).click();
  await expect(few.getByText("Die hochgeladene Datei ist gelöscht.", { exact: false })).toBeVisible();
  const others = await as("letter_officer");
  expect((await others.goto(draft))!.status()).toBe(403);
  for (const page of [others, await as("clerk")]) {
    await page.goto(`${portal.url}/verwaltung/einwohner?suche=silberdistel`);
    await expect(page.getByText("Niemand passt zu dieser Suche.", { exact: false })).toBeVisible();
    await page.goto(`${portal.url}/verwaltung/einwohner?suche=nachtfalter`);
    await expect(page.getByRole("link", { name: "Nachtfalter, Zilla" })).toBeVisible();
  }
  await few.goto(`${portal.url}/verwaltung/einwohner?suche=silberdistel`);
  await few.getByRole("link", { name: "Silberdistel, Yvo" }).click();
  await expect(few.getByText("Der Brief trägt keine Anschrift.", { exact: false })).toBeVisible();
  await accessible(few);
  await few.screenshot({ path: join(output, "resident-blocked.png"), fullPage: true });
  const resident = few.url();
  await few.getByRole("button", { name: "Brief machen" }).click();
  await expect(few.getByRole("heading", { name: "Gesonderter Druckauftrag 1" })).toBeVisible();
  await expect(few.getByRole("link", { name: /PDF herunterladen/ })).toBeVisible();
  await accessible(few);
  await few.screenshot({ path: join(output, "batch-apart.png"), fullPage: true });
  const [download] = await Promise.all([few.waitForEvent("download"), few.getByRole("link", { name: /PDF herunterladen/ }).click()]);
  const letter = join(output, "brief-schalter.pdf");
  await download.saveAs(letter);
  picture(letter, 1, "letter-desk", 80);
  expect(textOf(letter, 1)).toContain("Yvo Silberdistel");
  expect(textOf(letter, 1)).not.toContain("Weg 2");
  for (const address of [resident, few.url()]) expect([403, 404]).toContain((await others.goto(address))!.status());
  // the administrator sees the log, but no block in it
  await office.goto(`${portal.url}/verwaltung/protokoll`);
  await expect(office.getByText(/[Ss]perr/)).toHaveCount(0);
  await browser.close();
});
