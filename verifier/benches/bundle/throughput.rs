//! Many different bundles on all cores: how many in a second, beside their raw cryptography on the same cores, and
//! how much memory that takes.

use std::thread;
use std::time::Instant;

use sovverify_forge::Forge;

use crate::raw::{Check, raw};
use crate::{ARTIFACT, Subject, ours, subject};

/// Bundles, each by a key and a certificate of its own.
const BUNDLES: usize = 500;
/// Rounds; their median counts.
const ROUNDS: usize = 7;

/// Prints the numbers. `checks` are those of one such bundle; they cost the same for all.
pub(crate) fn run(forge: &Forge, time: jiff::Timestamp, checks: &[Check]) {
    let bundle = |_| {
        let bundle = forge.keyless(time).message(ARTIFACT).bytes();
        subject(forge, "", bundle, None)
    };
    let subjects: Vec<Subject> = (0..BUNDLES).map(bundle).collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let before = resident();
    let mut rates = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let works = [
            rate(1, &subjects, &ours),
            rate(cores, &subjects, &ours),
            rate(cores, &subjects, &|_| raw(checks)),
        ];
        for (rates, rate) in rates.iter_mut().zip(works) {
            rates.push(rate);
        }
    }
    let [one, all, raw] = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates.get(ROUNDS / 2).copied().unwrap()
    });
    println!(
        "{BUNDLES} different bundles: {one:.0}/s on one core, {all:.0}/s on {cores} ({:.2}x), raw {raw:.0}/s ({:.2}x of it); {} kB more memory",
        all / one,
        all / raw,
        resident().saturating_sub(before)
    );
}

/// Subjects in a second, when `threads` share them.
fn rate(threads: usize, subjects: &[Subject], work: &(dyn Fn(&Subject) + Sync)) -> f64 {
    let start = Instant::now();
    thread::scope(|scope| {
        for share in subjects.chunks(subjects.len().div_ceil(threads)) {
            scope.spawn(move || share.iter().for_each(work));
        }
    });
    let count = u32::try_from(subjects.len()).unwrap();
    f64::from(count) / start.elapsed().as_secs_f64()
}

/// The most memory that the process ever had, in kilobytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
