//! How far a policy trusts each builder.

use serde_json::{Value, json};

use super::is_builder;
use crate::policy::matcher::Matcher;

/// The least SLSA build level, and how far each builder is trusted.
///
/// Provenance cannot state its own level: what a builder isolates is a property of the builder,
/// which the verifier must know beforehand (SLSA v1.0, "Verifying artifacts", step 1: "Check SLSA
/// Build level … the verifier's mapping from recognized builders to levels"). So each level above 1
/// comes from the policy's table. An unknown builder reaches level 1, for provenance exists; without
/// any name of a builder not even that, since `builder.id` is required there. The table is about
/// names: that the signer may speak for the builder is what the rule's signers say.
#[derive(Clone, Debug)]
pub(in crate::policy) struct LevelRule {
    /// 1, 2 or 3.
    pub(in crate::policy) wanted: u8,
    pub(in crate::policy) builders: Vec<TrustedBuilder>,
}

/// A builder and the level up to which it is trusted.
#[derive(Clone, Debug)]
pub(in crate::policy) struct TrustedBuilder {
    pub(in crate::policy) id: Matcher,
    pub(in crate::policy) level: u8,
}

impl LevelRule {
    /// The level up to which the builder is trusted.
    pub(super) fn level_of(&self, id: Option<&str>) -> u8 {
        let Some(id) = id else {
            return 0;
        };
        let known = self
            .builders
            .iter()
            .filter(|builder| is_builder(&builder.id, id));
        known.map(|builder| builder.level).max().unwrap_or(1).max(1)
    }

    /// The rule as a part of the policy's identity.
    pub(super) fn canonical(&self) -> Value {
        let one = |builder: &TrustedBuilder| json!({ "id": builder.id.canonical(), "level": builder.level });
        let builders: Vec<Value> = self.builders.iter().map(one).collect();
        json!({ "wanted": self.wanted, "builders": builders })
    }
}
