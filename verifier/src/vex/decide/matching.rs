//! Whether a product of a statement is the image, or the component in it.

use super::ImageProduct;
use crate::package::PackageUrl;
use crate::sbom::Hash;
use crate::vex::{Identifiers, Product};

/// How well a product fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It is another product.
    No,
    /// It may be this one; nobody can tell.
    Maybe,
    /// It is this one.
    Yes,
}

/// What a finding is about.
pub(super) struct Subject<'a> {
    pub(super) image: &'a ImageProduct,
    pub(super) component: Option<&'a PackageUrl>,
    pub(super) version: Option<&'a str>,
}

/// What a product is.
enum Identity {
    Image(Fit),
    OtherImage,
    Component(Fit),
    /// A package that is not the component.
    OtherPackage,
    /// Names and platforms only.
    Named,
}

impl Subject<'_> {
    /// How well `product`, with the parts of it that are meant, fits the finding.
    pub(super) fn product(&self, product: &Product) -> Fit {
        let identity = self.identity(&product.identifiers);
        if product.subcomponents.is_empty() {
            return match identity {
                Identity::Image(fit) | Identity::Component(fit) => fit,
                Identity::OtherImage | Identity::OtherPackage => Fit::No,
                // The statement was made about this image, under a name that only its author knows.
                Identity::Named => Fit::Maybe,
            };
        }
        let parts = product
            .subcomponents
            .iter()
            .map(|part| self.component(part));
        let part = parts.max().unwrap_or(Fit::No);
        match identity {
            Identity::Image(fit) => part.min(fit),
            // The platform on which a component runs (a distribution's CPE) is in this image.
            Identity::Named => part,
            // A component inside of another one: whether this is the only way to it, nobody says here.
            Identity::Component(_) | Identity::OtherPackage => part.min(Fit::Maybe),
            Identity::OtherImage => Fit::No,
        }
    }

    fn identity(&self, product: &Identifiers) -> Identity {
        // CycloneDX generators write the digest of a container as its version.
        let mut versions = product.versions.iter();
        if product.hashes.iter().any(|hash| self.is_digest(hash))
            || versions.any(|version| self.has_digest(version))
        {
            return Identity::Image(Fit::Yes);
        }
        let mut other_image = false;
        for purl in product.purls.iter().filter_map(|purl| purl.parse().ok()) {
            if !is_image(&purl) {
                continue;
            }
            if self.is_this_image(&purl) {
                let exact = purl.version().is_some();
                return Identity::Image(if exact {
                    Fit::Yes
                } else {
                    listed(product, None)
                });
            }
            other_image = true;
        }
        if other_image {
            return Identity::OtherImage;
        }
        match self.component(product) {
            Fit::No if product.purls.is_empty() && product.hashes.is_empty() => Identity::Named,
            Fit::No => Identity::OtherPackage,
            fit => Identity::Component(fit),
        }
    }

    fn is_digest(&self, hash: &Hash) -> bool {
        let digests = self.image.digests.iter();
        let mut same = digests.map(|digest| (digest.algorithm().name(), digest.hex()));
        same.any(|(algorithm, hex)| *algorithm == *hash.algorithm && *hex == *hash.value)
    }

    fn has_digest(&self, text: &str) -> bool {
        let mut digests = self.image.digests.iter();
        digests.any(|digest| digest.to_string().eq_ignore_ascii_case(text))
    }

    /// purl-spec, type `oci`: the version is the digest. Without one, the name and every qualifier must
    /// be those of the image.
    fn is_this_image(&self, purl: &PackageUrl) -> bool {
        if let Some(version) = purl.version() {
            return self.has_digest(version);
        }
        let same = |image: &PackageUrl| {
            let mut qualifiers = purl.qualifiers().iter();
            image.kind() == purl.kind()
                && image.namespace() == purl.namespace()
                && image.name() == purl.name()
                && qualifiers.all(|(name, value)| {
                    let found = image.qualifiers().get(name);
                    found.is_some_and(|found| same_qualifier(name, found, value))
                })
        };
        self.image.purls.iter().any(same)
    }

    /// How well a component of a statement fits the component of the finding.
    fn component(&self, component: &Identifiers) -> Fit {
        let purls = || {
            component
                .purls
                .iter()
                .filter_map(|purl| purl.parse::<PackageUrl>().ok())
        };
        let Some(found) = self.component else {
            // What was found has no name to compare: only what makes it count may be about it.
            return if purls().next().is_some() {
                Fit::Maybe
            } else {
                Fit::No
            };
        };
        let best = purls()
            .map(|purl| self.package(&purl, found))
            .max()
            .unwrap_or(Fit::No);
        best.min(listed(component, self.version))
    }

    fn package(&self, stated: &PackageUrl, found: &PackageUrl) -> Fit {
        let same = stated.kind() == found.kind()
            && stated.namespace() == found.namespace()
            && stated.name() == found.name();
        if !same {
            return Fit::No;
        }
        let version = match (stated.version(), self.version) {
            (None, _) => Fit::Yes,
            (Some(_), None) => Fit::Maybe,
            (Some(stated), Some(version)) => same_version(found.kind(), stated, version),
        };
        let qualifiers =
            stated
                .qualifiers()
                .iter()
                .map(|(name, value)| match found.qualifiers().get(name) {
                    Some(found) if same_qualifier(name, found, value) => Fit::Yes,
                    Some(_) => Fit::No,
                    None => Fit::Maybe,
                });
        qualifiers.min().unwrap_or(Fit::Yes).min(version)
    }
}

fn is_image(purl: &PackageUrl) -> bool {
    matches!(purl.kind(), "oci" | "docker")
}

/// Whether the versions listed beside a name allow `version`. Ranges are not evaluated.
fn listed(named: &Identifiers, version: Option<&str>) -> Fit {
    if named.versions.is_empty() && named.ranges.is_empty() {
        return Fit::Yes;
    }
    let Some(version) = version else {
        return Fit::Maybe;
    };
    if named.versions.iter().any(|listed| **listed == *version) {
        return Fit::Yes;
    }
    if named.ranges.is_empty() {
        Fit::No
    } else {
        Fit::Maybe
    }
}

fn same_version(kind: &str, stated: &str, found: &str) -> Fit {
    // Go modules are written with and without their `v`.
    let plain = |version: &str| -> String {
        let version = if kind == "golang" {
            version.trim_start_matches('v')
        } else {
            version
        };
        version.to_owned()
    };
    if plain(stated) == plain(found) {
        Fit::Yes
    } else {
        Fit::No
    }
}

fn same_qualifier(name: &str, a: &str, b: &str) -> bool {
    if name != "repository_url" {
        return a == b;
    }
    let plain = |url: &str| -> String {
        let url = url
            .trim_start_matches("https://")
            .trim_start_matches("oci://");
        // Docker Hub has two names for itself.
        url.trim_start_matches("index.")
            .trim_end_matches('/')
            .to_ascii_lowercase()
    };
    plain(a) == plain(b)
}
