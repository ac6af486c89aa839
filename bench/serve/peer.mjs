// The start page with Express, EJS and SQLite, as one would write it: settings and session are read for every request. Prints
// `ready`, or why it cannot run. Settings, texts and the session that it makes are told by `bench serve`.
import cluster from "node:cluster";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const { PORT, WORKERS, STORE, SETTINGS, TEXTS, SESSION } = process.env;
const hashed = (token) => createHash("sha256").update(token).digest();

/** better-sqlite3, whose module must have been made for this machine; else the SQLite that Node brings along since 22.5. */
async function open() {
  try {
    const { default: Database } = await import("better-sqlite3");
    return new Database(STORE);
  } catch (missing) {
    try {
      const { DatabaseSync } = await import("node:sqlite");
      return new DatabaseSync(STORE);
    } catch {
      console.log(String(missing.message ?? missing).split("\n")[0]);
      process.exit(0);
    }
  }
}

/** The texts of the portal: keys, values with `{ $name }`, continued on lines that begin with blanks. */
function texts() {
  const all = new Map();
  for (const file of readdirSync(TEXTS).filter((name) => name.endsWith(".ftl"))) {
    let key;
    for (const line of readFileSync(join(TEXTS, file), "utf8").split("\n")) {
      const begun = /^([\w-]+) = ?(.*)$/.exec(line);
      if (begun) all.set((key = begun[1]), begun[2]);
      else if (key && /^ +\S/.test(line)) all.set(key, `${all.get(key)}\n${line.trim()}`.trim());
      else key = undefined;
    }
  }
  return all;
}

async function serve() {
  const { default: express } = await import("express");
  const { default: compression } = await import("compression");
  const db = await open();
  const settingsRow = db.prepare("SELECT value, version FROM settings WHERE id = 1");
  const sessionRow = db.prepare(
    "SELECT a.id, a.display_name FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.hash = ? AND s.expires_at > ? AND a.state = 'active'",
  );
  const known = texts();
  const t = (key, values) => {
    const text = known.get(key) ?? key;
    return values ? text.replace(/\{ \$(\w+) \}/g, (_, name) => values[name] ?? "") : text;
  };
  const asset = (name) => `/assets/${name.replace(".", ".0123456789ab.")}`;
  const languages = [["de", "Deutsch"], ["en", "English"]];
  const footer = [["/hilfe", "nav-help"], ["/nutzungsbedingungen", "nav-terms"], ["/datenschutz", "nav-privacy"], ["/barrierefreiheit", "nav-accessibility"], ["/impressum", "nav-imprint"]];
  const headers = {
    "cache-control": "private, no-store",
    "content-security-policy":
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; media-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  };
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("views", new URL("express", import.meta.url).pathname);
  app.set("view engine", "ejs");
  app.set("view cache", true);
  app.use(compression());
  app.use((request, response, next) => {
    response.set(headers);
    const { value, version } = settingsRow.get();
    const token = /(?:^|; )stadtbrief=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
    const who = token && sessionRow.get(hashed(token), new Date().toISOString());
    Object.assign(response.locals, { settings: JSON.parse(value), version, who, t, asset, languages, footer, path: request.path });
    next();
  });
  app.get("/", (_, response) => {
    const s = response.locals.settings;
    const contact = [s.sender, s.department, s.street, `${s.postcode} ${s.city}`, s.opening_hours].filter(Boolean);
    response.render("start", { contact });
  });
  app.listen(Number(PORT), "127.0.0.1", () => process.send("listening"));
}

if (cluster.isPrimary) {
  const db = await open();
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("CREATE TABLE settings (id INTEGER PRIMARY KEY, value TEXT NOT NULL, version INTEGER NOT NULL)");
  db.exec("CREATE TABLE accounts (id INTEGER PRIMARY KEY, display_name TEXT NOT NULL, state TEXT NOT NULL)");
  db.exec("CREATE TABLE sessions (hash BLOB PRIMARY KEY, account_id INTEGER NOT NULL, expires_at TEXT NOT NULL)");
  db.prepare("INSERT INTO settings VALUES (1, ?, 1)").run(readFileSync(SETTINGS, "utf8"));
  db.prepare("INSERT INTO accounts VALUES (1, 'Erika Mustermann', 'active')").run();
  db.prepare("INSERT INTO sessions VALUES (?, 1, '2999-01-01')").run(hashed(SESSION));
  db.close();
  let listening = 0;
  for (let i = 0; i < Number(WORKERS); i++) {
    cluster.fork().on("message", () => {
      listening += 1;
      if (listening === Number(WORKERS)) console.log("ready");
    });
  }
  process.on("SIGTERM", () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill();
    process.exit(0);
  });
} else {
  await serve();
}
