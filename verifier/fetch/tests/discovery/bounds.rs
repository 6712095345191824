//! Places at their bounds: as much as there may be is read, and one more is a code or a gap with one.

use std::fs;

use serde_json::Value;
use sovverify::EvidenceSet;
use sovverify_fetch::{FetchError, FetchLimits};

use crate::archives::{archive, member};
use crate::content::*;
use crate::layouts::code;

/// An image with three bundles, and what the index lists.
fn signed() -> (Blobs, Vec<Value>) {
    let mut blobs = Blobs::default();
    let image = blobs.image("one");
    let mut entries = vec![image.clone()];
    for number in 0..3 {
        entries.push(blobs.bundle(&format!("{{\"number\":{number}}}"), &image));
    }
    (blobs, entries)
}

/// How many pieces were found, and the codes of the gaps or of the error.
fn found(result: Result<EvidenceSet, FetchError>) -> (usize, Vec<&'static str>) {
    match result {
        Ok(set) => (set.evidence.len(), gap_codes(&set)),
        Err(error) => (0, vec![error.code().name()]),
    }
}

/// The limits with one of them changed.
type Bound = fn(&FetchLimits, u64) -> FetchLimits;

const BEYOND: &str = "limit/exceeded";

#[tokio::test]
async fn a_layout_is_read_up_to_each_of_its_bounds() {
    let (blobs, entries) = signed();
    let dir = tempfile::tempdir().unwrap();
    blobs.write_layout(dir.path(), &entries);
    let location = format!("oci:{}", dir.path().display());
    let size = |value: &Value| value["size"].as_u64().unwrap();
    let index = fs::metadata(dir.path().join("index.json")).unwrap().len();
    let default = FetchLimits::default();
    let table: [(&str, u64, Bound); 3] = [
        ("entries", 4, |limits, n| FetchLimits {
            layout_entries: usize::try_from(n).unwrap(),
            ..*limits
        }),
        ("bytes of the index", index, |limits, n| FetchLimits {
            layout_index_bytes: n,
            ..*limits
        }),
        ("referrers", 3, |limits, n| FetchLimits {
            referrers: usize::try_from(n).unwrap(),
            ..*limits
        }),
    ];
    for (what, most, with) in table {
        let within = found(discover(&location, &with(&default, most)).await);
        assert_eq!(within, (3, vec![]), "{what}");
        let (pieces, codes) = found(discover(&location, &with(&default, most - 1)).await);
        assert!(pieces < 3 && !codes.is_empty(), "{what}: {pieces}");
        assert!(
            codes.iter().all(|code| *code == BEYOND),
            "{what}: {codes:?}"
        );
    }
    for (evidence, expected) in [(3, (3, vec![])), (2, (2, vec![BEYOND]))] {
        let limits = FetchLimits {
            evidence,
            ..default
        };
        assert_eq!(found(discover(&location, &limits).await), expected);
    }
    // The least that all manifests need is what they have together.
    let all: u64 = entries.iter().map(size).sum();
    for (layout_scan_bytes, is_enough) in [(all, true), (all - 1, false)] {
        let limits = FetchLimits {
            layout_scan_bytes,
            ..default
        };
        let (_, codes) = found(discover(&location, &limits).await);
        assert_eq!(codes.is_empty(), is_enough, "{codes:?}");
    }
    let marker = |bytes: usize| {
        let text = "{\"imageLayoutVersion\":\"1.0.0\"}";
        let padded = format!("{text}{}", " ".repeat(bytes - text.len()));
        fs::write(dir.path().join("oci-layout"), padded).unwrap();
    };
    marker(4096);
    assert_eq!(found(discover(&location, &default).await), (3, vec![]));
    marker(4097);
    assert_eq!(code(discover(&location, &default).await), BEYOND);
}

#[tokio::test]
async fn a_carrier_has_as_many_layers_and_an_index_as_many_platforms_as_there_may_be() {
    let mut blobs = Blobs::default();
    let (index, amd64, arm64) = two_platforms(&mut blobs);
    let layers = [1, 2].map(|number| blobs.add(format!("{{\"n\":{number}}}").as_bytes(), BUNDLE));
    let carrier = blobs.carrier(&layers, Some(&index));
    let on_platforms = [&amd64, &arm64].map(|image| blobs.bundle("{\"on\":1}", image));
    let entries = [vec![index, carrier], on_platforms.to_vec()].concat();
    let dir = tempfile::tempdir().unwrap();
    blobs.write_layout(dir.path(), &entries);
    let location = format!("oci:{}", dir.path().display());
    let default = FetchLimits::default();
    for (evidence_layers, is_enough) in [(2, true), (1, false)] {
        let limits = FetchLimits {
            evidence_layers,
            ..default
        };
        let (_, codes) = found(discover(&location, &limits).await);
        assert_eq!(codes.is_empty(), is_enough, "{codes:?}");
        assert!(codes.iter().all(|code| *code == BEYOND), "{codes:?}");
    }
    for (platforms, is_enough) in [(2, true), (1, false)] {
        let limits = FetchLimits {
            platforms,
            ..default
        };
        let (_, codes) = found(discover(&location, &limits).await);
        assert_eq!(codes.is_empty(), is_enough, "{codes:?}");
        assert!(codes.iter().all(|code| *code == BEYOND), "{codes:?}");
    }
}

#[tokio::test]
async fn an_archive_is_read_up_to_each_of_its_bounds() {
    let (blobs, entries) = signed();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("image.tar");
    let location = format!("oci-archive:{}", path.display());
    let files = blobs.files(&entries);
    // Two directories stand before the files.
    let members = files.len() + 2;
    let longest = files.iter().map(|(name, _)| name.len()).max().unwrap();
    archive(&path, "", &files, |_| {});
    let default = FetchLimits::default();
    for (limits, expected) in [
        (
            FetchLimits {
                archive_entries: members,
                archive_name_bytes: u64::try_from(longest).unwrap(),
                ..default
            },
            (3, vec![]),
        ),
        (
            FetchLimits {
                archive_entries: members - 1,
                ..default
            },
            (0, vec![BEYOND]),
        ),
        (
            FetchLimits {
                archive_name_bytes: u64::try_from(longest - 1).unwrap(),
                ..default
            },
            (0, vec![BEYOND]),
        ),
    ] {
        assert_eq!(found(discover(&location, &limits).await), expected);
    }
    let header = |bytes: usize| {
        // A comment, with its own length in front of it.
        let text = format!("{bytes} comment=");
        let text = format!("{text}{}\n", "x".repeat(bytes - text.len() - 1));
        archive(&path, "", &files, |tar| {
            member(
                tar,
                tar::EntryType::XHeader,
                "PaxHeaders/x",
                text.as_bytes(),
            );
            member(tar, tar::EntryType::Regular, "more", b"");
        });
    };
    let most = usize::try_from(default.archive_header_bytes).unwrap();
    header(most);
    assert_eq!(found(discover(&location, &default).await), (3, vec![]));
    header(most + 1);
    assert_eq!(code(discover(&location, &default).await), BEYOND);
}
