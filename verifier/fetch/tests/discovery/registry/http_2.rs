//! A registry that speaks HTTP/2, as most do.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use sovverify_fetch::config::Authorities;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// Bytes of all header lines of an answer.
const HEADER_BYTES: usize = 64 * 1024;
/// What a header line takes beside its name and value (RFC 9113, section 6.5.2).
const OF_EACH: usize = 32;

/// TLS for `localhost`, and nothing but HTTP/2 in it.
fn http_2() -> (String, TlsAcceptor) {
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let mut tls = tls(&certificate);
    tls.alpn_protocols = vec![b"h2".to_vec()];
    (certificate.cert.pem(), Arc::new(tls).into())
}

/// What the shelf answers, with header lines of `bytes` in all where the image is asked for.
fn answer(shelf: &Shelf, target: &str, bytes: usize) -> Response<Full<Bytes>> {
    let seen = Seen {
        method: "GET".to_owned(),
        target: target.to_owned(),
        headers: BTreeMap::new(),
        body: String::new(),
        before: 0,
    };
    let reply = shelf.answer(&seen);
    let Body::Bytes(body) = reply.body else {
        panic!("bytes for {target}")
    };
    let mut lines = reply.headers;
    lines.push(("content-length".to_owned(), body.len().to_string()));
    if seen.is("/manifests/v1") {
        let mut left = bytes - (":status".len() + "200".len() + OF_EACH);
        for (name, value) in &lines {
            left -= name.len() + value.len() + OF_EACH;
        }
        while left > 0 {
            let name = "x-padding".to_owned();
            // The last line takes what would be too little for one more.
            let whole = left.min(8 * 1024);
            let whole = if left - whole < 64 { left } else { whole };
            left -= whole;
            let value = "x".repeat(whole - name.len() - OF_EACH);
            lines.push((name, value));
        }
    }
    let mut response = Response::builder().status(reply.status);
    for (name, value) in lines {
        response = response.header(name, value);
    }
    response.body(Full::new(Bytes::from(body))).unwrap()
}

/// Asks a registry whose answer about the image has header lines of `bytes`.
async fn with_headers(bytes: usize) -> Vec<&'static str> {
    let (authority, tls) = http_2();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tls = tls.clone();
            tokio::spawn(async move {
                let shelf = Shelf::signed().0;
                let stream = tls.accept(stream).await.unwrap();
                let service = service_fn(|request: hyper::Request<_>| {
                    let _: &hyper::body::Incoming = request.body();
                    let answer = answer(&shelf, request.uri().path(), bytes);
                    async move { Ok::<_, Infallible>(answer) }
                });
                let mut server = http2::Builder::new(TokioExecutor::new());
                server.auto_date_header(false);
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    let config = FetchConfig {
        authorities: Authorities::Only(vec![authority]),
        ..config(&[])
    };
    let discovery = Discovery::new(config).unwrap();
    let image = format!("localhost:{port}/team/app:v1");
    match discover_in(&discovery, &image).await {
        Ok(set) => gap_codes(&set),
        Err(error) => vec![error.code().name()],
    }
}

#[tokio::test]
async fn header_lines_over_http_2_have_as_many_bytes_as_there_may_be() {
    assert_eq!(with_headers(HEADER_BYTES).await, [""; 0]);
    assert_eq!(
        with_headers(HEADER_BYTES + 1).await,
        ["registry/unreachable"]
    );
}
