//! One watch for ever: list, follow, begin anew after every error.

use std::fmt::Debug;
use std::time::Duration;

use futures_util::StreamExt as _;
use kube::api::{Api, Resource};
use kube::runtime::watcher::{self, Event, watcher};
use serde::de::DeserializeOwned;
use sovverify::report::escape;
use tokio::time::Instant;

use super::api;

/// The API server ends a watch after this time, and it is followed by the next one. A connection that
/// died without a word is noticed five seconds later.
const WATCH_SECONDS: u32 = 60;
/// The first pause after an error, doubled each time.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause: what an API server takes to come back is not made longer by much.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A watch that held so long was no failure: the next pause is the shortest again.
const HELD: Duration = Duration::from_mins(1);

/// What follows a watch. Between `lost` and the next `complete` nothing that it holds is known to be true.
pub(crate) trait Follower<K>: Sync {
    /// A new list begins; what it does not hold has been deleted.
    fn begin(&self);
    /// An object of the list.
    fn listed(&self, object: K);
    /// The list is complete.
    fn complete(&self);
    /// An object was made or changed.
    fn applied(&self, object: K);
    /// An object was deleted.
    fn deleted(&self, object: K);
    /// The watch was lost, or there never was one.
    fn lost(&self, why: &str);
    /// Ends when everything should be listed anew, although nothing is wrong.
    fn relist(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
}

/// Why a watch ended.
enum Ended {
    Lost(String),
    Asked,
}

/// Follows all objects of `api`, `page` of them in one answer, until the future is dropped.
pub(crate) async fn watch<K>(api: Api<K>, page: u32, follower: &impl Follower<K>)
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let mut pause = SHORTEST_PAUSE;
    loop {
        let begun = Instant::now();
        match once(api.clone(), page, follower).await {
            Ended::Lost(why) => follower.lost(&why),
            Ended::Asked => pause = SHORTEST_PAUSE,
        }
        if begun.elapsed() >= HELD {
            pause = SHORTEST_PAUSE;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Lists and follows until the first error. A watch that would go on after an error says nothing until
/// something changes, so that nobody could tell whether it had been taken up again; a new list does.
async fn once<K>(api: Api<K>, page: u32, follower: &impl Follower<K>) -> Ended
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let config = watcher::Config::default()
        .timeout(WATCH_SECONDS)
        .page_size(page);
    let mut events = std::pin::pin!(watcher(api, config));
    let mut relist = std::pin::pin!(follower.relist());
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            () = &mut relist => return Ended::Asked,
        };
        match event {
            Some(Ok(Event::Init)) => follower.begin(),
            Some(Ok(Event::InitApply(object))) => follower.listed(object),
            Some(Ok(Event::InitDone)) => follower.complete(),
            Some(Ok(Event::Apply(object))) => follower.applied(object),
            Some(Ok(Event::Delete(object))) => follower.deleted(object),
            Some(Err(error)) => return Ended::Lost(reason(&error)),
            None => return Ended::Lost("the watch ended".to_owned()),
        }
    }
}

fn reason(error: &watcher::Error) -> String {
    match error {
        watcher::Error::InitialListFailed(error) => format!("list: {}", api::describe(error)),
        watcher::Error::WatchStartFailed(error) | watcher::Error::WatchFailed(error) => {
            format!("watch: {}", api::describe(error))
        }
        watcher::Error::WatchError(status) => {
            let text = format!("watch: status {}: {}", status.code, status.message);
            escape::show(&text)
        }
        watcher::Error::NoResourceVersion => {
            "watch: an answer without a resource version".to_owned()
        }
    }
}
