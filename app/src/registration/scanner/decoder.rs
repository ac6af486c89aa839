//! From pictures to text: the browser's own decoder, and ours in a worker, which is loaded only when it is needed.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8ClampedArray};
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, MessageEvent, Worker, WorkerOptions, WorkerType};

thread_local! {
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
    static CANVAS: RefCell<Option<HtmlCanvasElement>> = const { RefCell::new(None) };
}

/// What came of a frame.
#[derive(Default)]
pub(super) struct Answer {
    pub(super) text: Option<String>,
    /// `light`, `nearer` or `steady`.
    pub(super) advice: Option<String>,
}

/// Pixels for the worker.
pub(super) struct Frame {
    rgba: Uint8ClampedArray,
    width: u32,
    height: u32,
}

/// The browser's own decoder: `None` if it has none, `Some(None)` if it found nothing.
pub(super) async fn native(source: &JsValue) -> Option<Option<String>> {
    let class = Reflect::get(&window(), &"BarcodeDetector".into())
        .ok()?
        .dyn_into::<Function>()
        .ok()?;
    let options = Object::new();
    let formats = Array::of1(&"qr_code".into());
    Reflect::set(&options, &"formats".into(), &formats).ok()?;
    let detector = Reflect::construct(&class, &Array::of1(&options)).ok()?;
    let detect = Reflect::get(&detector, &"detect".into())
        .ok()?
        .dyn_into::<Function>()
        .ok()?;
    let promise = detect.call1(&detector, source).ok()?.dyn_into::<Promise>().ok()?;
    // some browsers have the class but no engine behind it
    let found = JsFuture::from(promise).await.ok()?;
    let first = Array::from(&found).get(0);
    Some(
        Reflect::get(&first, &"rawValue".into())
            .ok()
            .and_then(|v| v.as_string()),
    )
}

/// Draws something into a canvas whose longer edge is bounded, and gives its pixels.
pub(super) fn frame(
    width: f64,
    height: f64,
    edge: f64,
    draw: impl FnOnce(&CanvasRenderingContext2d, f64, f64) -> Result<(), JsValue>,
) -> Option<Frame> {
    let scale = (edge / width.max(height)).min(1.0);
    let (w, h) = ((width * scale).floor(), (height * scale).floor());
    // one canvas for all frames
    let canvas = CANVAS.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = document()
                .create_element("canvas")
                .ok()
                .map(JsCast::unchecked_into);
        }
        slot.clone()
    })?;
    // canvas sizes are far below 2^32
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded by `edge`"
    )]
    let (pw, ph) = (w as u32, h as u32);
    canvas.set_width(pw);
    canvas.set_height(ph);
    let options = Object::new();
    Reflect::set(&options, &"willReadFrequently".into(), &true.into()).ok()?;
    let context = canvas.get_context_with_context_options("2d", &options).ok()??;
    let context: CanvasRenderingContext2d = context.unchecked_into();
    draw(&context, w, h).ok()?;
    let image = context.get_image_data(0.0, 0.0, w, h).ok()?;
    // the pixels stay where they are: they go to the worker as they are
    let rgba = Reflect::get(&image, &"data".into()).ok()?.unchecked_into();
    Some(Frame {
        rgba,
        width: pw,
        height: ph,
    })
}

fn worker(address: &str) -> Option<Worker> {
    WORKER.with_borrow_mut(|slot| {
        if slot.is_none() {
            let options = WorkerOptions::new();
            options.set_type(WorkerType::Module);
            *slot = Worker::new_with_options(address, &options).ok();
        }
        slot.clone()
    })
}

/// Our decoder.
pub(super) async fn by_worker(address: &str, frame: Frame) -> Option<Answer> {
    let worker = worker(address)?;
    let promise = Promise::new(&mut |done, failed| {
        let answer = Closure::once_into_js(move |event: MessageEvent| {
            let _ = done.call1(&JsValue::NULL, &event.data());
        });
        worker.set_onmessage(Some(answer.unchecked_ref()));
        // the decoder cannot be loaded (no network): no answer instead of waiting for ever
        let failed = Closure::once_into_js(move || {
            let _ = failed.call0(&JsValue::NULL);
        });
        worker.set_onerror(Some(failed.unchecked_ref()));
    });
    let pixels = frame.rgba.buffer();
    let message = Object::new();
    Reflect::set(&message, &"rgba".into(), &pixels).ok()?;
    Reflect::set(&message, &"width".into(), &frame.width.into()).ok()?;
    Reflect::set(&message, &"height".into(), &frame.height.into()).ok()?;
    worker
        .post_message_with_transfer(&message, &Array::of1(&pixels))
        .ok()?;
    let answer = JsFuture::from(promise).await.ok()?;
    let read = |key: &str| Reflect::get(&answer, &key.into()).ok()?.as_string();
    Some(Answer {
        text: read("text"),
        advice: read("advice"),
    })
}
