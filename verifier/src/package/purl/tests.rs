use super::*;

fn purl(text: &str) -> PackageUrl {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> PurlError {
    text.parse::<PackageUrl>().unwrap_err()
}

#[test]
fn all_components_are_read_and_written_in_canonical_order() {
    let text = "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?distro=stretch&arch=amd64#usr/bin";
    let found = purl(text);
    assert_eq!(found.kind(), "deb");
    assert_eq!(found.namespace(), Some("debian"));
    assert_eq!(found.name(), "attr");
    assert_eq!(found.version(), Some("1:2.4.47-2+b1"));
    assert_eq!(
        found.qualifiers().get("arch").map(String::as_str),
        Some("amd64")
    );
    assert_eq!(found.subpath(), Some("usr/bin"));
    let canonical = "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64&distro=stretch#usr/bin";
    assert_eq!(found.to_string(), canonical);
}

#[test]
fn each_spelling_has_one_canonical_form() {
    let spellings = [
        ("PKG:NPM/FooBar@1.0", "pkg:npm/foobar@1.0"),
        ("pkg://npm//foobar/", "pkg:npm/foobar"),
        ("pkg:npm/foobar@", "pkg:npm/foobar"),
        ("pkg:npm/foobar?a=&b=1", "pkg:npm/foobar?b=1"),
        ("pkg:npm/foobar?&B=1&", "pkg:npm/foobar?b=1"),
        (
            "pkg:npm/@Scope/pkg@1#/./a/../b//",
            "pkg:npm/%40scope/pkg@1#a/b",
        ),
        ("pkg:generic/a%2fb@c%2Fd", "pkg:generic/a%2Fb@c%2Fd"),
        ("pkg:generic/caf%c3%a9", "pkg:generic/caf%C3%A9"),
        ("pkg:generic/~x+y", "pkg:generic/~x%2By"),
        (
            "pkg:pypi/Zope.Interface_x--y@1.0RC1",
            "pkg:pypi/zope-interface-x-y@1.0rc1",
        ),
        ("pkg:pub/Some-Name@1", "pkg:pub/some_name@1"),
        ("pkg:github/Acme/Tool@V1", "pkg:github/acme/tool@V1"),
        (
            "pkg:git/GitHub.com/Acme/Tool@1",
            "pkg:git/github.com/acme/tool@1",
        ),
        (
            "pkg:git/codeberg.org/Acme/a/Tool@1",
            "pkg:git/codeberg.org/Acme/a/Tool@1",
        ),
        (
            "pkg:cpan/drolsky/DateTime@1.55",
            "pkg:cpan/DROLSKY/DateTime@1.55",
        ),
        (
            "pkg:rpm/Fedora/NetworkManager@1",
            "pkg:rpm/fedora/NetworkManager@1",
        ),
        ("pkg:nuget/Newtonsoft.Json@1", "pkg:nuget/Newtonsoft.Json@1"),
        ("pkg:oci/Debian@SHA256:AB12", "pkg:oci/debian@sha256:ab12"),
        ("pkg:golang/stdlib@1.22.1", "pkg:golang/stdlib@1.22.1"),
        ("pkg:huggingface/A/B@100B", "pkg:huggingface/A/B@100B"),
        (
            "pkg:huggingface/A/B@797174552AE47F449AB70B684CABCB6603E5E85E",
            "pkg:huggingface/A/B@797174552ae47f449ab70b684cabcb6603e5e85e",
        ),
        (
            "pkg:mlflow/Fraud@3?repository_url=https://x.azuredatabricks.net/api",
            "pkg:mlflow/fraud@3?repository_url=https:%2F%2Fx.azuredatabricks.net%2Fapi",
        ),
        (
            "pkg:mlflow/Fraud@3?repository_url=https://x.azureml.ms/api",
            "pkg:mlflow/Fraud@3?repository_url=https:%2F%2Fx.azureml.ms%2Fapi",
        ),
    ];
    for (written, canonical) in spellings {
        assert_eq!(purl(written).to_string(), canonical, "{written}");
        assert_eq!(purl(canonical).to_string(), canonical, "{canonical}");
        assert_eq!(purl(written), purl(canonical));
    }
}

const LIES: &[(&str, &str)] = &[
    (
        "npm/foobar",
        "expected a package URL that begins with `pkg:`, found `npm/foobar`",
    ),
    ("pkg%3Anpm/foobar", "begins with `pkg:`"),
    ("pkg:", "expected a type"),
    ("pkg:3npm/x", "expected a type"),
    ("pkg:n%70m/x", "expected a type"),
    (
        "pkg:npm",
        "expected a name after the type `npm`, found none",
    ),
    ("pkg:npm/", "expected a name"),
    ("pkg:npm/@1.0", "expected a name"),
    ("pkg:npm/@scope/@1.0", "expected a name"),
    (
        "pkg:npm/x@%zz",
        "expected percent-encoded UTF-8 in the version",
    ),
    (
        "pkg:npm/x@1%2",
        "expected percent-encoded UTF-8 in the version",
    ),
    ("pkg:npm/%ff", "expected percent-encoded UTF-8 in the name"),
    (
        "pkg:maven/a%2Fb/c@1",
        "expected segments without `/` in the namespace, found `a/b`",
    ),
    (
        "pkg:npm/x#a%2Fb",
        "expected segments without `/` in the subpath",
    ),
    ("pkg:npm/x?a=1?b=2", "expected at most one `?`"),
    ("pkg:npm/x#a#b", "expected at most one `#`"),
    ("pkg:npm/x?a", "expected a qualifier `name=value`"),
    ("pkg:npm/x?a%20b=1", "expected a qualifier"),
    ("pkg:npm/x?1a=1", "expected a qualifier"),
    (
        "pkg:npm/x?a=1&A=2",
        "expected every qualifier once, found `a` again",
    ),
    (
        "pkg:cargo/a/b@1",
        "expected no namespace for the type `cargo`, found `a`",
    ),
    (
        "pkg:swift/Alamofire@5",
        "expected a namespace for the type `swift`, found none",
    ),
    (
        "pkg:cpan/GDT/URI::PackageURL",
        "found the module `URI::PackageURL`",
    ),
    ("pkg:julia/Dates", "expected the qualifier `uuid`"),
    ("pkg:swid/x", "expected the qualifier `tag_id`"),
    ("pkg:cran/A3", "expected a version for the type `cran`"),
    ("pkg:cocoapods/.x@1", "does not begin with `.`"),
    (
        "pkg:chrome-extension/abc@1",
        "expected a name of 32 letters",
    ),
];

#[test]
fn what_is_no_package_url_is_refused_with_its_reason() {
    for (text, reason) in LIES {
        let found = refused(text).to_string();
        assert!(found.contains(reason), "{text}: {found}");
    }
}

#[test]
fn the_longest_package_url_is_taken_and_one_byte_more_is_not() {
    let longest = format!("pkg:npm/{}", "a".repeat(MAX_PURL_BYTES - 8));
    assert_eq!(purl(&longest).name().len(), MAX_PURL_BYTES - 8);
    let found = MAX_PURL_BYTES + 1;
    assert_eq!(
        refused(&format!("{longest}a")),
        PurlError::TooLong { found }
    );
}

#[test]
fn parts_are_checked_as_texts_are() {
    let mut parts = PurlParts {
        kind: "NPM",
        namespace: Some("/@Scope/"),
        name: "pkg",
        version: Some(""),
        qualifiers: vec![("Arch", "x 1"), ("os", "")],
        subpath: Some("../a"),
    };
    let built = PackageUrl::new(&parts).unwrap();
    assert_eq!(built.to_string(), "pkg:npm/%40scope/pkg?arch=x%201#a");
    parts.kind = "";
    assert!(matches!(
        PackageUrl::new(&parts),
        Err(PurlError::Kind { .. })
    ));
    parts.kind = "npm";
    parts.name = "/";
    assert!(matches!(
        PackageUrl::new(&parts),
        Err(PurlError::NoName { .. })
    ));
}

#[test]
fn the_epoch_of_an_rpm_is_part_of_its_order() {
    let with = purl("pkg:rpm/fedora/centerim@4.22.10-1.el6?epoch=1");
    assert_eq!(with.ordered_version().as_deref(), Some("1:4.22.10-1.el6"));
    let without = purl("pkg:rpm/fedora/centerim@4.22.10-1.el6");
    assert_eq!(without.ordered_version().as_deref(), Some("4.22.10-1.el6"));
    let other = purl("pkg:npm/centerim@4.22.10?epoch=1");
    assert_eq!(other.ordered_version().as_deref(), Some("4.22.10"));
}

#[test]
fn canonical_forms_of_random_texts_are_stable() {
    let alphabet: Vec<char> = "pkg:/@?#=&%2F.-_ aZ\u{e9}".chars().collect();
    let mut random = crate::package::version::tests::Random::new(1);
    let mut taken = 0;
    for _ in 0..20_000 {
        let length = random.below(24);
        let tail: String = (0..length).map(|_| *random.pick(&alphabet)).collect();
        let kind = *random.pick(&["npm", "pypi", "git", "rpm", "golang", "generic"]);
        let Ok(once) = format!("pkg:{kind}/{tail}").parse::<PackageUrl>() else {
            continue;
        };
        taken += 1;
        assert_eq!(purl(&once.to_string()), once, "{tail}");
    }
    assert!(taken > 1_000, "{taken}");
}
