// Single sign-on: setting the service up, roles from claims, accounts with one way in, and services that lie.
import { type Browser, type Page, expect, test } from "@playwright/test";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Portal, accessible, fits, freePort, newestMail, signIn, startPortal, watch } from "./portal";

const SECRET = "nur-Tests-0123456789-abcdefghijkl";
type Service = { issuer: string; tell: (path: string, text: string) => Promise<void>; stop: () => void };

async function startService(portal: Portal, ...more: string[]): Promise<Service> {
  const port = await freePort();
  const child: ChildProcess = spawn(process.execPath, [join(__dirname, "sign-in-service.mjs"), String(port), `${portal.url}/anmelden/dienst/zurueck`, ...more], { env: process.env });
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on("data", (piece) => String(piece).includes("ready") && resolve());
    child.once("exit", (code) => reject(new Error(`the sign-in service ended: ${code}`)));
  });
  const issuer = `http://127.0.0.1:${port}`;
  return {
    issuer,
    tell: async (path, text) => void (await fetch(issuer + path, { method: "POST", body: text })),
    stop: () => child.kill(),
  };
}

async function setUp(office: Page, portal: Portal, issuer: string): Promise<void> {
  await office.goto(`${portal.url}/verwaltung/team/anmeldedienst`);
  await office.locator("#issuer").fill(issuer);
  await office.locator("#client_id").fill("stadtbrief");
  await office.locator("#secret").fill(SECRET);
  await office.locator("#claim").fill("roles");
  await office.locator("#werte-administrator").fill("it");
  await office.locator("#werte-clerk").fill("sb, buergerbuero");
  await office.getByRole("button", { name: "Prüfen und speichern" }).click();
  await expect(office.getByText("Der Dienst hat geantwortet")).toBeVisible();
}

/** How many mails were sent. */
function mails(portal: Portal): number {
  const folder = join(portal.folder, "data/mail");
  return existsSync(folder) ? readdirSync(folder).length : 0;
}

/** From the portal's page on to the service: nothing begins without the button. */
async function toService(page: Page, portal: Portal, query = ""): Promise<void> {
  await page.goto(`${portal.url}/anmelden/dienst${query}`);
  await page.getByRole("button", { name: "Mit Dienstkonto anmelden" }).click();
}

/** A browser of its own, at the service's sign-in form. */
async function at(browser: Browser, portal: Portal, name: string): Promise<Page> {
  const page = await (await browser.newContext({ locale: "de-DE" })).newPage();
  await page.goto(`${portal.url}/anmelden`);
  await page.getByRole("button", { name: "Mit Dienstkonto anmelden" }).click();
  await page.locator("[name=login]").fill(name);
  await page.locator("[name=password]").fill("egal");
  await page.locator("button[type=submit]").click();
  return page;
}

for (const kind of ["sqlite", "postgres"] as const) {
  test.describe(`a service that keeps its word, on ${kind}`, () => {
    let portal: Portal;
    let service: Service;
    test.describe.configure({ mode: "serial" });
    test.beforeAll(async () => {
      portal = await startPortal(kind);
      service = await startService(portal);
    });
    test.afterAll(async () => {
      service?.stop();
      await portal?.stop();
    });

    test("is set up, brings people in with their roles, and out again", async ({ browser }) => {
      test.setTimeout(120_000);
      const office = await (await browser.newContext({ locale: "de-DE" })).newPage();
      const complaints = watch(office);
      await signIn(office, portal, portal.staff.administrator);
      await office.goto(`${portal.url}/anmelden/dienst`);
      await expect(office.getByText("kein Anmeldedienst eingerichtet")).toBeVisible();
      await office.goto(`${portal.url}/verwaltung/team/anmeldedienst`);
      await accessible(office);
      await office.getByRole("button", { name: "Prüfen und speichern" }).click();
      await expect(office.locator("#issuer-error")).toBeVisible();
      await expect(office.locator("#secret-error")).toBeVisible();
      // an address where nothing answers, and one without TLS
      for (const wrong of [portal.url, "http://login.stadt.example"]) {
        await office.locator("#issuer").fill(wrong);
        await office.locator("#client_id").fill("stadtbrief");
        await office.locator("#secret").fill(SECRET);
        await office.locator("#werte-clerk").fill("sb");
        await office.getByRole("button", { name: "Prüfen und speichern" }).click();
        await expect(office.locator("#issuer-error")).toBeVisible();
      }
      await accessible(office);
      await setUp(office, portal, service.issuer);
      await fits(office);
      expect(await office.locator("#secret").inputValue()).toBe("");
      expect(await office.content()).not.toContain(SECRET);

      const email = (name: string) => ({ email: `${name}@lindenau.example`, email_verified: true });
      const clerk = portal.staff.clerk.email;
      const people = {
        nina: { name: "Nina Neu", roles: ["sb"], ...email("nina") },
        sabine: { name: "Sabine Sachs-Neu", roles: ["buergerbuero"], email: clerk, email_verified: true },
        bodo: { name: "Bodo Ohne", roles: ["hausmeister"], ...email("bodo") },
        eve: { name: "Eve", roles: ["sb"], email: portal.staff.administrator.email, email_verified: true },
        mallory: { name: "Mallory", roles: ["it"], email: portal.staff.registry_officer.email, email_verified: false },
      };
      await service.tell("/_people", JSON.stringify(people));

      // somebody new: the account is made, with the role of the claim
      const nina = await at(browser, portal, "nina");
      await expect(nina).toHaveURL(`${portal.url}/verwaltung`);
      await nina.goto(`${portal.url}/verwaltung/nachrichten`);
      await expect(nina.getByRole("heading", { level: 1 })).toBeVisible();
      await nina.goto(`${portal.url}/konto`);
      await expect(nina.getByText("Sie melden sich über den Anmeldedienst an")).toBeVisible();
      await accessible(nina);
      await nina.goto(`${portal.url}/konto/sicherheit`);
      await expect(nina.getByText("Passwort und zweiten Faktor ändern Sie dort")).toBeVisible();

      // somebody who is here already: the password is gone, the name is new
      const sabine = await at(browser, portal, "sabine");
      await expect(sabine).toHaveURL(`${portal.url}/verwaltung`);
      const old = await (await browser.newContext({ locale: "de-DE" })).newPage();
      await signIn(old, portal, portal.staff.clerk);
      await expect(old.locator("#name-error")).toBeVisible();
      // and a forgotten password brings no mail
      const before = mails(portal);
      await old.goto(`${portal.url}/passwort-vergessen`);
      await old.locator("[name=name]").fill(clerk);
      await old.getByRole("main").locator("button[type=submit]").click();
      await expect(old.getByText("Sehen Sie in Ihr Postfach")).toBeVisible();
      await old.waitForTimeout(1500);
      expect(mails(portal)).toBe(before);

      // no role: nobody gets in
      const bodo = await at(browser, portal, "bodo");
      await expect(bodo.getByText("hat in diesem Portal keine Rolle")).toBeVisible();
      await accessible(bodo);
      const mallory = await at(browser, portal, "mallory");
      // an address that nobody checked finds no account: a new one without it, and the owner of the address notices nothing
      await expect(mallory).toHaveURL(`${portal.url}/verwaltung`);
      await signIn(old, portal, portal.staff.registry_officer);
      await expect(old).toHaveURL(/verwaltung/);
      // nobody becomes an administrator by an address, nor takes one's place
      const eve = await at(browser, portal, "eve");
      await expect(eve.getByText("nicht übernehmen darf")).toBeVisible();
      await office.reload();
      await expect(office).toHaveURL(/verwaltung/);

      // the role changes at the service: at the next sign-in it is another one, and the former session is over
      await service.tell("/_people", JSON.stringify({ ...people, nina: { ...people.nina, roles: ["it", "sb"] } }));
      const again = await at(browser, portal, "nina");
      await again.goto(`${portal.url}/verwaltung/team`);
      await expect(again.getByRole("heading", { name: "Nina Neu" })).toBeVisible();
      await nina.goto(`${portal.url}/verwaltung`);
      await expect(nina).toHaveURL(/anmelden/);
      // switched off here: the service cannot open it
      await office.goto(`${portal.url}/verwaltung/team`);
      await expect(office.getByText("über den Anmeldedienst", { exact: true }).first()).toBeVisible();
      await accessible(office);
      await office.getByRole("button", { name: "Deaktivieren: Nina Neu" }).click();
      const off = await at(browser, portal, "nina");
      await expect(off.getByText("Ihr Konto ist in diesem Portal abgeschaltet")).toBeVisible();
      // off the service: an invitation, a password, and the service has no say any more
      await office.getByRole("button", { name: "Vom Anmeldedienst lösen und einladen: Sabine Sachs-Neu" }).click();
      await expect(office.getByText("Die Einladung ist unterwegs")).toBeVisible();
      await expect.poll(() => newestMail(portal).includes("einladung"), { timeout: 15_000 }).toBe(true);
      expect(complaints).toEqual([]);
      // who signed in by the service is in the log, without names
      await office.goto(`${portal.url}/verwaltung/protokoll`);
      await expect(office.getByText("Anmeldedienst: nicht eingelassen").first()).toBeVisible();
      expect(await office.getByRole("main").innerText()).not.toContain("Bodo");
      expect(portal.log()).not.toContain("lindenau.example");
    });
  });
}

test.describe("a service that lies", () => {
  let portal: Portal;
  let service: Service;
  test.describe.configure({ mode: "serial" });
  test.beforeAll(async () => {
    portal = await startPortal();
    service = await startService(portal, "liar");
  });
  test.afterAll(async () => {
    service?.stop();
    await portal?.stop();
  });

  test("is not believed", async ({ browser }) => {
    test.setTimeout(120_000);
    const office = await (await browser.newContext({ locale: "de-DE" })).newPage();
    await signIn(office, portal, portal.staff.administrator);
    for (const lie of ["description", "insecure"]) {
      await service.tell("/_say", lie);
      await office.goto(`${portal.url}/verwaltung/team/anmeldedienst`);
      await office.locator("#issuer").fill(service.issuer);
      await office.locator("#client_id").fill("stadtbrief");
      await office.locator("#secret").fill(SECRET);
      await office.locator("#werte-clerk").fill("sb");
      await office.getByRole("button", { name: "Prüfen und speichern" }).click();
      await expect(office.locator("#issuer-error"), lie).toBeVisible();
    }
    await service.tell("/_say", "");
    await setUp(office, portal, service.issuer);
    const lies: [string, string][] = [
      ["nonce", "antwortet nicht oder nicht richtig"],
      ["audience", "antwortet nicht oder nicht richtig"],
      ["issuer", "antwortet nicht oder nicht richtig"],
      ["expired", "antwortet nicht oder nicht richtig"],
      ["early", "antwortet nicht oder nicht richtig"],
      ["unsigned", "antwortet nicht oder nicht richtig"],
      ["key", "antwortet nicht oder nicht richtig"],
      ["no token", "antwortet nicht oder nicht richtig"],
      ["mix-up", "antwortet nicht oder nicht richtig"],
      ["state", "begann in einem anderen Fenster"],
      ["refuse", "beim Dienst abgebrochen"],
    ];
    const page = await (await browser.newContext({ locale: "de-DE" })).newPage();
    for (const [lie, words] of lies) {
      await service.tell("/_say", lie);
      await toService(page, portal);
      await expect(page.getByText(words), lie).toBeVisible();
      await page.goto(`${portal.url}/verwaltung`);
      await expect(page, lie).toHaveURL(/anmelden/);
    }
    // the same service, when it says the truth: so the lies were why
    await service.tell("/_say", "");
    let answer = "";
    page.on("request", (r) => r.url().includes("/anmelden/dienst/zurueck") && (answer = r.url()));
    await toService(page, portal, "?zurueck=/verwaltung/nachrichten");
    await expect(page).toHaveURL(`${portal.url}/verwaltung/nachrichten`);
    // the way back again, in this browser and in another: it belongs to one sign-in
    for (const other of [page, await (await browser.newContext({ locale: "de-DE" })).newPage()]) {
      await other.goto(answer);
      await expect(other.getByText("begann in einem anderen Fenster")).toBeVisible();
    }
    // no way out of the portal through the address to return to
    const out = await (await browser.newContext({ locale: "de-DE" })).newPage();
    await toService(out, portal, "?zurueck=//evil.example/x");
    await expect(out).toHaveURL(`${portal.url}/verwaltung`);
    // the last administrator with a password cannot leave everybody to a service that is switched off
    await office.goto(`${portal.url}/verwaltung/team/anmeldedienst`);
    await office.locator("#active").uncheck();
    await office.getByRole("button", { name: "Prüfen und speichern" }).click();
    await expect(office.getByText("Der Dienst hat geantwortet")).toBeVisible();
    await page.goto(`${portal.url}/anmelden/dienst`);
    await expect(page.getByText("kein Anmeldedienst eingerichtet")).toBeVisible();
    await office.goto(`${portal.url}/anmelden`);
  });
});

test.describe("roles", () => {
  let portal: Portal;
  test.beforeAll(async () => {
    portal = await startPortal();
  });
  test.afterAll(async () => portal.stop());

  test("are changed while somebody works, on a phone", async ({ browser }) => {
    const clerk = await (await browser.newContext({ locale: "de-DE" })).newPage();
    await signIn(clerk, portal, portal.staff.clerk);
    await clerk.goto(`${portal.url}/verwaltung/einwohner`);
    await expect(clerk.getByRole("heading", { level: 1 })).toBeVisible();
    const office = await (await browser.newContext({ locale: "de-DE", viewport: { width: 390, height: 844 } })).newPage();
    await signIn(office, portal, portal.staff.administrator);
    await office.goto(`${portal.url}/verwaltung/team/rollen`);
    await accessible(office);
    await fits(office);
    await office.getByRole("link", { name: "Rechte ändern: Sachbearbeitung" }).click();
    await accessible(office);
    await fits(office);
    await office.getByLabel("Listen hochladen, prüfen").check();
    await office.getByRole("button", { name: "Speichern" }).click();
    await expect(office.locator("#see-blocks-error")).toBeVisible();
    await accessible(office);
    await office.getByLabel("Listen hochladen, prüfen").uncheck();
    await office.getByLabel("Einwohnerinnen und Einwohner suchen").uncheck();
    await office.getByRole("button", { name: "Speichern" }).click();
    await expect(office.getByText("Gespeichert")).toBeVisible();
    // at the clerk's next click
    await clerk.reload();
    await expect(clerk.getByText("nicht für Sie freigegeben")).toBeVisible();
    await expect(clerk.getByRole("link", { name: "Einwohner", exact: true })).toHaveCount(0);
    // a role of the town's own
    await office.goto(`${portal.url}/verwaltung/team/rollen`);
    await office.getByLabel("Name der Rolle").fill("Standesamt");
    await office.getByLabel("Rechte zu Beginn wie").selectOption({ label: "Sachbearbeitung" });
    await office.getByRole("button", { name: "Rolle anlegen" }).click();
    await expect(office.getByRole("heading", { name: "Rolle: Standesamt" })).toBeVisible();
    await office.goto(`${portal.url}/verwaltung/team`);
    await expect(office.locator("#role").getByRole("option", { name: "Standesamt" })).toHaveCount(1);
    await office.goto(`${portal.url}/verwaltung/team/rollen/clerk`);
    await office.getByRole("button", { name: "Auf den Ausgangszustand" }).click();
    await clerk.reload();
    await expect(clerk.getByRole("link", { name: "Einwohner", exact: true })).toBeVisible();
  });
});
