//! Whether a log is whole: finds every entry that was changed, removed, repeated or moved, and says which.
//!
//! A chain cannot show that its newest entries are missing. Who noted a head earlier can: [`Chains::expect`].

use std::collections::BTreeMap;
use std::fmt;
use std::io::BufRead;

use pinproof_core::Printable;

use super::error::StoreError;
use super::log::{LineError, LogLine, MOST_ENTRY, START};
use super::words::Sha256;

/// How many faults are told apart; there may be as many as lines.
const MOST_FAULTS: usize = 1000;
/// A line is an entry and what stands around it.
const MOST_LINE: usize = MOST_ENTRY + 1024;

/// One thing that is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A line of an export cannot be read.
    NotUnderstood {
        /// The line, from 1.
        line: u64,
        /// Why.
        why: LineError,
    },
    /// An entry has another hash than it states.
    Changed(Place),
    /// An entry does not follow the one before it: one of the two was replaced.
    Unlinked(Place),
    /// Entries are missing.
    Missing {
        /// Whose.
        writer: Printable,
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// An entry is at another place than its number says.
    Moved(Place),
    /// An entry is there twice.
    Repeated(Place),
    /// The writer's own note of its newest entry says something else.
    OtherHead(Place),
    /// The entries of a writer whom the store does not know.
    Stranger(Printable),
    /// A hash that was noted earlier is not in the log.
    UnknownHead(Sha256),
}

/// Which entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Who wrote it.
    pub writer: Printable,
    /// Its number.
    pub sequence: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} of writer {}", self.sequence, self.writer)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUnderstood { line, why } => write!(f, "line {line}: {why}"),
            Self::Changed(place) => {
                write!(f, "{place} was changed: it has another hash than it states")
            }
            Self::Unlinked(place) => write!(
                f,
                "{place} does not follow the entry before it: one of the two was replaced"
            ),
            Self::Missing { writer, from, to } if from == to => {
                write!(f, "entry {from} of writer {writer} is missing")
            }
            Self::Missing { writer, from, to } => {
                write!(f, "entries {from} to {to} of writer {writer} are missing")
            }
            Self::Moved(place) => write!(f, "{place} is not at its place"),
            Self::Repeated(place) => write!(f, "{place} is there more than once"),
            Self::OtherHead(place) => write!(
                f,
                "{place} is the newest one that was written, and the log ends otherwise"
            ),
            Self::Stranger(writer) => write!(f, "the store does not know the writer {writer}"),
            Self::UnknownHead(hash) => write!(f, "no entry has the hash {hash}"),
        }
    }
}

/// The newest entry of a writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Who wrote it.
    pub writer: Printable,
    /// How many entries there are up to it.
    pub entries: u64,
    /// Its hash: whoever notes it can show later that nothing up to it was changed.
    pub hash: Sha256,
}

/// What a look at a whole log found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// The newest entry of each writer.
    pub heads: Vec<Head>,
    /// What is wrong, in the order in which it was found.
    pub faults: Vec<Fault>,
    /// How many more things are wrong than `faults` has.
    pub more_faults: u64,
}

/// Follows the chains of all writers, line by line.
#[derive(Debug, Default)]
pub struct Chains {
    by_writer: BTreeMap<String, Chain>,
    expected: Vec<Sha256>,
    faults: Vec<Fault>,
    more_faults: u64,
}

#[derive(Debug)]
struct Chain {
    sequence: u64,
    hash: Sha256,
    /// Ranges of numbers that were passed over: missing, unless they still come.
    gaps: BTreeMap<u64, u64>,
}

impl Chains {
    /// One of the entries has to have this hash.
    pub fn expect(&mut self, hash: Sha256) {
        self.expected.push(hash);
    }

    /// Takes the next entry.
    pub fn take(&mut self, line: &LogLine) {
        let place = || Place {
            writer: Printable::new(&line.writer),
            sequence: line.sequence,
        };
        let counted = line.counted_hash();
        self.expected.retain(|hash| *hash != counted);
        if counted != line.hash {
            self.report(Fault::Changed(place()));
        }
        let chain = self.by_writer.entry(line.writer.clone()).or_insert(Chain {
            sequence: 0,
            hash: START,
            gaps: BTreeMap::new(),
        });
        let fault = if line.sequence <= chain.sequence {
            Some(if chain.fills_gap(line.sequence) {
                Fault::Moved(place())
            } else {
                Fault::Repeated(place())
            })
        } else {
            chain.follow(line).then(|| Fault::Unlinked(place()))
        };
        if let Some(fault) = fault {
            self.report(fault);
        }
    }

    /// Compares with the notes that writers keep of their newest entries: writer, number and hash.
    pub(crate) fn take_heads(&mut self, heads: &[(String, u64, Sha256)]) {
        for (writer, sequence, hash) in heads {
            let found = self.by_writer.get(writer);
            let found = found.map_or((0, START), |chain| (chain.sequence, chain.hash));
            if found != (*sequence, *hash) {
                self.report(Fault::OtherHead(Place {
                    writer: Printable::new(writer),
                    sequence: *sequence,
                }));
            }
        }
        let is_known = |writer: &str| heads.iter().any(|(known, ..)| known == writer);
        let strangers = self.by_writer.keys().filter(|writer| !is_known(writer));
        let strangers: Vec<_> = strangers.map(|writer| Printable::new(writer)).collect();
        for writer in strangers {
            self.report(Fault::Stranger(writer));
        }
    }

    /// Takes an export, line by line.
    pub fn take_lines(&mut self, mut from: impl BufRead) -> Result<(), StoreError> {
        let mut text = Vec::new();
        for number in 1.. {
            text.clear();
            let mut bounded = std::io::Read::take(&mut from, MOST_LINE as u64 + 1);
            let read = bounded.read_until(b'\n', &mut text);
            if read.map_err(|error| StoreError::io("the log cannot be read", &error))? == 0 {
                break;
            }
            if text.len() > MOST_LINE {
                return Err(StoreError::TooLarge {
                    what: "a line of the log",
                    limit: MOST_LINE,
                });
            }
            match std::str::from_utf8(&text) {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => match LogLine::from_json(text) {
                    Ok(line) => self.take(&line),
                    Err(why) => self.report(Fault::NotUnderstood { line: number, why }),
                },
                Err(_) => self.report(Fault::NotUnderstood {
                    line: number,
                    why: LineError(Printable::new("it is not UTF-8")),
                }),
            }
        }
        Ok(())
    }

    /// Something that is wrong with it.
    pub(crate) fn report(&mut self, fault: Fault) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        } else {
            self.more_faults += 1;
        }
    }

    /// The end of the log.
    pub fn finish(mut self) -> Verified {
        let mut heads = Vec::new();
        for (writer, chain) in std::mem::take(&mut self.by_writer) {
            let writer = Printable::from(writer);
            for (from, to) in chain.gaps {
                let writer = writer.clone();
                self.report(Fault::Missing { writer, from, to });
            }
            heads.push(Head {
                writer,
                entries: chain.sequence,
                hash: chain.hash,
            });
        }
        for hash in std::mem::take(&mut self.expected) {
            self.report(Fault::UnknownHead(hash));
        }
        Verified {
            heads,
            faults: self.faults,
            more_faults: self.more_faults,
        }
    }
}

impl Chain {
    /// Goes on to a later entry; whether it is the next one, and does not follow.
    fn follow(&mut self, line: &LogLine) -> bool {
        let is_next = self.sequence.checked_add(1) == Some(line.sequence);
        if !is_next {
            self.gaps.insert(self.sequence + 1, line.sequence - 1);
        }
        let is_unlinked = is_next && line.previous != self.hash;
        self.sequence = line.sequence;
        self.hash = line.hash;
        is_unlinked
    }

    /// Whether the number was passed over; it is no longer missing then.
    fn fills_gap(&mut self, sequence: u64) -> bool {
        let Some((&from, &to)) = self.gaps.range(..=sequence).next_back() else {
            return false;
        };
        if sequence > to {
            return false;
        }
        self.gaps.remove(&from);
        if from < sequence {
            self.gaps.insert(from, sequence - 1);
        }
        if sequence < to {
            self.gaps.insert(sequence + 1, to);
        }
        true
    }
}
