// Measures decoders on a folder of frames (images/*.png, truth.jsonl): rate, milliseconds a frame, false results. Each decoder
// gets the same pixels (RGBA, as a canvas gives them); ours comes last.
//   node measure.mjs FOLDER [--only NAME] [--passes N]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PNG } from "pngjs";
import jsQR from "jsqr";
import { readBarcodes, prepareZXingModule } from "zxing-wasm/reader";

const [folder, ...words] = process.argv.slice(2);
const after = (name) => words[words.indexOf(name) + 1];
const only = words.includes("--only") ? after("--only") : "";
const passes = words.includes("--passes") ? Number(after("--passes")) : 1;

const truth = readFileSync(join(folder, "truth.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

const wasm = new URL("./node_modules/zxing-wasm/dist/reader/zxing_reader.wasm", import.meta.url);
await prepareZXingModule({ overrides: { wasmBinary: readFileSync(wasm).buffer }, fireImmediately: true });
const site = process.env.SCANNER_MODULE;
const scanner = await import(pathToFileURL(join(site, "scanner.js")).href);
await scanner.default({ module_or_path: readFileSync(join(site, "scanner_bg.wasm")) });

const image = (frame) => ({ data: frame.rgba, width: frame.w, height: frame.h, colorSpace: "srgb" });
const zxing = async (frame) => (await readBarcodes(image(frame), { formats: ["QRCode"] })).map((found) => found.text);

// what a careful page would do with zxing-wasm: once more on a softened copy
function softened({ rgba, w, h }) {
  const grey = new Uint8Array(w * h);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = (rgba[4 * i] * 77 + rgba[4 * i + 1] * 150 + rgba[4 * i + 2] * 29) >> 8;
  }
  const out = new Uint8ClampedArray(rgba.length).fill(255);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let sum = 0;
      for (let j = Math.max(0, y - 1); j <= Math.min(h - 1, y + 1); j++) {
        for (let i = Math.max(0, x - 1); i <= Math.min(w - 1, x + 1); i++) sum += grey[j * w + i];
      }
      const places = (Math.min(h - 1, y + 1) - Math.max(0, y - 1) + 1) * (Math.min(w - 1, x + 1) - Math.max(0, x - 1) + 1);
      const i = 4 * (y * w + x);
      out[i] = out[i + 1] = out[i + 2] = sum / places;
    }
  }
  return { rgba: out, w, h };
}

const engines = {
  jsQR: async (frame) => {
    const found = jsQR(frame.rgba, frame.w, frame.h);
    return found ? [found.data] : [];
  },
  "zxing-wasm": zxing,
  "zxing-wasm, blur retry": async (frame) => {
    const found = await zxing(frame);
    return found.length > 0 ? found : zxing(softened(frame));
  },
  ours: async (frame) => {
    const found = scanner.decode(frame.rgba, frame.w, frame.h);
    return found === undefined ? [] : [found];
  },
};

const frames = truth.filter((line) => line.look === undefined);
const looks = new Map();
for (const line of truth.filter((l) => l.look !== undefined)) looks.set(line.look, [...(looks.get(line.look) ?? []), line]);
function pixels(line) {
  // with or without its folder
  const path = line.file.includes("/") ? join(folder, line.file) : join(folder, "images", line.file);
  const png = PNG.sync.read(readFileSync(path));
  return { rgba: new Uint8ClampedArray(png.data.buffer, png.data.byteOffset, png.data.length), w: png.width, h: png.height };
}

const mean = (list) => list.reduce((a, b) => a + b, 0) / Math.max(1, list.length);
const quantile = (list, q) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))] ?? 0;
const ms = (n) => n.toFixed(2);

const names = Object.keys(engines).filter((name) => name.startsWith(only));
const results = Object.fromEntries(names.map((name) => [name, []]));
// the engines take turns on each frame, so that all of them see the same machine
for (let pass = 0; pass <= passes; pass++) {
  const warming = pass === 0;
  for (const line of warming ? frames.slice(0, 40) : frames) {
    const frame = pixels(line);
    for (const name of names) {
      const clock = performance.now();
      const texts = await engines[name](frame);
      const wall = performance.now() - clock;
      if (!warming) results[name].push({ line, texts, wall });
    }
  }
}

function report(name) {
  const all = results[name];
  const coded = all.filter((r) => r.line.payload !== null);
  const read = coded.filter((r) => r.texts.includes(r.line.payload));
  const wrong = all.filter((r) => r.texts.length > 0 && !r.texts.includes(r.line.payload));
  const sizes = [...new Set(all.map((r) => `${r.line.w}x${r.line.h}`))];
  const time = (list) => `mean ${ms(mean(list))} median ${ms(quantile(list, 0.5))} p95 ${ms(quantile(list, 0.95))}`;
  console.log(`\n${name}`);
  for (const size of sizes) {
    const of = (list) => list.filter((r) => `${r.line.w}x${r.line.h}` === size).map((r) => r.wall);
    const blank = all.filter((r) => r.line.payload === null);
    console.log(`  ${size}: ${time(of(coded))} ms; without a code mean ${ms(mean(of(blank)))} ms`);
  }
  const conditions = [...new Set(coded.map((r) => r.line.condition ?? r.line.category ?? ""))];
  const share = (condition) => {
    const of = (list) => list.filter((r) => (r.line.condition ?? r.line.category ?? "") === condition).length;
    return `${condition} ${Math.round((100 * of(read)) / of(coded))}`;
  };
  if (conditions.length > 1) console.log(`  % ${conditions.map(share).join(" · ")}`);
  const rate = (100 * read.length) / Math.max(1, coded.length);
  return `rate ${rate.toFixed(1)} % · mean ${ms(mean(coded.map((r) => r.wall)))} ms · false ${wrong.length / passes}`;
}
const totals = names.map((name) => [name, report(name)]);

// how long it takes in the hand: which frame of a look is the first that is read
if (looks.size > 0) {
  console.log("\nhand-held looks: frames until the first result (median, 90 %), looks without a result");
  for (const name of names.filter((n) => n !== "jsQR")) {
    const firsts = [];
    let never = 0;
    for (const lines of looks.values()) {
      const texts = [];
      for (const line of lines) texts.push(await engines[name](pixels(line)));
      const first = texts.findIndex((t, i) => t.includes(lines[i].payload));
      if (first < 0) never += 1;
      firsts.push(first < 0 ? lines.length : first + 1);
    }
    console.log(`  ${name}: ${quantile(firsts, 0.5)}, ${quantile(firsts, 0.9)}; ${never} of ${looks.size} without`);
  }
}
console.log();
for (const [name, total] of totals) console.log(`${name}: ${total}`);
