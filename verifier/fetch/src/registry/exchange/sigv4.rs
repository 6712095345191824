//! Signatures of requests to AWS ("AWS Signature Version 4 for API requests", IAM User Guide).

use std::fmt::Write as _;

use aws_lc_rs::digest;
use aws_lc_rs::hmac;
use jiff::Timestamp;

use crate::config::Secret;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Temporary keys.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) id: String,
    pub(super) secret: Secret,
    pub(super) session: Secret,
}

/// The headers that a signature adds.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Signed {
    /// Signs a POST to `/` with `headers`, whose names are in lower case and in order, `host` among them.
    pub(super) fn post(
        keys: &Keys,
        (region, service): (&str, &str),
        now: Timestamp,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Self {
        let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let date = now.strftime("%Y%m%d").to_string();
        let mut all: Vec<(&str, &str)> = headers.to_vec();
        all.push(("x-amz-date", &time));
        if !keys.session.expose().is_empty() {
            all.push(("x-amz-security-token", keys.session.expose()));
        }
        all.sort_unstable();
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        // Method, path, query, headers, their names, the hash of the body.
        let mut request = String::from("POST\n/\n\n");
        for (name, value) in &all {
            // Writing to a text cannot fail.
            let _ = writeln!(request, "{name}:{}", value.trim());
        }
        let _ = write!(request, "\n{names}\n{}", sha256(body));
        let scope = format!("{date}/{region}/{service}/aws4_request");
        let text = format!("{ALGORITHM}\n{time}\n{scope}\n{}", sha256(&request));
        let secret = format!("AWS4{}", keys.secret.expose());
        let key = [date.as_str(), region, service, "aws4_request"]
            .iter()
            .fold(secret.into_bytes(), |key, part| mac(&key, part));
        let signature = hex(&mac(&key, &text));
        let authorization = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            keys.id
        );
        let mut added = vec![("authorization", authorization), ("x-amz-date", time)];
        if !keys.session.expose().is_empty() {
            added.push(("x-amz-security-token", keys.session.expose().to_owned()));
        }
        Self { headers: added }
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn sha256(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `post-vanilla` of AWS's own test suite for this signature.
    #[test]
    fn a_signature_is_that_of_the_published_example() {
        let keys = Keys {
            id: "AKIDEXAMPLE".into(),
            secret: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            session: Secret::new(""),
        };
        let signed = Signed::post(
            &keys,
            ("us-east-1", "service"),
            "2015-08-30T12:36:00Z".parse().unwrap(),
            &[("host", "example.amazonaws.com")],
            "",
        );
        assert_eq!(
            signed.headers[0].1,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
        );
        assert_eq!(signed.headers[1], ("x-amz-date", "20150830T123600Z".into()));
    }
}
