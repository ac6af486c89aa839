// Starts the real binary on a fresh store with the demo municipality, and the helpers that all specs share.
import { type BrowserContext, type LaunchOptions, type Page, expect } from "@playwright/test";
import AxeBuilder from "@axe-core/playwright";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = process.env.STADTBRIEF_BINARY ?? join(__dirname, "../../target/release/stadtbrief");
export const output = join(__dirname, "../output");
mkdirSync(output, { recursive: true });

export function launch(args: string[] = []): LaunchOptions {
  return {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", ...args],
  };
}

export type Staff = { email: string; password: string };

export type Portal = {
  url: string;
  folder: string;
  staff: Record<"administrator" | "registry_officer" | "letter_officer" | "clerk", Staff>;
  letters: string;
  link: string;
  userId: string;
  log: () => string;
  stop: () => Promise<void>;
};

export async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** A portal with the demo municipality, on SQLite or on a fresh database of the PostgreSQL server of the tests; `more` is more configuration. */
export async function startPortal(kind: "sqlite" | "postgres" = "sqlite", more: NodeJS.ProcessEnv = {}): Promise<Portal> {
  const folder = mkdtempSync(join(tmpdir(), "stadtbrief-e2e-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const env: NodeJS.ProcessEnv = { ...process.env, STADTBRIEF_DATA: join(folder, "data"), STADTBRIEF_LISTEN: `127.0.0.1:${port}`, STADTBRIEF_BASE_URL: url, STADTBRIEF_LOG_LEVEL: "debug", ...more };
  if (kind === "postgres") {
    const server = process.env.TEST_POSTGRES_URL;
    if (!server) throw new Error("TEST_POSTGRES_URL is not set: use `cargo xtask test`");
    const name = `e2e_${process.pid}_${port}`;
    execFileSync("psql", [server, "-qc", `CREATE DATABASE ${name}`]);
    env.STADTBRIEF_DATABASE = server.replace(/\/[^/]*$/, `/${name}`);
  }
  const demo = execFileSync(binary, ["demo"], { env, encoding: "utf8" });
  const staff = {} as Portal["staff"];
  for (const [, role, email, password] of demo.matchAll(/^ {2}(\w+) +(\S+@\S+) +(\S+)$/gm)) staff[role as keyof Portal["staff"]] = { email, password };
  let log = "";
  const child: ChildProcess = spawn(binary, ["serve"], { env });
  child.stderr?.on("data", (piece) => (log += piece));
  for (let i = 0; ; i++) {
    const healthy = await fetch(`${url}/health`).then((r) => r.ok, () => false);
    if (healthy) break;
    if (i > 100) throw new Error(`the portal does not start:\n${log}`);
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    url,
    folder,
    staff,
    letters: /Tettau: (.*)$/m.exec(demo)![1],
    link: /one of them: +(\S+)/.exec(demo)![1],
    userId: /another user ID: +(\S+)/.exec(demo)![1],
    log: () => log,
    stop: async () => {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Fails the test on anything that the console or the page complains about. */
export function watch(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // refused forms come back with 422, and Chromium reports that as a failed resource
    const bad = message.type() === "error" || (message.type() === "warning" && /island|hydrat|unreachable/i.test(message.text()));
    if (bad && !/status of 4\d\d/.test(message.text())) complaints.push(message.text());
  });
  return complaints;
}

/** Waits until the islands of the page work. */
export async function ready(page: Page): Promise<void> {
  await expect(page.locator("html")).toHaveAttribute("data-ready", "true");
}

export async function signIn(page: Page, portal: Portal, who: Staff): Promise<void> {
  await page.goto(`${portal.url}/anmelden`);
  await page.getByLabel("E-Mail-Adresse oder Brief-Nummer").fill(who.email);
  await page.getByLabel("Passwort", { exact: true }).fill(who.password);
  await page.getByRole("main").getByRole("button", { name: "Anmelden", exact: true }).click();
}

/** axe finds nothing, by the rules of WCAG 2.2 AA. */
export async function accessible(page: Page): Promise<void> {
  // a sentence that is missing shows its key
  expect(await page.locator("body").innerText(), page.url()).not.toMatch(
    /\b(absence|account|age-band|ballot|chart|columns|density|export|palette|comments?|dash|idea|ideas|moderation|percent|question|report|secrecy|surveys?|talk|vote|actor|answers|applied|by-mail|case|decisive|document|entry|factors?|field|forgotten|id-picture|inbox|not-me|own-cases|own-data|passkeys?|picture|profile|proof|push|recovery|second|security|service|task|teams|audit|batch|column|confidence|consequences|dash|delete|evidence|fate|fault|finding|first|help|letters?|level|list|lists|method|nav|note|notice|market|plan|preview|privacy|problem|refusal|removal|residents?|permission|role|roles|rows?|rule|scan|sessions?|settings|severity|staff|start|user-id)-[a-z]/,
  );
  const found = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  const text = found.violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `  ${n.html}\n  ${n.failureSummary}`).join("\n")}`).join("\n");
  expect(text, page.url()).toBe("");
}

/** Nothing sticks out to the right. */
export async function fits(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over, `${page.url()} is ${over} px too wide`).toBeLessThanOrEqual(0);
}

/** The front of a letter as a picture. */
export function picture(pdf: string, letter: number, name: string, dpi = 150): string {
  const base = join(output, name);
  const page = 2 * letter - 1;
  execFileSync("pdftoppm", ["-r", String(dpi), "-png", "-singlefile", "-f", String(page), "-l", String(page), pdf, base]);
  return `${base}.png`;
}

/** The text of the front of a letter: each has a back page. */
export function textOf(pdf: string, letter: number): string {
  const page = 2 * letter - 1;
  return execFileSync("pdftotext", ["-layout", "-f", String(page), "-l", String(page), pdf, "-"], { encoding: "utf8" });
}

/** A video that shows the middle of a letter, as a phone sees it, for Chromium's fake camera. */
export function cameraVideo(letter: string, name: string): string {
  const file = join(output, `${name}.mjpeg`);
  // the part with the code, a little turned, on a grey table
  const filter = "crop=iw*0.5:ih*0.22:iw*0.09:ih*0.44,rotate=0.06:c=gray:ow=rotw(0.06):oh=roth(0.06),scale=600:-2,pad=640:480:(ow-iw)/2:(oh-ih)/2:gray,format=yuvj420p";
  execFileSync("ffmpeg", ["-y", "-loglevel", "error", "-loop", "1", "-i", letter, "-vf", filter, "-t", "1", "-r", "10", "-c:v", "mjpeg", "-q:v", "3", file]);
  return file;
}

/** The newest mail in the mail folder; empty if there is none. */
export function newestMail(portal: Portal): string {
  const folder = join(portal.folder, "data/mail");
  if (!existsSync(folder)) return "";
  const mails = readdirSync(folder).map((name) => join(folder, name)).filter((file) => file.endsWith(".eml"));
  const newest = mails.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  return newest ? readFileSync(newest, "utf8").replace(/=\r?\n/g, "").replace(/=3D/g, "=") : "";
}

/** An administrator's page invites a member of staff, who chooses a password by the link of the mail. */
export async function invite(office: Page, portal: Portal, name: string, email: string, role: string, password: string): Promise<void> {
  await office.goto(`${portal.url}/verwaltung/team`);
  await office.getByLabel("Name", { exact: true }).fill(name);
  await office.locator("#email").fill(email);
  await office.locator("#role").selectOption(role);
  await office.locator("button[value=neu]").click();
  await expect(office.getByText(email)).toBeVisible();
  let link: string | undefined;
  await expect.poll(() => (link = /https?:\/\/\S+einladung\S+/.exec(newestMail(portal))?.[0]), { timeout: 15_000 }).toBeTruthy();
  const invited = await office.context().browser()!.newContext({ locale: "de-DE" });
  const page = await invited.newPage();
  await page.goto(link!);
  await page.locator("#password").fill(password);
  await page.getByRole("main").locator("button[type=submit]").click();
  await expect(page).toHaveURL(/anmelden/);
  await invited.close();
}

export async function noCookies(context: BrowserContext): Promise<void> {
  expect(await context.cookies()).toEqual([]);
}
