// The scanner's comfort: several cameras, light, landscape, and a camera that stops when the page is hidden.
import { chromium, expect, test } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type Portal, fits, launch, output, ready, startPortal } from "./portal";

let portal: Portal;
test.beforeAll(async () => {
  portal = await startPortal();
});
test.afterAll(async () => portal.stop());

test("cameras can be chosen, the light switched, and a hidden page does not film", async () => {
  const browser = await chromium.launch(launch(["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=2"]));
  const context = await browser.newContext({ viewport: { width: 844, height: 390 }, locale: "de-DE", permissions: ["camera"] });
  const page = await context.newPage();
  // the fake camera has no light: pretend, and note what is asked of it
  await page.addInitScript(() => {
    const asked: unknown[] = ((window as unknown as { asked: unknown[] }).asked = []);
    MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true }) as MediaTrackCapabilities;
    MediaStreamTrack.prototype.applyConstraints = async (wanted) => void asked.push(wanted?.advanced?.[0]);
  });
  await page.goto(`${portal.url}/registrieren`);
  await ready(page);
  await page.getByRole("button", { name: "Kamera starten" }).click();
  const video = page.locator("#scanner-video");
  await expect(video).toBeVisible();
  await expect.poll(() => video.evaluate((v: HTMLVideoElement) => v.videoWidth)).toBeGreaterThan(0);
  await fits(page);
  await page.screenshot({ path: join(output, "landscape-scanner.png") });
  await page.getByRole("button", { name: "Licht" }).click();
  expect(await page.evaluate(() => (window as unknown as { asked: unknown[] }).asked)).toEqual([{ torch: true }]);
  const cameras = page.getByLabel("Kamera wählen");
  await expect(cameras.locator("option")).toHaveCount(2);
  const device = () => video.evaluate((v: HTMLVideoElement) => (v.srcObject as MediaStream).getVideoTracks()[0].getSettings().deviceId);
  const other = await cameras.locator("option").nth(1).getAttribute("value");
  await cameras.selectOption({ index: 1 });
  await expect.poll(device).toBe(other);
  const track = await video.evaluateHandle((v: HTMLVideoElement) => (v.srcObject as MediaStream).getVideoTracks()[0]);
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  expect(await track.evaluate((t) => t.readyState)).toBe("ended");
  await expect(page.getByRole("button", { name: "Kamera starten" })).toBeVisible();
  await browser.close();
});

test("the scanner says what would help: light, and nothing while there is nothing to see", async () => {
  // a camera in a dark room, then one that films a wall
  for (const [name, colour, advice] of [
    ["dark", "black", "Es ist zu dunkel"],
    ["wall", "gray", "Halten Sie den Code in den Rahmen"],
  ]) {
    const video = join(output, `${name}-camera.mjpeg`);
    execFileSync("ffmpeg", ["-y", "-loglevel", "error", "-f", "lavfi", "-i", `color=${colour}:s=640x480`, "-t", "1", "-r", "10", "-c:v", "mjpeg", video]);
    const browser = await chromium.launch(launch(["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${video}`]));
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: "de-DE", permissions: ["camera"] });
    const page = await context.newPage();
    await page.goto(`${portal.url}/registrieren`);
    await ready(page);
    await page.getByRole("button", { name: "Kamera starten" }).click();
    const message = page.locator(".scanner__message");
    await expect(message).toContainText(advice, { timeout: 15_000 });
    await page.screenshot({ path: join(output, `${name}-scanner.png`) });
    if (name === "wall") {
      await page.waitForTimeout(4_000);
      await expect(message).toContainText(advice);
    }
    await browser.close();
  }
});
