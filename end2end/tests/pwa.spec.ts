// The installed app: manifest, what is kept for the second visit, a new version under an open tab, scanning without a
// network.
import { type Browser, type BrowserContext, type Page, chromium, expect, test } from "@playwright/test";
import { createServer, request as forward } from "node:http";
import { type AddressInfo } from "node:net";
import { gunzipSync, brotliDecompressSync } from "node:zlib";
import { type Portal, accessible, cameraVideo, launch, picture, ready, startPortal, watch } from "./portal";

let portal: Portal;
test.beforeAll(async () => {
  portal = await startPortal();
});
test.afterAll(async () => portal.stop());

/** Waits until the service worker controls the page and has kept what it keeps. */
async function controlled(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller)));
}

/** What waits in the browser's storage. */
const stored = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<unknown>((done) => {
        const open = indexedDB.open("stadtbrief", 1);
        open.onupgradeneeded = () => open.result.createObjectStore("waiting");
        open.onsuccess = () => {
          const request = open.result.transaction("waiting").objectStore("waiting").get("code");
          request.onsuccess = () => {
            const found = request.result;
            open.result.close();
            done(found && { names: Object.keys(found).sort(), extractable: found.key.extractable, bytes: Array.from(new Uint8Array(found.sealed)) });
          };
        };
      }),
  );

/** Puts the time of what waits into the past. */
const age = (page: Page, hours: number) =>
  page.evaluate(
    (hours) =>
      new Promise<void>((done) => {
        const open = indexedDB.open("stadtbrief", 1);
        open.onsuccess = () => {
          const all = open.result.transaction("waiting", "readwrite").objectStore("waiting");
          const request = all.get("code");
          request.onsuccess = () => {
            const write = all.put({ ...request.result, at: Date.now() - hours * 3_600_000 }, "code");
            write.onsuccess = () => {
              open.result.close();
              done();
            };
          };
        };
      }),
    hours,
  );

test("the app is installable under the town's name, with icons made from its logo", async ({ browser, request }) => {
  const read = async (language: string) => (await request.get(`${portal.url}/manifest.webmanifest`, { headers: { "accept-language": language } })).json();
  const manifest = await read("de");
  expect(manifest).toMatchObject({ name: "Bürgerportal Lindenau", short_name: "Lindenau", lang: "de", dir: "ltr", display: "standalone", id: "/" });
  expect((await read("en")).name).toBe("Citizen portal Lindenau");
  expect(manifest.icons.map((icon: { purpose: string }) => icon.purpose)).toEqual(["any", "any", "maskable"]);
  for (const { src, sizes } of [...manifest.icons, ...manifest.screenshots]) {
    const answer = await request.get(portal.url + src);
    expect(answer.headers()["content-type"], src).toBe("image/png");
    const png = await answer.body();
    expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`, src).toBe(sizes);
  }
  const page = await (await browser.newContext()).newPage();
  await page.goto(portal.url);
  await controlled(page);
  const devtools = await page.context().newCDPSession(page);
  const { errors } = await devtools.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  // a context of a test is a private window
  expect(installabilityErrors.filter((e) => e.errorId !== "in-incognito")).toEqual([]);
  await page.context().close();
});

test("a second visit loads the page itself and nothing else", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE" });
  const page = await context.newPage();
  await page.goto(`${portal.url}/registrieren`);
  await ready(page);
  await controlled(page);
  const sent: string[] = [];
  context.on("response", (response) => {
    if (!response.fromServiceWorker() && !response.url().endsWith("/sw.js")) sent.push(new URL(response.url()).pathname);
  });
  await page.reload();
  await ready(page);
  expect(sent.filter((path) => path.startsWith("/assets/"))).toEqual([]);
  await context.close();
});

/** Stands for a deployment: the portal as it is, or with other names for all its files, as after a change in each of them. */
async function deployment(url: string): Promise<{ url: string; deploy: () => void; stop: () => void }> {
  let next = false;
  const turned = (text: string) => text.replaceAll(/\.([0-9a-f]{12})\./g, (_, hash: string) => `.${[...hash].reverse().join("")}.`);
  const server = createServer((incoming, answer) => {
    const path = incoming.url ?? "/";
    const headers = { ...incoming.headers, "accept-encoding": "identity" };
    const outgoing = forward(url + (next ? turned(path) : path), { method: incoming.method, headers }, (from) => {
      const pieces: Buffer[] = [];
      from.on("data", (piece) => pieces.push(piece));
      from.on("end", () => {
        let body = Buffer.concat(pieces);
        const coded = from.headers["content-encoding"];
        if (coded === "gzip") body = gunzipSync(body);
        if (coded === "br") body = brotliDecompressSync(body);
        const kind = from.headers["content-type"] ?? "";
        if (next && /html|javascript|css/.test(kind)) {
          body = Buffer.from(turned(body.toString()).replaceAll(/stadtbrief-[0-9a-f]{8}/g, "stadtbrief-00000002"));
        }
        const { "content-encoding": _, "content-length": __, "transfer-encoding": ___, ...kept } = from.headers;
        answer.writeHead(from.statusCode ?? 500, kept);
        answer.end(body);
      });
    });
    incoming.pipe(outgoing);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    deploy: () => (next = true),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test("a new version under an open tab: it goes on working, says so, and is new after a reload", async ({ browser }) => {
  const behind = await deployment(portal.url);
  const context = await browser.newContext({ locale: "de-DE" });
  const page = await context.newPage();
  const complaints = watch(page);
  await page.goto(`${behind.url}/registrieren`);
  await ready(page);
  await controlled(page);
  const before = await page.locator("script[data-app]").getAttribute("src");
  behind.deploy();
  // the files of the old version are gone from the server
  expect((await page.request.get(behind.url + before)).status()).toBe(404);
  await page.evaluate(() => navigator.serviceWorker.ready.then((r) => r.update()));
  const notice = page.getByText("Es gibt eine neue Fassung des Portals.");
  await expect(notice).toBeVisible();
  await accessible(page);
  // the open page still finds what it has not loaded yet: the decoder in its worker
  const decoder = await page.evaluate(async () => {
    const props = document.querySelector("leptos-island[data-component^=Scanner]")!.getAttribute("data-props")!;
    const path = /\/assets\/scanner-worker[^"\\]+/.exec(props)![0];
    return (await fetch(path)).status;
  });
  expect(decoder).toBe(200);
  await page.getByRole("button", { name: "Seite neu laden" }).click();
  await ready(page);
  await expect(notice).toBeHidden();
  const after = await page.locator("script[data-app]").getAttribute("src");
  expect(after).not.toBe(before);
  expect(complaints).toEqual([]);
  await context.close();
  behind.stop();
});

test.describe("without a network", () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  test.beforeAll(async () => {
    const video = cameraVideo(picture(portal.letters, 5, "offline-letter", 300), "offline-camera");
    browser = await chromium.launch(launch(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-video-capture=${video}`]));
    context = await browser.newContext({ locale: "de-DE", viewport: { width: 390, height: 844 }, permissions: ["camera"] });
    page = await context.newPage();
    await page.goto(portal.url);
    await controlled(page);
  });
  test.afterAll(async () => browser.close());

  test("a letter is scanned, its code waits encrypted, and goes on by itself", async () => {
    const complaints = watch(page);
    await context.setOffline(true);
    await page.goto(`${portal.url}/registrieren`);
    await expect(page.getByRole("heading", { name: "Keine Verbindung zum Internet" })).toBeVisible();
    await ready(page);
    await accessible(page);
    await page.screenshot({ path: "output/offline-phone.png", fullPage: true });
    await page.getByRole("button", { name: "Kamera starten" }).click();
    await expect(page.getByRole("heading", { name: "Ein Code wartet auf diesem Gerät" })).toBeVisible({ timeout: 30_000 });
    await expect(page.locator("[data-until]")).toHaveText(/\d\d\.\d\d\.\d\d, \d\d:\d\d/);
    await page.screenshot({ path: "output/offline-waiting-phone.png", fullPage: true });
    const waits = (await stored(page)) as { names: string[]; extractable: boolean; bytes: number[] };
    expect(waits.names).toEqual(["at", "iv", "key", "sealed"]);
    expect(waits.extractable).toBe(false);
    expect(String.fromCharCode(...waits.bytes)).not.toMatch(/^[0-9A-Z]{32}/);
    await context.setOffline(false);
    await expect(page.getByText("Dieser Brief ist für")).toBeVisible({ timeout: 45_000 });
    expect(await stored(page)).toBeUndefined();
    expect(complaints.filter((text) => !/ERR_INTERNET_DISCONNECTED|Failed to load resource/.test(text))).toEqual([]);
  });

  test("a typed code waits, too; after a day it is gone, and a button throws it away at once", async () => {
    await context.setOffline(true);
    await page.goto(`${portal.url}/registrieren`);
    const type = async () => {
      await page.getByRole("textbox", { name: "Benutzer-ID" }).fill(portal.userId);
      await page.getByRole("button", { name: "Weiter", exact: true }).click();
      await expect(page.getByRole("heading", { name: "Ein Code wartet auf diesem Gerät" })).toBeVisible();
    };
    await type();
    await page.getByRole("button", { name: "Code löschen" }).click();
    await expect(page.getByRole("heading", { name: "Ein Code wartet" })).toBeHidden();
    expect(await stored(page)).toBeUndefined();
    await type();
    await age(page, 25);
    await page.goto(`${portal.url}/registrieren`);
    await expect(page.getByRole("heading", { name: "Keine Verbindung zum Internet" })).toBeVisible();
    await expect(page.getByRole("heading", { name: "Ein Code wartet" })).toBeHidden();
    expect(await stored(page)).toBeUndefined();
    await context.setOffline(false);
    // back again: the page says so
    await expect(page.getByText("Die Verbindung ist wieder da")).toBeVisible({ timeout: 45_000 });
  });

  test("the link of a letter, opened by the phone's camera app", async () => {
    const { pathname, hash } = new URL(portal.link);
    await context.setOffline(true);
    await page.goto(portal.url + pathname + hash);
    await expect(page.getByRole("heading", { name: "Ein Code wartet auf diesem Gerät" })).toBeVisible();
    expect(page.url()).not.toContain(hash.slice(1));
    await context.setOffline(false);
    await expect(page.getByText("Dieser Brief ist für")).toBeVisible({ timeout: 45_000 });
    expect(await stored(page)).toBeUndefined();
  });
});

test("the page without a network speaks the chosen language", async ({ browser }) => {
  const context = await browser.newContext({ locale: "de-DE" });
  const page = await context.newPage();
  await page.goto(portal.url);
  await controlled(page);
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect.poll(() => page.evaluate(async () => (await caches.match("/language"))?.text())).toBe("en");
  await context.setOffline(true);
  await page.goto(`${portal.url}/hilfe`);
  await expect(page.getByRole("heading", { name: "No internet connection" })).toBeVisible();
  await context.close();
});
