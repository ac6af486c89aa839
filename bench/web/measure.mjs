// Lighthouse (mobile, simulated slow 4G) on the release binary with the demo municipality: start, registration, sign-in, and the
// account page of a resident who has just redeemed a letter. Figures are medians.
//   STADTBRIEF_BINARY=… node measure.mjs [--runs N] [--json FILE] [--only PATH]
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const words = process.argv.slice(2);
const after = (name) => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
const runs = Number(after("--runs") ?? 3);
const json = after("--json");
const binary = process.env.STADTBRIEF_BINARY;
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(chromium)) {
  console.log(`lighthouse: ${chromium} is missing (apt-get install chromium; CHROMIUM names another one)`);
  process.exit(0);
}

const median = (figures) => [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The binary with the demo, as a browser on this machine sees it. */
async function startPortal() {
  const folder = mkdtempSync(join(tmpdir(), "stadtbrief-bench-web-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const env = { ...process.env, STADTBRIEF_DATA: join(folder, "data"), STADTBRIEF_LISTEN: `127.0.0.1:${port}`, STADTBRIEF_BASE_URL: url, STADTBRIEF_LOG_LEVEL: "warn" };
  const demo = execFileSync(binary, ["demo"], { env, encoding: "utf8" });
  const child = spawn(binary, ["serve"], { env, stdio: "inherit" });
  const stop = () => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  for (let i = 0; i < 100; i++) {
    if (await fetch(`${url}/health`).then((r) => r.ok, () => false)) return { url, code: /one of them: +\S+#(\S+)/.exec(demo)[1], stop };
    await pause(100);
  }
  stop();
  throw new Error("the portal does not start");
}

/** Redeems a letter with the plain form; the session cookie. */
async function register({ url, code }) {
  const answer = await fetch(`${url}/registrieren/konto`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: url, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ code, password: "grüner Tee um vier", consent: "1" }),
  });
  if (answer.status !== 303) throw new Error(`no account: ${answer.status}`);
  return answer.headers.get("set-cookie").split(";")[0];
}

const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const kept = [];

/** One run of Lighthouse; a recording that failed is made again. */
async function run(chrome, url, cookie, warm, tries = 3) {
  const result = await lighthouse(url, {
    port: chrome.port,
    logLevel: "error",
    locale: "en-US",
    disableStorageReset: warm,
    onlyCategories: ["performance", "accessibility", "best-practices", "seo"],
    ...(cookie ? { extraHeaders: { Cookie: cookie } } : {}),
  });
  const failure = result.lhr.runtimeError;
  if (failure && tries > 1) return run(chrome, url, cookie, warm, tries - 1);
  if (failure) throw new Error(`${url}: ${failure.message}`);
  kept.push(result.lhr);
  return result.lhr;
}

/** What an audit complains about: the elements or addresses that it names. */
function named(audit) {
  const items = (audit.details?.items ?? []).flatMap((item) => item.items ?? item.subItems?.items ?? [item]);
  const texts = items.map((item) => {
    const node = item.node ?? (item.type === "node" ? item : undefined);
    const source = item.source?.url ?? item.sourceLocation?.url;
    const figures = ["wastedMs", "wastedBytes", "total", "duration"].filter((k) => typeof item[k] === "number").map((k) => `${k} ${Math.round(item[k])}`);
    const said = [node?.snippet, item.url, source, item.description, item.label, item.reason].filter((text) => typeof text === "string");
    return [...new Set(said), ...figures].join(" ");
  });
  return [...new Set(texts.filter(Boolean))].slice(0, 6);
}

/** Audits that take points, or (performance) would save something; by category. */
function failed(lhr) {
  const lines = [];
  for (const category of Object.values(lhr.categories)) {
    if (category.score === 1) continue;
    for (const { id, weight, group } of category.auditRefs) {
      const audit = lhr.audits[id];
      const scored = audit.score !== null && audit.score < (group === "metrics" ? 0.995 : 0.9);
      if (!scored || group === "hidden" || (weight === 0 && category.id !== "performance")) continue;
      const value = audit.displayValue ? ` (${audit.displayValue})` : "";
      lines.push(`    ${category.id}: ${id}: ${audit.title}${value}`);
      for (const text of named(audit)) lines.push(`      ${text.slice(0, 200)}`);
    }
  }
  return lines;
}

/** What is sent, by kind; the largest thing that is drawn; what moves. */
function pieces(lhr) {
  const sums = {};
  for (const { resourceType, mimeType, transferSize } of lhr.audits["network-requests"].details.items) {
    const kind = mimeType === "application/wasm" ? "WebAssembly" : (resourceType ?? "Other").toLowerCase();
    sums[kind] = (sums[kind] ?? 0) + transferSize;
  }
  const sorted = Object.entries(sums).sort((a, b) => b[1] - a[1]);
  const largest = named(lhr.audits["largest-contentful-paint-element"])[0] ?? "?";
  const shifts = (lhr.audits["layout-shifts"].details?.items ?? []).filter((item) => item.node && item.score >= 0.001);
  return [
    `    bytes: ${sorted.map(([kind, bytes]) => `${kind} ${bytes}`).join(", ")}`,
    `    largest: ${largest}`,
    ...shifts.map((item) => `    moves by ${item.score.toFixed(3)}: ${item.node.snippet}`),
  ];
}

const portal = await startPortal();
let chrome;
try {
  const cookie = await register(portal);
  chrome = await launch({ chromePath: chromium, chromeFlags: flags, ignoreDefaultFlags: false });
  const pages = [
    ["start", "/"],
    ["registration", "/registrieren"],
    ["sign-in", "/anmelden"],
    ["account", "/konto", cookie],
  ].filter(([, path]) => !words.includes("--only") || path === after("--only"));
  const figure = (lhr, id) => lhr.audits[id].numericValue;
  console.log(`lighthouse, mobile, simulated slow 4G, medians of ${runs} runs; second visit: cache and service worker are warm`);
  console.log("                  perf.  access.  best pr.  SEO    LCP ms  TBT ms    CLS     bytes   second visit: perf.  LCP ms  TBT ms");
  const complaints = [];
  for (const [name, path, session] of pages) {
    const cold = [];
    const warm = [];
    for (let i = 0; i < runs; i++) cold.push(await run(chrome, portal.url + path, session, false));
    // the last of them has filled the cache and begun the service worker
    await pause(2000);
    for (let i = 0; i < runs; i++) warm.push(await run(chrome, portal.url + path, session, true));
    const all = (list, id) => median(list.map((lhr) => figure(lhr, id)));
    const score = (list, id) => Math.round(100 * median(list.map((lhr) => lhr.categories[id].score)));
    const cells = [
      name.padEnd(14),
      ...["performance", "accessibility", "best-practices", "seo"].map((id) => String(score(cold, id)).padStart(8)),
      all(cold, "largest-contentful-paint").toFixed(0).padStart(9),
      all(cold, "total-blocking-time").toFixed(0).padStart(7),
      all(cold, "cumulative-layout-shift").toFixed(3).padStart(7),
      all(cold, "total-byte-weight").toFixed(0).padStart(9),
      String(score(warm, "performance")).padStart(20),
      all(warm, "largest-contentful-paint").toFixed(0).padStart(7),
      all(warm, "total-blocking-time").toFixed(0).padStart(7),
    ];
    console.log(`  ${cells.join(" ")}`);
    const lhr = cold.at(-1);
    complaints.push(`  ${name} (${path}):`, ...pieces(lhr), ...failed(lhr));
  }
  console.log("what is sent and drawn, and each audit that takes points or would save time (last run):");
  for (const line of complaints) console.log(line);
  if (json) writeFileSync(json, JSON.stringify(kept));
} finally {
  await chrome?.kill();
  portal.stop();
}
