//! The scanner: camera or photo, decoded in the browser. Shown only where WebAssembly runs; everybody else types.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Sentences and addresses of the scanner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScannerTexts {
    /// Button that starts the camera.
    pub start: String,
    /// Button that stops it.
    pub stop: String,
    /// Button for the light.
    pub torch: String,
    /// Label of the list of cameras.
    pub cameras: String,
    /// Label of the file field.
    pub photo: String,
    /// While looking for a code.
    pub looking: String,
    /// A code was found.
    pub found: String,
    /// A code that is not from a letter of this portal.
    pub foreign: String,
    /// No code in the photo.
    pub nothing: String,
    /// The photo is being read.
    pub reading: String,
    /// Permission denied.
    pub denied: String,
    /// There is no camera.
    pub missing: String,
    /// The camera is used by another program.
    pub busy: String,
    /// The page is not secure, or the browser has no camera access.
    pub insecure: String,
    /// Address of the decoder's worker.
    pub worker: String,
    /// Looks for the return marks of letters, one after the other, instead of for one code.
    pub mark: bool,
}

/// The scanner. When it has found a code, it sends the form with the id `scan-form`.
#[island]
pub fn Scanner(props: ScannerTexts) -> impl IntoView {
    let ready = RwSignal::new(false);
    let running = RwSignal::new(false);
    let message = RwSignal::new(String::new());
    let trouble = RwSignal::new(false);
    let torch = RwSignal::new(None::<bool>);
    let cameras = RwSignal::new(Vec::<(String, String)>::new());
    let p = StoredValue::new(props);
    let text = move |pick: fn(&ScannerTexts) -> &String| p.with_value(|props| pick(props).clone());
    let signals = Signals {
        running,
        message,
        trouble,
        torch,
        cameras,
    };

    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        ready.set(true);
        camera::stop_when_hidden(signals);
    });

    let start = move |_| begin(p, signals, None);
    let stop = move |_| end(signals);
    let switch_torch = move |_| light(signals);
    let choose = move |event: leptos::ev::Event| begin(p, signals, Some(event_target_value(&event)));
    let photo = move |event: leptos::ev::Event| picture(p, signals, &event);

    view! {
        <div class="scanner" class:scanner--ready=move || ready.get()>
            <div class="scanner__view" hidden=move || !running.get()>
                <video id="scanner-video" playsinline=true muted=true></video>
                <div class="scanner__frame" aria-hidden="true"></div>
            </div>
            <p class="scanner__message" class:scanner__message--trouble=move || trouble.get() role="status" aria-live="polite">{move || message.get()}</p>
            <div class="scanner__tools">
                <button type="button" class="kern-btn kern-btn--primary" hidden=move || running.get() on:click=start>
                    <span class="kern-label">{text(|t| &t.start)}</span>
                </button>
                <button type="button" class="kern-btn kern-btn--secondary" hidden=move || !running.get() on:click=stop>
                    <span class="kern-label">{text(|t| &t.stop)}</span>
                </button>
                <button type="button" class="kern-btn kern-btn--secondary" hidden=move || !(running.get() && torch.get().is_some())
                    aria-pressed=move || torch.get().unwrap_or(false).to_string() on:click=switch_torch>
                    <span class="kern-label">{text(|t| &t.torch)}</span>
                </button>
                <div class="kern-form-input" hidden=move || !(running.get() && cameras.with(|c| c.len() > 1))>
                    <label class="kern-label" for="scanner-camera">{text(|t| &t.cameras)}</label>
                    <div class="kern-form-input__select-wrapper">
                        <select class="kern-form-input__select" id="scanner-camera" on:change=choose>
                            {move || cameras.get().into_iter().map(|(id, label)| view! { <option value=id>{label}</option> }).collect::<Vec<_>>()}
                        </select>
                    </div>
                </div>
            </div>
            <div class="kern-form-input scanner__photo">
                <label class="kern-label" for="scanner-photo">{text(|t| &t.photo)}</label>
                <input class="kern-form-input__input" type="file" id="scanner-photo" accept="image/*" on:change=photo/>
            </div>
        </div>
    }
}

/// What the scanner shows.
#[derive(Clone, Copy)]
struct Signals {
    running: RwSignal<bool>,
    message: RwSignal<String>,
    trouble: RwSignal<bool>,
    torch: RwSignal<Option<bool>>,
    cameras: RwSignal<Vec<(String, String)>>,
}

#[cfg(feature = "hydrate")]
use camera::{begin, end, light, picture};

#[cfg(not(feature = "hydrate"))]
mod on_the_server {
    //! On the server the scanner is only drawn; nothing can be pressed there.
    use super::{ScannerTexts, Signals};
    use leptos::prelude::StoredValue;

    pub(super) fn begin(_: StoredValue<ScannerTexts>, _: Signals, _: Option<String>) {}
    pub(super) fn end(s: Signals) {
        let _ = (s.running, s.message, s.trouble, s.torch, s.cameras);
    }
    pub(super) fn light(_: Signals) {}
    pub(super) fn picture(_: StoredValue<ScannerTexts>, _: Signals, _: &leptos::ev::Event) {}
}
#[cfg(not(feature = "hydrate"))]
use on_the_server::{begin, end, light, picture};

#[cfg(feature = "hydrate")]
mod camera {
    //! Camera, frames and decoding in the browser.

    use super::{ScannerTexts, Signals};
    use domain::letters::code::QrPayload;
    use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
    use leptos::prelude::*;
    use std::cell::RefCell;
    use wasm_bindgen::{JsCast, JsValue, closure::Closure};
    use wasm_bindgen_futures::{JsFuture, spawn_local};
    use web_sys::{
        CanvasRenderingContext2d, HtmlCanvasElement, HtmlInputElement, HtmlVideoElement, MediaStream,
        MediaStreamConstraints, MediaStreamTrack, MessageEvent, Worker, WorkerOptions, WorkerType,
    };

    /// Longest edge of a frame that is decoded.
    const EDGE: f64 = 960.0;
    /// Longest edge of a photo that is decoded; letters are often small in a photo.
    const PHOTO_EDGE: f64 = 2_000.0;

    thread_local! {
        static STREAM: RefCell<Option<MediaStream>> = const { RefCell::new(None) };
        static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
    }

    fn say(s: Signals, text: String, trouble: bool) {
        s.message.set(text);
        s.trouble.set(trouble);
    }

    /// Starts the camera, or changes to another one.
    pub(super) fn begin(p: StoredValue<ScannerTexts>, s: Signals, camera: Option<String>) {
        stop_tracks();
        spawn_local(async move {
            match open(camera).await {
                Ok(stream) => {
                    STREAM.with_borrow_mut(|slot| *slot = Some(stream.clone()));
                    s.running.set(true);
                    s.torch.set(has_torch(&stream).then_some(false));
                    say(s, p.with_value(|t| t.looking.clone()), false);
                    if let Some(video) = video() {
                        video.set_src_object(Some(&stream));
                        if let Ok(playing) = video.play() {
                            let _ = JsFuture::from(playing).await;
                        }
                        list_cameras(s).await;
                        look(p, s, video).await;
                    }
                }
                Err(error) => {
                    s.running.set(false);
                    let name = Reflect::get(&error, &"name".into())
                        .ok()
                        .and_then(|n| n.as_string())
                        .unwrap_or_default();
                    let text = p.with_value(|t| match name.as_str() {
                        "NotAllowedError" | "SecurityError" => t.denied.clone(),
                        "NotFoundError" | "OverconstrainedError" => t.missing.clone(),
                        "NotReadableError" | "AbortError" => t.busy.clone(),
                        _ => t.insecure.clone(),
                    });
                    say(s, text, true);
                }
            }
        });
    }

    async fn open(camera: Option<String>) -> Result<MediaStream, JsValue> {
        // absent where the page is not secure
        let devices = window().navigator().media_devices()?;
        if JsValue::from(&devices).is_undefined() {
            return Err(JsValue::NULL);
        }
        let video = Object::new();
        match camera {
            Some(id) => {
                let exact = Object::new();
                Reflect::set(&exact, &"exact".into(), &id.into())?;
                Reflect::set(&video, &"deviceId".into(), &exact)?;
            }
            None => {
                Reflect::set(&video, &"facingMode".into(), &"environment".into())?;
            }
        }
        let ideal = Object::new();
        Reflect::set(&ideal, &"ideal".into(), &1280.into())?;
        Reflect::set(&video, &"width".into(), &ideal)?;
        let constraints = MediaStreamConstraints::new();
        constraints.set_video(&video);
        JsFuture::from(devices.get_user_media_with_constraints(&constraints)?)
            .await
            .map(JsCast::unchecked_into)
    }

    fn video() -> Option<HtmlVideoElement> {
        document().get_element_by_id("scanner-video")?.dyn_into().ok()
    }

    fn tracks() -> Vec<MediaStreamTrack> {
        STREAM.with_borrow(|slot| {
            slot.as_ref()
                .map(|s| s.get_tracks().iter().map(JsCast::unchecked_into).collect())
                .unwrap_or_default()
        })
    }

    fn stop_tracks() {
        for track in tracks() {
            track.stop();
        }
        STREAM.with_borrow_mut(|slot| *slot = None);
        // also what the page shows, should it ever be another stream: no camera stays on unseen
        if let Some(shown) = video().and_then(|v| v.src_object()) {
            for track in shown.get_tracks().iter() {
                track.unchecked_into::<MediaStreamTrack>().stop();
            }
        }
    }

    /// Stops the camera; its light goes out.
    pub(super) fn end(s: Signals) {
        stop_tracks();
        if let Some(video) = video() {
            video.set_src_object(None);
        }
        s.running.set(false);
        say(s, String::new(), false);
    }

    /// A hidden page must not film.
    pub(super) fn stop_when_hidden(s: Signals) {
        let stop = Closure::<dyn FnMut()>::new(move || {
            if document().hidden() && s.running.get_untracked() {
                end(s);
            }
        });
        let _ =
            document().add_event_listener_with_callback("visibilitychange", stop.as_ref().unchecked_ref());
        // lives as long as the page
        stop.forget();
    }

    fn has_torch(stream: &MediaStream) -> bool {
        let track: MediaStreamTrack = stream.get_video_tracks().get(0).unchecked_into();
        let Ok(get) = Reflect::get(&track, &"getCapabilities".into()).and_then(|f| f.dyn_into::<Function>())
        else {
            return false;
        };
        let capabilities = get.call0(&track).unwrap_or(JsValue::UNDEFINED);
        Reflect::get(&capabilities, &"torch".into()).is_ok_and(|t| t.is_truthy())
    }

    /// Switches the light.
    pub(super) fn light(s: Signals) {
        let on = !s.torch.get_untracked().unwrap_or(false);
        let (torch, advanced, constraints) = (Object::new(), Array::new(), Object::new());
        let _ = Reflect::set(&torch, &"torch".into(), &on.into());
        advanced.push(&torch);
        let _ = Reflect::set(&constraints, &"advanced".into(), &advanced);
        for track in tracks() {
            if let Ok(apply) =
                Reflect::get(&track, &"applyConstraints".into()).and_then(|f| f.dyn_into::<Function>())
            {
                let _ = apply.call1(&track, &constraints);
            }
        }
        s.torch.set(Some(on));
    }

    async fn list_cameras(s: Signals) {
        let Ok(Ok(list)) = window()
            .navigator()
            .media_devices()
            .map(|d| d.enumerate_devices())
        else {
            return;
        };
        let Ok(list) = JsFuture::from(list).await else {
            return;
        };
        let all = Array::from(&list)
            .iter()
            .filter_map(|d| {
                let read = |key: &str| Reflect::get(&d, &key.into()).ok()?.as_string();
                (read("kind")? == "videoinput").then(|| {
                    (
                        read("deviceId").unwrap_or_default(),
                        read("label").unwrap_or_default(),
                    )
                })
            })
            .enumerate()
            .map(|(i, (id, label))| {
                (
                    id,
                    if label.is_empty() {
                        format!("{}", i + 1)
                    } else {
                        label
                    },
                )
            })
            .collect();
        s.cameras.set(all);
    }

    async fn sleep(ms: i32) {
        let promise = Promise::new(&mut |done, _| {
            let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, ms);
        });
        let _ = JsFuture::from(promise).await;
    }

    /// Looks at frame after frame until a letter's code is found or the camera stops.
    async fn look(p: StoredValue<ScannerTexts>, s: Signals, video: HtmlVideoElement) {
        let stream = STREAM.with_borrow(Clone::clone);
        while s.running.get_untracked() && STREAM.with_borrow(|now| *now == stream) {
            let (w, h) = (f64::from(video.video_width()), f64::from(video.video_height()));
            if w > 0.0 && h > 0.0 {
                let text = match native(&video).await {
                    Some(answer) => answer,
                    None => match frame(w, h, EDGE, |c, w, h| {
                        c.draw_image_with_html_video_element_and_dw_and_dh(&video, 0.0, 0.0, w, h)
                    }) {
                        Some((grey, w, h)) => {
                            by_worker(&p.with_value(|t| t.worker.clone()), grey, w, h).await
                        }
                        None => None,
                    },
                };
                if let Some(text) = text
                    && accept(p, s, &text)
                {
                    stop_tracks();
                    return;
                }
            }
            sleep(80).await;
        }
    }

    /// The browser's own decoder: `None` if it has none, `Some(None)` if it found nothing.
    async fn native(source: &JsValue) -> Option<Option<String>> {
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

    /// Draws something into a canvas of bounded size and gives its grey values.
    fn frame(
        width: f64,
        height: f64,
        edge: f64,
        draw: impl FnOnce(&CanvasRenderingContext2d, f64, f64) -> Result<(), JsValue>,
    ) -> Option<(Vec<u8>, u32, u32)> {
        let scale = (edge / width.max(height)).min(1.0);
        let (w, h) = ((width * scale).floor(), (height * scale).floor());
        let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.unchecked_into();
        // canvas sizes are far below 2^32
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded by `edge`"
        )]
        let (pw, ph) = (w as u32, h as u32);
        canvas.set_width(pw);
        canvas.set_height(ph);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.unchecked_into();
        draw(&context, w, h).ok()?;
        let rgba = context.get_image_data(0.0, 0.0, w, h).ok()?.data();
        let grey = rgba
            .chunks_exact(4)
            .map(|p| {
                u8::try_from((u32::from(p[0]) * 77 + u32::from(p[1]) * 150 + u32::from(p[2]) * 29) >> 8)
                    .unwrap_or(u8::MAX)
            })
            .collect();
        Some((grey, pw, ph))
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

    async fn by_worker(address: &str, grey: Vec<u8>, width: u32, height: u32) -> Option<String> {
        let worker = worker(address)?;
        let promise = Promise::new(&mut |done, _| {
            let answer = Closure::once_into_js(move |event: MessageEvent| {
                let _ = done.call1(&JsValue::NULL, &event.data());
            });
            worker.set_onmessage(Some(answer.unchecked_ref()));
        });
        let pixels = Uint8Array::from(grey.as_slice());
        let message = Object::new();
        Reflect::set(&message, &"grey".into(), &pixels).ok()?;
        Reflect::set(&message, &"width".into(), &width.into()).ok()?;
        Reflect::set(&message, &"height".into(), &height.into()).ok()?;
        worker
            .post_message_with_transfer(&message, &Array::of1(&pixels.buffer()))
            .ok()?;
        JsFuture::from(promise).await.ok()?.as_string()
    }

    /// Sends the form if this is the code of a letter of this portal.
    fn accept(p: StoredValue<ScannerTexts>, s: Signals, text: &str) -> bool {
        if p.with_value(|t| t.mark) {
            accept_mark(p, s, text);
            return false;
        }
        let here = window().location().origin().unwrap_or_default();
        let ours = text.starts_with(&format!("{here}/")) && QrPayload::parse(text).is_some();
        if !ours {
            say(s, p.with_value(|t| t.foreign.clone()), true);
            return false;
        }
        say(s, p.with_value(|t| t.found.clone()), false);
        let navigator = window().navigator();
        if let Ok(vibrate) =
            Reflect::get(&navigator, &"vibrate".into()).and_then(|f| f.dyn_into::<Function>())
        {
            let _ = vibrate.call1(&navigator, &60.into());
        }
        let payload = text.rsplit('#').next().unwrap_or_default();
        let field = document()
            .get_element_by_id("scan-code")
            .and_then(|e| e.dyn_into::<HtmlInputElement>().ok());
        let form = document()
            .get_element_by_id("scan-form")
            .and_then(|e| e.dyn_into::<web_sys::HtmlFormElement>().ok());
        if let (Some(field), Some(form)) = (field, form) {
            field.set_value(payload);
            let _ = form.submit();
        }
        true
    }

    thread_local! {
        static LAST_MARK: RefCell<String> = const { RefCell::new(String::new()) };
    }

    /// Puts the number of a return mark into the field `nummer` and sends the form, once for each letter held up.
    fn accept_mark(p: StoredValue<ScannerTexts>, s: Signals, text: &str) {
        if LAST_MARK.with_borrow(|last| last == text) {
            return;
        }
        let Some(number) = domain::letters::code::parse_letter_number(text) else {
            say(s, p.with_value(|t| t.foreign.clone()), true);
            return;
        };
        LAST_MARK.with_borrow_mut(|last| text.clone_into(last));
        say(s, number.clone(), false);
        let field = document()
            .get_element_by_id("nummer")
            .and_then(|e| e.dyn_into::<HtmlInputElement>().ok());
        let form = document()
            .get_element_by_id("scan-form")
            .and_then(|e| e.dyn_into::<web_sys::HtmlFormElement>().ok());
        if let (Some(field), Some(form)) = (field, form) {
            field.set_value(&number);
            let _ = form.request_submit();
        }
    }

    /// A chosen photo of the letter.
    pub(super) fn picture(p: StoredValue<ScannerTexts>, s: Signals, event: &leptos::ev::Event) {
        let input: HtmlInputElement = event_target(event);
        let Some(file) = input.files().and_then(|f| f.get(0)) else {
            return;
        };
        // one of both uses the decoder
        end(s);
        say(s, p.with_value(|t| t.reading.clone()), false);
        spawn_local(async move {
            let text = read_photo(p, &file).await;
            match text {
                Some(text) => {
                    accept(p, s, &text);
                }
                None => say(s, p.with_value(|t| t.nothing.clone()), true),
            }
        });
    }

    async fn read_photo(p: StoredValue<ScannerTexts>, file: &web_sys::File) -> Option<String> {
        let bitmap = JsFuture::from(window().create_image_bitmap_with_blob(file).ok()?)
            .await
            .ok()?;
        let bitmap: web_sys::ImageBitmap = bitmap.unchecked_into();
        if let Some(Some(text)) = native(&bitmap).await {
            return Some(text);
        }
        let (w, h) = (f64::from(bitmap.width()), f64::from(bitmap.height()));
        let address = p.with_value(|t| t.worker.clone());
        for edge in [PHOTO_EDGE, EDGE] {
            let (grey, fw, fh) = frame(w, h, edge, |c, w, h| {
                c.draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, 0.0, 0.0, w, h)
            })?;
            if let Some(text) = by_worker(&address, grey, fw, fh).await {
                return Some(text);
            }
        }
        None
    }
}
