//! A place for files outside the store: a folder, or a bucket of an S3-compatible storage.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use object_store::{
    ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem,
    path::Path as Place,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    time::Duration,
};

/// The place cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DepotError {
    /// The address is neither a folder nor a bucket.
    #[error(
        "`{0}` begins neither with `folder:` nor with `s3://`; examples: folder:/var/backups/stadtbrief, s3://bucket/prefix"
    )]
    Address(String),
    /// The folder cannot be made.
    #[error("folder: {0}")]
    Folder(#[from] std::io::Error),
    /// The storage said no, or does not answer.
    #[error("storage: {0}")]
    Storage(#[from] object_store::Error),
}

/// How to reach an S3-compatible storage.
#[derive(Clone, Debug, Default)]
pub struct S3 {
    /// Address of the storage, such as `https://s3.example.de`; empty: that of AWS for the region.
    pub endpoint: String,
    /// Region; most storages take any.
    pub region: String,
    /// Access key.
    pub key: String,
    /// Secret of the access key.
    pub secret: String,
}

/// What a place says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its size.
    pub bytes: u64,
    /// When it was written.
    pub changed: DateTime<Utc>,
}

/// Is the address behind `scheme://` this machine? Then nothing of it travels.
pub fn is_this_machine(rest: &str) -> bool {
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let port = |rest: &str| {
        rest.is_empty()
            || rest
                .strip_prefix(':')
                .is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit()))
    };
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|name| host.strip_prefix(name).is_some_and(port))
}

/// A folder or a bucket.
#[derive(Clone, Debug)]
pub struct Depot {
    store: Arc<dyn ObjectStore>,
    prefix: Place,
}

impl Depot {
    /// `folder:PATH` or `s3://BUCKET/PREFIX`. A storage that does not answer is asked again for a minute.
    pub fn open(address: &str, s3: &S3) -> Result<Depot, DepotError> {
        Self::open_with(
            address,
            s3,
            RetryConfig {
                retry_timeout: Duration::from_secs(60),
                ..RetryConfig::default()
            },
        )
    }

    /// [`Depot::open`] for what somebody waits for: asked again for a few seconds only.
    pub fn open_brisk(address: &str, s3: &S3) -> Result<Depot, DepotError> {
        Self::open_with(
            address,
            s3,
            RetryConfig {
                max_retries: 2,
                retry_timeout: Duration::from_secs(5),
                ..RetryConfig::default()
            },
        )
    }

    /// [`Depot::open`], without asking again.
    #[cfg(feature = "testing")]
    pub fn open_impatient(address: &str, s3: &S3) -> Result<Depot, DepotError> {
        Self::open_with(
            address,
            s3,
            RetryConfig {
                max_retries: 0,
                ..RetryConfig::default()
            },
        )
    }

    fn open_with(address: &str, s3: &S3, retry: RetryConfig) -> Result<Depot, DepotError> {
        let patience = retry.retry_timeout.min(Duration::from_secs(60));
        if let Some(folder) = address.strip_prefix("folder:") {
            std::fs::create_dir_all(folder)?;
            // flushed to the disk: the store forgets bytes once they are here. Folders that are empty go, too
            return Ok(Depot {
                store: Arc::new(
                    LocalFileSystem::new_with_prefix(Path::new(folder))?
                        .with_fsync(true)
                        .with_automatic_cleanup(true),
                ),
                prefix: Place::default(),
            });
        }
        let Some(rest) = address.strip_prefix("s3://") else {
            return Err(DepotError::Address(address.to_owned()));
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        // the storage's TLS needs a provider; one that is there already is as good
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = ClientOptions::new()
            .with_timeout(patience.max(Duration::from_secs(15)))
            .with_connect_timeout(Duration::from_secs(5));
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(if s3.region.is_empty() {
                "us-east-1"
            } else {
                &s3.region
            })
            .with_access_key_id(&s3.key)
            .with_secret_access_key(&s3.secret)
            .with_client_options(client)
            .with_retry(retry);
        if !s3.endpoint.is_empty() {
            // without TLS only on this machine: pieces are encrypted, but the secret is not
            let local = s3.endpoint.strip_prefix("http://").is_some_and(is_this_machine);
            builder = builder.with_endpoint(&s3.endpoint).with_allow_http(local);
        }
        Ok(Depot {
            store: Arc::new(builder.build()?),
            prefix: Place::from(prefix),
        })
    }

    /// A part of this place.
    #[must_use]
    pub fn within(&self, name: &str) -> Depot {
        Depot {
            store: self.store.clone(),
            prefix: self.prefix.clone().join(name),
        }
    }

    fn at(&self, name: &str) -> Place {
        name.split('/').fold(self.prefix.clone(), |p, part| p.join(part))
    }

    /// Writes a file as a whole: it is there with all its bytes, or not at all.
    pub async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), DepotError> {
        self.store.put(&self.at(name), Bytes::from(bytes).into()).await?;
        Ok(())
    }

    /// Reads a file; `None` if there is none.
    pub async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, DepotError> {
        match self.store.get(&self.at(name)).await {
            Ok(found) => Ok(Some(found.bytes().await?.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Names of the files in a part of this place, in order.
    pub async fn list(&self, part: &str) -> Result<BTreeSet<String>, DepotError> {
        let place = self.at(part);
        let files = self.store.list(Some(&place));
        let names = files.map_ok(|f| f.location.filename().unwrap_or_default().to_owned());
        Ok(names.try_collect().await?)
    }

    /// Files in a part of this place and below it, by name.
    pub async fn files(&self, part: &str) -> Result<BTreeMap<String, Stored>, DepotError> {
        let place = match part {
            "" => self.prefix.clone(),
            part => self.at(part),
        };
        let files = self.store.list(Some(&place)).map_ok(|f| {
            let file = Stored {
                bytes: f.size,
                changed: f.last_modified,
            };
            (f.location.filename().unwrap_or_default().to_owned(), file)
        });
        Ok(files.try_collect().await?)
    }

    /// Names of the parts directly below this place.
    pub async fn parts(&self) -> Result<BTreeSet<String>, DepotError> {
        let below = self.store.list_with_delimiter(Some(&self.prefix)).await?;
        let names = below.common_prefixes.iter().filter_map(Place::filename);
        Ok(names.map(str::to_owned).collect())
    }

    /// Deletes everything in this place; how many files there were.
    pub async fn clear(&self) -> Result<usize, DepotError> {
        let all: Vec<Place> = self
            .store
            .list(Some(&self.prefix))
            .map_ok(|f| f.location)
            .try_collect()
            .await?;
        for place in &all {
            match self.store.delete(place).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(all.len())
    }

    /// Deletes a file; one that is gone already is fine.
    pub async fn delete(&self, name: &str) -> Result<(), DepotError> {
        match self.store.delete(&self.at(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
