//! OCI archives, honest and lying.

use std::fs;
use std::path::Path;

use sovverify_fetch::FetchLimits;

use crate::content::*;
use crate::layouts::{code, layout};

/// Writes a member; the type decides whether `data` is content or the target of a link.
pub(crate) fn member(
    tar: &mut tar::Builder<fs::File>,
    kind: tar::EntryType,
    name: &str,
    data: &[u8],
) {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(u64::try_from(data.len()).unwrap());
    // `set_path` would refuse the names that a liar writes.
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_cksum();
    tar.append(&header, data).unwrap();
}

pub(crate) fn archive(
    path: &Path,
    prefix: &str,
    files: &[(String, Vec<u8>)],
    extra: impl FnOnce(&mut tar::Builder<fs::File>),
) {
    let mut tar = tar::Builder::new(fs::File::create(path).unwrap());
    member(&mut tar, tar::EntryType::Directory, "./", b"");
    member(&mut tar, tar::EntryType::Directory, "blobs/", b"");
    for (name, bytes) in files {
        member(
            &mut tar,
            tar::EntryType::Regular,
            &format!("{prefix}{name}"),
            bytes,
        );
    }
    extra(&mut tar);
    tar.finish().unwrap();
}

#[tokio::test]
async fn an_archive_gives_the_same_evidence_as_its_directory() {
    let mut blobs = Blobs::default();
    let image = blobs.image("one");
    let entries = [image.clone(), blobs.bundle("{\"b\":1}", &image)];
    let from_directory = layout(&blobs, &entries, "").await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("image.tar");
    for prefix in ["", "./"] {
        archive(&path, prefix, &blobs.files(&entries), |_| {});
        let set = discover(
            &format!("oci-archive:{}", path.display()),
            &FetchLimits::default(),
        )
        .await
        .unwrap();
        assert_eq!(set.image.digest(), from_directory.image.digest());
        assert_eq!(pieces(&set), pieces(&from_directory));
        assert_eq!(set.evidence[0].form, from_directory.evidence[0].form);
    }
}

#[tokio::test]
async fn gauntlet_124_archives_that_two_readers_see_differently_are_refused() {
    use tar::EntryType as Kind;
    let mut blobs = Blobs::default();
    let image = blobs.image("one");
    let files = blobs.files(&[image]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("image.tar");
    let location = format!("oci-archive:{}", path.display());
    let default = FetchLimits::default();
    let long = "n".repeat(90);
    let lies: [(&str, Kind, &str, &[u8], &str); 13] = [
        (
            "twice",
            Kind::Regular,
            "index.json",
            b"{}",
            "layout/unsafe-entry",
        ),
        (
            "twice by another spelling",
            Kind::Regular,
            "./index.json",
            b"{}",
            "layout/unsafe-entry",
        ),
        ("a link", Kind::Symlink, "a", b"", "layout/unsafe-entry"),
        ("a hard link", Kind::Link, "a", b"", "layout/unsafe-entry"),
        ("a device", Kind::Char, "a", b"", "layout/unsafe-entry"),
        (
            "an absolute name",
            Kind::Regular,
            "/etc/passwd",
            b"",
            "layout/unsafe-entry",
        ),
        (
            "a name that climbs",
            Kind::Regular,
            "blobs/../../x",
            b"",
            "layout/unsafe-entry",
        ),
        (
            "an empty part",
            Kind::Regular,
            "blobs//x",
            b"",
            "layout/unsafe-entry",
        ),
        (
            "a size in a header",
            Kind::XHeader,
            "h",
            b"13 size=9999\n",
            "layout/unsafe-entry",
        ),
        (
            "a link in a header",
            Kind::XHeader,
            "h",
            b"14 linkpath=x\n",
            "layout/unsafe-entry",
        ),
        (
            "a name for all",
            Kind::XGlobalHeader,
            "h",
            b"10 path=x\n",
            "layout/unsafe-entry",
        ),
        (
            "a broken header",
            Kind::XHeader,
            "h",
            b"nonsense",
            "layout/malformed",
        ),
        ("a long name", Kind::Regular, &long, b"", "limit/exceeded"),
    ];
    for (lie, kind, name, data, expected) in lies {
        archive(&path, "", &files, |tar| member(tar, kind, name, data));
        let limits = FetchLimits {
            archive_name_bytes: 80,
            ..default
        };
        assert_eq!(code(discover(&location, &limits).await), expected, "{lie}");
    }
    // A long name with a size that no name has: refused before it is read.
    archive(&path, "", &files, |tar| {
        member(tar, Kind::GNULongName, "././@LongLink", &[b'n'; 5000]);
    });
    assert_eq!(code(discover(&location, &default).await), "limit/exceeded");
    archive(&path, "", &files, |_| {});
    assert!(discover(&location, &default).await.is_ok());
    assert_eq!(
        code(
            discover(
                &location,
                &FetchLimits {
                    archive_entries: 3,
                    ..default
                }
            )
            .await
        ),
        "limit/exceeded"
    );
}

#[tokio::test]
async fn long_names_and_harmless_headers_are_understood() {
    use tar::EntryType as Kind;
    let mut blobs = Blobs::default();
    let image = blobs.image("one");
    let bundle = blobs.bundle("{\"b\":1}", &image);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("image.tar");
    let mut files = blobs.files(&[image, bundle]);
    let (name, bytes) = files.pop().unwrap();
    let (other, other_bytes) = files.pop().unwrap();
    archive(&path, "", &files, |tar| {
        let record = format!(" path={name}\n");
        let length = record.len() + 2;
        let length = if length + 1 > 99 { length + 1 } else { length };
        member(
            tar,
            Kind::XHeader,
            "PaxHeaders/x",
            format!("{length}{record}").as_bytes(),
        );
        member(tar, Kind::Regular, "cut", &bytes);
        member(tar, Kind::XHeader, "PaxHeaders/y", b"11 mtime=1\n");
        member(
            tar,
            Kind::GNULongName,
            "././@LongLink",
            format!("{other}\0").as_bytes(),
        );
        member(tar, Kind::Regular, "cut too", &other_bytes);
    });
    let set = discover(
        &format!("oci-archive:{}", path.display()),
        &FetchLimits::default(),
    )
    .await
    .unwrap();
    assert_eq!(pieces(&set), ["referrers bundle"]);
}

#[tokio::test]
async fn compressed_and_truncated_archives_are_refused() {
    let mut blobs = Blobs::default();
    let image = blobs.image("one");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("image.tar");
    let location = format!("oci-archive:{}", path.display());
    fs::write(&path, [0x1f, 0x8b, 8, 0, 0, 0]).unwrap();
    assert_eq!(
        code(discover(&location, &FetchLimits::default()).await),
        "layout/malformed"
    );
    archive(&path, "", &blobs.files(&[image]), |_| {});
    let whole = fs::read(&path).unwrap();
    for cut in (0..whole.len()).step_by(700) {
        fs::write(&path, &whole[..cut]).unwrap();
        // Either it ends before something that is needed, or after everything that is.
        if let Ok(set) = discover(&location, &FetchLimits::default()).await {
            assert!(set.image.digest().to_string().starts_with("sha256:"));
        }
    }
}
