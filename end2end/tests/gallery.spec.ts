// Screenshots of every page into target/gallery: phone and desktop, light and dark, German and English; and an index.
import { type Page, test } from "@playwright/test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { enter, live } from "./lived";
import { citizenPages, staffPages } from "./pages";
import { type Portal, startPortal } from "./portal";

const folder = join(__dirname, "../../target/gallery");
mkdirSync(folder, { recursive: true });

let portal: Portal;
let lived: Awaited<ReturnType<typeof live>>;
test.beforeAll(async ({ browser }) => {
  portal = await startPortal();
  lived = await live(browser, portal);
});
test.afterAll(async () => {
  await portal.stop();
  // one page to look at them all, those of one address side by side
  const names = readdirSync(folder).filter((name) => name.endsWith(".png"));
  const pages = [...new Set(names.map((name) => name.replace(/-(phone|desktop)-.*$/, "")))];
  const row = (page: string) => names.filter((name) => name.replace(/-(phone|desktop)-.*$/, "") === page).map((name) => `<a href="${name}"><img src="${name}" alt="${name}" loading="lazy"></a>`);
  const html = pages.map((page) => `<h2>${page}</h2><div>${row(page).join("")}</div>`).join("\n");
  writeFileSync(join(folder, "index.html"), `<!doctype html><meta charset="utf-8"><title>Gallery</title><style>div{display:flex;gap:1rem;overflow-x:auto;align-items:start}img{height:28rem;border:1px solid #888}body{font:1rem sans-serif}</style>${html}`);
});

for (const [size, viewport] of [["phone", { width: 390, height: 844 }], ["desktop", { width: 1280, height: 900 }]] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const locale of ["de-DE", "en-GB"]) {
      test(`${size} ${colorScheme} ${locale}`, async ({ browser }) => {
        test.setTimeout(300_000);
        const take = async (who: string, paths: string[], begin: (page: Page) => Promise<void> = async () => {}) => {
          const context = await browser.newContext({ viewport, colorScheme, locale });
          const page = await context.newPage();
          await begin(page);
          for (const path of paths) {
            await page.goto(portal.url + path);
            await page.waitForLoadState("networkidle");
            const plain = path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "eins").replaceAll(/[^a-z]+/g, "-").replaceAll(/^-|-$/g, "");
            await page.screenshot({ path: join(folder, `${plain || "start"}-${who}-${size}-${colorScheme}-${locale.slice(0, 2)}.png`), fullPage: true });
          }
          await context.close();
        };
        await take("public", [...citizenPages, ...lived.open]);
        await take("resident", lived.account, async (page) => {
          await page.context().addCookies(await lived.resident.cookies());
        });
        await take("administrator", staffPages.administrator, (page) => enter(page, portal, portal.staff.administrator));
        await take("officer", [...staffPages.registry_officer, ...lived.officer], (page) => enter(page, portal, portal.staff.registry_officer));
      });
    }
  }
}
