// Decodes camera frames off the main thread. The two names are replaced by their hashed names when the site is built.
import start, { decode } from "./scanner.js";

const ready = start({ module_or_path: new URL("./scanner.wasm", import.meta.url) });

onmessage = async ({ data: { grey, width, height } }) => {
  await ready;
  postMessage(decode(grey, width, height) ?? null);
};
