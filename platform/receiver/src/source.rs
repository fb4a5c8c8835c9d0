//! Sources that are sent as an archive instead of being pushed: a place is asked for, the archive put there, and used within the hour.
//!
//! Who knows a place's token may put an archive there, once, and read it; using it takes the account that asked. Places do not outlive the
//! process: clients ask anew.
use crate::{
    ByteStream, ReceiverError,
    checkout::{self, CheckoutError, CheckoutLimits, CheckoutStats},
    pump::SILENCE,
};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use paas_model::{AccountId, Digest};
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tempfile::TempPath;
use tokio::{io::AsyncWriteExt, time::timeout};
use tokio_util::io::ReaderStream;
use uuid::Uuid;

/// How long a place and its archive are kept; a build at work keeps its archive to its end.
const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// Places that an account has at a time. The oldest goes.
const PLACES: usize = 10;

/// Why an archive is not taken; words for whoever sends it.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("There is no such place for an archive, or its hour is over. Ask for a new one, and send it there.")]
    Unknown,
    #[error("An archive was sent here already. Ask for a new place, and send it there.")]
    Taken,
    #[error("The archive is larger than {0} bytes. Leave out what the build doesn't need, and send it again.")]
    TooLarge(u64),
    #[error("The archive did not arrive whole. Send it again.")]
    CutOff,
    #[error("an archive could not be kept")]
    Fault(#[from] ReceiverError),
}

/// The places, by their token's digest.
pub struct Sources {
    folder: PathBuf,
    max_bytes: u64,
    places: Mutex<HashMap<Digest, Place>>,
}

struct Place {
    id: Uuid,
    owner: AccountId,
    made: Instant,
    /// What its owner calls the version of what comes.
    version: Option<String>,
    state: State,
}

enum State {
    Empty,
    Arriving,
    Here(Archive),
}

/// A new place for an archive.
pub struct NewSource {
    /// Names it; no secret.
    pub id: Uuid,
    /// Opens it.
    pub token: String,
}

/// An archive as it was sent; its file goes with the last clone.
#[derive(Clone, Debug)]
pub struct Archive {
    file: Arc<TempPath>,
    pub digest: Digest,
    pub bytes: u64,
}

impl Sources {
    pub(crate) fn new(folder: PathBuf, max_bytes: u64) -> Self {
        Self { folder, max_bytes, places: Mutex::default() }
    }

    /// Makes a place for an archive of this account, of which it may say now what version it will be.
    pub fn create(&self, owner: AccountId, version: Option<String>) -> NewSource {
        let (id, token) = (Uuid::now_v7(), hex::encode(rand::random::<[u8; 32]>()));
        let mut places = self.places();
        if places.values().filter(|place| place.owner == owner).count() >= PLACES {
            let oldest = places.iter().filter(|(_, place)| place.owner == owner).min_by_key(|(_, place)| place.made).map(|(key, _)| *key);
            oldest.and_then(|key| places.remove(&key));
        }
        places.insert(Digest::of(token.as_bytes()), Place { id, owner, made: Instant::now(), version, state: State::Empty });
        NewSource { id, token }
    }

    /// Keeps what is sent to the place; once.
    pub async fn put<B>(&self, token: &str, body: B) -> Result<Archive, SourceError>
    where
        B: Stream<Item = Result<Bytes, io::Error>>,
    {
        let key = Digest::of(token.as_bytes());
        self.change(&key, |state| match state {
            State::Empty => Ok(State::Arriving),
            _ => Err(SourceError::Taken),
        })?;
        // Whatever becomes of this future, the place is free again unless the archive is there.
        let arriving = Arriving { sources: self, key };
        let archive = self.keep(body).await?;
        std::mem::forget(arriving);
        self.change(&key, |_| Ok(State::Here(archive.clone())))?;
        Ok(archive)
    }

    /// The archive behind a token, of an account that uses it.
    pub fn by_token(&self, token: &str, owner: AccountId) -> Option<Archive> {
        let places = self.places();
        here(places.get(&Digest::of(token.as_bytes())).filter(|place| place.owner == owner))
    }

    /// The archive behind an id, and its version, of an account that uses it.
    pub fn by_id(&self, id: Uuid, owner: AccountId) -> Option<(Archive, Option<String>)> {
        let places = self.places();
        let place = places.values().find(|place| place.id == id && place.owner == owner)?;
        Some((here(Some(place))?, place.version.clone()))
    }

    /// The archive's own bytes, for whoever knows the token.
    pub async fn read(&self, token: &str) -> Result<ByteStream, SourceError> {
        let archive = here(self.places().get(&Digest::of(token.as_bytes()))).ok_or(SourceError::Unknown)?;
        let file = tokio::fs::File::open(archive.path()).await.map_err(ReceiverError::file("reading an archive", archive.path()))?;
        Ok(Box::pin(ReaderStream::new(file)))
    }

    async fn keep<B>(&self, body: B) -> Result<Archive, SourceError>
    where
        B: Stream<Item = Result<Bytes, io::Error>>,
    {
        let fault = |error| ReceiverError::file("keeping an archive", &self.folder)(error);
        let (file, path) = tempfile::NamedTempFile::new_in(&self.folder).map_err(fault)?.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        let (mut hash, mut bytes, mut body) = (Sha256::new(), 0, pin!(body));
        while let Some(piece) = timeout(SILENCE, body.next()).await.map_err(|_| SourceError::CutOff)? {
            let piece = piece.map_err(|_| SourceError::CutOff)?;
            bytes += piece.len() as u64;
            if bytes > self.max_bytes {
                return Err(SourceError::TooLarge(self.max_bytes));
            }
            hash.update(&piece);
            file.write_all(&piece).await.map_err(fault)?;
        }
        file.flush().await.map_err(fault)?;
        Ok(Archive { file: Arc::new(path), digest: Digest::from_bytes(hash.finalize().into()), bytes })
    }

    fn change(&self, key: &Digest, to: impl FnOnce(&State) -> Result<State, SourceError>) -> Result<(), SourceError> {
        let mut places = self.places();
        let place = places.get_mut(key).ok_or(SourceError::Unknown)?;
        place.state = to(&place.state)?;
        Ok(())
    }

    /// Removes what has expired.
    pub fn tidy(&self) {
        drop(self.places());
    }

    fn places(&self) -> MutexGuard<'_, HashMap<Digest, Place>> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|_, place| place.made.elapsed() < LIFETIME);
        places
    }
}

fn here(place: Option<&Place>) -> Option<Archive> {
    match &place?.state {
        State::Here(archive) => Some(archive.clone()),
        State::Empty | State::Arriving => None,
    }
}

struct Arriving<'a> {
    sources: &'a Sources,
    key: Digest,
}

impl Drop for Arriving<'_> {
    fn drop(&mut self) {
        // Nothing to free where the place is gone meanwhile.
        self.sources.change(&self.key, |_| Ok(State::Empty)).ok();
    }
}

impl Archive {
    fn path(&self) -> &Path {
        &self.file
    }

    /// Writes the archive's files into `into`, as a push's are: nothing outside of it, and nothing that a push could not bring.
    pub async fn checkout(&self, into: &Path) -> Result<CheckoutStats, CheckoutError> {
        self.checkout_within(into, CheckoutLimits::default()).await
    }

    /// [`Self::checkout`] with limits of the caller's own.
    pub async fn checkout_within(&self, into: &Path, limits: CheckoutLimits) -> Result<CheckoutStats, CheckoutError> {
        let (archive, into) = (self.clone(), into.to_path_buf());
        tokio::task::spawn_blocking(move || checkout::archive::checkout(archive.path(), &into, &limits))
            .await
            .map_err(|error| CheckoutError::Fault(error.into()))?
    }
}
