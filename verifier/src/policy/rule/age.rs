//! How old a claim may be: by proven time, never by a date that the claim tells about itself
//! (gauntlet 167).

use jiff::{SignedDuration, Timestamp};

use super::{Facts, Judged, Remark};
use crate::code::Code;
use crate::verdict::Position;

/// The oldest that a claim may be.
#[derive(Clone, Debug)]
pub(in crate::policy) struct MaxAge {
    pub(in crate::policy) longest: SignedDuration,
    /// What is said of a claim that is older.
    pub(in crate::policy) code: Code,
    pub(in crate::policy) position: Option<Position>,
}

impl MaxAge {
    pub(in crate::policy) fn judge(&self, facts: &Facts<'_>, judged: &mut Judged) {
        // The earliest one: nobody can make old evidence young by having it timestamped once more.
        let found = match facts.claim.times.first() {
            None => {
                "no proven time: neither a log nor a timestamp authority vouches for one".into()
            }
            Some(proven) if self.is_old(proven.time, facts.time) => {
                format!("one of {}", proven.time)
            }
            Some(_) => return,
        };
        judged.refuse(Remark::new(
            self.code,
            self.expected(facts.time),
            found,
            self.position.as_ref(),
        ));
    }

    /// Whether something of `moment` is too old at `now`. A moment in the future is not young.
    pub(super) fn is_old(&self, moment: Timestamp, now: Timestamp) -> bool {
        let age = now.duration_since(moment);
        age > self.longest || age.is_negative()
    }

    /// The demand in words.
    pub(super) fn expected(&self, now: Timestamp) -> String {
        let since = now.checked_sub(self.longest).unwrap_or(Timestamp::MIN);
        format!("one of {since} or later, and not later than {now}")
    }

    pub(super) fn canonical(&self) -> i64 {
        self.longest.as_secs()
    }
}
