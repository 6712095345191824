//! Verdicts that are remembered: bounded by bytes, each only for as long as it is true.
//!
//! **Invariant**: a verdict is found only under the key of exactly its question, and never after its
//! end. A clock that went back makes verdicts from the future, and those do not count.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use quick_cache::Weighter;
use sovverify::{Class, Decision};

use super::judged::{Judged, Kept};
use super::key::Key;
use super::limits::DecideLimits;

/// Bytes of a key and of what the cache keeps beside an entry.
const ENTRY_OVERHEAD: u64 = 128;
/// The part of the memory that is kept for denials: whoever may create pods can make any number of them,
/// and must not push out what is known to be good.
const DENIALS_PART: u64 = 4;
/// Bytes of a usual entry, from which the number of places is guessed.
const USUAL_ENTRY: u64 = 1_024;
/// How far two readings of one clock may lie apart without it having gone back.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_secs(5);

/// A verdict with the time in which it counts.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) judged: Arc<Judged>,
    /// When it was made.
    pub(super) since: Timestamp,
    /// From when on it does not count.
    pub(super) until: Timestamp,
}

#[derive(Clone, Debug)]
struct Bytes;

impl Weighter<Key, Entry> for Bytes {
    fn weight(&self, _: &Key, entry: &Entry) -> u64 {
        let judged = u64::try_from(entry.judged.weight()).unwrap_or(u64::MAX);
        judged.saturating_add(ENTRY_OVERHEAD)
    }
}

type Entries = quick_cache::sync::Cache<Key, Entry, Bytes>;

/// The remembered verdicts.
#[derive(Debug)]
pub struct Cache {
    admissions: Entries,
    denials: Entries,
    changes: AtomicU64,
}

impl Cache {
    /// An empty cache.
    pub fn new(limits: &DecideLimits) -> Self {
        let denials = limits.cache_bytes / DENIALS_PART;
        Self {
            admissions: entries(limits.cache_bytes.saturating_sub(denials)),
            denials: entries(denials),
            changes: AtomicU64::new(0),
        }
    }

    /// The verdict under `key` that counts at `now`.
    pub fn get(&self, key: &Key, now: Timestamp) -> Option<Arc<Judged>> {
        [&self.admissions, &self.denials]
            .into_iter()
            .find_map(|entries| {
                let entry = entries.get(key)?;
                if entry.counts(now) {
                    return Some(entry.judged);
                }
                entries.remove_if(key, |found| !found.counts(now));
                None
            })
    }

    /// Remembers a verdict in the place of any other one under `key`.
    pub(super) fn insert(&self, key: Key, entry: Entry) {
        if entry.until > entry.since {
            let (own, other) = match entry.judged.decision {
                Decision::Admit => (&self.admissions, &self.denials),
                Decision::Deny => (&self.denials, &self.admissions),
            };
            let replaced = other.remove(&key).is_some();
            let is_admission = entry.judged.decision == Decision::Admit;
            own.insert(key, entry);
            // Denials are not kept in a file: any number of them changes nothing there.
            if is_admission || replaced {
                self.changes.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// How many verdicts there are.
    pub fn len(&self) -> usize {
        self.admissions.len() + self.denials.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of all of them, as far as they are counted.
    pub fn bytes(&self) -> u64 {
        self.admissions
            .weight()
            .saturating_add(self.denials.weight())
    }

    /// Counts every change of the admissions, so that a copy in a file knows when it is old.
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// Every admission that counts at `now`, in the order of its key.
    pub(super) fn admissions(&self, now: Timestamp) -> Vec<(Key, Entry, Kept)> {
        let mut found: Vec<_> = self
            .admissions
            .iter()
            .filter(|(_, entry)| entry.counts(now))
            .filter_map(|(key, entry)| {
                let kept = Kept::of(&entry.judged)?;
                Some((key, entry, kept))
            })
            .collect();
        found.sort_by_key(|(key, _, _)| *key);
        found
    }
}

fn entries(bytes: u64) -> Entries {
    let places = usize::try_from(bytes / USUAL_ENTRY)
        .unwrap_or(usize::MAX)
        .max(16);
    Entries::with_weighter(places, bytes, Bytes)
}

impl Entry {
    /// A verdict made at `now`, remembered for as long as its kind allows.
    pub(super) fn new(judged: Arc<Judged>, now: Timestamp, limits: &DecideLimits) -> Self {
        let lifetime = match (judged.decision, judged.class()) {
            (Decision::Admit, _) => limits.admit_lifetime,
            (Decision::Deny, Some(Class::Transient)) => limits.transient_lifetime,
            (Decision::Deny, _) => limits.deny_lifetime,
        };
        Self {
            judged,
            since: now,
            until: now.saturating_add(lifetime).unwrap_or(now),
        }
    }

    pub(super) fn counts(&self, now: Timestamp) -> bool {
        let went_back = self.since.duration_since(now) > CLOCK_SLACK;
        !went_back && now < self.until
    }
}

#[cfg(test)]
mod tests {
    use sovverify::Code;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn admitted() -> Arc<Judged> {
        Arc::new(Judged {
            decision: Decision::Admit,
            refusal: None,
            ..Judged::refused(Code::PolicyNoMatch, String::new())
        })
    }

    fn key(text: &str) -> Key {
        Key::of_request(text)
    }

    #[test]
    fn what_it_holds_is_weighed_and_changes_of_admissions_are_counted() {
        let limits = DecideLimits::default();
        let cache = Cache::new(&limits);
        let entry = |judged| Entry::new(judged, at(0), &limits);
        let refused = || Arc::new(Judged::refused(Code::SignatureMissing, "no".to_owned()));
        assert_eq!((cache.bytes(), cache.changes()), (0, 0));
        cache.insert(key("a"), entry(admitted()));
        let one = cache.bytes();
        assert!(one > 1);
        cache.insert(key("b"), entry(refused()));
        assert!(cache.bytes() > one);
        // A denial changes the file only where it takes the place of an admission.
        assert_eq!(cache.changes(), 1);
        cache.insert(key("a"), entry(refused()));
        assert_eq!(cache.changes(), 2);
    }

    #[test]
    fn each_kind_of_verdict_has_its_own_lifetime() {
        let limits = DecideLimits::default();
        let cache = Cache::new(&limits);
        let refused = |code| Arc::new(Judged::refused(code, "no".to_owned()));
        for (name, judged, lives) in [
            ("admit", admitted(), 3_600),
            ("deny", refused(Code::SignatureMissing), 10),
            ("outage", refused(Code::RegistryUnreachable), 1),
        ] {
            cache.insert(key(name), Entry::new(judged, at(0), &limits));
            assert!(cache.get(&key(name), at(0)).is_some(), "{name}");
            assert!(cache.get(&key(name), at(lives - 1)).is_some(), "{name}");
            assert!(cache.get(&key(name), at(lives)).is_none(), "{name}");
            // It is gone, and does not come back with the clock.
            assert!(cache.get(&key(name), at(0)).is_none(), "{name}");
        }
    }

    #[test]
    fn a_clock_that_went_back_makes_nothing_live_longer() {
        let limits = DecideLimits::default();
        let cache = Cache::new(&limits);
        cache.insert(key("a"), Entry::new(admitted(), at(0), &limits));
        assert!(cache.get(&key("a"), at(-5)).is_some());
        assert!(cache.get(&key("a"), at(-6)).is_none());
    }

    #[test]
    fn the_bound_is_in_bytes_and_holds() {
        let limits = DecideLimits {
            cache_bytes: 64 * 1024,
            ..DecideLimits::default()
        };
        let cache = Cache::new(&limits);
        for number in 0..10_000 {
            let judged = Judged::refused(Code::SignatureMissing, "x".repeat(500));
            let entry = Entry::new(Arc::new(judged), at(0), &limits);
            cache.insert(key(&number.to_string()), entry);
        }
        assert!(cache.bytes() <= limits.cache_bytes);
        assert!(!cache.is_empty());
    }

    #[test]
    fn an_entry_counts_for_its_verdict_and_what_is_kept_beside_it() {
        let limits = DecideLimits::default();
        let entry = Entry::new(admitted(), at(0), &limits);
        let verdict = u64::try_from(entry.judged.weight()).unwrap();
        assert_eq!(Bytes.weight(&key("a"), &entry), verdict + ENTRY_OVERHEAD);
    }

    #[test]
    fn denials_have_their_part_and_no_more() {
        let limits = DecideLimits {
            cache_bytes: 64 * 1024,
            ..DecideLimits::default()
        };
        let cache = Cache::new(&limits);
        assert_eq!(cache.denials.capacity(), limits.cache_bytes / DENIALS_PART);
        let rest = limits.cache_bytes - limits.cache_bytes / DENIALS_PART;
        assert_eq!(cache.admissions.capacity(), rest);
    }

    #[test]
    fn no_number_of_denials_pushes_out_an_admission_and_one_replaces_the_other() {
        let limits = DecideLimits {
            cache_bytes: 64 * 1024,
            ..DecideLimits::default()
        };
        let cache = Cache::new(&limits);
        cache.insert(key("good"), Entry::new(admitted(), at(0), &limits));
        let denied = || Arc::new(Judged::refused(Code::SignatureMissing, "x".repeat(500)));
        for number in 0..10_000 {
            let entry = Entry::new(denied(), at(0), &limits);
            cache.insert(key(&number.to_string()), entry);
        }
        assert!(cache.get(&key("good"), at(1)).is_some());
        assert_eq!(cache.changes(), 1);
        // A clock that goes back brings no verdict back that another one replaced.
        cache.insert(key("good"), Entry::new(denied(), at(2), &limits));
        assert_eq!(cache.get(&key("good"), at(1)), Some(denied()));
        cache.insert(key("good"), Entry::new(admitted(), at(3), &limits));
        assert_eq!(cache.get(&key("good"), at(1)), Some(admitted()));
    }
}
