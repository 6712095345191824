//! The stage on which lies are told: a registry, a signer, an honest image.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::ours::Call;
use sovverify_testbed::cosign::{Cosign, KeyKind, KeyPair, Reach, Version};
use sovverify_testbed::http::Request;
use sovverify_testbed::image::Image;
use sovverify_testbed::kit::Kit;
use sovverify_testbed::proxy::{Answer, Proxy};
use sovverify_testbed::registry::{Flavour, Registry};

/// A registry, a signer, an honest image.
pub(super) struct Stage<'a> {
    pub(super) kit: &'a Kit,
    pub(super) registry: Registry,
    pub(super) cosign3: Cosign<'a>,
    pub(super) cosign2: Cosign<'a>,
    /// Who is asked for.
    pub(super) key: KeyPair,
    /// Who is not.
    pub(super) stranger: KeyPair,
    /// Signed by the key in both forms, index only.
    pub(super) honest: Image,
}

impl<'a> Stage<'a> {
    /// Sets the stage.
    pub(super) fn new(kit: &'a Kit, flavour: Flavour) -> Self {
        let registry = Registry::start(kit, flavour);
        let (cosign3, cosign2) = (Cosign::new(kit, Version::V3), Cosign::new(kit, Version::V2));
        let key = cosign3.key(KeyKind::P256, "ours");
        let stranger = cosign3.key(KeyKind::P256, "stranger");
        let honest = Image::push(&registry, "honest", "honest");
        for cosign in [&cosign3, &cosign2] {
            cosign.sign(&key, &honest.at(registry.address()), Reach::Index);
        }
        Self {
            kit,
            registry,
            cosign3,
            cosign2,
            key,
            stranger,
            honest,
        }
    }

    /// An image that nobody signed yet.
    pub(super) fn image(&self, repository: &str) -> Image {
        Image::push(&self.registry, repository, repository)
    }

    /// An image that the key signed with cosign 3 (index only).
    pub(super) fn signed_by_3(&self, repository: &str) -> Image {
        let image = self.image(repository);
        let reference = image.at(self.registry.address());
        self.cosign3.sign(&self.key, &reference, Reach::Index);
        image
    }

    /// An image that the key signed with cosign 2 (index only).
    pub(super) fn signed_by_2(&self, repository: &str) -> Image {
        let image = self.image(repository);
        let reference = image.at(self.registry.address());
        self.cosign2.sign(&self.key, &reference, Reach::Index);
        image
    }

    /// The manifest of the only bundle of an image, and its digest.
    pub(super) fn bundle_manifest(&self, image: &Image) -> (String, Value) {
        let (repository, digest) = (image.repository.as_str(), image.digest.as_str());
        let list = self.registry.referrers(repository, digest);
        let list = list.or_else(|| {
            let tag = digest.replace(':', "-");
            self.registry.manifest(repository, &tag)
        });
        let list: Value = serde_json::from_slice(&list.expect("referrers").body).unwrap();
        let [entry] = list["manifests"].as_array().unwrap().as_slice() else {
            panic!("expected one referrer: {list}")
        };
        let digest = entry["digest"].as_str().unwrap();
        let found = self.registry.manifest(repository, digest).unwrap();
        (
            digest.to_owned(),
            serde_json::from_slice(&found.body).unwrap(),
        )
    }

    /// The `.sig` manifest of an image.
    pub(super) fn signature_manifest(&self, image: &Image) -> Value {
        let tag = image.cosign_tag("sig");
        let found = self.registry.manifest(&image.repository, &tag).unwrap();
        serde_json::from_slice(&found.body).unwrap()
    }

    /// A lie in what is stored: the registry itself is honest.
    pub(super) fn stored(&self, image: &Image) -> Told {
        self.told(image.at(self.registry.address()), None)
    }

    /// A lie of the registry: `target` (or what contains it) is answered by `answer`.
    pub(super) fn served(
        &self,
        image: &Image,
        target: &str,
        answer: impl Fn() -> Answer + Send + Sync + 'static,
    ) -> Told {
        let target = target.to_owned();
        let proxy = Proxy::start(&self.registry, move |request: &Request| {
            if request.target.contains(&target) {
                answer()
            } else {
                Answer::Honest
            }
        });
        self.told(image.at(proxy.address()), Some(proxy))
    }

    /// A lie told through a proxy, or stored.
    pub(super) fn told(&self, reference: String, proxy: Option<Proxy>) -> Told {
        Told {
            reference,
            honest: self.honest.at(self.registry.address()),
            flags: vec![("--key", self.key.public.clone())],
            proxy,
        }
    }
}

/// A lie that was told, and the honest image beside it.
pub(super) struct Told {
    pub(super) reference: String,
    pub(super) honest: String,
    pub(super) flags: Vec<(&'static str, PathBuf)>,
    proxy: Option<Proxy>,
}

impl Told {
    /// The call that asks for both.
    pub(super) fn call<'k>(&self, kit: &'k Kit) -> Call<'k> {
        let mut call = Call::image(kit, &self.reference).beside(&self.honest);
        for (flag, value) in &self.flags {
            call = call.with(flag, value);
        }
        if self.flags.iter().any(|(flag, _)| *flag == "--key") {
            call = call.flag("--insecure-ignore-tlog");
        }
        call
    }

    /// Asks by tag in place of the digest.
    pub(super) fn by_tag(&mut self, image: &Image) {
        let host = self.reference.split('/').next().unwrap().to_owned();
        self.reference = image.tagged_at(host);
    }

    /// One more flag with a value.
    pub(super) fn with(mut self, flag: &'static str, value: impl Into<PathBuf>) -> Self {
        self.flags.push((flag, value.into()));
        self
    }

    /// Bytes of a flood that were taken.
    pub(super) fn flooded(&self) -> u64 {
        self.proxy.as_ref().map_or(0, Proxy::flooded)
    }
}
