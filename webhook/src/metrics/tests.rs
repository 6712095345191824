//! The text is read as Prometheus reads it (`OpenMetrics` 1.0), and its documentation is held against it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::*;

/// One metric with all its series.
#[derive(Debug, Default)]
struct FamilyText {
    kind: String,
    help: String,
    unit: String,
    samples: Vec<Sample>,
}

#[derive(Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

/// Metrics after everything has happened once.
fn everything() -> Metrics {
    let metrics = Metrics::default();
    for decision in Decided::ALL {
        metrics.decided("create", *decision, None);
    }
    metrics.decided("create", Decided::Denied, Some(Code::SignatureMissing));
    for stage in Stage::ALL {
        metrics.took(*stage, Duration::from_millis(3));
        metrics.took(*stage, Duration::from_mins(1));
    }
    for answer in CacheAnswer::ALL {
        metrics.cache_answered(*answer);
    }
    metrics.cache_holds(1, 2_000);
    metrics.cache_evicted(1);
    for success in Success::ALL {
        metrics.finished_in_background(*success);
        metrics.mounted(*success);
        metrics.status_written(*success);
        for save in Save::ALL {
            metrics.cache_persisted(*save, *success);
        }
        for what in Reloaded::ALL {
            metrics.reloaded(*what, *success);
        }
    }
    drop(metrics.verification());
    metrics.joined();
    for answer in RegistryAnswer::ALL {
        metrics.registry_answered(*answer);
    }
    for reason in RetryReason::ALL {
        metrics.registry_retried(*reason);
    }
    metrics.documents(2, 3, Some(4_102_444_800));
    metrics.objects_refused(1);
    metrics.watches_lost(Duration::from_millis(1_500));
    metrics.certificate(1_577_836_800, 4_102_444_800);
    for listener in Listener::ALL {
        drop(metrics.connection(*listener));
    }
    for reason in HandshakeFailure::ALL {
        metrics.handshake_failed(*reason);
    }
    drop(metrics.in_flight());
    for route in Route::ALL {
        for status in [200, 404, 503] {
            metrics.answered(*route, status);
        }
    }
    for limit in Limit::ALL {
        metrics.refused(*limit);
    }
    metrics.abandoned();
    metrics.panicked();
    metrics
}

fn read(text: &str) -> BTreeMap<String, FamilyText> {
    let mut families: BTreeMap<String, FamilyText> = BTreeMap::new();
    let mut current = String::new();
    let body = text.strip_suffix("# EOF\n").expect("an end");
    for line in body.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (what, name) = (words.next().unwrap(), words.next().unwrap());
            let rest = words.next().unwrap_or_default().to_owned();
            if name != current {
                assert!(!families.contains_key(name), "{name} is told in two places");
                name.clone_into(&mut current);
            }
            let family = families.entry(name.to_owned()).or_default();
            let field = match what {
                "HELP" => &mut family.help,
                "TYPE" => &mut family.kind,
                "UNIT" => &mut family.unit,
                other => panic!("expected HELP, TYPE or UNIT, found {other}"),
            };
            assert!(field.is_empty(), "{name} has two of {what}");
            *field = rest;
        } else {
            let sample = sample(line);
            assert!(
                sample.name.starts_with(&current),
                "{line} is below {current}"
            );
            families.get_mut(&current).unwrap().samples.push(sample);
        }
    }
    families
}

/// `name{label="value",…} number`
fn sample(line: &str) -> Sample {
    let end = line.find(['{', ' ']).unwrap();
    let (name, mut rest) = line.split_at(end);
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        while !rest.starts_with('}') {
            let (label, after) = rest.split_once("=\"").unwrap();
            // No value of ours needs an escape, so that the next quote is its end.
            let (value, after) = after.split_once('"').unwrap();
            assert!(!value.contains(['\\', '\n']), "{line}");
            let twice = labels.insert(label.to_owned(), value.to_owned());
            assert!(twice.is_none(), "{line}");
            rest = after.strip_prefix(',').unwrap_or(after);
        }
        rest = &rest[1..];
    }
    let value = rest.strip_prefix(' ').unwrap();
    let value = match value {
        "+Inf" | "inf" => f64::INFINITY,
        number => number.parse().unwrap(),
    };
    Sample {
        name: name.to_owned(),
        labels,
        value,
    }
}

#[test]
fn prometheus_can_read_the_text() {
    let families = read(&everything().text());
    assert!(families.len() > 20);
    let mut series = BTreeSet::new();
    for (name, family) in &families {
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
        assert!(
            name.starts_with("sovverify_webhook_") || name.starts_with("process_"),
            "{name}"
        );
        assert!(!family.help.is_empty(), "{name}");
        if !family.unit.is_empty() {
            assert!(name.ends_with(&format!("_{}", family.unit)), "{name}");
        }
        assert!(!family.samples.is_empty(), "{name} was never counted");
        for sample in &family.samples {
            let suffix = sample.name.strip_prefix(name.as_str()).unwrap();
            let expected: &[&str] = match family.kind.as_str() {
                "counter" => &["_total"],
                "gauge" => &[""],
                "info" => &["_info"],
                "histogram" => &["_bucket", "_sum", "_count"],
                other => panic!("{name} is a {other}"),
            };
            assert!(expected.contains(&suffix), "{}", sample.name);
            assert!(!sample.value.is_nan() && sample.value >= 0.0);
            let one = (sample.name.clone(), sample.labels.clone());
            assert!(series.insert(one), "{sample:?} stands twice");
        }
    }
    // Two numbers and a series for each bound: a scrape stays a scrape.
    assert!(series.len() < 500, "{}", series.len());
}

#[test]
fn buckets_count_what_is_below_them() {
    let families = read(&everything().text());
    let family = &families["sovverify_webhook_stage_duration_seconds"];
    for stage in Stage::ALL {
        let of = |suffix: &str| -> Vec<&Sample> {
            let samples = family.samples.iter();
            samples
                .filter(|sample| sample.name.ends_with(suffix))
                .filter(|sample| sample.labels["stage"] == stage.name())
                .collect()
        };
        let buckets = of("_bucket");
        let counts: Vec<f64> = buckets.iter().map(|sample| sample.value).collect();
        assert!(counts.is_sorted(), "{counts:?}");
        let last = buckets.last().unwrap();
        assert!(matches!(last.labels["le"].as_str(), "+Inf"), "{last:?}");
        assert!((last.value - of("_count")[0].value).abs() < f64::EPSILON);
        assert!((of("_sum")[0].value - 60.003).abs() < 0.001);
    }
}

#[test]
fn known_series_are_there_before_anything_happens() {
    let text = Metrics::default().text();
    for series in [
        "cache_lookups_total{answer=\"miss\"} 0",
        "registry_requests_total{answer=\"429\"} 0",
        "requests_refused_total{limit=\"body-size\"} 0",
        "reloads_total{what=\"documents\",success=\"failure\"} 0",
        "tls_handshakes_failed_total{reason=\"timeout\"} 0",
        "panics_total 0",
    ] {
        assert!(text.contains(&format!("_{series}\n")), "{series}\n{text}");
    }
}

#[test]
fn what_runs_is_counted_until_it_ends() {
    let metrics = Metrics::default();
    let two = (metrics.verification(), metrics.verification());
    let running = "sovverify_webhook_verifications_running ";
    assert!(metrics.text().contains(&format!("{running}2\n")));
    drop(two.0);
    assert!(metrics.text().contains(&format!("{running}1\n")));
    drop(two.1);
    assert!(metrics.text().contains(&format!("{running}0\n")));
}

/// Where the table stands.
fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/operations/metrics.md")
}

/// Labels whose values are too many to be listed in a cell.
const MANY: [&str; 4] = ["operation", "class", "code", "version"];

/// One line for each metric.
fn table() -> String {
    let mut table =
        String::from("| metric | kind | labels | what it says |\n| --- | --- | --- | --- |\n");
    for (name, family) in read(&everything().text()) {
        let suffix = match family.kind.as_str() {
            "counter" => "_total",
            "info" => "_info",
            _ => "",
        };
        let mut labels: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for sample in &family.samples {
            for (label, value) in &sample.labels {
                labels.entry(label).or_default().insert(value);
            }
        }
        labels.remove("le");
        let labels: Vec<String> = labels
            .into_iter()
            .map(|(label, values)| {
                if MANY.contains(&label) {
                    return format!("`{label}`");
                }
                let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
                format!("`{label}`: {}", values.join(", "))
            })
            .collect();
        let (kind, help) = (&family.kind, family.help.trim_end_matches('.'));
        let labels = labels.join("; ");
        let line = format!("| `{name}{suffix}` | {kind} | {labels} | {help} |");
        writeln!(table, "{}", line.replace("|  |", "| |")).unwrap();
    }
    table
}

#[test]
fn every_metric_is_documented_as_it_is() {
    const BEGIN: &str = "<!-- metrics: written by a test with SOVVERIFY_BLESS=1 -->\n\n";
    const END: &str = "\n<!-- end of metrics -->";
    let text = fs::read_to_string(page()).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the beginning of the table");
    let (found, after) = rest.split_once(END).expect("the end of the table");
    let expected = table();
    if std::env::var_os("SOVVERIFY_BLESS").is_some() {
        fs::write(page(), format!("{before}{BEGIN}{expected}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        found, expected,
        "run with SOVVERIFY_BLESS=1 and review docs/operations/metrics.md"
    );
}
