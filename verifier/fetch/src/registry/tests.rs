//! Mirrors, Docker Hub, signature repositories, and what is refused of a configuration.

use super::*;
use crate::config::{Mirror, SignatureRepository};

fn registries(config: FetchConfig) -> Result<Registries, FetchError> {
    Registries::new(Arc::new(config))
}

fn mirror(from: &str, to: &str) -> Mirror {
    Mirror {
        from: from.into(),
        to: to.into(),
    }
}

#[test]
fn a_mirror_changes_where_we_connect_and_nothing_else() {
    let config = FetchConfig {
        mirrors: vec![
            mirror("docker.io", "mirror.example:5000/hub"),
            mirror("docker.io/library", "official.example"),
            mirror("registry.example/a/b", "mirror.example"),
        ],
        insecure_registries: ["mirror.example:5000".to_owned()].into(),
        ..FetchConfig::default()
    };
    let registries = registries(config).unwrap();
    for (name, expected) in [
        (
            "docker.io/team/app",
            "http://mirror.example:5000/ hub/team/app",
        ),
        ("nginx", "https://official.example/ nginx"),
        ("registry.example/a/b/c", "https://mirror.example/ c"),
        ("registry.example/a/bc", "https://registry.example/ a/bc"),
        ("localhost:5000/a", "https://localhost:5000/ a"),
    ] {
        let name: ImageName = name.parse().unwrap();
        let endpoint = registries.endpoint(&name).unwrap();
        assert_eq!(
            format!("{} {}", endpoint.origin, endpoint.repository),
            expected
        );
        assert_eq!(endpoint.place, name.to_string());
    }
    // A mirror that swallows the whole name leaves no repository to ask for.
    let whole: ImageName = "registry.example/a/b".parse().unwrap();
    assert_eq!(
        registries.endpoint(&whole).unwrap_err().code().name(),
        "registry/config-invalid"
    );
}

#[test]
fn docker_hub_is_asked_at_its_registry() {
    let registries = registries(FetchConfig::default()).unwrap();
    let endpoint = registries.endpoint(&"nginx".parse().unwrap()).unwrap();
    assert_eq!(endpoint.origin.as_str(), "https://registry-1.docker.io/");
    assert_eq!(endpoint.registry, "docker.io");
}

#[test]
fn signature_repositories_are_searched_for_the_images_they_are_about() {
    let config = FetchConfig {
        signature_repositories: vec![
            SignatureRepository {
                images: Some("registry.example/apps".into()),
                repository: "registry.example/signatures".parse().unwrap(),
            },
            SignatureRepository {
                images: None,
                repository: "registry.example/all".parse().unwrap(),
            },
        ],
        ..FetchConfig::default()
    };
    let registries = registries(config).unwrap();
    for (name, expected) in [
        ("registry.example/apps/a", 2),
        ("registry.example/appsy", 1),
        ("registry.example/all", 0),
    ] {
        let found = registries.repositories(&name.parse().unwrap()).unwrap();
        assert_eq!(found.evidence.len(), expected, "{name}");
    }
}

#[test]
fn a_configuration_that_cannot_be_used_is_refused_at_once() {
    use crate::config::Authorities;
    let default = FetchConfig::default;
    for config in [
        FetchConfig {
            mirrors: vec![mirror("a", "b.example")],
            ..default()
        },
        FetchConfig {
            mirrors: vec![mirror("a.example", "https://")],
            ..default()
        },
        FetchConfig {
            insecure_registries: ["http://a.example".to_owned()].into(),
            ..default()
        },
        FetchConfig {
            insecure_registries: ["*".to_owned()].into(),
            ..default()
        },
        FetchConfig {
            authorities: Authorities::Only(vec!["no PEM".into()]),
            ..default()
        },
    ] {
        let error = registries(config).unwrap_err();
        assert_eq!(error.code().name(), "registry/config-invalid", "{error}");
    }
}
