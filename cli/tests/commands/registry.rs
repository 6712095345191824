//! Registries that fail: each with its code, its message and its exit code, against a server on
//! loopback.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use sovverify::Digest;

use super::KEY;
use crate::run::{self, Said};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A server that gives every request the same answer, until the test ends; its `host:port`.
fn server(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || serve(&stream, &answer));
        }
    });
    host
}

fn serve(mut stream: &TcpStream, answer: &[u8]) {
    let mut lines = BufReader::new(stream);
    let mut line = String::new();
    while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
        if line == "\r\n" {
            let _ = stream.write_all(answer);
            return;
        }
        line.clear();
    }
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Asks `host` for `app` once, without patience.
fn ask(host: &str, reference: &str) -> Said {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("config.yaml");
    std::fs::write(
        &config,
        "apiVersion: policy.sovverify.dev/v1alpha1\n\
         kind: Configuration\n\
         metadata: { name: test }\n\
         spec: { limits: { attempts: 1, idleTime: 1s, totalTime: 5s } }\n",
    )
    .unwrap();
    let reference = format!("{host}/{reference}");
    let mut command = run::sovverify(&["image", &reference, "--key", KEY]);
    command.args(["--insecure-registry", host, "--config"]);
    run::said(command.arg(config))
}

#[track_caller]
fn fails(said: &Said, exit: i32, code: &str) {
    assert_eq!(said.code, exit, "{}{}", said.stdout, said.stderr);
    let outcome = if exit == 1 { "denied " } else { "undecided " };
    assert!(said.stdout.starts_with(outcome), "{}", said.stdout);
    assert_eq!(
        said.stdout.lines().next().unwrap().rsplit("  ").next(),
        Some(code)
    );
    let (silent, told) = if exit == 1 {
        (&said.stderr, &said.stdout)
    } else {
        (&said.stdout, &said.stderr)
    };
    let headline = format!("error[{code}]: ");
    assert!(
        told.contains(&headline) && !silent.contains(&headline),
        "{told}"
    );
    for field in ["   = expected: ", "   = found: "] {
        assert!(told.contains(field), "{told}");
    }
}

#[test]
fn statuses_have_their_codes() {
    for (status, exit, code) in [
        ("401 Unauthorized", 3, "registry/unauthorized"),
        ("403 Forbidden", 3, "registry/forbidden"),
        ("404 Not Found", 3, "image/not-found"),
        ("429 Too Many Requests", 3, "registry/rate-limited"),
        ("500 Internal Server Error", 3, "registry/server-error"),
        ("418 I'm a teapot", 3, "registry/unexpected-answer"),
    ] {
        let host = server(answer(status, "", ""));
        fails(&ask(&host, "app:v1"), exit, code);
    }
}

#[test]
fn nobody_at_home_is_unreachable_and_no_name_is_unresolvable() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = free.local_addr().unwrap().to_string();
    drop(free);
    fails(&ask(&host, "app:v1"), 3, "registry/unreachable");
}

#[test]
fn what_speaks_no_tls_is_no_registry_unless_it_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            // Answered; the rest of what the client says is read so that nothing is reset.
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
    });
    let reference = format!("{host}/app:v1");
    let said = run::said(&mut run::sovverify(&["image", &reference, "--key", KEY]));
    assert_ne!(said.code, 0);
    assert!(
        said.stderr.contains("error[registry/tls]: "),
        "{}",
        said.stderr
    );
}

#[test]
fn other_bytes_than_asked_for_are_denied() {
    let body = r#"{"schemaVersion":2}"#;
    let headers = format!("Content-Type: {MANIFEST}\r\n");
    let host = server(answer("200 OK", &headers, body));
    let reference = format!("app@{}", Digest::sha256(b"other"));
    fails(&ask(&host, &reference), 1, "image/digest-mismatch");
}

#[test]
fn what_is_no_image_is_denied() {
    let headers = format!("Content-Type: {MANIFEST}\r\n");
    let host = server(answer("200 OK", &headers, r#"{"schemaVersion":2}"#));
    fails(&ask(&host, "app:v1"), 1, "image/not-an-image");
    let schema1 = "application/vnd.docker.distribution.manifest.v1+json";
    let headers = format!("Content-Type: {schema1}\r\n");
    let host = server(answer(
        "200 OK",
        &headers,
        r#"{"schemaVersion":1,"fsLayers":[]}"#,
    ));
    fails(&ask(&host, "app:v1"), 1, "image/media-type-unsupported");
}

#[test]
fn a_registry_that_says_nothing_is_left() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    // Connections wait in the backlog, and nobody ever answers.
    fails(&ask(&host, "app:v1"), 3, "registry/timeout");
    drop(listener);
}

#[test]
fn what_a_registry_says_cannot_move_the_cursor() {
    let body = r#"{"schemaVersion":2,"mediaType":"x\u001b[2J\u202e\u009by"}"#;
    let host = server(answer(
        "200 OK",
        &format!("Content-Type: {MANIFEST}\r\n"),
        body,
    ));
    let said = ask(&host, "app:v1");
    assert_eq!(said.code, 1, "{}", said.stderr);
    assert!(
        said.stdout.contains("x\\u{1b}[2J\\u{202e}\\u{9b}y"),
        "{}",
        said.stdout
    );
    let safe = |c: char| c == '\n' || !c.is_control() && c != '\u{202e}';
    assert!(said.stdout.chars().all(safe), "{:?}", said.stdout);
}

#[test]
fn one_registry_down_leaves_the_others_answered() {
    let host = server(answer("503 Service Unavailable", "", ""));
    let down = format!("{host}/app:v1");
    let config = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    std::fs::write(
        config.path(),
        "apiVersion: policy.sovverify.dev/v1alpha1\n\
         kind: Configuration\n\
         metadata: { name: test }\n\
         spec: { limits: { attempts: 1 } }\n",
    )
    .unwrap();
    let mut command = run::sovverify(&["image", &down, super::QUICKSTART, "--key", KEY]);
    command.args(["--insecure-registry", &host, "--config"]);
    let said = run::said(command.arg(config.path()));
    assert_eq!(said.code, 3, "{}{}", said.stdout, said.stderr);
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert!(lines[0].starts_with("undecided  "), "{}", said.stdout);
    assert!(lines[1].starts_with("admitted   "), "{}", said.stdout);
}
