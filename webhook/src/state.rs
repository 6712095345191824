//! What decides: policies, trust, exceptions and settings, replaced as a whole or not at all.
//!
//! **Invariant**: a request sees one state from its beginning to its end. A state that could not be
//! built never replaces one that could.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use arc_swap::ArcSwapOption;
use sovverify::policy::PolicySet;
use sovverify::workload::WorkloadFields;
use sovverify::{Digest, Evidence, Limits};
use sovverify_fetch::Discovery;

/// Everything that a decision rests on beside the request.
#[derive(Debug)]
pub struct State {
    /// Policies and their trust roots.
    pub policies: PolicySet,
    /// Signed exceptions that were given, each with the namespace that it is confined to.
    pub exceptions: Vec<GivenException>,
    /// Discovery with the process's own settings and credentials.
    pub discovery: Arc<Discovery>,
    /// Bounds of the core.
    pub limits: Limits,
    /// Where objects hold images.
    pub workloads: WorkloadFields,
    /// Counts the states of the process; set when the state begins to count.
    pub generation: u64,
}

impl State {
    /// The given exceptions that count in `namespace`.
    pub fn exceptions_in<'a>(
        &'a self,
        namespace: &'a str,
    ) -> impl Iterator<Item = &'a GivenException> {
        self.exceptions.iter().filter(move |given| {
            given
                .namespace
                .as_deref()
                .is_none_or(|own| own == namespace)
        })
    }

    /// SHA-256 over the given exceptions that count in `namespace`, in whatever order they were given.
    pub fn exceptions_digest(&self, namespace: &str) -> Digest {
        static NONE: LazyLock<Digest> = LazyLock::new(|| Digest::sha256(b""));
        if self.exceptions.is_empty() {
            return NONE.clone();
        }
        let given = self.exceptions_in(namespace);
        let blobs: BTreeSet<&Digest> = given.map(|given| &given.evidence.origin.blob).collect();
        let lines: Vec<String> = blobs.iter().map(ToString::to_string).collect();
        Digest::sha256(lines.join("\n").as_bytes())
    }
}

/// A signed exception that an operator gave, in a file or in a resource.
#[derive(Clone, Debug)]
pub struct GivenException {
    /// The namespace in which it counts; all where it came from a file.
    pub namespace: Option<String>,
    /// The signed document and where it came from; its subject is set to the image in question.
    pub evidence: Evidence,
}

/// The state that counts now; none before the first one could be built.
#[derive(Debug, Default)]
pub struct Current {
    state: ArcSwapOption<State>,
    generations: AtomicU64,
}

impl Current {
    /// The state, where there is one.
    pub fn get(&self) -> Option<Arc<State>> {
        self.state.load_full()
    }

    /// Replaces the state for every request that begins from now on.
    pub fn set(&self, state: State) {
        let generation = self.generations.fetch_add(1, Ordering::Relaxed);
        let state = State {
            generation,
            ..state
        };
        self.state.store(Some(Arc::new(state)));
    }
}
