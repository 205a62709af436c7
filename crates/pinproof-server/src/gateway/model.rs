//! The one model of a page: every file with its verdict. Both forms are written from it, and files are handed out
//! by it.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::body::Bytes;
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use pinproof_core::{Admission, Printable, ProjectHistory, ProjectName};
use pinproof_engine::admit::{AdmittedFile, AdmittedPage, Because, Opinion, Revision};
use pinproof_engine::sources::Index;

use super::Gateway;
use super::addresses;
use super::evidence::{Known, sha256};
use super::freshness::Asked;
use super::refusal::{Prepared, Refusal};
use super::serials::WentBack;
use super::simple::{json, web};
use crate::store::records::{Decision, VerdictKey};
use crate::store::words::{FileName, IndexName, Sha256};

/// A page that was decided about.
#[derive(Debug)]
pub(super) struct Model {
    /// The files and their verdicts.
    pub(super) page: AdmittedPage,
    /// Whom it is from.
    pub(super) index: Index,
    /// What is remembered of the project.
    pub(super) history: Arc<ProjectHistory>,
    /// Why it is not what the upstream says now.
    pub(super) stale: Option<Printable>,
    /// Whether it is an older page than one that was there before.
    pub(super) went_back: Option<WentBack>,
    /// The digest of the policy that decided.
    pub(super) policy: String,
    /// The digest of the policy that was tried beside it.
    shadow_policy: Option<String>,
    /// The advisories that it was decided on.
    pub(super) advisories: Arc<str>,
    asked: Mutex<Asked>,
    revision: Revision,
    /// The places of the files in the order of their names; of two with one name the last counts.
    by_name: Vec<usize>,
    /// What became of the verdicts.
    told: Vec<Told>,
    json: OnceLock<Written>,
    html: OnceLock<Written>,
}

/// What became of the verdict on a file.
#[derive(Debug, Default)]
struct Told {
    /// Whether it is in the log.
    is_logged: AtomicBool,
    /// How often it was the answer since that was counted last.
    again: AtomicU32,
    /// The refusal, once somebody was refused.
    refusal: OnceLock<Box<Prepared>>,
}

/// A form of a page, with its bytes in each coding.
#[derive(Debug)]
pub(super) struct Written {
    plain: Coded,
    gzip: Option<Coded>,
}

/// Bytes, and what tells them from others.
#[derive(Debug)]
pub(super) struct Coded {
    pub(super) bytes: Bytes,
    pub(super) etag: String,
}

/// Why a file is not handed out.
#[derive(Clone, Debug)]
pub(super) struct Withheld<'a> {
    pub(super) admission: Admission,
    pub(super) because: &'a Because,
    file: &'a AdmittedFile,
}

impl Withheld<'_> {
    /// What to do about it.
    pub(super) fn help(&self, project: &ProjectName) -> Vec<Printable> {
        self.file.help(project)
    }
}

impl Model {
    /// Decides about what is known. It takes a while for a large project.
    pub(super) fn decide(gateway: &Gateway, known: Known, now: Timestamp) -> Self {
        let gate = gateway.gate();
        let page = gate.judge(known.facts, Some(&known.history), now);
        Self {
            by_name: by_name(&page.files),
            told: page.files.iter().map(|_| Told::default()).collect(),
            policy: gate.policy_digest().to_owned(),
            shadow_policy: gate.shadow_digest().map(str::to_owned),
            advisories: gate.advisory_state(now),
            page,
            index: known.index,
            history: known.history,
            stale: known.stale,
            went_back: known.went_back,
            asked: Mutex::new(known.asked),
            revision: known.revision,
            json: OnceLock::new(),
            html: OnceLock::new(),
        }
    }

    /// What it was decided on, to decide again.
    pub(super) fn known(&self) -> Known {
        Known {
            facts: self.page.rejoined(),
            index: self.index.clone(),
            history: Arc::clone(&self.history),
            stale: self.stale.clone(),
            asked: self.asked(),
            revision: self.revision.clone(),
            went_back: self.went_back,
        }
    }

    /// When the upstream was asked, whether it answered or not, and for how long that counts.
    pub(super) fn asked(&self) -> Asked {
        // A panic elsewhere leaves it whole: it is replaced in one step.
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The upstream says that nothing has changed.
    pub(super) fn confirm(&self, asked: Asked) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = asked;
    }

    /// What tells the page from another state of it.
    pub(super) fn revision(&self) -> &Revision {
        &self.revision
    }

    /// A file by its name.
    pub(super) fn file(&self, filename: &str) -> Option<(usize, &AdmittedFile)> {
        let name = |at: &usize| self.page.files[*at].facts.filename.as_str();
        let found = self.by_name.binary_search_by(|at| name(at).cmp(filename));
        let at = self.by_name[found.ok()?];
        Some((at, self.page.files.get(at)?))
    }

    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> usize {
        /// Of a file with its verdict, as measured of large pages.
        const OF_FILE: usize = 2_000;
        let forms = [self.json.get(), self.html.get()];
        let written: usize = forms.into_iter().flatten().map(Written::weight).sum();
        (self.page.files.len() + 1) * OF_FILE + written
    }

    /// The page as JSON.
    pub(super) fn json(&self, gateway: &Gateway) -> &Written {
        self.json
            .get_or_init(|| Written::new(json::write(self, gateway), &self.policy))
    }

    /// The page as HTML.
    pub(super) fn html(&self, gateway: &Gateway) -> &Written {
        self.html
            .get_or_init(|| Written::new(web::write(self, gateway), &self.policy))
    }

    /// The decision about a file, as the log has it; what has no name or no hash to be kept under has none.
    pub(super) fn decision(&self, file: &AdmittedFile) -> Option<Decision> {
        let verdict = &file.verdict;
        let upstream: IndexName = self.index.name.parse().ok()?;
        let filename: FileName = file.facts.filename.parse().ok()?;
        let because = file.because.as_ref().or(file.remarks.first());
        let text = |because: &Because| because.message.shortened(2_000).to_string();
        Some(Decision {
            key: VerdictKey {
                project: self.page.facts.project.clone(),
                filename,
                sha256: sha256(&file.facts)?,
                policy: verdict.policy_digest.to_string(),
                evidence: verdict.evidence_digest.to_string(),
            },
            upstream,
            admission: verdict.admission,
            rule: because.map(|because| because.rule.to_owned()),
            reason: because.map(text),
            decided_at: verdict.decided_at,
            next_change_at: verdict.next_change_at,
        })
    }

    /// Whether this is the policy that was tried beside the one that decided.
    pub(super) fn is_beside(&self, shadow: Option<&str>) -> bool {
        self.shadow_policy.as_deref() == shadow
    }

    /// What the shadow policy says of a file, where it would decide otherwise.
    pub(super) fn shadow(&self, at: usize) -> Option<&Opinion> {
        self.page.shadow.get(at)?.as_ref()
    }

    /// The same as the log has it, beside the decision about the file.
    pub(super) fn shadow_decision(&self, at: usize, beside: &Decision) -> Option<Decision> {
        let opinion = self.shadow(at)?;
        let digest = self.shadow_policy.as_deref()?;
        let because = opinion.because.as_ref();
        Some(Decision {
            key: VerdictKey {
                policy: VerdictKey::shadow(digest),
                ..beside.key.clone()
            },
            admission: opinion.admission,
            rule: because.map(|because| because.rule.to_owned()),
            reason: because.map(|because| because.message.shortened(2_000).to_string()),
            next_change_at: opinion.next_change_at,
            ..beside.clone()
        })
    }

    /// The decision about a file, and the one of the shadow policy.
    pub(super) fn decisions(&self, at: usize) -> [Option<Decision>; 2] {
        let file = self.page.files.get(at);
        let decision = file.and_then(|file| self.decision(file));
        let shadow = decision
            .as_ref()
            .and_then(|decision| self.shadow_decision(at, decision));
        [decision, shadow]
    }

    /// Whether the verdict on a file is in the log.
    pub(super) fn is_logged(&self, at: usize) -> bool {
        let told = self.told.get(at);
        told.is_some_and(|told| told.is_logged.load(Ordering::Acquire))
    }

    /// Notes that the verdict on a file is in the log.
    pub(super) fn note_logged(&self, at: usize) {
        if let Some(told) = self.told.get(at) {
            told.is_logged.store(true, Ordering::Release);
        }
    }

    /// Notes that the verdict on a file was the answer again; how often it had been is the answer.
    pub(super) fn count(&self, at: usize, times: u32) -> u32 {
        let told = self.told.get(at);
        told.map_or(1, |told| told.again.fetch_add(times, Ordering::AcqRel))
    }

    /// How often the verdict on a file was the answer; the count begins anew.
    pub(super) fn take_count(&self, at: usize) -> u32 {
        let told = self.told.get(at);
        told.map_or(0, |told| told.again.swap(0, Ordering::AcqRel))
    }

    /// The refusal of a file: everybody gets the same.
    pub(super) fn refusal(&self, at: usize, refuse: impl Fn() -> Refusal) -> Response {
        match self.told.get(at) {
            Some(told) => {
                let prepare = || Box::new(refuse().prepared());
                told.refusal.get_or_init(prepare).answer()
            }
            None => refuse().into_response(),
        }
    }
}

fn by_name(files: &[AdmittedFile]) -> Vec<usize> {
    let name = |at: usize| files[at].facts.filename.as_str();
    let mut places: Vec<usize> = (0..files.len()).collect();
    places.sort_by_key(|at| (name(*at), std::cmp::Reverse(*at)));
    places.dedup_by_key(|at| name(*at));
    places
}

impl Written {
    /// The validator covers the bytes and the policy. What is compressed is compressed once, for everybody.
    fn new(text: String, policy: &str) -> Self {
        let digest = Sha256::of(format!("{policy}\n{text}").as_bytes()).to_string();
        let digest = &digest[..32];
        let gzip = compressed(&text).map(|bytes| Coded {
            bytes: bytes.into(),
            etag: format!("\"{digest}-gzip\""),
        });
        let plain = Coded {
            etag: format!("\"{digest}\""),
            bytes: text.into(),
        };
        Self { plain, gzip }
    }

    fn weight(&self) -> usize {
        let gzip = self.gzip.as_ref().map_or(0, |gzip| gzip.bytes.len());
        self.plain.bytes.len() + gzip
    }

    /// The bytes for a client that takes gzip, or does not; and whether they are.
    pub(super) fn coded(&self, takes_gzip: bool) -> (&Coded, bool) {
        match self.gzip.as_ref().filter(|_| takes_gzip) {
            Some(gzip) => (gzip, true),
            None => (&self.plain, false),
        }
    }
}

/// The text in gzip, where that is worth it.
fn compressed(text: &str) -> Option<Vec<u8>> {
    /// Smaller pages fit into a packet or two as they are.
    const LEAST: usize = 2_000;
    if text.len() < LEAST {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).ok()?;
    encoder.finish().ok()
}

/// Why a file is not handed out, if it is not.
pub(super) fn withheld(file: &AdmittedFile) -> Option<Withheld<'_>> {
    if let Some(because) = &file.because {
        return Some(Withheld {
            admission: file.verdict.admission,
            because,
            file,
        });
    }
    None
}

/// The same with a few words more before the link.
pub(super) fn sentence_with(because: &Because, more: &str, (public, of): (&str, &str)) -> String {
    let Because { rule, message, .. } = because;
    let why = addresses::why(public, of);
    format!("pinproof: {message} [{rule}]; {more}; see {why}")
}

/// The sentence that a client shows: why, by which rule, and where there is more.
pub(super) fn sentence(because: &Because, public: &str, of: &str) -> String {
    let Because { rule, message, .. } = because;
    let why = addresses::why(public, of);
    format!("pinproof: {message} [{rule}]; see {why}")
}
