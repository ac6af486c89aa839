//! The camera in the browser: opening, light, focus, zoom, and one frame after the other.

use super::{
    ScannerTexts, Signals,
    decoder::{Answer, by_worker, frame, native},
    found::accept,
};
use js_sys::{Array, Date, Function, Object, Promise, Reflect};
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlInputElement, HtmlVideoElement, MediaStream, MediaStreamConstraints, MediaStreamTrack};

/// Longest edge of the first frame that is decoded, and its bounds: slow devices get smaller ones.
const EDGE: f64 = 960.0;
const EDGES: (f64, f64) = (480.0, 1_280.0);
/// A frame should take about so long, in milliseconds.
const PACE: (f64, f64) = (40.0, 150.0);
/// Longest edge of a photo that is decoded; letters are often small in a photo.
const PHOTO_EDGE: f64 = 2_000.0;
/// So long the browser's own decoder is alone, in milliseconds; then ours looks, too.
const ALONE: f64 = 4_000.0;
/// So often in a row the same advice has to come, and so long it stays, in milliseconds: a flickering text helps nobody.
const SAME: u32 = 5;
const STAYS: f64 = 2_500.0;

thread_local! {
    static STREAM: RefCell<Option<MediaStream>> = const { RefCell::new(None) };
}

pub(super) fn say(s: Signals, text: String, trouble: bool) {
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
                s.found.set(false);
                s.torch.set(has_torch().then_some(false));
                focus();
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
    let _ = document().add_event_listener_with_callback("visibilitychange", stop.as_ref().unchecked_ref());
    // lives as long as the page
    stop.forget();
}

/// What a camera can do.
fn capability(track: &MediaStreamTrack, name: &str) -> Option<JsValue> {
    let get: Function = Reflect::get(track, &"getCapabilities".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let all = get.call0(track).ok()?;
    Reflect::get(&all, &name.into()).ok()
}

/// Asks the cameras for something that not all of them can do.
fn ask(name: &str, value: &JsValue) {
    let (wish, advanced, constraints) = (Object::new(), Array::new(), Object::new());
    let _ = Reflect::set(&wish, &name.into(), value);
    advanced.push(&wish);
    let _ = Reflect::set(&constraints, &"advanced".into(), &advanced);
    for track in tracks() {
        if let Ok(apply) =
            Reflect::get(&track, &"applyConstraints".into()).and_then(|f| f.dyn_into::<Function>())
        {
            let _ = apply.call1(&track, &constraints);
        }
    }
}

fn has_torch() -> bool {
    tracks()
        .iter()
        .any(|track| capability(track, "torch").is_some_and(|t| t.is_truthy()))
}

/// Keeps the letter sharp while it moves.
fn focus() {
    let keeps = |track: &MediaStreamTrack| {
        let modes = capability(track, "focusMode").filter(Array::is_array)?;
        Array::from(&modes)
            .includes(&"continuous".into(), 0)
            .then_some(())
    };
    if tracks().iter().any(|track| keeps(track).is_some()) {
        ask("focusMode", &"continuous".into());
    }
}

/// Twice as near, if the camera can: many cannot focus when the letter is held closer.
fn zoom() {
    let most = |track: &MediaStreamTrack| {
        let range = capability(track, "zoom")?;
        Reflect::get(&range, &"max".into()).ok()?.as_f64()
    };
    if tracks().iter().filter_map(most).any(|most| most >= 2.0) {
        ask("zoom", &2.into());
    }
}

/// Switches the light.
pub(super) fn light(s: Signals) {
    let on = !s.torch.get_untracked().unwrap_or(false);
    ask("torch", &on.into());
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
    let begun = Date::now();
    let mut edge = EDGE;
    let mut guide = Guide::default();
    while s.running.get_untracked() && STREAM.with_borrow(|now| *now == stream) {
        let mut pause = 80.0;
        let (w, h) = (f64::from(video.video_width()), f64::from(video.video_height()));
        if w > 0.0 && h > 0.0 {
            let own = native(&video).await;
            let mut answer = Answer {
                text: own.clone().flatten(),
                advice: None,
            };
            if answer.text.is_none() && (own.is_none() || Date::now() - begun > ALONE) {
                let asked = Date::now();
                let pixels = frame(w, h, edge, |c, w, h| {
                    c.draw_image_with_html_video_element_and_dw_and_dh(&video, 0.0, 0.0, w, h)
                });
                if let Some(pixels) = pixels {
                    let worker = p.with_value(|t| t.worker.clone());
                    answer = by_worker(&worker, pixels).await.unwrap_or_default();
                }
                let took = Date::now() - asked;
                if took > PACE.1 {
                    edge = (edge * 0.75).max(EDGES.0);
                } else if took < PACE.0 {
                    edge = (edge * 1.2).min(EDGES.1);
                }
                // the page stays awake between frames, also on slow devices
                pause = took.clamp(30.0, 150.0);
            }
            if let Some(text) = &answer.text
                && accept(p, s, text)
            {
                // the last frame stays, with a green edge
                let _ = video.pause();
                stop_tracks();
                return;
            }
            guide.show(p, s, &answer);
        }
        #[expect(clippy::cast_possible_truncation, reason = "clamped")]
        sleep(pause as i32).await;
    }
}

/// Says what would help, calmly.
#[derive(Default)]
struct Guide {
    last: Option<String>,
    times: u32,
    since: f64,
    zoomed: bool,
}

impl Guide {
    fn show(&mut self, p: StoredValue<ScannerTexts>, s: Signals, answer: &Answer) {
        if answer.text.is_some() {
            // whatever was read has been answered
            self.since = Date::now();
            return;
        }
        if self.last == answer.advice {
            self.times += 1;
        } else {
            self.last.clone_from(&answer.advice);
            self.times = 1;
        }
        if self.times < SAME || Date::now() - self.since < STAYS {
            return;
        }
        let text = p.with_value(|t| match self.last.as_deref() {
            Some("nearer") => t.nearer.clone(),
            Some("light") => t.dark.clone(),
            Some("steady") => t.steady.clone(),
            _ => t.looking.clone(),
        });
        if self.last.as_deref() == Some("nearer") && !self.zoomed {
            self.zoomed = true;
            zoom();
        }
        if s.message.with_untracked(|now| *now != text) {
            self.since = Date::now();
            say(s, text, false);
        }
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
        let pixels = frame(w, h, edge, |c, w, h| {
            c.draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, 0.0, 0.0, w, h)
        })?;
        if let Some(text) = by_worker(&address, pixels).await?.text {
            return Some(text);
        }
    }
    None
}
