//! Bodies, read piece by piece under a cap: what a registry says about length is only ever used to
//! refuse earlier.

use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;

use super::client::{Broken, Core};
use crate::budget::{Budget, count, exceeded};
use crate::error::{Failure, FetchError};

/// How much a body may be.
pub(super) struct Cap<'a> {
    /// The bound that counts, by name.
    pub(super) bound: (&'static str, u64),
    /// The size that a descriptor gives, where there is one.
    pub(super) size: Option<u64>,
    /// The place, for people.
    pub(super) place: &'a str,
}

impl Cap<'_> {
    fn bytes(&self) -> u64 {
        self.size.unwrap_or(u64::MAX).min(self.bound.1)
    }

    /// What it means that there is more: the descriptor lied, or the bound was reached.
    fn too_much(&self) -> FetchError {
        match self.size {
            Some(expected) if expected <= self.bound.1 => {
                let found = expected.saturating_add(1);
                FetchError::new(self.place, Failure::SizeMismatch { expected, found })
            }
            _ => exceeded(self.bound.0, self.bound.1, self.place),
        }
    }

    /// Refuses before asking when the descriptor itself is beyond the bound.
    pub(super) fn check(&self) -> Result<(), FetchError> {
        match self.size {
            Some(size) if size > self.bound.1 => Err(self.too_much()),
            _ => Ok(()),
        }
    }
}

impl Core {
    /// The whole body within `cap`.
    pub(super) async fn body(
        &self,
        mut answer: Response,
        cap: &Cap<'_>,
        budget: &Budget,
    ) -> Result<Vec<u8>, Broken> {
        if let Some(encoding) = answer.headers().get(CONTENT_ENCODING)
            && encoding.as_bytes() != b"identity"
        {
            let found = "a compressed body, which was not asked for".to_owned();
            let expected = "a body as it is";
            let failure = Failure::UnexpectedAnswer { expected, found };
            return Err(Broken::final_error(FetchError::new(cap.place, failure)));
        }
        if answer
            .content_length()
            .is_some_and(|length| length > cap.bytes())
        {
            return Err(Broken::final_error(cap.too_much()));
        }
        let host = super::auth::authority(answer.url());
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk(&mut answer, &host, cap.place).await? {
            budget
                .charge(chunk.len(), cap.place)
                .map_err(Broken::final_error)?;
            if count(bytes.len()).saturating_add(count(chunk.len())) > cap.bytes() {
                return Err(Broken::final_error(cap.too_much()));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// Reads a body that nobody needs, so that the connection can be used again; gives up at the
    /// bound, at the first pause, or at the first failure.
    pub(super) async fn discard(&self, mut answer: Response, place: &str) {
        let bound = self.config.limits.discarded_bytes;
        if answer.content_length().is_some_and(|length| length > bound) {
            return;
        }
        let host = super::auth::authority(answer.url());
        let mut read = 0_u64;
        while let Ok(Some(chunk)) = self.chunk(&mut answer, &host, place).await {
            read = read.saturating_add(count(chunk.len()));
            if read > bound {
                return;
            }
        }
    }

    async fn chunk(
        &self,
        answer: &mut Response,
        host: &str,
        place: &str,
    ) -> Result<Option<impl AsRef<[u8]> + std::ops::Deref<Target = [u8]>>, Broken> {
        let limits = &self.config.limits;
        match tokio::time::timeout(limits.idle_time, answer.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => {
                let broken = super::transport::broken(&error, host, limits);
                Err(Broken::from_transport(broken, place))
            }
            Err(_) => Err(Broken::final_error(self.idle(place))),
        }
    }
}
