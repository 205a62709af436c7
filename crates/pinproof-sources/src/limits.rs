//! How much of anything is accepted from outside, and for how long anybody waits.

use std::time::Duration;

const MIB: u64 = 1024 * 1024;

/// The bounds of one client; every one is a parameter, so that tests can use small ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of an index page, after decompression.
    pub page_bytes: u64,
    /// Bytes of core metadata, after decompression.
    pub metadata_bytes: u64,
    /// Bytes of a distribution that is read as a whole, as transferred.
    pub archive_bytes: u64,
    /// Bytes that a source distribution may unpack to while its metadata is looked for.
    pub unpacked_bytes: u64,
    /// Bytes of a distribution that is fetched to be kept.
    pub download_bytes: u64,
    /// Redirects followed for one request.
    pub redirects: usize,
    /// How long a connection may take to be made, TLS included.
    pub connect_timeout: Duration,
    /// How long an answer may pause.
    pub read_timeout: Duration,
    /// How long one request may take: its redirects, retries and body included.
    pub request_timeout: Duration,
    /// How long fetching one distribution to be kept may take, retries included.
    pub download_timeout: Duration,
    /// How long everything asked through one [`gather`](crate::IndexClient::gather) may take.
    pub gather_timeout: Duration,
    /// How often a request is repeated after a failure that may pass.
    pub retries: u32,
    /// The pause before the first repetition; each further one is twice as long.
    pub backoff: Duration,
    /// The longest `Retry-After` that is waited for.
    pub max_retry_after: Duration,
    /// Requests under way at one time.
    pub concurrency: usize,
    /// Requests under way at one time to one host.
    pub per_host: usize,
    /// Requests in a row that may find a host unreachable before the others fail without a try.
    pub failures_per_host: u32,
    /// How long a host is left alone after that.
    pub host_rest: Duration,
    /// Whether an index on the public network may lead to an address of a private one, by a redirect or a file.
    pub leads_inwards: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_bytes: 64 * MIB,
            metadata_bytes: 4 * MIB,
            archive_bytes: 128 * MIB,
            unpacked_bytes: 1024 * MIB,
            download_bytes: 8 * 1024 * MIB,
            redirects: 5,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(15),
            request_timeout: Duration::from_mins(1),
            download_timeout: Duration::from_hours(1),
            gather_timeout: Duration::from_mins(5),
            retries: 2,
            backoff: Duration::from_millis(500),
            max_retry_after: Duration::from_secs(10),
            concurrency: 24,
            per_host: 16,
            failures_per_host: 3,
            host_rest: Duration::from_secs(30),
            leads_inwards: true,
        }
    }
}
