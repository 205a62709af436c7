//! TLS for clients: a certificate and its key from two files, and renewed ones without a restart.
//!
//! A pair that cannot be used is an error at the start. Later, the pair that was good goes on, and the trouble is
//! said once.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use pinproof_core::Printable;
use thiserror::Error;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, InconsistentKeys, ServerConfig};

use crate::store::words::Sha256;

/// The most that a file of certificates or a key may have.
const MOST: u64 = 1 << 20;

/// A certificate and its key, as they are now.
#[derive(Clone, Debug)]
pub struct Tls(Arc<Pair>);

#[derive(Debug)]
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<ServerConfig>>,
    /// What was looked at last: the digest of both files, or why they cannot be read.
    seen: Mutex<String>,
}

/// Why a certificate and its key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TlsError {
    /// A file is not there, or not for us.
    #[error("{path} cannot be read: {why}")]
    Unreadable {
        /// The file.
        path: Printable,
        /// Why.
        why: Printable,
    },
    /// A file has not what it has to have.
    #[error("{path} has no {what} in PEM")]
    Lacks {
        /// The file.
        path: Printable,
        /// What is missing.
        what: &'static str,
    },
    /// The key is not that of the certificate.
    #[error("the key in {key} is not that of the first certificate in {certificate}")]
    Mismatch {
        /// The file with the certificate.
        certificate: Printable,
        /// The file with the key.
        key: Printable,
    },
    /// The library does not take it.
    #[error("{path} cannot be used: {why}")]
    Unusable {
        /// The file.
        path: Printable,
        /// Why.
        why: Printable,
    },
}

impl TlsError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "name files that the user of this process can read",
            Self::Lacks { .. } => {
                "`--tls-cert` names the certificate and those that lead to its authority, `--tls-key` the unencrypted key, both in PEM"
            }
            Self::Mismatch { .. } => {
                "the certificate of this server has to come first, before those that lead to its authority"
            }
            Self::Unusable { .. } => "keys of ECDSA (P-256, P-384), Ed25519 and RSA can be used",
        }
    }
}

impl Tls {
    /// Reads a certificate, with those that lead to its authority, and its key.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let read = Read::new(certificate, key)?;
        let config = read.config(certificate, key)?;
        Ok(Self(Arc::new(Pair {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current: RwLock::new(Arc::new(config)),
            seen: Mutex::new(read.digest()),
        })))
    }

    /// Whether everybody on this machine can read the key.
    pub fn is_key_open(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&self.0.key).map(|about| about.permissions().mode());
            mode.is_ok_and(|mode| mode & 0o004 != 0)
        }
        #[cfg(not(unix))]
        false
    }

    /// Takes the files as they are now, if they changed since the last look: `None` if they did not. What cannot be
    /// used changes nothing.
    pub(crate) fn renew(&self) -> Option<Result<(), TlsError>> {
        let (certificate, key) = (&self.0.certificate, &self.0.key);
        let read = Read::new(certificate, key);
        let now = match &read {
            Ok(read) => read.digest(),
            Err(error) => error.to_string(),
        };
        {
            let mut seen = self.0.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if *seen == now {
                return None;
            }
            *seen = now;
        }
        let config = read.and_then(|read| read.config(certificate, key));
        Some(config.map(|config| {
            let current = self.0.current.write();
            *current.unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
        }))
    }

    /// Who agrees on TLS with the next client.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let current = self.0.current.read();
        TlsAcceptor::from(Arc::clone(&current.unwrap_or_else(PoisonError::into_inner)))
    }
}

/// The bytes of both files.
struct Read {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Read {
    fn new(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        Ok(Self {
            certificate: read(certificate)?,
            key: read(key)?,
        })
    }

    fn digest(&self) -> String {
        let both = [&self.certificate, &self.key].map(|bytes| Sha256::of(bytes).to_string());
        both.join(" ")
    }

    fn config(&self, certificate: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
        let chain = CertificateDer::pem_slice_iter(&self.certificate);
        let chain: Vec<_> = chain
            .collect::<Result<_, _>>()
            .map_err(|error| of_pem(certificate, "certificate", &error))?;
        if chain.is_empty() {
            return Err(lacks(certificate, "certificate"));
        }
        let secret = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|error| of_pem(key, "private key", &error))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let unusable = |error: rustls::Error| unusable(&error, certificate, key);
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, secret)
            .map_err(unusable)?;
        // Only HTTP/1.1 has a place for the reason of a refusal that pip shows.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let unreadable = |why: &str| TlsError::Unreadable {
        path: shown(path),
        why: Printable::new(why),
    };
    let about = fs::metadata(path).map_err(|error| unreadable(&error.to_string()))?;
    if about.len() > MOST {
        return Err(unreadable("it is larger than 1 MiB"));
    }
    fs::read(path).map_err(|error| unreadable(&error.to_string()))
}

fn shown(path: &Path) -> Printable {
    Printable::from(path.display().to_string())
}

fn lacks(path: &Path, what: &'static str) -> TlsError {
    TlsError::Lacks {
        path: shown(path),
        what,
    }
}

fn of_pem(path: &Path, what: &'static str, error: &PemError) -> TlsError {
    match error {
        PemError::NoItemsFound => lacks(path, what),
        error => TlsError::Unusable {
            path: shown(path),
            why: Printable::from(error.to_string()),
        },
    }
}

fn unusable(error: &rustls::Error, certificate: &Path, key: &Path) -> TlsError {
    let is_of_certificate = matches!(error, rustls::Error::InvalidCertificate(_));
    match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => TlsError::Mismatch {
            certificate: shown(certificate),
            key: shown(key),
        },
        error => TlsError::Unusable {
            path: shown(if is_of_certificate { certificate } else { key }),
            why: Printable::from(error.to_string()),
        },
    }
}

/// Whether somebody speaks HTTP where TLS is spoken: no record of TLS begins with a capital letter.
pub(crate) async fn is_plain_http(stream: &TcpStream) -> bool {
    let mut first = [0];
    matches!(stream.peek(&mut first).await, Ok(1)) && first[0].is_ascii_uppercase()
}

/// Says so in the words that the client understands.
pub(crate) async fn say_that_it_is_tls(mut stream: TcpStream) {
    const SAID: &str = "HTTP/1.1 400 pinproof: this port speaks TLS, so the address begins with https\r\n\
        Connection: close\r\nContent-Type: text/plain\r\nContent-Length: 65\r\n\r\n\
        pinproof: this port speaks TLS, so the address begins with https\n";
    // Closed with something unread, a connection is reset, and the answer may be lost.
    let mut asked = [0; 4096];
    let _ = stream.read(&mut asked).await;
    let _ = stream.write_all(SAID.as_bytes()).await;
    let _ = stream.shutdown().await;
}
