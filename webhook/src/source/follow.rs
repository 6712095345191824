//! Looks, builds, replaces: for as long as the process lives.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use kube::Client;
use kube::api::Api;
use sovverify_fetch::observe::Observed;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::build::{Builder, Built, Outcome, statuses};
use super::files::{self, Access, Mounted, Paths};
use super::kind::{Key, Kind};
use super::objects::{Object, Objects};
use super::print::{Print, Watched};
use super::problem::Problem;
use super::standing::Standing;
use super::writer::{Wanted, Writer};
use crate::cluster::watching;
use crate::metrics::{Metrics, Reloaded, Success};
use crate::state::Current;

/// How often mounted files are looked at. A change counts when two looks in a row saw the same, so that a
/// file that is being written is not read in half.
const LOOK: Duration = Duration::from_secs(2);
/// Looks after which files that were refused are read again although nothing seems to have changed: what
/// was wrong may be something that a look does not see.
const LOOKS_UNTIL_RETRY: u32 = 10;
/// Looks after which statuses are held against the clock: trust roots expire.
const LOOKS_UNTIL_CLOCK: u32 = 30;
/// A change of objects is taken when none followed for this time: an apply of many comes as one.
const QUIET: Duration = Duration::from_millis(100);
/// It is taken after this time even if more follow.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// Objects in one answer of a list, 1.5 MiB each at the very worst.
const PAGE: u32 = 16;

/// Where documents come from.
pub struct Source {
    paths: Paths,
    client: Option<Client>,
    metrics: Arc<Metrics>,
    standing: Arc<Standing>,
    look: Duration,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("paths", &self.paths)
            .finish_non_exhaustive()
    }
}

impl Source {
    /// Documents from mounted files and, with a client, from objects.
    pub fn new(paths: Paths, client: Option<Client>, metrics: Arc<Metrics>) -> Self {
        Self {
            paths,
            client,
            metrics,
            standing: Arc::default(),
            look: LOOK,
        }
    }

    /// How documents stand.
    pub fn standing(&self) -> Arc<Standing> {
        Arc::clone(&self.standing)
    }

    /// Looks at files more or less often.
    #[cfg(test)]
    pub(super) fn looking_every(self, look: Duration) -> Self {
        Self { look, ..self }
    }

    /// Keeps `current` what files and objects say, until the future is dropped.
    pub async fn follow(self, current: Arc<Current>) {
        let objects = Arc::new(Objects::default());
        let (tell, wanted) = watch::channel(Wanted::default());
        // Ended with this future.
        let mut tasks = JoinSet::new();
        if let Some(client) = &self.client {
            for kind in Kind::ALL {
                tasks.spawn(follow_kind(client.clone(), kind, Arc::clone(&objects)));
            }
            let metrics = Arc::clone(&self.metrics);
            let writer = Writer::new(client.clone(), Arc::clone(&objects), metrics);
            tasks.spawn(writer.run(wanted));
        }
        let mut looks = tokio::time::interval(self.look);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut work = Work::new(self, current, tell);
        loop {
            tokio::select! {
                _ = looks.tick() => work.look().await,
                () = objects.changed() => settle(&objects).await,
            }
            work.renew(&objects).await;
        }
    }
}

async fn follow_kind(client: Client, kind: Kind, objects: Arc<Objects>) {
    let api = Api::all_with(client, &kind.resource());
    watching::watch(api, PAGE, &objects.of(kind)).await;
}

/// Waits until changes have come to rest.
async fn settle(objects: &Objects) {
    let end = Instant::now() + LONGEST_WAIT;
    while let Ok(()) = tokio::time::timeout(QUIET, objects.changed()).await {
        if Instant::now() >= end {
            return;
        }
    }
}

/// What is known between two looks.
struct Work {
    source: Source,
    access: Access,
    current: Arc<Current>,
    tell: watch::Sender<Wanted>,
    builder: Builder,
    /// The mounted documents that count.
    mounted: Option<Arc<Mounted>>,
    watched: Watched,
    /// What was read last, whatever came of it.
    taken: Option<Print>,
    /// What was seen at the last look.
    seen: Option<Print>,
    looks: u32,
    /// What the state that counts was built of.
    built_of: Option<(Arc<Mounted>, BTreeMap<Key, Object>)>,
    outcomes: BTreeMap<Key, Outcome>,
}

impl Work {
    fn new(source: Source, current: Arc<Current>, tell: watch::Sender<Wanted>) -> Self {
        let access = match source.client {
            Some(_) => Access::Cluster,
            None => Access::FilesOnly,
        };
        Self {
            watched: files::watched(&source.paths),
            source,
            access,
            current,
            tell,
            builder: Builder::default(),
            mounted: None,
            taken: None,
            seen: None,
            looks: 0,
            built_of: None,
            outcomes: BTreeMap::new(),
        }
    }

    /// Looks at the mounted files, and reads them where they changed and hold still.
    async fn look(&mut self) {
        self.looks = self.looks.wrapping_add(1);
        let watched = self.watched.clone();
        let Ok(print) = tokio::task::spawn_blocking(move || watched.print()).await else {
            return;
        };
        let stale = self.source.standing.has_bad_files();
        let retry = stale && self.looks.is_multiple_of(LOOKS_UNTIL_RETRY);
        let changed = self.taken.as_ref() != Some(&print);
        let still = self.seen.as_ref() == Some(&print) || self.taken.is_none();
        self.seen = Some(print);
        if still && (changed || retry) {
            self.read().await;
        }
    }

    async fn read(&mut self) {
        let (paths, access) = (self.source.paths.clone(), self.access);
        let metrics: Arc<Metrics> = Arc::clone(&self.source.metrics);
        let observed = Observed::by(metrics);
        let read =
            tokio::task::spawn_blocking(move || files::read_still(&paths, access, &observed));
        let Ok(Some((reading, print))) = read.await else {
            // They do not hold still, so the next look finds a change again.
            return;
        };
        self.watched = reading.watched;
        self.taken = Some(print.clone());
        self.seen = Some(print);
        let problem = match reading.result {
            Ok(mounted) => {
                for warning in &mounted.warnings {
                    tracing::warn!(event = "document warning", message = %warning);
                }
                self.mounted = Some(Arc::new(mounted));
                None
            }
            Err(problem) => Some(problem),
        };
        let told = problem.as_ref().map(ToString::to_string);
        let news = self.source.standing.files(told);
        for line in problem.iter().flat_map(Problem::lines).filter(|_| news) {
            let keeps = self.mounted.is_some();
            tracing::error!(event = "documents refused", last_good_counts = keeps, message = %line);
        }
        if problem.is_some() {
            self.source
                .metrics
                .reloaded(Reloaded::Documents, Success::No);
        }
        self.source.metrics.mounted(match problem {
            None => Success::Yes,
            Some(_) => Success::No,
        });
    }

    /// Builds a state where something changed, and says what statuses should say.
    async fn renew(&mut self, objects: &Objects) {
        let lost = objects.lost();
        let since = lost.as_ref().map_or(Duration::ZERO, |(since, _)| *since);
        self.source.metrics.watches_lost(since);
        let known = match self.access {
            Access::FilesOnly => Some(BTreeMap::new()),
            Access::Cluster => objects.snapshot(),
        };
        let missing = known.is_none().then(|| objects.missing()).flatten();
        self.source
            .standing
            .objects(missing.or(lost.map(|(_, why)| why)));
        let (Some(mounted), Some(known)) = (self.mounted.clone(), known) else {
            return;
        };
        if self.is_news(&mounted, &known) {
            self.build(mounted, known).await;
        } else if self.is_told(&known) && !self.looks.is_multiple_of(LOOKS_UNTIL_CLOCK) {
            return;
        } else {
            self.built_of = Some((mounted, known));
        }
        self.say();
    }

    /// Whether anything but a status changed since the last build.
    fn is_news(&self, mounted: &Arc<Mounted>, known: &BTreeMap<Key, Object>) -> bool {
        let Some((before, objects)) = &self.built_of else {
            return true;
        };
        let same = |((a, one), (b, other)): ((&Key, &Object), (&Key, &Object))| {
            a == b && one.is_version_of(other)
        };
        let objects_same = objects.len() == known.len() && objects.iter().zip(known).all(same);
        !Arc::ptr_eq(before, mounted) || !objects_same
    }

    /// Whether no status changed since the last time.
    fn is_told(&self, known: &BTreeMap<Key, Object>) -> bool {
        let before = self.built_of.as_ref();
        before.is_some_and(|(_, objects)| objects == known)
    }

    async fn build(&mut self, mounted: Arc<Mounted>, known: BTreeMap<Key, Object>) {
        let mut builder = std::mem::take(&mut self.builder);
        let work = (Arc::clone(&mounted), known.clone());
        let built = tokio::task::spawn_blocking(move || {
            let built = builder.build(&work.0, &work.1);
            (builder, built)
        });
        let built = match built.await {
            Ok((builder, built)) => {
                self.builder = builder;
                built
            }
            Err(error) => {
                // The last good versions are lost with it; the state that counts is not.
                tracing::error!(event = "documents not built", reason = %error);
                self.source.metrics.panicked();
                self.built_of = Some((mounted, known));
                return;
            }
        };
        match built {
            Ok(built) => self.replace(built),
            Err(problem) => {
                for line in problem.lines() {
                    tracing::error!(event = "documents refused", message = %line);
                }
                self.source
                    .metrics
                    .reloaded(Reloaded::Documents, Success::No);
            }
        }
        self.built_of = Some((mounted, known));
    }

    fn replace(&mut self, built: Built) {
        let Built { state, outcomes } = built;
        for (key, outcome) in &outcomes {
            let before = self.outcomes.get(key);
            if let (Some(problem), false) = (outcome.problem(), before == Some(outcome)) {
                tracing::warn!(event = "object refused", object = %key, message = %problem);
            }
        }
        let policies = &state.policies;
        let refused = outcomes.values().filter(|outcome| !outcome.is_accepted());
        let (refused, count) = (refused.count(), policies.policies().len());
        let roots = policies.trust_terms();
        let first = roots.iter().filter_map(|root| root.expires).min();
        let metrics = &self.source.metrics;
        metrics.documents(
            number(count),
            number(roots.len()),
            first.map(Timestamp::as_second),
        );
        metrics.objects_refused(number(refused));
        metrics.reloaded(Reloaded::Documents, Success::Yes);
        tracing::info!(
            event = "documents loaded",
            policies = count,
            trust_roots = roots.len(),
            exceptions = state.exceptions.len(),
            refused,
        );
        self.outcomes = outcomes;
        self.current.set(state);
        self.source.standing.loaded(refused);
    }

    /// Says what every status should say now.
    fn say(&self) {
        let (Some(state), Some((_, known))) = (self.current.get(), &self.built_of) else {
            return;
        };
        let wanted = statuses(&state.policies, &self.outcomes, known, Timestamp::now());
        self.tell.send_replace(Arc::new(wanted));
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
