//! Why a product is not affected, in one vocabulary.

use std::fmt;
use std::str::FromStr;

/// Why a product is not affected. The first five are CISA's ("VEX Status Justifications"), which
/// OpenVEX and CSAF use; the others are CycloneDX's and have no counterpart there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Justification {
    /// The component is not in the product.
    ComponentNotPresent,
    /// The component is there, its vulnerable code is not (CycloneDX `code_not_present`).
    VulnerableCodeNotPresent,
    /// The code is there and never runs (CycloneDX `code_not_reachable`).
    VulnerableCodeNotInExecutePath,
    /// The code runs and no adversary can steer it.
    VulnerableCodeCannotBeControlledByAdversary,
    /// Mitigations are built in (CycloneDX `protected_by_mitigating_control`).
    InlineMitigationsAlreadyExist,
    /// An option that is not set would be needed.
    RequiresConfiguration,
    /// A dependency that is not there would be needed.
    RequiresDependency,
    /// An environment that is not there would be needed.
    RequiresEnvironment,
    /// A compiler flag protects.
    ProtectedByCompiler,
    /// The runtime protects.
    ProtectedAtRuntime,
    /// Something outside of the product protects.
    ProtectedAtPerimeter,
}

impl Justification {
    /// All justifications.
    pub const ALL: [Self; 11] = [
        Self::ComponentNotPresent,
        Self::VulnerableCodeNotPresent,
        Self::VulnerableCodeNotInExecutePath,
        Self::VulnerableCodeCannotBeControlledByAdversary,
        Self::InlineMitigationsAlreadyExist,
        Self::RequiresConfiguration,
        Self::RequiresDependency,
        Self::RequiresEnvironment,
        Self::ProtectedByCompiler,
        Self::ProtectedAtRuntime,
        Self::ProtectedAtPerimeter,
    ];

    /// The word that reports and policies use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ComponentNotPresent => "component_not_present",
            Self::VulnerableCodeNotPresent => "vulnerable_code_not_present",
            Self::VulnerableCodeNotInExecutePath => "vulnerable_code_not_in_execute_path",
            Self::VulnerableCodeCannotBeControlledByAdversary => {
                "vulnerable_code_cannot_be_controlled_by_adversary"
            }
            Self::InlineMitigationsAlreadyExist => "inline_mitigations_already_exist",
            Self::RequiresConfiguration => "requires_configuration",
            Self::RequiresDependency => "requires_dependency",
            Self::RequiresEnvironment => "requires_environment",
            Self::ProtectedByCompiler => "protected_by_compiler",
            Self::ProtectedAtRuntime => "protected_at_runtime",
            Self::ProtectedAtPerimeter => "protected_at_perimeter",
        }
    }

    /// Whether the word is CISA's, which OpenVEX and CSAF allow alone.
    pub(super) const fn is_common(self) -> bool {
        matches!(
            self,
            Self::ComponentNotPresent
                | Self::VulnerableCodeNotPresent
                | Self::VulnerableCodeNotInExecutePath
                | Self::VulnerableCodeCannotBeControlledByAdversary
                | Self::InlineMitigationsAlreadyExist
        )
    }
}

impl fmt::Display for Justification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a text is no justification.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a justification such as `vulnerable_code_not_present`, found `{found}`")]
pub struct UnknownJustification {
    /// The text, shortened.
    pub found: String,
}

impl FromStr for Justification {
    type Err = UnknownJustification;

    fn from_str(text: &str) -> Result<Self, UnknownJustification> {
        let word = match text {
            "code_not_present" => "vulnerable_code_not_present",
            "code_not_reachable" => "vulnerable_code_not_in_execute_path",
            "protected_by_mitigating_control" => "inline_mitigations_already_exist",
            word => word,
        };
        let found = Self::ALL
            .into_iter()
            .find(|justification| justification.name() == word);
        found.ok_or_else(|| UnknownJustification {
            found: crate::content::shortened(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_justification_reads_its_own_name() {
        for justification in Justification::ALL {
            assert_eq!(justification.name().parse(), Ok(justification));
        }
        let same = "code_not_reachable".parse();
        assert_eq!(same, Ok(Justification::VulnerableCodeNotInExecutePath));
        assert!("because".parse::<Justification>().is_err());
        assert!("".parse::<Justification>().is_err());
    }
}
