//! Labels: each an enum with few values.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

/// An enum whose values are label values.
macro_rules! label {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $text:literal])+ $variant:ident = $value:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[doc = $text])+ $variant,)+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The value as it is written.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $value,)+ }
            }
        }

        impl EncodeLabelValue for $name {
            fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
                EncodeLabelValue::encode(&self.name(), encoder)
            }
        }
    };
}

label! {
    /// What was answered.
    Decided {
        /// The object may be stored.
        Admitted = "admit",
        /// It may, and somebody should hear of something.
        AdmittedWithWarnings = "warn",
        /// It may not.
        Denied = "deny",
    }
}

label! {
    /// A stage of a review.
    Stage {
        /// The body is read from the network.
        Read = "read",
        /// Images are found in the object.
        Extract = "extract",
        /// Labels of the namespace are looked up.
        Labels = "labels",
        /// Tags become digests.
        Resolve = "resolve",
        /// Evidence is collected.
        Evidence = "evidence",
        /// Evidence is verified, and policies are evaluated.
        Appraise = "appraise",
        /// Everything, from the head of the request to its answer.
        Total = "total",
    }
}

label! {
    /// What the cache of verdicts answered.
    CacheAnswer {
        /// A verdict that admits.
        Hit = "hit",
        /// A verdict that denies.
        NegativeHit = "negative-hit",
        /// None.
        Miss = "miss",
    }
}

label! {
    /// What is done with the file that keeps verdicts.
    Save {
        /// It is written.
        Write = "write",
        /// It is read.
        Read = "read",
    }
}

label! {
    /// How something ended.
    Success {
        /// As it should.
        Yes = "success",
        /// Otherwise.
        No = "failure",
    }
}

label! {
    /// What a registry answered.
    RegistryAnswer {
        /// A status from 200 to 299.
        Ok = "2xx",
        /// A redirect.
        Redirect = "3xx",
        /// The status 429.
        Throttled = "429",
        /// Another status from 400 to 499.
        Refused = "4xx",
        /// A status from 500.
        Failed = "5xx",
        /// Nothing, or nothing in time.
        None = "none",
    }
}

label! {
    /// Why a request to a registry is sent again.
    RetryReason {
        /// The registry asked to come back later.
        Throttled = "throttled",
        /// The registry answered with an error of its own.
        Failed = "failed",
        /// There was no connection.
        Unreachable = "unreachable",
    }
}

label! {
    /// What is read again when it changes.
    Reloaded {
        /// Policies, trust roots and exceptions.
        Documents = "documents",
        /// The server's certificate and key.
        Certificate = "certificate",
        /// The authority of clients.
        ClientAuthority = "client-authority",
    }
}

label! {
    /// Where a connection came in.
    Listener {
        /// The one with TLS.
        Admission = "admission",
        /// The plain one for metrics.
        Metrics = "metrics",
    }
}

label! {
    /// Why a TLS handshake failed.
    HandshakeFailure {
        /// It took too long.
        Timeout = "timeout",
        /// The client went away.
        Closed = "closed",
        /// The client's certificate is not of the authority.
        Certificate = "certificate",
        /// The client speaks something else.
        Protocol = "protocol",
    }
}

label! {
    /// A bound that was reached.
    Limit {
        /// Connections at once.
        Connections = "connections",
        /// Time to send the head of a request.
        HeaderTime = "header-time",
        /// Bytes of one body.
        BodySize = "body-size",
        /// Time of one body, or between two pieces of it.
        BodyTime = "body-time",
        /// Memory of all bodies.
        BodyMemory = "body-memory",
        /// Reviews at once.
        Reviews = "reviews",
        /// Time of a review.
        ReviewTime = "review-time",
        /// Time to take an answer, or to end after being told to.
        GoodbyeTime = "goodbye-time",
        /// Scrapes at once.
        Scrapes = "scrapes",
    }
}

label! {
    /// What was asked for.
    Route {
        /// `/validate`
        Validate = "validate",
        /// `/mutate`
        Mutate = "mutate",
        /// `/healthz` and `/readyz`
        Health = "health",
        /// `/metrics`
        Metrics = "metrics",
        /// Anything else.
        Other = "other",
    }
}

macro_rules! labels {
    ($($name:ident { $($field:ident: $type:ty),+ })+) => { $(
        #[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
        pub(super) struct $name { $(pub(super) $field: $type,)+ }
    )+ };
}

labels! {
    ByDecision { operation: &'static str, decision: Decided, class: &'static str, code: &'static str }
    ByStage { stage: Stage }
    ByAnswer { answer: CacheAnswer }
    BySave { save: Save, success: Success }
    BySuccess { success: Success }
    ByRegistryAnswer { answer: RegistryAnswer }
    ByRetry { reason: RetryReason }
    ByReload { what: Reloaded, success: Success }
    ByListener { listener: Listener }
    ByReason { reason: HandshakeFailure }
    ByLimit { limit: Limit }
    ByRequest { route: Route, status: &'static str }
}
