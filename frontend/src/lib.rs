//! Starts the islands of a page in the browser. Everything else on a page is plain HTML.

/// Called once by `site.js` after the module has loaded: registers the islands that the page may contain.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    // Without this use, the linker would drop the islands.
    use app as _;
    leptos::mount::hydrate_islands();
}
