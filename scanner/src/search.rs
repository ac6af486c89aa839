//! In which order it is tried: what is cheap and mostly enough comes first.

use crate::{
    decode::{self, Plan},
    finder::{Finder, Triple, finders, pairs, triples},
    fit::{Fit, Scene, Sides, fit, fit_pair, refine},
    grid::sample,
    picture::{Binary, Picture, Threshold},
    track::track,
};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

/// A grid that agrees less is chance.
const CHANCE: f32 = 0.2;
/// A grid that agrees so well lies where it should, and is worth a closer look at once.
const CLOSE: f32 = 0.5;
/// A grid that agrees less after it was moved is not worth long calculations.
const HOPELESS: f32 = 0.4;
/// Three patterns with a grid that agrees so well are the corners of the code: none of them is hidden.
const WHOLE: f32 = 0.62;

/// What is alike in all codes of a version; made when it is needed, kept for later frames.
fn plan(version: usize) -> Rc<Plan> {
    thread_local! {
        static PLANS: RefCell<BTreeMap<usize, Rc<Plan>>> = const { RefCell::new(BTreeMap::new()) };
    }
    PLANS.with_borrow_mut(|plans| {
        let plan = plans
            .entry(version)
            .or_insert_with(|| Rc::new(Plan::new(version)));
        Rc::clone(plan)
    })
}

/// What a person can do so that the next frame can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    /// It is too dark.
    Light,
    /// The code is too small.
    Nearer,
    /// The code is there and large enough, but not clear.
    Steady,
}

/// What came of a frame.
pub(crate) struct Looked {
    pub(crate) text: Option<String>,
    pub(crate) advice: Option<Advice>,
}

/// Mean grey value below which a frame is called dark.
const DARK: usize = 48;
/// Pixels a module needs to be read well (measured: below 2 the rate falls).
const SMALL: f32 = 2.2;

/// Reads a code, or says what would help.
pub(crate) fn look(full: &Picture) -> Looked {
    let mut seen = None;
    let text = find(full, &mut seen);
    let advice = match (&text, seen) {
        (Some(_), _) => None,
        _ if full.brightness() < DARK => Some(Advice::Light),
        (None, Some(module)) if module < SMALL => Some(Advice::Nearer),
        (None, Some(_)) => Some(Advice::Steady),
        (None, None) => None,
    };
    Looked { text, advice }
}

/// Reads a code: patterns in the picture of half the size (most codes fill much of a frame), then in the whole, then in the
/// softened one against noise; then takes more time for what nearly fits. `seen`: the size of the modules of something that must
/// be a code.
fn find(full: &Picture, seen: &mut Option<f32>) -> Option<String> {
    let threshold = Threshold::new(full, 2);
    let mut search = Search {
        full,
        threshold: &threshold,
        tried: Vec::new(),
        promising: Vec::new(),
    };
    let half = full.halved();
    let found: Vec<Finder> = patterns(&half, &Threshold::new(&half, 2), 3)
        .iter()
        .map(Finder::doubled)
        .collect();
    if let Some(text) = search.attempt(full, &threshold, &found) {
        return Some(text);
    }
    let clearest = patterns(full, &threshold, 3);
    if let Some(text) = search.attempt(full, &threshold, &clearest) {
        return Some(text);
    }
    let smooth = full.smoothed();
    let near = Threshold::new(&smooth, 1);
    let found = patterns(&smooth, &near, 2);
    if let Some(text) = search.attempt(&smooth, &near, &found) {
        return Some(text);
    }
    let promising = std::mem::take(&mut search.promising);
    *seen = promising
        .iter()
        .filter(|p| p.fit.score > HOPELESS)
        .map(|p| p.triple.corners[0].module)
        .reduce(f32::max)
        .or_else(|| {
            clearest
                .iter()
                .filter(|f| f.is_certain())
                .map(|f| f.module)
                .reduce(f32::max)
        });
    let (text, best) = search.persist(promising);
    if text.is_some() || best > WHOLE {
        return text;
    }
    search.persist(search.hidden(&clearest)).0
}

fn patterns(picture: &Picture, threshold: &Threshold, step: usize) -> Vec<Finder> {
    finders(&Binary { picture, threshold }, step)
}

/// A grid that fits, but could not be read yet.
struct Promise {
    triple: Triple,
    plan: Rc<Plan>,
    fit: Fit,
    /// It was moved to where it fits best, and read there.
    refined: bool,
}

struct Search<'a> {
    full: &'a Picture,
    threshold: &'a Threshold,
    /// Not tried twice.
    tried: Vec<Triple>,
    promising: Vec<Promise>,
}

impl Search<'_> {
    /// Tries the patterns that were found in a picture.
    fn attempt(&mut self, picture: &Picture, threshold: &Threshold, found: &[Finder]) -> Option<String> {
        for triple in triples(found) {
            if self.tried.iter().any(|t| t.same(&triple)) {
                continue;
            }
            self.tried.push(triple);
            let scene = Scene::new(picture, threshold, &triple);
            let Some(mut promise) = promise(&scene, triple) else {
                continue;
            };
            let samples = sample(&scene, &promise.plan, &promise.fit);
            if let Some(text) = decode::read(&samples.grid(5), &promise.plan, false) {
                return Some(text);
            }
            if promise.fit.score > CLOSE {
                promise.fit = refine(&scene, &promise.plan, &promise.fit);
                promise.refined = true;
                let samples = sample(&scene, &promise.plan, &promise.fit);
                if let Some(text) = decode::read(&samples.grid(5), &promise.plan, true) {
                    return Some(text);
                }
            }
            self.promising.push(promise);
        }
        None
    }

    /// Grids over two patterns, if the third is hidden.
    fn hidden(&self, found: &[Finder]) -> Vec<Promise> {
        let mut promising = Vec::new();
        for (triple, missing) in pairs(found) {
            let scene = Scene::new(self.full, self.threshold, &triple);
            for version in Sides::new(&scene, &triple.corners).versions() {
                let plan = plan(version);
                if let Some(fit) = fit_pair(&scene, &plan, &triple, missing) {
                    promising.push(Promise {
                        triple,
                        plan,
                        fit,
                        refined: false,
                    });
                }
            }
        }
        promising
    }

    /// Takes more time for the grids that fit best; also tells how well the best one fits.
    fn persist(&self, mut promising: Vec<Promise>) -> (Option<String>, f32) {
        promising.sort_by(|a, b| b.fit.score.total_cmp(&a.fit.score));
        promising.truncate(2);
        let mut best = 0f32;
        for promise in promising {
            let scene = Scene::new(self.full, self.threshold, &promise.triple);
            let fit = match promise.refined {
                true => promise.fit,
                false => refine(&scene, &promise.plan, &promise.fit),
            };
            best = best.max(fit.score);
            if fit.score > HOPELESS
                && let Some(text) = thorough(&scene, &promise.plan, &fit)
            {
                return (Some(text), best);
            }
        }
        (None, best)
    }
}

/// The grid that fits best over three patterns.
fn promise(scene: &Scene<'_>, triple: Triple) -> Option<Promise> {
    let sides = Sides::new(scene, &triple.corners);
    let mut best: Option<Promise> = None;
    for version in sides.versions() {
        let plan = plan(version);
        let Some(fit) = fit(scene, &plan, &triple, &sides) else {
            continue;
        };
        let clear = fit.score > 0.75;
        if best.as_ref().is_none_or(|b| fit.score > b.fit.score) {
            best = Some(Promise {
                triple,
                plan,
                fit,
                refined: false,
            });
        }
        if clear {
            break;
        }
    }
    best.filter(|b| b.fit.score > CHANCE)
}

/// What takes longer: doubtful bytes as erasures, blur taken back, bent paper.
fn thorough(scene: &Scene<'_>, plan: &Plan, fit: &Fit) -> Option<String> {
    let samples = sample(scene, plan, fit);
    let text = |grid| decode::read(&grid, plan, true);
    text(samples.grid(5))
        .or_else(|| text(samples.grid(3)))
        .or_else(|| text(samples.sharpened(plan)))
        .or_else(|| {
            let samples = sample(scene, plan, &track(scene, plan, fit));
            text(samples.grid(5)).or_else(|| text(samples.sharpened(plan)))
        })
}
