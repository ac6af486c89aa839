// Decodes camera frames off the main thread. The two names are replaced by their hashed names when the site is built.
import start, { advice, decode } from "./scanner.js";

const ready = start({ module_or_path: new URL("./scanner.wasm", import.meta.url) });

onmessage = async ({ data: { rgba, width, height } }) => {
  await ready;
  const text = decode(new Uint8Array(rgba), width, height);
  postMessage({ text, advice: advice() });
};
