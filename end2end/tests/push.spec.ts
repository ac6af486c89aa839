// Notifications: switched on in the browser, sent by the portal to a push service of this test, opened with the browser's keys,
// shown by the service worker, switched off again; and what a browser reads that cannot, may not or has no script.
import { type Browser, type BrowserContext, type Page, expect, test } from "@playwright/test";
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from "node:crypto";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Portal, accessible, fits, output, signIn, startPortal, textOf, watch } from "./portal";

const PHONE = { viewport: { width: 390, height: 844 }, locale: "de-DE" };
const PASSWORD = "grüner Tee um vier";

type Got = { path: string; headers: Record<string, string | string[] | undefined>; body: Buffer };
type Sink = { origin: string; got: Got[]; status: number; server: Server };

/** A push service that keeps what it gets. */
async function startSink(): Promise<Sink> {
  const sink: Sink = { origin: "", got: [], status: 201, server: createServer() };
  sink.server.on("request", (request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", () => {
      sink.got.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(pieces) });
      response.writeHead(sink.status).end();
    });
  });
  await new Promise<void>((done) => sink.server.listen(0, "127.0.0.1", done));
  sink.origin = `http://127.0.0.1:${(sink.server.address() as AddressInfo).port}`;
  return sink;
}

/** The keys that a browser would make. */
class Keys {
  private readonly pair = createECDH("prime256v1");
  readonly auth = randomBytes(16);
  readonly p256dh = this.pair.generateKeys();

  /** RFC 8291: what the browser does before the service worker sees the message. */
  open(body: Buffer): string {
    const salt = body.subarray(0, 16);
    expect(body.readUInt32BE(16)).toBe(4096);
    expect(body[20]).toBe(65);
    const theirs = body.subarray(21, 86);
    const shared = this.pair.computeSecret(theirs);
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), this.p256dh, theirs]);
    const secret = Buffer.from(hkdfSync("sha256", shared, this.auth, info, 32));
    const key = Buffer.from(hkdfSync("sha256", secret, salt, "Content-Encoding: aes128gcm\0", 16));
    const nonce = Buffer.from(hkdfSync("sha256", secret, salt, "Content-Encoding: nonce\0", 12));
    const decipher = createDecipheriv("aes-128-gcm", key, nonce);
    decipher.setAuthTag(body.subarray(-16));
    const plain = Buffer.concat([decipher.update(body.subarray(86, -16)), decipher.final()]);
    const end = plain.lastIndexOf(2);
    expect(plain.subarray(end + 1).every((byte) => byte === 0)).toBe(true);
    return plain.subarray(0, end).toString("utf8");
  }
}

/** The claims, if the signature of the town holds (RFC 8292). */
function claims(got: Got): { aud: string; exp: number; sub: string } {
  const [, token, key] = /^vapid t=([^,]+), k=(\S+)$/.exec(String(got.headers.authorization))!;
  const [head, body, signature] = token.split(".");
  const point = Buffer.from(key, "base64url");
  const part = (from: number) => point.subarray(from, from + 32).toString("base64url");
  const publicKey = createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x: part(1), y: part(33) } });
  expect(verify("sha256", Buffer.from(`${head}.${body}`), { key: publicKey, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"))).toBe(true);
  return JSON.parse(Buffer.from(body, "base64url").toString());
}

/** A browser whose push service is the sink; what it subscribed to outlives a reload, as in a real one. */
async function listens(context: BrowserContext, sink: Sink, keys: Keys, name: string): Promise<void> {
  const given = { endpoint: `${sink.origin}/push/${name}`, keys: { p256dh: keys.p256dh.toString("base64url"), auth: keys.auth.toString("base64url") } };
  await context.addInitScript((given) => {
    const subscription = {
      endpoint: given.endpoint,
      toJSON: () => ({ ...given, expirationTime: null }),
      unsubscribe: async () => {
        localStorage.removeItem("test-subscribed");
        return true;
      },
    };
    PushManager.prototype.getSubscription = async () => (localStorage.getItem("test-subscribed") ? (subscription as unknown as PushSubscription) : null);
    PushManager.prototype.subscribe = async (options) => {
      const key = options?.applicationServerKey as Uint8Array;
      if (!options?.userVisibleOnly || key.length !== 65 || key[0] !== 4) throw new Error("not what a browser takes");
      localStorage.setItem("test-subscribed", "yes");
      return subscription as unknown as PushSubscription;
    };
  }, given);
}

async function resident(context: BrowserContext, portal: Portal, letter: number): Promise<Page> {
  const page = await context.newPage();
  const userId = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(textOf(portal.letters, letter))![0];
  await page.goto(`${portal.url}/registrieren`);
  await page.locator("[name=benutzer_id]").fill(userId);
  await page.getByRole("main").getByRole("button", { name: "Weiter" }).click();
  await page.locator("[name=password]").fill(PASSWORD);
  await page.locator("[name=consent]").check();
  await page.getByRole("main").locator("button[type=submit]").last().click();
  await expect(page).toHaveURL(/\/konto/);
  return page;
}

/** Writes to the town hall; gives the number of the case. */
async function writes(page: Page, portal: Portal, about: string): Promise<string> {
  await page.goto(`${portal.url}/konto/nachricht`);
  await page.getByLabel("Worum geht es?").fill(about);
  await page.getByLabel("Ihre Nachricht").fill("Die Lampe an der Ecke ist dunkel.");
  await page.getByRole("button", { name: "Nachricht senden" }).click();
  await expect(page.getByText("Wir haben Ihre Angaben bekommen")).toBeVisible();
  return /V-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(await page.locator("main").innerText())![0];
}

/** A clerk answers the case with this number. */
async function answers(browser: Browser, portal: Portal, number: string): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, locale: "de-DE" });
  const desk = await context.newPage();
  await signIn(desk, portal, portal.staff.clerk);
  await expect(desk).toHaveURL(/\/verwaltung/);
  await desk.goto(`${portal.url}/verwaltung/nachrichten?art=message`);
  await desk.locator("tr").filter({ hasText: number }).locator("[data-row]").click();
  await desk.getByText("Nachricht schreiben, ohne").click();
  await desk.locator("#nachricht").fill("Wir kommen am Montag.");
  await desk.getByRole("button", { name: "Nachricht senden" }).click();
  await expect(desk.getByText("Wir kommen am Montag.").last()).toBeVisible();
  await context.close();
}

/** Gives a message to the service worker, as the push service would. */
async function deliver(page: Page, portal: Portal, data: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const found = new Promise<string>((done) => {
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const own = registrations.find((r) => r.scopeURL.startsWith(portal.url) && !r.isDeleted);
      if (own) done(own.registrationId);
    });
  });
  await session.send("ServiceWorker.enable");
  await session.send("ServiceWorker.deliverPushMessage", { origin: portal.url, registrationId: await found, data });
  await session.detach();
}

const shown = (page: Page) =>
  page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((n) => ({ title: n.title, body: n.body, tag: n.tag, data: n.data })));

for (const kind of ["sqlite", "postgres"] as const) {
  test.describe(kind, () => {
    test.describe.configure({ mode: "serial" });
    let portal: Portal;
    let sink: Sink;
    test.beforeAll(async () => {
      sink = await startSink();
      portal = await startPortal(kind, { STADTBRIEF_PUSH_SERVICES: sink.origin });
    });
    test.afterAll(async () => {
      await portal?.stop();
      sink?.server.close();
    });

    test("a device is told of news, and forgotten when its owner signs out", async ({ browser }) => {
      test.setTimeout(120_000);
      const keys = new Keys();
      const context = await browser.newContext(PHONE);
      await context.grantPermissions(["notifications"], { origin: portal.url });
      await listens(context, sink, keys, "phone");
      const phone = await resident(context, portal, 1);
      const complaints = watch(phone);
      await phone.goto(`${portal.url}/konto`);
      const part = phone.getByRole("region", { name: "Mitteilungen auf Ihren Geräten" });
      await expect(part.getByText("Auf diesem Gerät sind Mitteilungen ausgeschaltet.")).toBeVisible();
      await accessible(phone);
      await fits(phone);
      await part.getByRole("button", { name: "Auf diesem Gerät einschalten" }).click();
      await expect(part.getByText("Auf diesem Gerät sind Mitteilungen eingeschaltet.")).toBeVisible();
      await expect(part.getByText("dieses Gerät", { exact: true })).toBeVisible();
      await expect(part.getByRole("button", { name: "Auf diesem Gerät einschalten" })).toBeHidden();
      await accessible(phone);
      await fits(phone);
      await phone.screenshot({ path: join(output, `push-${kind}-on.png`), fullPage: true });

      const number = await writes(phone, portal, "Lampe");
      expect(sink.got).toHaveLength(0);
      await answers(browser, portal, number);
      await expect.poll(() => sink.got.length, { timeout: 15_000 }).toBe(1);
      const got = sink.got.pop()!;
      expect(got.path).toBe("/push/phone");
      expect(got.headers["content-encoding"]).toBe("aes128gcm");
      expect(Number(got.headers.ttl)).toBeGreaterThan(0);
      const signed = claims(got);
      expect(signed.aud).toBe(sink.origin);
      expect(signed.sub).toBe(portal.url);
      expect(signed.exp).toBeLessThan(Date.now() / 1000 + 24 * 60 * 60);
      const message = keys.open(got.body);
      expect(JSON.parse(message)).toEqual({ kind: "own-case", text: "Neues zu Ihrem Vorgang", lang: "de", n: 1, path: "/konto/vorgaenge" });

      // the browser hands it to the service worker, which shows it; twice is once
      await deliver(phone, portal, message);
      await deliver(phone, portal, message);
      await expect.poll(() => shown(phone)).toEqual([{ title: "Neues zu Ihrem Vorgang", body: "", tag: "own-case", data: { path: "/konto/vorgaenge" } }]);
      // a message that cannot be read is shown too: browsers ask for that
      await deliver(phone, portal, "?");
      await expect.poll(async () => (await shown(phone)).map((n) => n.title)).toEqual(["Neues im Bürgerportal"]);

      // the case was looked at: neither number nor notification is left
      await phone.goto(`${portal.url}/konto/vorgaenge`);
      await expect(phone.locator("h1")).toHaveAttribute("data-news", "1");
      await phone.getByRole("main").getByRole("link", { name: "Nachricht an das Rathaus" }).click();
      await expect(phone.getByText("Wir kommen am Montag.")).toBeVisible();
      await phone.goto(`${portal.url}/konto/vorgaenge`);
      await expect(phone.locator("h1")).toHaveAttribute("data-news", "0");
      await expect.poll(() => shown(phone)).toEqual([]);

      // the copy of the own data names the device
      const json = await (await phone.request.get(`${portal.url}/konto/daten/meine-daten.json`)).json();
      expect(json.notified).toHaveLength(1);

      // signing out switches it off, in the portal and, at the next visit, in the browser
      await phone.goto(`${portal.url}/konto`);
      await phone.getByRole("button", { name: "Abmelden", exact: true }).first().click();
      await expect(phone).toHaveURL(`${portal.url}/`);
      await answers(browser, portal, number);
      expect((await context.cookies()).filter((c) => c.name === "geraet")).toEqual([]);
      // a job that was enqueued would have run by now
      await phone.waitForTimeout(3_000);
      expect(sink.got).toHaveLength(0);
      expect(complaints).toEqual([]);
      // neither addresses nor keys are in the log
      expect(portal.log()).not.toContain("/push/phone");
      await context.close();
    });

    test("a device is removed without JavaScript, and by the push service", async ({ browser }) => {
      test.setTimeout(120_000);
      const context = await browser.newContext(PHONE);
      await context.grantPermissions(["notifications"], { origin: portal.url });
      await listens(context, sink, new Keys(), "tablet");
      const tablet = await resident(context, portal, 2);
      const on = async () => {
        await tablet.goto(`${portal.url}/konto`);
        await tablet.getByRole("button", { name: "Auf diesem Gerät einschalten" }).click();
        await expect(tablet.getByText("Auf diesem Gerät sind Mitteilungen eingeschaltet.")).toBeVisible();
      };
      await on();

      // the same session in a browser without script
      const plain = await browser.newContext({ ...PHONE, javaScriptEnabled: false, storageState: await context.storageState() });
      const page = await plain.newPage();
      await page.goto(`${portal.url}/konto`);
      await expect(page.getByRole("button", { name: "Auf diesem Gerät einschalten" })).toBeHidden();
      await page.getByRole("button", { name: /^Ausschalten: / }).click();
      await expect(page).toHaveURL(/\/konto#mitteilungen$/);
      await expect(page.getByRole("button", { name: /^Ausschalten: / })).toHaveCount(0);
      await plain.close();

      // gone: the browser does not listen any more
      await on();
      const number = await writes(tablet, portal, "Bank");
      sink.got.length = 0;
      sink.status = 410;
      await answers(browser, portal, number);
      await expect.poll(() => sink.got.length, { timeout: 15_000 }).toBe(1);
      sink.status = 201;
      await expect
        .poll(async () => {
          await tablet.goto(`${portal.url}/konto`);
          return tablet.getByRole("button", { name: /^Ausschalten: / }).count();
        })
        .toBe(0);
      await expect(tablet.getByText("Auf diesem Gerät sind Mitteilungen ausgeschaltet.")).toBeVisible();
      expect(await tablet.evaluate(() => localStorage.getItem("test-subscribed"))).toBeNull();
      await context.close();
    });

    test("a browser that cannot, may not, or has another service reads what to do", async ({ browser }) => {
      const context = await browser.newContext(PHONE);
      await resident(context, portal, 3);
      const state = await context.storageState();
      await context.close();
      const visit = async (script: () => void): Promise<Page> => {
        const other = await browser.newContext({ ...PHONE, storageState: state });
        await other.grantPermissions(["notifications"], { origin: portal.url });
        await other.addInitScript(script);
        const fresh = await other.newPage();
        await fresh.goto(`${portal.url}/konto`);
        return fresh;
      };
      const cannot = await visit(() => Reflect.deleteProperty(window, "PushManager"));
      await expect(cannot.getByText("Dieser Browser kann keine Mitteilungen zeigen.")).toBeVisible();
      await expect(cannot.getByRole("button", { name: "Auf diesem Gerät einschalten" })).toBeHidden();
      await accessible(cannot);
      await cannot.context().close();

      const denied = await visit(() => Object.defineProperty(Notification, "permission", { get: () => "denied" }));
      await expect(denied.getByText("In diesem Browser sind Mitteilungen für das Portal verboten.")).toBeVisible();
      await accessible(denied);
      await denied.context().close();

      const offline = await visit(() => {
        PushManager.prototype.subscribe = async () => Promise.reject(new DOMException("no service", "AbortError"));
      });
      await offline.getByRole("button", { name: "Auf diesem Gerät einschalten" }).click();
      const sentence = offline.getByText("Das hat nicht geklappt: Der Browser hat keine Verbindung");
      await expect(sentence).toBeFocused();
      await expect(offline.getByRole("button", { name: "Auf diesem Gerät einschalten" })).toBeVisible();
      await offline.context().close();

      const keys = new Keys();
      const elsewhere = await browser.newContext({ ...PHONE, storageState: state });
      await elsewhere.grantPermissions(["notifications"], { origin: portal.url });
      await listens(elsewhere, { ...sink, origin: "https://push.evil.example" }, keys, "x");
      const stranger = await elsewhere.newPage();
      await stranger.goto(`${portal.url}/konto`);
      await stranger.getByRole("button", { name: "Auf diesem Gerät einschalten" }).click();
      await expect(stranger.getByRole("alert").getByRole("link", { name: /einen Dienst, den dieses Portal nicht kennt/ })).toBeVisible();
      await expect(stranger.getByRole("button", { name: /^Ausschalten: / })).toHaveCount(0);
      await accessible(stranger);
      await elsewhere.close();
    });
  });
}
