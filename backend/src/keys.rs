//! Keys and secrets: the master key outside the store, keys wrapped by it, and what is derived from them.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::{fs, io::Write, path::Path};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A key could not be read, made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key file cannot be read or written.
    #[error("key file: {0}")]
    File(#[from] std::io::Error),
    /// The key file does not hold 64 hexadecimal digits.
    #[error("the key file must hold 64 hexadecimal digits")]
    Format,
    /// A wrapped value was changed, or belongs to another master key.
    #[error("a wrapped value does not open: wrong master key or damaged store")]
    Unwrap,
}

/// First byte of whatever was sealed with XChaCha20-Poly1305. Another algorithm gets the next number; this one is opened as
/// long as something sealed with it is kept.
const XCHACHA20_POLY1305: u8 = 1;

/// Bytes of a nonce of XChaCha20-Poly1305.
const NONCE: usize = 24;

/// 256 bits that are wiped from memory when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

/// Fills an array with random bytes of a generator (ChaCha) that the operating system seeds, now and then anew.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

impl Key {
    /// A fresh random key.
    pub fn random() -> Self {
        Self(random_bytes())
    }

    /// For tests and derived keys.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes: only for handing a key to the town's own computer.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The master key in `path`; made with permissions for the owner only if the file does not exist.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyError> {
        match fs::read_to_string(path) {
            Ok(text) => Self::from_hex(text.trim()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = Self::random();
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder)?;
                }
                let mut options = fs::OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let mut file = options.open(path)?;
                file.write_all(hex(&key.0).as_bytes())?;
                file.sync_all()?;
                Ok(key)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// From 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        if text.len() != 64 || !text.is_ascii() {
            return Err(KeyError::Format);
        }
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(|_| KeyError::Format)?;
        }
        Ok(Self(bytes))
    }

    /// HKDF-SHA-256 (RFC 5869) with a label and a context; the output is as long as `N`.
    pub fn derive<const N: usize>(&self, label: &str, context: &[u8]) -> [u8; N] {
        let mut out = [0; N];
        let info = [label.as_bytes(), &[0], context].concat();
        // only fails for outputs above 8,160 bytes
        let _ = Hkdf::<Sha256>::new(None, &self.0).expand(&info, &mut out);
        out
    }

    /// HMAC-SHA-256 of a label and a message.
    pub fn mac(&self, label: &str, message: &[u8]) -> [u8; 32] {
        let mut mac = match <Hmac<Sha256> as Mac>::new_from_slice(&self.0) {
            Ok(mac) => mac,
            // HMAC takes keys of any length
            Err(_) => return [0; 32],
        };
        mac.update(label.as_bytes());
        mac.update(&[0]);
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    /// Encrypts with XChaCha20-Poly1305; `bound_to` must be the same when opened. The first byte names the algorithm.
    pub fn seal(&self, plain: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.seal_with(&random_bytes(), plain, bound_to)
    }

    /// Like [`Key::seal`], but the same text always gives the same bytes (the nonce is a keyed hash of it): who sees them
    /// learns which pieces are equal, and nothing else. For backups, where an equal piece is not stored twice.
    pub fn seal_alike(&self, plain: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mac = self.mac("nonce of what it says", &[bound_to, &[0], plain].concat());
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&mac[..NONCE]);
        self.seal_with(&nonce, plain, bound_to)
    }

    fn seal_with(&self, nonce: &[u8; NONCE], plain: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, KeyError> {
        let sealed = XChaCha20Poly1305::new((&self.0).into())
            .encrypt(
                XNonce::from_slice(nonce),
                Payload {
                    msg: plain,
                    aad: bound_to,
                },
            )
            .map_err(|_| KeyError::Unwrap)?;
        Ok([&[XCHACHA20_POLY1305], &nonce[..], &sealed].concat())
    }

    /// Opens what [`Key::seal`] made; also without the byte in front, as it was before there was one.
    pub fn open(&self, sealed: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, KeyError> {
        match sealed.split_first() {
            Some((&XCHACHA20_POLY1305, rest)) => self
                .open_with(rest, bound_to)
                // a nonce of before may begin with any byte
                .or_else(|_| self.open_with(sealed, bound_to)),
            _ => self.open_with(sealed, bound_to),
        }
    }

    fn open_with(&self, sealed: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, KeyError> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE).ok_or(KeyError::Unwrap)?;
        XChaCha20Poly1305::new((&self.0).into())
            .decrypt(
                XNonce::from_slice(nonce),
                Payload {
                    msg: sealed,
                    aad: bound_to,
                },
            )
            .map_err(|_| KeyError::Unwrap)
    }

    /// Wraps another key.
    pub fn wrap(&self, key: &Key, bound_to: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.seal(&key.0, bound_to)
    }

    /// Unwraps another key.
    pub fn unwrap_key(&self, wrapped: &[u8], bound_to: &[u8]) -> Result<Key, KeyError> {
        let bytes: [u8; 32] = self
            .open(wrapped, bound_to)?
            .try_into()
            .map_err(|_| KeyError::Unwrap)?;
        Ok(Key(bytes))
    }
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The bytes of hexadecimal digits; `None` if they are none.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_keys_open_only_where_they_belong() {
        let master = Key::random();
        let key = Key::random();
        let wrapped = master.wrap(&key, b"batch 1").unwrap();
        assert!(
            master
                .unwrap_key(&wrapped, b"batch 1")
                .is_ok_and(|k| k.0 == key.0)
        );
        assert!(master.unwrap_key(&wrapped, b"batch 2").is_err());
        assert!(Key::random().unwrap_key(&wrapped, b"batch 1").is_err());
        assert!(master.unwrap_key(&wrapped[..10], b"batch 1").is_err());
    }

    #[test]
    fn what_is_sealed_names_its_algorithm() {
        let key = Key::random();
        for sealed in [
            key.seal(b"Erika", b"here").unwrap(),
            key.seal_alike(b"Erika", b"here").unwrap(),
        ] {
            assert_eq!(sealed[0], XCHACHA20_POLY1305);
            assert_eq!(key.open(&sealed, b"here").unwrap(), b"Erika");
            let unknown = [&[2], &sealed[1..]].concat();
            assert!(key.open(&unknown, b"here").is_err(), "another algorithm");
            assert_eq!(
                key.open(&sealed[1..], b"here").unwrap(),
                b"Erika",
                "as it was before algorithms were named"
            );
        }
        let mut nonce = [7; NONCE];
        nonce[0] = XCHACHA20_POLY1305;
        let before = key.seal_with(&nonce, b"Erika", b"here").unwrap()[1..].to_vec();
        assert_eq!(key.open(&before, b"here").unwrap(), b"Erika");
    }

    #[test]
    fn the_key_file_is_for_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/master.key");
        let made = Key::load_or_create(&path).unwrap();
        let read = Key::load_or_create(&path).unwrap();
        assert_eq!(made.0, read.0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, "zz").unwrap();
        assert!(matches!(Key::load_or_create(&path), Err(KeyError::Format)));
    }
}
