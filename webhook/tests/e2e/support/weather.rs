//! A registry in bad weather: a proxy before the honest one that does what a test says, now.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use sovverify_testbed::http::Response;
use sovverify_testbed::proxy::{Answer, Proxy};
use sovverify_testbed::registry::Registry;

/// What the registry is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// As it should be.
    Fair,
    /// Each connection ends before an answer.
    Down,
    /// It takes connections and says nothing, as behind a firewall that drops.
    Silent,
    /// It asks for patience, for a second.
    TooMany,
    /// It is broken.
    Broken,
    /// Each answer takes so long.
    Slow(Duration),
    /// It serves other bytes than those that were asked for.
    Lying,
}

/// A registry with weather.
pub(crate) struct Outpost {
    proxy: Proxy,
    weather: Arc<Mutex<Weather>>,
}

impl Outpost {
    /// Puts weather before a registry; it is fair.
    pub(crate) fn before(registry: &Registry) -> Self {
        let weather = Arc::new(Mutex::new(Weather::Fair));
        let now = Arc::clone(&weather);
        let proxy = Proxy::start(registry, move |_| answer(*now.lock().unwrap()));
        Self { proxy, weather }
    }

    /// Where it listens: also its name in references.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.proxy.address()
    }

    /// Changes the weather for all requests from now on.
    pub(crate) fn set(&self, weather: Weather) {
        *self.weather.lock().unwrap() = weather;
    }

    /// How often it was asked so far.
    pub(crate) fn asked(&self) -> usize {
        self.proxy.seen().len()
    }
}

fn answer(weather: Weather) -> Answer {
    let said = |status, text: &str| Answer::Instead(Response::new(status, "text/plain", text));
    match weather {
        Weather::Fair => Answer::Honest,
        Weather::Down => Answer::HangUp,
        Weather::Silent => Answer::Silence,
        Weather::TooMany => Answer::Changed(Box::new(|response| {
            *response = Response::new(429, "text/plain", "too many");
            response.set("retry-after", "1");
        })),
        Weather::Broken => said(503, "broken"),
        Weather::Slow(each) => {
            // This is the network: nobody here waits for anybody.
            thread::sleep(each);
            Answer::Honest
        }
        Weather::Lying => Answer::Changed(Box::new(|response| {
            if let Some(byte) = response.body.last_mut() {
                *byte ^= 1;
            }
        })),
    }
}
