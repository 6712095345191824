//! A credential that may be tried, and the form in which two are compared.

use std::sync::Arc;

use aws_lc_rs::hmac;

use super::token_file::TokenSource;
use crate::budget::count;
use crate::config::Secret;

/// What is sent to prove who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::registry) enum Credential {
    /// User name and password.
    Password { username: String, password: Secret },
    /// A token that a token service exchanges for an access token.
    Identity(Secret),
    /// An access token for the registry itself.
    Access(Secret),
}

/// A credential, or the program that has it.
#[derive(Clone, Debug)]
pub(in crate::registry) enum Candidate {
    /// It is at hand.
    Ready(Credential),
    /// A helper is asked for it.
    Helper { program: String, server: String },
    /// The platform writes a token into a file.
    Token(Arc<TokenSource>),
}

impl Candidate {
    /// Adds the canonical form: what is not told apart here is the same credential. A helper is
    /// named and not run, and a file of a token named and not read: they belong to the process, serve
    /// everybody alike, and give another secret every hour.
    pub(super) fn add_to(&self, hash: &mut hmac::Context) {
        let usage;
        let parts: [&str; 3] = match self {
            Self::Ready(Credential::Password { username, password }) => {
                ["password", username, password.expose()]
            }
            Self::Ready(Credential::Identity(token)) => ["identity", token.expose(), ""],
            Self::Ready(Credential::Access(token)) => ["access", token.expose(), ""],
            Self::Helper { program, server } => ["helper", program, server],
            Self::Token(source) => {
                usage = format!("{:?}", source.usage);
                ["token", source.name(), &usage]
            }
        };
        for part in parts {
            add(hash, part.as_bytes());
        }
    }
}

/// Adds a part in a way that no other sequence of parts gives the same bytes.
pub(super) fn add(hash: &mut hmac::Context, part: &[u8]) {
    hash.update(&count(part.len()).to_be_bytes());
    hash.update(part);
}
