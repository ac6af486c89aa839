//! What is written down while the server runs: the log, and traces for OpenTelemetry if the operator wants them. Nothing in
//! either names a person, a code or a password: paths are named by route, never with a query.

use crate::config::Config;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, Layer, filter, layer::SubscriberExt, util::SubscriberInitExt};

/// Spans of this target are traces: they go to the collector, and not into the log.
pub(crate) const TRACES: &str = backend::jobs::TRACES;

/// Traces that are not sent yet.
pub struct Log {
    traces: Option<SdkTracerProvider>,
}

impl Log {
    /// Sends what is left.
    pub fn end(self) {
        if let Some(traces) = self.traces {
            // a collector that does not answer must not keep the process
            let _ = traces.shutdown_with_timeout(std::time::Duration::from_secs(2));
        }
    }
}

/// Starts the log, and the traces.
pub fn start(config: &Config) -> Log {
    let filter = format!(
        "{level},sqlx=warn,hyper=warn,h2=warn,opentelemetry=warn,reqwest=warn,{TRACES}=off",
        level = config.log_level
    );
    let text = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let text = match config.log_format.as_str() {
        "json" => text.json().boxed(),
        _ => text.compact().boxed(),
    };
    let (traces, problem) = match provider(&config.traces) {
        Ok(traces) => (traces, None),
        Err(problem) => (None, Some(problem)),
    };
    let spans = traces.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("stadtbrief"))
            // neither files of the source nor threads: they say nothing to an operator
            .with_location(false)
            .with_threads(false)
            .with_filter(filter::filter_fn(|about| about.target() == TRACES))
    });
    tracing_subscriber::registry()
        .with(text.with_filter(EnvFilter::new(filter)))
        .with(spans)
        .init();
    // the message of a panic can quote what was being read, such as a name; the place is enough to find the fault
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
    if let Some(problem) = problem {
        tracing::warn!(problem, "no traces are sent");
    }
    Log { traces }
}

fn provider(collector: &str) -> Result<Option<SdkTracerProvider>, String> {
    if collector.is_empty() {
        return Ok(None);
    }
    // the exporter's client wants one, although nothing here is encrypted
    let _ = rustls::crypto::ring::default_provider().install_default();
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", collector.trim_end_matches('/')))
        .with_timeout(std::time::Duration::from_secs(5))
        .build()
        .map_err(|e| e.to_string())?;
    let resource = Resource::builder().with_service_name("stadtbrief").build();
    Ok(Some(
        SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build(),
    ))
}
