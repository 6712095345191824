//! Rules on content: packages, licenses, age and subject.

use super::{CONFORMANT, said};

#[test]
fn rules_on_content_have_codes_of_their_own() {
    let image = "sha256:6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d";
    let other = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let at = ["--at", "2026-03-03T11:04:05Z"];
    for (flags, expected) in [
        (
            ["--deny-package", "pkg:generic/libcrypt@3.0.1"],
            Some("sbom/package-denied"),
        ),
        (["--deny-package", "pkg:generic/libcrypt@3.0.0"], None),
        (
            ["--deny-license", "GPL-3.0-only,MIT"],
            Some("sbom/license-denied"),
        ),
        (["--deny-license", "GPL-3.0-only"], None),
        (
            ["--allow-license", "MIT,Apache-2.0"],
            Some("sbom/license-not-allowed"),
        ),
        (["--allow-license", "MIT,Apache-2.0,CC0-1.0"], None),
        (["--max-age", "23h"], Some("sbom/too-old")),
        (["--max-age", "1d"], None),
        (["--subject", other], Some("sbom/subject-mismatch")),
        (["--subject", image], None),
    ] {
        let arguments: Vec<&str> = [CONFORMANT]
            .iter()
            .chain(&flags)
            .chain(&at)
            .copied()
            .collect();
        let said = said(&arguments);
        let code = expected.map_or(0, |_| 1);
        assert_eq!(said.code, code, "{flags:?}: {}{}", said.stdout, said.stderr);
        if let Some(expected) = expected {
            assert!(
                said.stdout.contains(&format!("error[{expected}]")),
                "{}",
                said.stdout
            );
        }
    }
    for flags in [
        ["--deny-package", "event-stream"],
        ["--deny-license", "MIT AND Apache-2.0"],
        ["--allow-license", "whatever"],
        ["--max-age", "180"],
        ["--subject", "sha256:12"],
    ] {
        let said = said(&[CONFORMANT, flags[0], flags[1]]);
        assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{flags:?}");
        assert!(
            said.stderr.starts_with("error[usage/invalid]"),
            "{}",
            said.stderr
        );
    }
}
