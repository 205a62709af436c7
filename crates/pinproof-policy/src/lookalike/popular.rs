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
    /// Every name, sorted by spelling.
    names: Vec<Name>,
    /// The outline of each name, the shortest first.
    outlines: Vec<Outline>,
}

struct Name {
    project: Popular,
    text: &'static str,
    kind: Kind,
    /// Where the spelling begins and ends.
    start: u32,
    end: u32,
}

/// What is compared with every name; nearly all names are told apart by it.
struct Outline {
    letters: Letters,
    rank: u32,
    len: u16,
    /// Its place in the names.
    at: u16,
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
    /// The catalogue; the first call takes about two milliseconds.
    pub(super) fn get() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(Self::read)
    }

    fn read() -> Self {
        let mut catalogue = Self {
            text: Vec::with_capacity(LIST.len()),
            names: Vec::new(),
            outlines: Vec::new(),
        };
        for line in LIST.lines() {
            if let Some((name, rank)) = line.split_once(' ')
                && let Ok(rank) = rank.parse()
            {
                catalogue.add(name, Popular { name, rank }, Kind::Name);
            }
        }
        for (other, project, kind) in catalogue.others() {
            catalogue.add(other, project, kind);
        }
        let Self { text, names, .. } = &mut catalogue;
        let spelling = |name: &Name| text.get(name.start as usize..name.end as usize);
        // The names come sorted, so this puts a few others among them.
        names.sort_by(|a, b| spelling(a).cmp(&spelling(b)));
        let outline = |(name, at): (&Name, u16)| Outline {
            letters: Letters::of(spelling(name).unwrap_or_default()),
            rank: name.project.rank,
            len: u16::try_from(name.end - name.start).unwrap_or(u16::MAX),
            at,
        };
        let mut outlines: Vec<Outline> = names.iter().zip(0..).map(outline).collect();
        outlines.sort_by_key(|outline| outline.len);
        catalogue.outlines = outlines;
        catalogue
    }

    /// Other names of the projects that were read.
    fn others(&self) -> Vec<(&'static str, Popular, Kind)> {
        let pairs = OTHER_NAMES.lines().filter_map(|line| line.split_once(' '));
        let projects =
            pairs.filter_map(|(other, name)| Some((other, self.find(name)?, Kind::Other)));
        let known = self.names.iter().map(|name| name.project);
        let bases = known
            .filter(|project| project.rank <= LAST_WITH_BASE)
            .filter_map(|project| {
                let base = project.name.trim_end_matches(|c: char| c.is_ascii_digit());
                let is_name = base.len() < project.name.len() && base.len() >= SHORTEST_BASE;
                is_name.then_some((base, project, Kind::Base))
            });
        projects.chain(bases).collect()
    }

    fn add(&mut self, text: &'static str, project: Popular, kind: Kind) {
        let place = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        let start = place(self.text.len());
        for word in text.split('-') {
            self.text.extend_from_slice(word.as_bytes());
        }
        let end = place(self.text.len());
        self.names.push(Name {
            project,
            text,
            kind,
            start,
            end,
        });
    }

    fn spelling_of(&self, name: &Name) -> &[u8] {
        self.text
            .get(name.start as usize..name.end as usize)
            .unwrap_or_default()
    }

    fn known(&self, name: &Name) -> Known<'_> {
        Known {
            project: name.project,
            text: name.text,
            kind: name.kind,
            spelling: self.spelling_of(name),
        }
    }

    /// What is spelled like this, with any separators.
    pub(super) fn spelled<'a>(&'a self, spelling: &[u8]) -> impl Iterator<Item = Known<'a>> {
        let start = self
            .names
            .partition_point(|name| self.spelling_of(name) < spelling);
        let rest = self.names.get(start..).unwrap_or_default();
        rest.iter()
            .map(|name| self.known(name))
            .take_while(move |known| known.spelling == spelling)
    }

    /// The project of this name.
    pub(super) fn find(&self, name: &str) -> Option<Popular> {
        let spelling = spelling(name);
        let mut found = self.spelled(&spelling).map(|known| known.project);
        found.find(|project| project.name == name)
    }

    /// Every project, in the order of the list.
    pub(super) fn projects(&self) -> impl Iterator<Item = Popular> + '_ {
        let names = self.names.iter().filter(|name| name.kind == Kind::Name);
        names.map(|name| name.project)
    }

    /// Names of projects up to a rank that may be at most two slips from this spelling; whoever asks
    /// compares them.
    pub(super) fn near<'a>(
        &'a self,
        spelling: &[u8],
        last_rank: u32,
    ) -> impl Iterator<Item = Known<'a>> {
        let letters = Letters::of(spelling);
        let starts = |len: usize| {
            self.outlines
                .partition_point(|outline| usize::from(outline.len) < len)
        };
        let about_as_long = starts(spelling.len().saturating_sub(2))..starts(spelling.len() + 3);
        let outlines = self.outlines.get(about_as_long).unwrap_or_default();
        let near = outlines.iter().filter(move |outline| {
            outline.rank <= last_rank && outline.letters.differ_in(letters) <= 5
        });
        near.filter_map(|outline| self.names.get(usize::from(outline.at)))
            .map(|name| self.known(name))
    }
}
