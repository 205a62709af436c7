//! The names that people look for: the most downloaded projects of PyPI, and what else they are called.

use std::sync::OnceLock;

/// One project a line with its rank, sorted by spelling; written by `cargo xtask popular`.
static LIST: &str = include_str!("../../data/popular-projects.txt");

/// Import names and other names of popular projects, each with the project.
static OTHER_NAMES: &str = include_str!("../../data/other-names.txt");

/// Of projects up to this rank, the name without the number at its end is a name too: `urllib3`, `urllib`.
const LAST_WITH_BASE: u32 = 3_000;

/// A shorter name is nobody's in particular without its number.
const SHORTEST_BASE: usize = 5;

/// A popular project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Popular {
    /// Its normalized name.
    pub name: &'static str,
    /// Its place among the most downloaded; 1 is the most.
    pub rank: u32,
}

/// What kind of name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The name of the project.
    Name,
    /// The name without the number at its end.
    Base,
    /// What it is imported as, or another name that people have for it.
    Other,
}

/// A name with the project that it stands for.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) project: Popular,
    pub(super) text: &'static str,
    pub(super) kind: Kind,
    pub(super) spelling: &'a [u8],
}

/// The lists, taken apart once.
pub(super) struct Catalogue {
    /// The spellings, one after the other.
    text: Vec<u8>,
    /// The names, sorted by spelling.
    names: Vec<Entry>,
    /// Other names, in no order: a few hundred.
    others: Vec<Entry>,
    /// Places in `names`, the most downloaded first.
    by_rank: Vec<u32>,
}

struct Entry {
    project: Popular,
    text: &'static str,
    kind: Kind,
    /// Where the spelling begins and ends.
    start: u32,
    end: u32,
    letters: Letters,
}

/// Which letters and digits a spelling has; one slip changes three of them at most, two slips five.
#[derive(Clone, Copy)]
struct Letters(u64);

impl Letters {
    fn of(spelling: &[u8]) -> Self {
        let bit = |byte: &u8| match byte {
            b'a'..=b'z' => 1_u64 << (byte - b'a'),
            b'0'..=b'9' => 1_u64 << (byte - b'0' + 26),
            _ => 0,
        };
        Self(spelling.iter().map(bit).fold(0, |all, bit| all | bit))
    }

    fn differ_in(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }
}

/// A name without its separators.
pub fn spelling(name: &str) -> Vec<u8> {
    name.bytes().filter(|byte| *byte != b'-').collect()
}

impl Catalogue {
    /// The catalogue; the first call takes about a millisecond.
    pub(super) fn get() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(Self::read)
    }

    fn read() -> Self {
        let mut catalogue = Self {
            text: Vec::with_capacity(LIST.len()),
            names: Vec::new(),
            others: Vec::new(),
            by_rank: Vec::new(),
        };
        for line in LIST.lines() {
            if let Some((name, rank)) = line.split_once(' ')
                && let Ok(rank) = rank.parse()
            {
                let entry = catalogue.entry(name, Popular { name, rank }, Kind::Name);
                catalogue.names.push(entry);
            }
        }
        let mut by_rank: Vec<(u32, u32)> = catalogue
            .names
            .iter()
            .map(|entry| entry.project.rank)
            .zip(0..)
            .collect();
        by_rank.sort_unstable();
        catalogue.by_rank = by_rank.into_iter().map(|(_, at)| at).collect();
        catalogue.add_others();
        catalogue
    }

    fn add_others(&mut self) {
        let pairs = OTHER_NAMES.lines().filter_map(|line| line.split_once(' '));
        let projects =
            pairs.filter_map(|(other, name)| Some((other, self.find(name)?, Kind::Other)));
        let known = self.names.iter().map(|entry| entry.project);
        let bases = known
            .filter(|project| project.rank <= LAST_WITH_BASE)
            .filter_map(|project| {
                let base = project.name.trim_end_matches(|c: char| c.is_ascii_digit());
                let is_name = base.len() < project.name.len() && base.len() >= SHORTEST_BASE;
                is_name.then_some((base, project, Kind::Base))
            });
        let all: Vec<_> = projects.chain(bases).collect();
        for (other, project, kind) in all {
            let entry = self.entry(other, project, kind);
            self.others.push(entry);
        }
    }

    fn entry(&mut self, text: &'static str, project: Popular, kind: Kind) -> Entry {
        let place = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        let start = self.text.len();
        self.text.extend(text.bytes().filter(|byte| *byte != b'-'));
        Entry {
            project,
            text,
            kind,
            start: place(start),
            end: place(self.text.len()),
            letters: Letters::of(self.text.get(start..).unwrap_or_default()),
        }
    }

    fn spelling_of(&self, entry: &Entry) -> &[u8] {
        self.text
            .get(entry.start as usize..entry.end as usize)
            .unwrap_or_default()
    }

    fn known(&self, entry: &Entry) -> Known<'_> {
        Known {
            project: entry.project,
            text: entry.text,
            kind: entry.kind,
            spelling: self.spelling_of(entry),
        }
    }

    /// What is spelled like this, with any separators.
    pub(super) fn spelled<'a>(&'a self, spelling: &[u8]) -> impl Iterator<Item = Known<'a>> {
        let start = self
            .names
            .partition_point(|entry| self.spelling_of(entry) < spelling);
        let rest = self.names.get(start..).unwrap_or_default();
        let names = rest
            .iter()
            .take_while(move |entry| self.spelling_of(entry) == spelling);
        let others = self
            .others
            .iter()
            .filter(move |entry| self.spelling_of(entry) == spelling);
        names.chain(others).map(|entry| self.known(entry))
    }

    /// The project of this name.
    pub(super) fn find(&self, name: &str) -> Option<Popular> {
        let spelling = spelling(name);
        let start = self
            .names
            .partition_point(|entry| *self.spelling_of(entry) < *spelling);
        let mut rest = self
            .names
            .get(start..)
            .unwrap_or_default()
            .iter()
            .take_while(|entry| self.spelling_of(entry) == spelling);
        rest.find(|entry| entry.project.name == name)
            .map(|entry| entry.project)
    }

    /// Every project, in the order of the list.
    pub(super) fn projects(&self) -> impl Iterator<Item = Popular> + '_ {
        self.names.iter().map(|entry| entry.project)
    }

    /// Names of projects up to a rank that may be at most two slips from this spelling; whoever asks
    /// compares them.
    pub(super) fn near<'a>(
        &'a self,
        spelling: &[u8],
        last_rank: u32,
    ) -> impl Iterator<Item = Known<'a>> {
        let letters = Letters::of(spelling);
        let ranked = self
            .by_rank
            .iter()
            .filter_map(|at| self.names.get(*at as usize));
        let names = ranked.take_while(move |entry| entry.project.rank <= last_rank);
        let others = self
            .others
            .iter()
            .filter(move |entry| entry.project.rank <= last_rank);
        let is_near = move |entry: &&Entry| {
            let len = (entry.end - entry.start) as usize;
            len.abs_diff(spelling.len()) <= 2 && entry.letters.differ_in(letters) <= 5
        };
        names
            .chain(others)
            .filter(is_near)
            .map(|entry| self.known(entry))
    }
}
