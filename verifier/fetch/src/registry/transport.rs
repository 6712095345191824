//! What a failed connection means, from the chain of causes that the HTTP library gives.

use std::error::Error;
use std::io;

use super::address::{NoAddress, Refused};
use crate::error::Failure;
use crate::limits::FetchLimits;

/// What went wrong, and whether the same request may work a moment later.
pub(super) struct Broken {
    pub(super) failure: Failure,
    pub(super) again: bool,
}

pub(super) fn broken(error: &reqwest::Error, host: &str, limits: &FetchLimits) -> Broken {
    let final_failure = |failure| Broken {
        failure,
        again: false,
    };
    let host = host.to_owned();
    if let Some(Refused(kind)) = find::<Refused>(error) {
        let kind = *kind;
        return final_failure(Failure::HostRefused { host, kind });
    }
    if find::<NoAddress>(error).is_some() {
        return final_failure(Failure::Unresolvable { host });
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        let detail = tls.to_string();
        return final_failure(Failure::Tls { host, detail });
    }
    if error.is_timeout() {
        return final_failure(Failure::Timeout {
            bound: "connect_time",
            after: limits.connect_time,
        });
    }
    let detail = find::<io::Error>(error)
        .map(ToString::to_string)
        .or_else(|| last(error).map(ToString::to_string))
        .unwrap_or_else(|| "the connection failed".to_owned());
    Broken {
        failure: Failure::Unreachable { host, detail },
        // A connection that broke may have been an idle one; one that was refused was not.
        again: !error.is_connect() && !error.is_builder(),
    }
}

/// The first cause of type `T`, looking inside of I/O errors too: those hide what they wrap.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if let Some(inner) = inner {
            let inner: &(dyn Error + 'static) = inner;
            if let Some(found) = find::<T>(inner) {
                return Some(found);
            }
        }
        next = error.source();
    }
    None
}

fn last<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let mut found = error.source()?;
    while let Some(next) = found.source() {
        found = next;
    }
    Some(found)
}
