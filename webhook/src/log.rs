//! Events as lines of JSON.
//!
//! Names of images, answers of registries, subjects of certificates and names of users are chosen by others.
//! Whatever an event carries is therefore escaped and shortened here, once for all, and not where it is
//! logged: JSON alone keeps a line feed from making a line, and lets through what turns text around
//! or hides it.
//!
//! **Invariant**: one event is one line of JSON, without a character that a terminal obeys.

use std::fmt;
use std::io;

use serde_json::{Map, Value};
use sovverify::report::escape::{escape, shorten};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;

/// Characters of one field: a denial has up to some 1000, and more is an attempt to bury what matters.
const MAX_FIELD_CHARACTERS: usize = 2_048;
/// Fields of one event; ours have up to ten.
const MAX_FIELDS: usize = 32;
/// The crates whose events are ours. Those of others are heard from warnings on: below that, HTTP clients
/// tell what they send, and that may be a credential.
const OURS: [&str; 3] = ["sovverify_webhook", "sovverify_fetch", "sovverify"];
/// Who follows objects of the API server for us.
const WATCHER: &str = "kube_runtime::watcher";

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogLevel {
    /// What must be repaired.
    Error,
    /// What should be looked at.
    Warn,
    /// What happens to the process as a whole, and each denial.
    #[default]
    Info,
    /// Each request and connection.
    Debug,
    /// Everything.
    Trace,
}

impl From<LogLevel> for Level {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}

/// Logs to standard error from now on, failures of the program itself included.
///
/// # Errors
///
/// Something else in the process has done so already.
pub fn begin(level: LogLevel) -> Result<(), tracing::subscriber::SetGlobalDefaultError> {
    tracing::subscriber::set_global_default(subscriber(level, io::stderr))?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or_default();
        tracing::error!(place, message, "the program failed");
    }));
    Ok(())
}

/// What [`begin`] logs with, to `writer`.
pub fn subscriber<W>(level: LogLevel, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let ours = OURS.map(|name| (name, Level::from(level)));
    let others = Level::from(level).min(Level::WARN);
    let filter = Targets::new()
        .with_default(LevelFilter::from_level(others))
        // It repeats each failure of a watch, and ours say once that one is lost.
        .with_target(WATCHER, LevelFilter::OFF)
        .with_targets(ours);
    let lines = tracing_subscriber::fmt::layer()
        .event_format(Lines)
        .with_writer(writer);
    tracing_subscriber::registry().with(filter).with(lines)
}

/// One event, one line.
struct Lines;

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        let mut fields = Fields::default();
        fields.put("time", safe(&jiff::Timestamp::now().to_string()));
        let level = metadata.level().as_str().to_ascii_lowercase();
        fields.put("level", level.into());
        fields.put("target", safe(metadata.target()));
        event.record(&mut fields);
        writeln!(writer, "{}", Value::Object(fields.0))
    }
}

/// The fields of one event. The first of two with the same name stays, so that no event can say that it
/// is of another time or level.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, name: &str, value: Value) {
        if self.0.len() < MAX_FIELDS {
            self.0.entry(name).or_insert(value);
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), safe(&format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), safe(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.put(field.name(), safe(&value.to_string()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value.into());
    }
}

/// Text of others, on one line and of bounded length.
fn safe(text: &str) -> Value {
    escape(&shorten(text, MAX_FIELD_CHARACTERS))
        .into_owned()
        .into()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A writer whose lines can be read.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is written while `events` happen.
    fn written(level: LogLevel, events: impl FnOnce()) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = subscriber(level, move || writer.clone());
        tracing::subscriber::with_default(subscriber, events);
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    /// The one line that is expected, read back.
    fn line(text: &str) -> Value {
        assert_eq!(text.matches('\n').count(), 1, "{text:?}");
        assert!(text.ends_with('\n'));
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn gauntlet_169_text_of_others_makes_one_line_and_moves_nothing() {
        let hostile = "app\n{\"level\":\"info\",\"message\":\"admitted\"}\r\u{1b}[2J\u{202e}gpj\u{9b}\u{2028}\u{0}\u{feff}";
        let io = io::Error::other(hostile.to_owned());
        let error: &(dyn std::error::Error + 'static) = &io;
        let text = written(LogLevel::Info, || {
            tracing::warn!(
                image = hostile,
                user = %hostile,
                body = ?hostile,
                error,
                "denied {hostile}"
            );
        });
        let is_raw =
            |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2028}\u{feff}".contains(c);
        assert_eq!(text.chars().find(|c| is_raw(*c)), None, "{text:?}");
        let line = line(&text);
        assert_eq!(line["level"], "warn");
        assert_eq!(line["image"], escape(hostile).as_ref());
        assert_eq!(line["user"], escape(hostile).as_ref());
        assert_eq!(line["error"], escape(hostile).as_ref());
        assert_eq!(line["message"], format!("denied {}", escape(hostile)));
        // Escaped twice is fine; what counts is that nothing of it is raw.
        assert!(line["body"].as_str().unwrap().contains("202e"));
    }

    #[test]
    fn long_text_is_shortened_and_says_so() {
        let long = "x".repeat(1_000_000);
        let text = written(LogLevel::Info, || tracing::error!(image = long, "denied"));
        assert!(text.len() < MAX_FIELD_CHARACTERS + 400);
        let line = line(&text);
        assert!(line["image"].as_str().unwrap().contains("characters"));
    }

    #[test]
    fn gauntlet_169_an_event_cannot_pretend_to_be_another() {
        let text = written(LogLevel::Info, || {
            tracing::error!(
                level = "info",
                time = "yesterday",
                target = "kubelet",
                "denied"
            );
        });
        let line = line(&text);
        assert_eq!(line["level"], "error");
        assert_eq!(line["target"], "sovverify_webhook::log::tests");
        assert!(line["time"].as_str().unwrap().starts_with("20"));
    }

    #[test]
    fn numbers_stay_numbers() {
        let text = written(LogLevel::Info, || {
            tracing::info!(
                images = 3_u64,
                took = 0.5,
                dry_run = true,
                left = -1_i64,
                "decided"
            );
        });
        let line = line(&text);
        assert_eq!(line["images"], 3);
        assert_eq!(line["took"], 0.5);
        assert_eq!(line["dry_run"], true);
        assert_eq!(line["left"], -1);
    }

    #[test]
    fn other_crates_are_heard_from_warnings_on_whatever_the_level() {
        let text = written(LogLevel::Trace, || {
            tracing::trace!(target: "sovverify_webhook::decide", "ours");
            tracing::debug!(target: "reqwest::connect", "authorization: Basic c2VjcmV0");
            tracing::info!(target: "kube_client::client", "theirs");
            tracing::warn!(target: "kube_client::client", "a watch failed");
        });
        assert!(
            !text.contains("secret") && !text.contains("c2VjcmV0"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 2, "{text}");
        let quiet = written(LogLevel::Error, || {
            tracing::warn!(target: "kube_client::client", "a watch failed");
            tracing::warn!("ours");
        });
        assert_eq!(quiet, "");
    }
}
