// The photo of an ID document: turned, cropped, blackened and watermarked here, before anything leaves the device.
// What is sent is a fresh JPEG of exactly the pixels on screen, so nothing of the original file (EXIF) is in it.
// Without this script the plain file input stays, and the server draws the watermark.
//
// Texts in data-texts (JSON): turnLeft, turnRight, crop, blacken, undo, reset, another, canvasLabel, help, loaded,
// turned, cropped, blackened (with "{n}"), undone, wasReset, corner, modeCrop, modeBlacken, heic, unreadable,
// tooLarge, tooSmall.
const LONGEST = 2000;
const MOST_BYTES = 50_000_000;
const MOST_PIXELS = 60_000_000;
// a pointer that moves no further has tapped
const TAP = 6;
// the least side of an area, in pixels of the picture
const LEAST = { crop: 40, blacken: 3 };
const HEIC = /^ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)$/;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function newCanvas(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  return [canvas, canvas.getContext("2d")];
}

// Some browsers cannot fill a file input; some, against fingerprinting, give noise instead of a canvas' pixels.
function isAble() {
  try {
    const files = new DataTransfer();
    files.items.add(new File(["x"], "x"));
    const [, ink] = newCanvas(4, 4);
    ink.fillStyle = "rgb(200, 50, 100)";
    ink.fillRect(0, 0, 4, 4);
    const pixels = ink.getImageData(0, 0, 4, 4).data;
    return files.files.length === 1 && pixels.every((v, i) => Math.abs(v - [200, 50, 100, 255][i % 4]) < 9);
  } catch {
    return false;
  }
}

async function isHeic(file) {
  if (/^image\/hei[cf]/i.test(file.type) || /\.hei[cf]s?$/i.test(file.name)) return true;
  return HEIC.test(String.fromCharCode(...new Uint8Array(await file.slice(4, 12).arrayBuffer())));
}

// The size is known before the pixels are decoded: a phone need not hold 200 megapixels to refuse them.
async function countPixels(file) {
  const image = new Image();
  const loaded = new Promise((done, fail) => Object.assign(image, { onload: done, onerror: fail }));
  image.src = URL.createObjectURL(file);
  await loaded.finally(() => URL.revokeObjectURL(image.src));
  return image.naturalWidth * image.naturalHeight;
}

// Gives the picture, upright and small enough, or the name of the text that says why not.
async function read(file) {
  if (await isHeic(file)) return "heic";
  if (file.size > MOST_BYTES || (await countPixels(file)) > MOST_PIXELS) return "tooLarge";
  // older browsers do not know the option, and turn pictures by themselves
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => createImageBitmap(file));
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const [w, h] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const [picture, ink] = newCanvas(w, h);
  // JPEG knows no transparency
  ink.fillStyle = "#fff";
  ink.fillRect(0, 0, w, h);
  ink.imageSmoothingQuality = "high";
  ink.drawImage(bitmap, 0, 0, w, h);
  bitmap.close();
  return picture;
}

// From the picture to what is seen of it: cropped, then turned by quarters. Whole numbers, so that nothing blurs.
function matrixOf({ turn, crop }, width, height) {
  const [a, b] = [[1, 0], [0, 1], [-1, 0], [0, -1]][turn];
  const [x, y] = [crop.x + crop.w / 2, crop.y + crop.h / 2];
  return new DOMMatrix([a, b, -b, a, width / 2 - a * x + b * y, height / 2 - b * x - a * y]);
}

function between(one, two) {
  const [x, y] = [Math.min(one.x, two.x), Math.min(one.y, two.y)];
  return { x, y, w: Math.max(one.x, two.x) - x, h: Math.max(one.y, two.y) - y };
}

function within(value, least, most) {
  return Math.max(least, Math.min(value, most));
}

function drawWatermark(ink, text, width, height) {
  const size = Math.max(12, Math.min(width / 28, height / 5));
  ink.setTransform(1, 0, 0, 1, width / 2, height / 2);
  ink.rotate((-25 * Math.PI) / 180);
  ink.font = `600 ${size}px "Fira Sans", sans-serif`;
  ink.lineJoin = "round";
  ink.lineWidth = size / 12;
  ink.strokeStyle = "rgb(0 0 0 / 30%)";
  ink.fillStyle = "rgb(255 255 255 / 42%)";
  const step = ink.measureText(text).width + 2 * size;
  const reach = Math.hypot(width, height) / 2;
  for (let y = -reach, row = 0; y < reach + size; y += 4 * size, row += 1) {
    // every row begins elsewhere, so that the gaps do not lie below each other
    for (let x = -reach - ((row * 0.37) % 1) * step; x < reach; x += step) {
      ink.strokeText(text, x, y);
      ink.fillText(text, x, y);
    }
  }
}

class IdPicture {
  constructor(root, input) {
    this.root = root;
    this.input = input;
    this.flag = root.querySelector('input[name="bearbeitet"]');
    this.texts = JSON.parse(root.dataset.texts);
    this.version = 0;
    this.build();
    input.addEventListener("change", () => this.choose());
    input.form.addEventListener("submit", (event) => this.send(event));
    // browsers fill forms again when someone comes back to a page
    addEventListener("pageshow", () => this.resume());
    this.resume();
  }

  build() {
    this.canvas = element("canvas", { class: "id-picture__canvas", tabindex: 0, role: "application" });
    this.canvas.setAttribute("aria-label", this.texts.canvasLabel);
    this.frame = element("div", { class: "id-picture__frame" });
    const layer = element("div", { class: "id-picture__layer" }, this.frame);
    this.view = element("div", { class: "id-picture__view" }, this.canvas, layer);
    this.status = element("p", { class: "id-picture__status", role: "status" });
    this.alert = element("p", { class: "id-picture__alert", role: "alert" });
    const tools = {
      turnLeft: () => this.turn(3),
      turnRight: () => this.turn(1),
      crop: (event) => this.switchMode("crop", event),
      blacken: (event) => this.switchMode("blacken", event),
      undo: () => this.undo(),
      reset: () => this.reset(),
    };
    this.tools = Object.fromEntries(Object.entries(tools).map(([key, act]) => [key, this.button(key, act)]));
    const bar = element("div", { class: "id-picture__tools" }, ...Object.values(this.tools));
    const another = this.button("another", () => this.input.click(), "tertiary");
    const help = element("p", {}, this.texts.help);
    this.editor = element("div", { class: "id-picture__editor" }, this.view, this.status, bar, help, another);
    this.root.append(this.alert, this.editor);
    this.close();
    const on = (name, act) => this.canvas.addEventListener(name, (event) => this.mode && act(event));
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.release(event));
    on("pointercancel", () => this.clear());
    on("keydown", (event) => this.key(event));
  }

  button(key, act, kind = "secondary") {
    const label = element("span", { class: "kern-label" }, this.texts[key]);
    const made = element("button", { type: "button", class: `kern-btn kern-btn--${kind}` }, label);
    made.addEventListener("click", act);
    return made;
  }

  // A text said twice must differ, or screen readers say it once.
  say(key, n) {
    const text = this.texts[key].replace("{n}", n);
    this.status.textContent = this.status.textContent === text ? `${text}\u00a0` : text;
  }

  // --- the file ---

  resume() {
    if (this.picture) return;
    this.mark(this.clean);
    if (this.clean && this.input.files.length) this.choose();
  }

  // Clean: what the input holds is what is on screen.
  mark(clean) {
    this.clean = clean;
    this.flag.value = clean && this.picture ? "ja" : "";
  }

  choose() {
    const file = this.input.files[0];
    if (!file) return this.close();
    this.alert.textContent = "";
    clearTimeout(this.timer);
    this.version += 1;
    this.mark(false);
    this.file = file;
    this.loading = this.load(file);
  }

  async load(file) {
    const picture = await read(file).catch(() => "unreadable");
    // another one was chosen meanwhile
    if (file !== this.file) return;
    if (typeof picture === "string") return this.close(picture);
    const { width: w, height: h } = picture;
    this.picture = picture;
    this.steps = [{ turn: 0, crop: { x: 0, y: 0, w, h }, boxes: [] }];
    // the input goes away, and the focus with it
    const isFocused = [this.input, document.body].includes(document.activeElement);
    this.input.hidden = true;
    this.editor.hidden = false;
    this.setMode(null);
    this.change("loaded");
    if (isFocused) this.canvas.focus();
  }

  close(problem) {
    const isFocused = this.editor.contains(document.activeElement);
    clearTimeout(this.timer);
    this.version += 1;
    this.picture = this.file = null;
    if (problem) this.input.value = "";
    this.alert.textContent = this.texts[problem] ?? "";
    this.mark(true);
    this.setMode(null);
    this.editor.hidden = true;
    this.input.hidden = false;
    if (isFocused) this.input.focus();
  }

  // --- the steps ---

  step(changed, key, n) {
    this.steps.push({ ...this.steps.at(-1), ...changed });
    this.change(key, n);
  }

  turn(quarters) {
    this.step({ turn: (this.steps.at(-1).turn + quarters) % 4 }, "turned");
  }

  undo() {
    if (this.steps.length < 2) return;
    this.steps.pop();
    this.change("undone");
  }

  // A step like the others: starting over by mistake can be undone.
  reset() {
    if (this.steps.length > 1) this.step(this.steps[0], "wasReset");
  }

  change(key, n) {
    this.clear();
    this.draw(this.steps.at(-1));
    for (const name of ["undo", "reset"]) this.tools[name].setAttribute("aria-disabled", this.steps.length < 2);
    this.say(key, n);
    this.mark(false);
    this.version += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.put(), 250);
  }

  draw(state) {
    const { w, h } = state.crop;
    const [width, height] = state.turn % 2 ? [h, w] : [w, h];
    Object.assign(this.canvas, { width, height });
    this.view.style.setProperty("--ratio", width / height);
    this.matrix = matrixOf(state, width, height);
    const ink = this.canvas.getContext("2d");
    ink.setTransform(this.matrix);
    ink.drawImage(this.picture, 0, 0);
    drawWatermark(ink, this.root.dataset.watermark, width, height);
    // last, so that what is blackened is black and nothing else
    ink.setTransform(this.matrix);
    ink.fillStyle = "#000";
    for (const box of state.boxes) ink.fillRect(box.x, box.y, box.w, box.h);
  }

  // --- what is sent ---

  async put() {
    clearTimeout(this.timer);
    const { version } = this;
    const blob = await new Promise((done) => this.canvas.toBlob(done, "image/jpeg", 0.88));
    if (version !== this.version) return;
    // rather nothing than the original in place of what was blackened
    if (!blob) return this.close("unreadable");
    const list = new DataTransfer();
    list.items.add(new File([blob], "ausweis.jpg", { type: "image/jpeg" }));
    this.input.files = list.files;
    this.mark(true);
  }

  async send(event) {
    if (this.clean && !this.waiting) return;
    event.preventDefault();
    // site.js must not take this for the one time that a form is sent
    event.stopPropagation();
    if (this.waiting) return;
    this.waiting = true;
    try {
      while (!this.clean) {
        await this.loading;
        if (this.picture) await this.put();
      }
    } catch {
      this.close("unreadable");
    }
    this.waiting = false;
    if (this.picture) this.input.form.requestSubmit(event.submitter);
  }

  // --- choosing an area, in pixels of what is seen ---

  setMode(mode) {
    this.mode = mode;
    this.view.dataset.mode = mode ?? "none";
    for (const name of ["crop", "blacken"]) this.tools[name].setAttribute("aria-pressed", name === mode);
    this.clear();
  }

  switchMode(mode, event) {
    this.setMode(this.mode === mode ? null : mode);
    if (!this.mode) return;
    this.say(mode === "crop" ? "modeCrop" : "modeBlacken");
    // a click without a pointer comes from the keyboard, which goes on in the picture
    if (event.detail > 0) return;
    this.canvas.focus();
    this.offer();
  }

  clear() {
    this.start = this.corner = this.area = null;
    this.frame.hidden = true;
  }

  show(area) {
    this.area = area;
    const { width, height } = this.canvas;
    const sides = { left: area.x / width, top: area.y / height, width: area.w / width, height: area.h / height };
    for (const [side, part] of Object.entries(sides)) this.frame.style[side] = `${100 * part}%`;
    this.frame.classList.toggle("id-picture__frame--corner", area.w + area.h === 0);
    this.frame.hidden = false;
  }

  pointOf({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const x = within((clientX - left) / width, 0, 1) * this.canvas.width;
    return { x, y: within((clientY - top) / height, 0, 1) * this.canvas.height };
  }

  isTap(event) {
    return Math.hypot(event.clientX - this.start.clientX, event.clientY - this.start.clientY) <= TAP;
  }

  press(event) {
    if (!event.isPrimary || event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.start = event;
  }

  move(event) {
    if (!event.isPrimary) return;
    const from = this.start && !this.isTap(event) ? this.pointOf(this.start) : this.corner;
    if (from) this.show(between(from, this.pointOf(event)));
  }

  // A drag chooses the area at once, two taps choose its corners.
  release(event) {
    if (!event.isPrimary || !this.start) return;
    const point = this.pointOf(event);
    const from = this.isTap(event) ? this.corner : this.pointOf(this.start);
    if (from) return this.apply(between(from, point));
    this.clear();
    this.corner = point;
    this.show(between(point, point));
    this.say("corner");
  }

  // For the keyboard: an area in the middle.
  offer() {
    const { width, height } = this.canvas;
    const [w, h] = this.mode === "crop" ? [width * 0.8, height * 0.8] : [width * 0.3, height * 0.1];
    this.show({ x: (width - w) / 2, y: (height - h) / 2, w, h });
  }

  key(event) {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    if (event.key === "Escape") return this.leave();
    if (!this.area) return this.offer();
    if (arrow) return this.nudge(arrow, event.shiftKey);
    const { area } = this;
    this.apply(area);
    // the next area is often near the last
    if (this.mode) this.show(area);
  }

  nudge([right, down], resizes) {
    const { width, height } = this.canvas;
    const by = Math.max(1, width / 100, height / 100);
    const { x, y, w, h } = this.area;
    const changed = resizes
      ? { w: within(w + right * by, 1, width - x), h: within(h + down * by, 1, height - y) }
      : { x: within(x + right * by, 0, width - w), y: within(y + down * by, 0, height - h) };
    this.show({ ...this.area, ...changed });
  }

  leave() {
    const button = this.tools[this.mode];
    this.setMode(null);
    button.focus();
  }

  // Keeps the area as one of the picture itself, where turning and cropping do not move it.
  apply({ x, y, w, h }) {
    this.clear();
    if (Math.min(w, h) < LEAST[this.mode]) return this.say("tooSmall");
    const back = this.matrix.inverse();
    // every pixel that the area touches belongs to it
    const ends = [new DOMPoint(Math.floor(x), Math.floor(y)), new DOMPoint(Math.ceil(x + w), Math.ceil(y + h))];
    const box = between(...ends.map((end) => end.matrixTransform(back)));
    const boxes = [...this.steps.at(-1).boxes, box];
    if (this.mode === "blacken") return this.step({ boxes }, "blackened", boxes.length);
    this.setMode(null);
    this.step({ crop: box }, "cropped");
  }
}

function enhance(root) {
  try {
    new IdPicture(root, root.querySelector('input[type="file"]'));
  } catch (error) {
    console.warn("the picture is sent as it is:", error);
  }
}

if (isAble()) document.querySelectorAll("[data-id-picture]").forEach(enhance);
