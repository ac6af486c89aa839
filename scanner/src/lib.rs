//! Decodes QR codes from camera frames. Runs in a web worker of its own, and is loaded only where the browser has no
//! `BarcodeDetector`. Why it is our own: docs/adr/0024.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "pixels and modules: small numbers, clamped where they index"
)]

mod decode;
mod finder;
mod fit;
mod grid;
mod picture;
mod warp;

use decode::Plan;
use finder::{Finder, Triple, finders, triples};
use fit::{Scene, bend, fit, refine, versions};
use grid::sample;
use picture::{Binary, Picture, Threshold};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};
use wasm_bindgen::prelude::wasm_bindgen;

/// The text of a QR code in a picture (red, green, blue, opacity, row by row, as a canvas gives them); `None` if there is none
/// that can be read.
#[wasm_bindgen]
pub fn decode(rgba: &[u8], width: u32, height: u32) -> Option<String> {
    let (w, h) = (width as usize, height as usize);
    if w < 32 || h < 32 || rgba.len() != w * h * 4 {
        return None;
    }
    look(&Picture::from_rgba(rgba, w, h))
}

fn plan(version: usize) -> Rc<Plan> {
    thread_local! {
        static PLANS: RefCell<BTreeMap<usize, Rc<Plan>>> = const { RefCell::new(BTreeMap::new()) };
    }
    PLANS.with_borrow_mut(|plans| {
        let plan = plans.entry(version).or_insert_with(|| Rc::new(Plan::new(version)));
        Rc::clone(plan)
    })
}

fn look(full: &Picture) -> Option<String> {
    let half = full.halved();
    let threshold = Threshold::new(full, 2);
    let mut tried: Vec<Triple> = Vec::new();
    let mut promising: Vec<Promise> = Vec::new();

    let half_threshold = Threshold::new(&half, 2);
    let found = finders(&Binary { picture: &half, threshold: &half_threshold }, 2);
    let doubled: Vec<Finder> = found.iter().map(Finder::doubled).collect();
    attempt(full, &threshold, &doubled, &mut tried, &mut promising).or_else(|| {
        let found = finders(&Binary { picture: full, threshold: &threshold }, 3);
        attempt(full, &threshold, &found, &mut tried, &mut promising)
    }).or_else(|| {
        let smooth = full.smoothed();
        let near = Threshold::new(&smooth, 1);
        let found = finders(&Binary { picture: &smooth, threshold: &near }, 2);
        attempt(&smooth, &near, &found, &mut tried, &mut promising)
    }).or_else(|| {
        promising.sort_by(|a, b| b.fit.score.total_cmp(&a.fit.score));
        promising.truncate(3);
        promising.iter().find_map(|p| persist(full, &threshold, p))
    })
}

/// A grid that fits, but could not be read yet.
struct Promise {
    inverted: bool,
    plan: Rc<Plan>,
    fit: fit::Fit,
}

fn attempt(
    picture: &Picture,
    threshold: &Threshold,
    found: &[Finder],
    tried: &mut Vec<Triple>,
    promising: &mut Vec<Promise>,
) -> Option<String> {
    for triple in triples(found) {
        if tried.iter().any(|t| t.same(&triple)) {
            continue;
        }
        tried.push(triple);
        let scene = Scene { picture, threshold, inverted: triple.corners[0].inverted };
        let mut best: Option<Promise> = None;
        for version in versions(&scene, &triple.corners) {
            let plan = plan(version);
            if let Some(fit) = fit(&scene, &plan, &triple)
                && best.as_ref().is_none_or(|b| fit.score > b.fit.score)
            {
                let clear = fit.score > 0.75;
                best = Some(Promise { inverted: scene.inverted, plan, fit });
                if clear {
                    break;
                }
            }
        }
        let Some(best) = best else { continue };
        if best.fit.score < 0.2 {
            continue;
        }
        let samples = sample(&scene, &best.plan, &best.fit);
        if let Some(read) = decode::read(&samples.grid(5), &best.plan, false) {
            return Some(read.text);
        }
        promising.push(best);
    }
    None
}

/// What takes longer: a better grid, bent paper, blur.
fn persist(picture: &Picture, threshold: &Threshold, promise: &Promise) -> Option<String> {
    let scene = Scene { picture, threshold, inverted: promise.inverted };
    let plan = &promise.plan;
    let better = refine(&scene, plan, &promise.fit);
    if better.score < 0.3 {
        return None;
    }
    let samples = sample(&scene, plan, &better);
    let text = |grid| decode::read(&grid, plan, true).map(|read| read.text);
    text(samples.grid(5))
        .or_else(|| text(samples.grid(3)))
        .or_else(|| text(samples.sharpened(plan)))
        .or_else(|| {
            if plan.version < 2 {
                return None;
            }
            let bent = bend(&scene, plan, &better);
            let samples = sample(&scene, plan, &bent);
            text(samples.grid(5)).or_else(|| text(samples.sharpened(plan)))
        })
}
