//! When the files of a release came, and whom those serve that came first: the same for every late file of it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use jiff::Timestamp;
use pinproof_core::filename::{self, DistributionKind, WheelFilename};
use pinproof_core::{FileFacts, ProjectFacts, ProjectName, ReleaseFacts};

use crate::clock::Clock;
use crate::outcome::Outcome;

/// Wheels with other tags that a late file is compared with. No project publishes as many for one release; of one
/// that does, any late wheel is taken to be in the place of another.
const MOST_WHEELS: usize = 500;

/// The files of one release.
#[derive(Debug)]
pub(crate) struct Joined<'a> {
    release: &'a ReleaseFacts,
    first: OnceLock<Option<First>>,
    older: OnceLock<Older>,
}

/// When the first file of a release came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct First {
    /// The time.
    pub(crate) at: Timestamp,
    /// Whether it may be much older than that: files without a time that were there at the first sight may be of any
    /// age.
    pub(crate) may_be_older: bool,
}

impl<'a> Joined<'a> {
    /// Looks at nothing yet.
    pub(crate) fn new(release: &'a ReleaseFacts) -> Self {
        Self {
            release,
            first: OnceLock::new(),
            older: OnceLock::new(),
        }
    }

    /// Whether it is about `release`.
    pub(crate) fn is_of(&self, release: &ReleaseFacts) -> bool {
        std::ptr::eq(self.release, release)
    }

    /// The first time of the release on `page`, where any of its files has one.
    pub(crate) fn first(&self, page: &ProjectFacts, out: &Outcome<'_>) -> Option<First> {
        *self.first.get_or_init(|| {
            let files = self.release.files.iter();
            let times = files.filter_map(|file| match Clock::of(file, page, out) {
                Clock::Before(seen, _) => Some((seen, true)),
                clock => Some((clock.start()?, false)),
            });
            times.fold(None, |first: Option<First>, (at, may_be_older)| {
                Some(First {
                    at: first.map_or(at, |first| first.at.min(at)),
                    may_be_older: may_be_older || first.is_some_and(|first| first.may_be_older),
                })
            })
        })
    }

    /// Whether a file that was there before `late` starts serves the installers that `file` serves. It is the same
    /// `late` for each file of the release.
    pub(crate) fn replaces_an_older(
        &self,
        file: &FileFacts,
        project: &ProjectName,
        late: Timestamp,
    ) -> bool {
        let Some(own) = Serves::of(file, project) else {
            return true;
        };
        let files = self.release.files.iter();
        let older = files.filter(|file| file.uploaded_at.is_some_and(|uploaded| uploaded <= late));
        self.older
            .get_or_init(|| Older::of(older.filter_map(|file| Serves::of(file, project))))
            .serve(&own)
    }
}

/// Which installers a file is for.
enum Serves {
    Everybody,
    Tags(Tags),
}

/// The tags of a wheel.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Tags {
    interpreters: BTreeSet<String>,
    abis: BTreeSet<String>,
    platforms: BTreeSet<String>,
}

/// Whom the files that came first are for.
#[derive(Debug, Default)]
struct Older {
    everybody: bool,
    /// At most one more than a file is compared with.
    tags: BTreeSet<Tags>,
}

impl Serves {
    /// `None` is a file that is no distribution by its name.
    fn of(file: &FileFacts, project: &ProjectName) -> Option<Self> {
        let parsed = filename::parse(&file.filename, project)?;
        match (parsed.kind, parsed.wheel) {
            (DistributionKind::Wheel, Some(wheel))
                if !wheel.platforms().any(|tag| tag == "any") =>
            {
                Some(Self::Tags(Tags::of(&wheel)))
            }
            (DistributionKind::Wheel, _) => Some(Self::Everybody),
            // A source distribution serves those for whom there is no wheel.
            (DistributionKind::Sdist | DistributionKind::Other, _) => None,
        }
    }
}

impl Tags {
    fn of(wheel: &WheelFilename) -> Self {
        Self {
            interpreters: wheel.interpreters().map(str::to_owned).collect(),
            abis: wheel.abis().map(str::to_owned).collect(),
            platforms: wheel.platforms().map(str::to_owned).collect(),
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        share(&self.interpreters, &other.interpreters)
            && share(&self.abis, &other.abis)
            && share(&self.platforms, &other.platforms)
    }
}

impl Older {
    fn of(files: impl Iterator<Item = Serves>) -> Self {
        let mut older = Self::default();
        for file in files {
            match file {
                Serves::Everybody => older.everybody = true,
                Serves::Tags(tags) if older.tags.len() <= MOST_WHEELS => {
                    older.tags.insert(tags);
                }
                Serves::Tags(_) => {}
            }
        }
        older
    }

    fn serve(&self, own: &Serves) -> bool {
        match own {
            Serves::Everybody => self.everybody || !self.tags.is_empty(),
            Serves::Tags(_) if self.everybody || self.tags.len() > MOST_WHEELS => true,
            Serves::Tags(own) => self.tags.iter().any(|older| older.overlaps(own)),
        }
    }
}

fn share(a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    !a.is_disjoint(b)
}
