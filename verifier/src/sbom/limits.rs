//! The bounds of reading an SBOM, each with its unit and its reason.

/// Bytes of one SBOM; the largest real ones have some 50 MB.
pub const MAX_SBOM_BYTES: usize = 128 * 1024 * 1024;
/// Components of one SBOM, nested ones and files included. Ten times the largest real ones.
pub const MAX_COMPONENTS: usize = 1_000_000;
/// Relationships of one SBOM.
pub const MAX_RELATIONSHIPS: usize = 4_000_000;
/// Nesting of components in components.
pub const MAX_NESTING: usize = 64;
/// Violations of the schema that are kept; more are counted.
pub const MAX_VIOLATIONS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::vulnerability::limits::MAX_SCAN_BYTES;
    use crate::{sbom, vex, vulnerability};

    #[test]
    fn documents_are_looked_at_up_to_their_bounds_in_bytes() {
        // Zeros are no document of any kind, which is said of as many as there may be.
        let sbom = |bytes: usize| sbom::read(&vec![0; bytes]).unwrap_err().code;
        assert_eq!(sbom(MAX_SBOM_BYTES), Code::SbomUnsupported);
        assert_eq!(sbom(MAX_SBOM_BYTES + 1), Code::LimitExceeded);
        let vex = |bytes: usize| vex::read(&vec![0; bytes]).unwrap_err().code;
        assert_eq!(vex(vex::limits::MAX_VEX_BYTES), Code::VexMalformed);
        assert_eq!(vex(vex::limits::MAX_VEX_BYTES + 1), Code::LimitExceeded);
        let text = String::from_utf8(vec![0; MAX_SCAN_BYTES + 1]).unwrap();
        let scan = |text: &str| {
            let kind = "https://cosign.sigstore.dev/attestation/vuln/v1";
            vulnerability::scan::read(kind, text).unwrap_err().code
        };
        assert_eq!(scan(&text[1..]), Code::VulnerabilityMalformed);
        assert_eq!(scan(&text), Code::LimitExceeded);
    }
}
