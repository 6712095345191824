//! Where is asked: hosts, mirrors, proxies, other repositories, platforms.

use super::*;

#[tokio::test]
async fn gauntlet_125_offline_opens_no_socket() {
    let evil = Evil::serve(Shelf::default(), |_| None).await;
    let config = FetchConfig {
        network: Network::Offline,
        ..config(&[&evil])
    };
    let discovery = Discovery::new(config).unwrap();
    assert_eq!(
        code(&discover_in(&discovery, &evil.image()).await),
        "registry/offline"
    );
    assert!(evil.seen().is_empty());
}

#[tokio::test]
async fn gauntlet_131_hosts_that_are_no_registries_are_never_asked() {
    let discovery = Discovery::new(FetchConfig {
        limits: quick(),
        ..FetchConfig::default()
    })
    .unwrap();
    for host in [
        "169.254.169.254",
        "[::ffff:a9fe:a9fe]:80",
        "0.0.0.0:5000",
        "[fe80::1]",
        "[fd00:ec2::254]",
    ] {
        let result = discover_in(&discovery, &format!("{host}/latest/meta-data")).await;
        assert_eq!(code(&result), "registry/host-refused", "{host}");
    }
}

/// The configuration for images that tenants name, with these registries on this machine.
fn for_tenants(hosts: &[&Evil], local: &[&str]) -> FetchConfig {
    let mut config = config(hosts);
    if !local.is_empty() {
        let local = local.iter().map(|host| (*host).to_owned()).collect();
        config.local_registries = LocalRegistries::Only(local);
    }
    config.for_tenants()
}

#[tokio::test]
async fn gauntlet_131_a_tenant_cannot_name_this_machine_in_any_spelling() {
    let evil = Evil::serve(Shelf::default(), |_| None).await;
    let port = evil.address.port();
    let other = "127.0.0.1:1".to_owned();
    for local in [vec![], vec![other.as_str()]] {
        for host in [
            "127.0.0.1",
            "127.9.9.9",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "0177.0.0.1",
            "localhost",
            "a.localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::ffff:0:7f00:1]",
            "[2002:7f00:1::]",
            "[64:ff9b::7f00:1]",
        ] {
            let named = format!("{host}:{port}");
            let mut config = for_tenants(&[&evil], &local);
            // Plain HTTP is no permission to ask.
            let location: Location = format!("{named}/team/app:v1").parse().unwrap();
            let Location::Registry(reference) = &location else {
                panic!("{location}");
            };
            let registry = reference.name().registry().to_owned();
            config.insecure_registries.insert(registry);
            let discovery = Discovery::new(config).unwrap();
            let error = discovery
                .discover(&location, &Request::default())
                .await
                .unwrap_err();
            assert_eq!(error.code().name(), "registry/host-refused", "{named}");
            assert!(
                error.found().contains("an address of this machine"),
                "{error}"
            );
            assert!(
                error.hint().unwrap().contains("registries.local"),
                "{error}"
            );
        }
    }
    assert!(evil.seen().is_empty());
}

#[tokio::test]
async fn a_registry_on_this_machine_is_asked_when_it_is_listed() {
    let (shelf, _) = Shelf::signed();
    let evil = Evil::serve(shelf, |_| None).await;
    let config = for_tenants(&[&evil], &[&evil.host()]);
    let set = discover_in(&Discovery::new(config).unwrap(), &evil.image()).await;
    assert_eq!(set.unwrap().evidence.len(), 2);
}

#[tokio::test]
async fn gauntlet_131_a_listed_registry_does_not_lead_to_others_on_this_machine() {
    let secrets = Evil::serve(Shelf::default(), |_| None).await;
    let (elsewhere, realm) = (secrets.host(), secrets.host());
    let redirects = move |seen: &Seen| {
        let target = format!("http://{elsewhere}/secrets");
        seen.is("/blobs/").then(|| Reply::redirect(&target))
    };
    let evil = Evil::serve(Shelf::signed().0, redirects).await;
    let config = for_tenants(&[&evil, &secrets], &[&evil.host()]);
    let set = discover_in(&Discovery::new(config).unwrap(), &evil.image())
        .await
        .unwrap();
    assert_eq!(gap_codes(&set), ["registry/redirect-refused"; 2]);
    // Not for a token either, though the token service belongs to the registry.
    let asks = Evil::serve(Shelf::signed().0, move |_| {
        let realm = format!("Bearer realm=\"http://{realm}/token\"");
        Some(Reply::status(401).with("www-authenticate", &realm))
    })
    .await;
    let mut config = for_tenants(&[&asks, &secrets], &[&asks.host()]);
    let services = [(asks.host(), [secrets.host()].into())];
    config.token_services = services.into();
    let result = discover_in(&Discovery::new(config).unwrap(), &asks.image()).await;
    assert_eq!(code(&result), "registry/host-refused");
    assert!(secrets.seen().is_empty());
}

#[tokio::test]
async fn gauntlet_131_only_registries_that_may_be_asked_are_asked_whoever_names_them() {
    let (shelf, _) = Shelf::signed();
    let good = Evil::serve(shelf, |_| None).await;
    let bad = Evil::serve(Shelf::default(), |_| None).await;
    let mut config = config(&[&good, &bad]);
    config.allowed_registries = AllowedRegistries::Only([good.host()].into());
    config.mirrors.push(Mirror {
        from: "docker.io".into(),
        to: good.host(),
    });
    let discovery = Discovery::new(config.clone()).unwrap();
    assert!(discover_in(&discovery, &good.image()).await.is_ok());
    // The mirror is asked, and not the registry that was named.
    assert!(discover_in(&discovery, "team/app:v1").await.is_ok());
    for image in [bad.image(), "registry.invalid/a".into()] {
        let error = discover_in(&discovery, &image).await.unwrap_err();
        assert_eq!(error.code().name(), "registry/host-refused");
        assert!(error.expected().contains(&good.host()), "{error}");
    }
    // Evidence in a repository that may not be asked is no silence: the operator contradicts himself.
    let mut evidence = config.clone();
    evidence.signature_repositories.push(SignatureRepository {
        images: None,
        repository: format!("{}/signatures", bad.host()).parse().unwrap(),
    });
    let mut mirror = config;
    mirror.mirrors.push(Mirror {
        from: "registry.example".into(),
        to: bad.host(),
    });
    for config in [evidence, mirror] {
        let error = Discovery::new(config).unwrap_err();
        assert_eq!(error.code().name(), "registry/config-invalid");
    }
    assert!(bad.seen().is_empty());
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_unreachable_or_unresolvable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    let discovery = Discovery::new(FetchConfig {
        limits: quick(),
        ..FetchConfig::default()
    })
    .unwrap();
    let error = discover_in(&discovery, &format!("{closed}/a"))
        .await
        .unwrap_err();
    assert_eq!(error.code().name(), "registry/unreachable");
    assert!(error.is_transient());
    // RFC 6761 section 6.4: `invalid` never resolves, and resolvers need not ask anybody.
    let error = discover_in(&discovery, "registry.invalid/a")
        .await
        .unwrap_err();
    assert!(
        matches!(
            error.code().name(),
            "registry/unresolvable" | "registry/timeout"
        ),
        "{error}"
    );
}

#[tokio::test]
async fn gauntlet_140_plain_http_is_for_hosts_named_exactly() {
    let (shelf, _) = Shelf::signed();
    let evil = Evil::serve(shelf, |_| None).await;
    for named in ["127.0.0.1", "localhost", "127.0.0.1:1"] {
        let mut config = config(&[]);
        config.insecure_registries.insert(named.into());
        let discovery = Discovery::new(config).unwrap();
        let result = discover_in(&discovery, &evil.image()).await;
        assert_eq!(code(&result), "registry/tls", "{named}");
    }
    assert!(evil.seen().is_empty());
}

#[tokio::test]
async fn evidence_is_found_in_a_repository_of_its_own_and_a_forbidden_one_is_a_gap() {
    let (mut shelf, image) = Shelf::signed();
    shelf.tags.retain(|tag, _| tag == "v1");
    shelf.referrers = Some(BTreeMap::default());
    let images = Evil::serve(shelf, |_| None).await;
    let (signatures, _) = Shelf::signed();
    let signatures = Evil::serve(signatures, |_| None).await;
    let forbidden = Evil::serve(Shelf::default(), |_| Some(Reply::status(403))).await;
    for (place, expected) in [(&signatures, 2), (&forbidden, 0)] {
        let mut config = config(&[&images, place]);
        config.signature_repositories.push(SignatureRepository {
            images: Some(format!("{}/team", images.host())),
            repository: format!("{}/signatures", place.host()).parse().unwrap(),
        });
        let set = ask_with(&images, config).await.unwrap();
        assert_eq!(set.evidence.len(), expected);
        assert!(
            gap_codes(&set)
                .iter()
                .all(|code| *code == "registry/forbidden")
        );
        assert_eq!(gap_codes(&set).is_empty(), expected == 2);
        assert_eq!(place.count("/v2/signatures/"), place.seen().len());
        assert!(place.count(&digest_of(&image).hex()) >= 4);
    }
}

#[tokio::test]
async fn gauntlet_060_a_mirror_is_asked_instead_and_the_name_stays() {
    let (shelf, _) = Shelf::signed();
    let mirror = Evil::serve(shelf, |_| None).await;
    let mut config = config(&[&mirror]);
    config.mirrors.push(Mirror {
        from: "registry.example".into(),
        to: format!("{}/copy", mirror.host()),
    });
    let discovery = Discovery::new(config).unwrap();
    let set = discover_in(&discovery, "registry.example/team/app:v1")
        .await
        .unwrap();
    assert_eq!(
        set.image.name().unwrap().to_string(),
        "registry.example/team/app"
    );
    assert_eq!(set.image.reference(), "registry.example/team/app:v1");
    assert!(
        set.evidence
            .iter()
            .all(|piece| piece.origin.place.starts_with("registry.example/team/app"))
    );
    assert_eq!(mirror.count("/v2/copy/team/app/"), mirror.seen().len());
    // Whoever writes the mirror's own name asks for another image, and gets no other name's policies.
    let own = format!("{}/copy/team/app:v1", mirror.host());
    let set = discover_in(&discovery, &own).await.unwrap();
    let name = set.image.name().unwrap().to_string();
    assert_eq!(name, format!("{}/copy/team/app", mirror.host()));
}

#[tokio::test]
async fn a_configured_proxy_is_asked_instead_of_the_registry() {
    let (shelf, _) = Shelf::signed();
    let proxy = Evil::serve(shelf, |_| None).await;
    let mut config = config(&[]);
    config.insecure_registries.insert("registry.example".into());
    config.proxy = Proxy::Explicit {
        url: format!("http://{}", proxy.host()),
        except: String::new(),
    };
    let discovery = Discovery::new(config).unwrap();
    let set = discover_in(&discovery, "registry.example/team/app:v1")
        .await
        .unwrap();
    assert_eq!(set.evidence.len(), 2);
    for seen in proxy.seen() {
        assert!(
            seen.target
                .starts_with("http://registry.example/v2/team/app/"),
            "{seen:?}"
        );
    }
}

#[tokio::test]
async fn platforms_and_statements_are_found_in_a_registry_too() {
    let mut shelf = Shelf::default();
    let (_, amd64, arm64) = two_platforms(&mut shelf.blobs);
    let statement = shelf.blobs.add(b"{\"statement\":1}", IN_TOTO);
    let carrier = shelf.blobs.carrier(&[statement], None);
    let carrier = with(
        &carrier,
        &json!({"annotations": {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": arm64["digest"],
    }, "platform": {"os": "unknown", "architecture": "unknown"}}),
    );
    let index = shelf.blobs.index(&[amd64.clone(), arm64.clone(), carrier]);
    let bundle = shelf.blobs.bundle("{\"on\":\"amd64\"}", &amd64);
    shelf.tag("v1", &index);
    shelf.refer(&amd64, &bundle);
    let evil = Evil::serve(shelf, |_| None).await;
    let set = ask(&evil).await.unwrap();
    assert_eq!(pieces(&set), ["referrers bundle", "index statement"]);
    assert_eq!(set.evidence[0].subject, digest_of(&amd64));
    assert_eq!(set.evidence[1].subject, digest_of(&arm64));
    assert_eq!(gap_codes(&set), [""; 0]);
}

#[tokio::test]
async fn the_order_of_evidence_does_not_depend_on_the_registry() {
    let mut orders = Vec::new();
    for reversed in [false, true] {
        let (mut shelf, image) = Shelf::signed();
        let mut more: Vec<Value> = (0..10)
            .map(|number| {
                shelf
                    .blobs
                    .bundle(&format!("{{\"number\":{number}}}"), &image)
            })
            .collect();
        if reversed {
            more.reverse();
        }
        for descriptor in more {
            shelf.refer(&image, &descriptor);
        }
        let evil = Evil::serve(shelf, |_| None).await;
        let set = ask(&evil).await.unwrap();
        orders.push(
            set.evidence
                .iter()
                .map(|piece| piece.origin.blob.clone())
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(orders[0].len(), 12);
    assert_eq!(orders[0], orders[1]);
}
