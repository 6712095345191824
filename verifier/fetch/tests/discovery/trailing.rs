//! Readers that stop early: whatever stands behind the part that a reader needs is a reason to refuse.

use std::fs;
use std::path::Path;

use sovverify_fetch::{FetchError, FetchLimits};

use crate::archives::{archive, member};
use crate::content::*;

/// Describes what was found in a place: the pieces, and the gaps.
async fn found(location: &str) -> Result<(Vec<String>, Vec<&'static str>), &'static str> {
    let set = discover(location, &FetchLimits::default()).await;
    let set = set.map_err(|error: FetchError| error.code().name())?;
    Ok((pieces(&set), gap_codes(&set)))
}

fn append(path: &Path, bytes: &[u8]) {
    let mut content = fs::read(path).unwrap();
    content.extend(bytes);
    fs::write(path, content).unwrap();
}

#[tokio::test]
async fn gauntlet_054_bytes_behind_a_blob_are_seen_wherever_it_lies() {
    let mut blobs = Blobs::default();
    let image = blobs.image("one");
    let bundle = blobs.bundle("{\"b\":1}", &image);
    let entries = [image.clone(), bundle.clone()];
    let blob = sovverify::Digest::sha256(b"{\"b\":1}");
    for behind in [&b"\n"[..], b"\0", b" and more"] {
        for (digest, expected) in [
            (blob.clone(), Ok((vec![], vec!["image/size-mismatch"]))),
            (
                digest_of(&bundle),
                Ok((vec![], vec!["image/size-mismatch"])),
            ),
            (digest_of(&image), Err("image/size-mismatch")),
        ] {
            let mut lying = blobs.clone();
            lying.0.get_mut(&digest).unwrap().extend(behind);
            let dir = tempfile::tempdir().unwrap();
            // The image by its digest, as listed: what cannot be read is not another image.
            let entries = if expected.is_err() {
                &entries[..1]
            } else {
                &entries[..]
            };
            lying.write_layout(&dir.path().join("layout"), entries);
            let file = dir.path().join("layout.tar");
            archive(&file, "", &lying.files(entries), |_| {});
            for place in ["oci:{}/layout", "oci-archive:{}/layout.tar"] {
                let place = place.replace("{}", &dir.path().display().to_string());
                let place = format!("{place}@{}", digest_of(&image));
                assert_eq!(found(&place).await, expected, "{place}");
            }
        }
    }
    let dir = tempfile::tempdir().unwrap();
    blobs.write_layout(dir.path(), &entries);
    let honest = Ok((vec!["referrers bundle".to_owned()], vec![]));
    assert_eq!(
        found(&format!("oci:{}", dir.path().display())).await,
        honest
    );
}

#[tokio::test]
async fn gauntlet_054_an_archive_ends_where_its_last_reader_stops() {
    let mut blobs = Blobs::default();
    let (image, other) = (blobs.image("one"), blobs.image("two"));
    let (files, others) = (blobs.files(&[image]), blobs.files(&[other]));
    let dir = tempfile::tempdir().unwrap();
    let (path, second) = (dir.path().join("a.tar"), dir.path().join("b.tar"));
    let location = format!("oci-archive:{}", path.display());
    archive(&second, "", &others, |_| {});
    let second = fs::read(&second).unwrap();
    // Padding is no content: tar programs write whole records.
    for padding in [0, 512, 10 * 1024, 1024 * 1024 - 512] {
        archive(&path, "", &files, |_| {});
        append(&path, &vec![0; padding]);
        assert_eq!(found(&location).await, Ok((vec![], vec![])), "{padding}");
    }
    // A reader that goes on behind the end (`tar --ignore-zeros`) finds another image here.
    let far = [vec![0; 64 * 1024], second.clone()].concat();
    let endless = vec![0; 3 * 1024 * 1024];
    // One of the two blocks that end an archive is counted with what stands behind it.
    let beyond = &endless[..=1024 * 1024 - 512];
    for behind in [&second[..], &far, b"x", &endless, beyond] {
        archive(&path, "", &files, |_| {});
        append(&path, behind);
        assert_eq!(found(&location).await, Err("layout/unsafe-entry"));
    }
    // One block of zeros between two members ends it for some, and not for others.
    archive(&path, "", &files, |tar| {
        std::io::Write::write_all(tar.get_mut(), &[0; 512]).unwrap();
        member(tar, tar::EntryType::Regular, "index.json", b"{}");
    });
    assert_eq!(found(&location).await, Err("layout/unsafe-entry"));
}

#[tokio::test]
async fn gauntlet_055_a_layout_is_one_document_in_each_of_its_files() {
    let mut blobs = Blobs::default();
    let image = blobs.image("one");
    for name in ["index.json", "oci-layout"] {
        for (before, behind) in [("\u{feff}", ""), ("", "{}"), ("", "\0"), ("{}", "")] {
            let dir = tempfile::tempdir().unwrap();
            blobs.write_layout(dir.path(), std::slice::from_ref(&image));
            let location = format!("oci:{}", dir.path().display());
            assert_eq!(found(&location).await, Ok((vec![], vec![])));
            let path = dir.path().join(name);
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, format!("{before}{text}{behind}")).unwrap();
            assert_eq!(found(&location).await, Err("layout/malformed"), "{name}");
        }
    }
}
