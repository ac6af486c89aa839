//! The progress of a batch, live. Without WebAssembly the page reloads itself every few seconds.

use super::api::HowFar;
use leptos::prelude::*;

/// A bar that asks the server until the batch is made, then shows the finished page.
#[island]
pub fn Progress(id: String, label: String, first: HowFar) -> impl IntoView {
    let now = RwSignal::new(first);
    #[cfg(feature = "hydrate")]
    {
        use super::api::batch_progress;
        use leptos::task::spawn_local;
        let id = StoredValue::new(id);
        Effect::new(move |_| {
            let timer = set_interval_with_handle(
                move || {
                    spawn_local(async move {
                        // a lost connection is not the end: the next try may succeed
                        if let Ok(progress) = batch_progress(id.get_value()).await {
                            let finished = progress.state != "making";
                            now.set(progress);
                            if finished {
                                let _ = window().location().reload();
                            }
                        }
                    });
                },
                std::time::Duration::from_millis(700),
            );
            on_cleanup(move || {
                if let Ok(timer) = timer {
                    timer.clear();
                }
            });
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
    let text = move || now.with(|p| format!("{} / {}", p.done, p.letters));
    view! {
        <div class="kern-progress">
            <label class="kern-label" for="batch-progress">{label}" "<span aria-live="polite">{text}</span></label>
            <progress id="batch-progress" max=move || now.with(|p| p.letters.max(1).to_string()) value=move || now.with(|p| p.done.to_string())></progress>
        </div>
    }
}
