//! Every bound of a decision, each with its unit and its reason.

use std::time::Duration;

/// Bounds on time, memory and work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecideLimits {
    /// How long the caller is assumed to wait where it does not say: Kubernetes' own default.
    pub default_timeout: Duration,
    /// Longest wait that is believed: Kubernetes allows 30 s.
    pub longest_timeout: Duration,
    /// Part of the caller's patience kept back for the way home, in percent.
    pub margin_percent: u32,
    /// Least time kept back for the way home.
    pub least_margin: Duration,
    /// Bytes of all remembered verdicts.
    pub cache_bytes: u64,
    /// How long an admission is remembered: new evidence, good or bad, is seen after it. A change of
    /// policy or trust is seen at once, and an admission that time itself would end ends with it.
    pub admit_lifetime: Duration,
    /// How long a denial is remembered: short, because whoever reads it signs and tries again.
    pub deny_lifetime: Duration,
    /// How long an outage is remembered: only so long that a crowd does not ask again together.
    pub transient_lifetime: Duration,
    /// Tags looked up at once: each is one request, and one manifest in memory.
    pub resolutions: usize,
    /// Images verified at once: enough to hide round trips, few enough for the memory that their
    /// evidence takes.
    pub verifications: usize,
    /// Images that are being verified or wait for it: beyond it a request is told to come again.
    pub waiting: usize,
    /// Sets of pull secrets whose connections and tokens are kept.
    pub scopes: usize,
    /// How long such a set is kept: a secret that was taken away stops working then at the latest.
    pub scope_lifetime: Duration,
    /// Bytes of the file in which verdicts survive a restart.
    pub file_bytes: u64,
    /// How often changed verdicts are written to it.
    pub save_interval: Duration,
}

impl Default for DecideLimits {
    fn default() -> Self {
        Self {
            default_timeout: Duration::from_secs(10),
            longest_timeout: Duration::from_secs(30),
            margin_percent: 10,
            least_margin: Duration::from_millis(200),
            cache_bytes: 16 * 1024 * 1024,
            admit_lifetime: Duration::from_hours(1),
            deny_lifetime: Duration::from_secs(10),
            transient_lifetime: Duration::from_secs(1),
            resolutions: 32,
            verifications: 32,
            waiting: 4_096,
            scopes: 256,
            scope_lifetime: Duration::from_mins(10),
            file_bytes: 64 * 1024 * 1024,
            save_interval: Duration::from_secs(2),
        }
    }
}

impl DecideLimits {
    /// How long an answer may take for a caller that waits for `timeout`: always less than that.
    pub fn patience(&self, timeout: Option<Duration>) -> Duration {
        let timeout = timeout
            .unwrap_or(self.default_timeout)
            .min(self.longest_timeout);
        let margin = (timeout.saturating_mul(self.margin_percent) / 100).max(self.least_margin);
        // A caller with less patience than the margin gets half of it.
        timeout
            .checked_sub(margin)
            .filter(|rest| *rest >= margin)
            .unwrap_or(timeout / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_a_caller_have_bounds() {
        let limits = DecideLimits::default();
        let after = |timeout: Duration| limits.patience(Some(timeout));
        let millisecond = Duration::from_millis(1);
        assert_eq!(limits.patience(None), after(limits.default_timeout));
        let longest = limits.longest_timeout;
        assert_eq!(after(longest + millisecond), after(longest));
        assert!(after(longest.saturating_sub(10 * millisecond)) < after(longest));
        // The least margin is what the part of the patience comes to here, and stays below it.
        let short = limits.least_margin * 100 / limits.margin_percent;
        assert_eq!(after(short), short.saturating_sub(limits.least_margin));
        let shorter = short.saturating_sub(10 * millisecond);
        assert_eq!(after(shorter), shorter.saturating_sub(limits.least_margin));
        let longer = short + 100 * millisecond;
        assert_eq!(
            after(longer),
            longer.saturating_sub(longer * limits.margin_percent / 100)
        );
    }

    #[test]
    fn an_answer_is_always_earlier_than_the_caller_s_patience() {
        let limits = DecideLimits::default();
        for (timeout, patience) in [
            (None, 9_000),
            (Some(10_000), 9_000),
            (Some(1_000), 800),
            (Some(100), 50),
            (Some(0), 0),
            (Some(3_600_000), 27_000),
        ] {
            let timeout = timeout.map(Duration::from_millis);
            assert_eq!(limits.patience(timeout), Duration::from_millis(patience));
        }
    }
}
