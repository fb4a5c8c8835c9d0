//! Sealing: AES-256-GCM-SIV with a key that lies outside of the database.
use crate::{StoreError, error::Result};
use aes_gcm_siv::{
    Aes256GcmSiv, Nonce,
    aead::{Aead, KeyInit, Payload},
};
use rand::{TryRng, rngs::SysRng};
use std::{
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

/// The first byte of everything sealed, so that a later form can be told apart.
const FORM: u8 = 1;
const NONCE_BYTES: usize = 12;

/// Seals and opens config vars. Whoever has it and the database has every secret.
pub struct SecretKey(Aes256GcmSiv);

impl SecretKey {
    /// Reads the 32 bytes of `path`, or makes them (mode 0600, on disk before this returns).
    pub fn load_or_create(path: &Path) -> Result<Self> {
        let fault = |error| StoreError::KeyFile(path.into(), error);
        if !path.try_exists().map_err(fault)? {
            create(path).map_err(fault)?;
        }
        let bytes = fs::read(path).map_err(fault)?;
        if fs::metadata(path).map_err(fault)?.permissions().mode() & 0o077 != 0 {
            return Err(StoreError::KeyOpen(path.into()));
        }
        let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| StoreError::KeyLength { path: path.into(), length: bytes.len() })?;
        Ok(Self::from_bytes(key))
    }

    pub fn from_bytes(key: [u8; 32]) -> Self {
        Self(Aes256GcmSiv::new(&key.into()))
    }

    /// form (1 byte), nonce (12), ciphertext and tag. Opens only with the same `context`.
    pub(crate) fn seal(&self, context: &[u8], text: &[u8]) -> Vec<u8> {
        let nonce = random::<NONCE_BYTES>();
        let payload = Payload { msg: text, aad: context };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload).expect("config vars are far below the cipher's 64 GB");
        [&[FORM], nonce.as_slice(), &sealed].concat()
    }

    /// `None` when it was sealed with another key or for another context, or was changed.
    pub(crate) fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.strip_prefix(&[FORM])?.split_first_chunk::<NONCE_BYTES>()?;
        self.0.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: context }).ok()
    }
}

/// Bytes of the system's generator.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes).expect("the system has a random generator");
    bytes
}

/// Leaves an existing file alone, so that two processes starting at once agree on one key.
fn create(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&random::<32>())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => fs::File::open(folder)?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_with_its_key_and_context() {
        let key = SecretKey::from_bytes([1; 32]);
        let sealed = key.seal(b"app", b"secret");
        assert_eq!(key.open(b"app", &sealed), Some(b"secret".to_vec()));
        assert_eq!(key.open(b"other app", &sealed), None);
        assert_eq!(SecretKey::from_bytes([2; 32]).open(b"app", &sealed), None);
        assert_ne!(key.seal(b"app", b"secret"), sealed, "every sealing has its own nonce");
    }

    #[test]
    fn anything_changed_or_cut_short_does_not_open() {
        let key = SecretKey::from_bytes([1; 32]);
        let sealed = key.seal(b"app", b"secret");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open(b"app", &changed), None, "byte {at}");
            assert_eq!(key.open(b"app", &sealed[..at]), None, "length {at}");
        }
    }

    #[test]
    fn the_key_file_is_made_once_and_only_for_us() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let sealed = SecretKey::load_or_create(&path).unwrap().seal(b"", b"x");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(SecretKey::load_or_create(&path).unwrap().open(b"", &sealed), Some(b"x".to_vec()));

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(SecretKey::load_or_create(&path), Err(StoreError::KeyOpen(_))));
    }

    #[test]
    fn a_key_file_of_another_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        create(&path).unwrap();
        fs::write(&path, b"short").unwrap();
        assert!(matches!(SecretKey::load_or_create(&path), Err(StoreError::KeyLength { length: 5, .. })));
    }
}
