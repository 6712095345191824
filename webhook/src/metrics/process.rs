//! What the system says about the process, under the names that every dashboard knows.

use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// Read at each scrape; what the system does not say is left out.
#[derive(Debug)]
pub(super) struct Process {
    start: i64,
}

impl Process {
    pub(super) fn begun_now() -> Self {
        Self {
            start: jiff::Timestamp::now().as_second(),
        }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let mut gauge = |name: &str, help: &str, unit: Option<&Unit>, value: Option<i64>| {
            let Some(value) = value else { return Ok(()) };
            let metric = encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?;
            ConstGauge::new(value).encode(metric)
        };
        gauge(
            "process_start_time",
            "When the process began, since 1970",
            Some(&Unit::Seconds),
            Some(self.start),
        )?;
        gauge(
            "process_resident_memory",
            "Memory of the process that is in use",
            Some(&Unit::Bytes),
            resident_bytes(),
        )?;
        gauge(
            "process_open_fds",
            "Open file descriptors",
            None,
            open_files(),
        )
    }
}

/// `VmRSS` of `proc_pid_status(5)`, which counts in kB.
fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: i64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kib.checked_mul(1024)
}

fn open_files() -> Option<i64> {
    i64::try_from(fs::read_dir("/proc/self/fd").ok()?.count()).ok()
}
