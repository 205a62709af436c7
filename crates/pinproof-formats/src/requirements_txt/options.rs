//! The options a requirements file may have, taken apart as pip does with Python's `optparse`.
//!
//! `optparse` has rules of its own: long options may be abbreviated, a value may look like an option,
//! `--` ends the options, and words that are no option's value are dropped without a word.

use std::ops::Range;

use super::shlex::{Unfinished, Word};

/// An option that pip reads in a requirements file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    AllReleases,
    ConfigSettings,
    Constraint,
    Editable,
    ExtraIndexUrl,
    FindLinks,
    Hash,
    IndexUrl,
    NoBinary,
    NoIndex,
    NoRequireHashes,
    OnlyBinary,
    OnlyFinal,
    Pre,
    PreferBinary,
    RequireHashes,
    Requirement,
    TrustedHost,
    UseFeature,
}

const LONG: [(&str, Name); 20] = [
    ("--all-releases", Name::AllReleases),
    ("--config-settings", Name::ConfigSettings),
    ("--constraint", Name::Constraint),
    ("--editable", Name::Editable),
    ("--extra-index-url", Name::ExtraIndexUrl),
    ("--find-links", Name::FindLinks),
    ("--hash", Name::Hash),
    ("--index-url", Name::IndexUrl),
    ("--no-binary", Name::NoBinary),
    ("--no-index", Name::NoIndex),
    ("--no-require-hashes", Name::NoRequireHashes),
    ("--only-binary", Name::OnlyBinary),
    ("--only-final", Name::OnlyFinal),
    ("--pre", Name::Pre),
    ("--prefer-binary", Name::PreferBinary),
    ("--pypi-url", Name::IndexUrl),
    ("--require-hashes", Name::RequireHashes),
    ("--requirement", Name::Requirement),
    ("--trusted-host", Name::TrustedHost),
    ("--use-feature", Name::UseFeature),
];

impl Name {
    /// The long option, as messages name it.
    pub(super) fn long(self) -> &'static str {
        LONG.iter()
            .find(|(_, name)| *name == self)
            .map_or("", |(long, _)| long)
    }

    /// Whether it acts on the whole file wherever it stands, even on the line of a requirement.
    ///
    /// pip changes its one list of names while it takes a line apart, before it knows what the line is.
    pub(super) fn acts_everywhere(self) -> bool {
        matches!(
            self,
            Self::AllReleases | Self::NoBinary | Self::OnlyBinary | Self::OnlyFinal
        )
    }

    fn takes_value(self) -> bool {
        !matches!(
            self,
            Self::NoIndex
                | Self::NoRequireHashes
                | Self::Pre
                | Self::PreferBinary
                | Self::RequireHashes
        )
    }

    fn from_short(letter: char) -> Option<Self> {
        match letter {
            'C' => Some(Self::ConfigSettings),
            'c' => Some(Self::Constraint),
            'e' => Some(Self::Editable),
            'f' => Some(Self::FindLinks),
            'i' => Some(Self::IndexUrl),
            'r' => Some(Self::Requirement),
            _ => None,
        }
    }

    fn from_long(written: &str) -> Result<Self, Trouble> {
        if let Some((_, name)) = LONG.iter().find(|(long, _)| *long == written) {
            return Ok(*name);
        }
        let mut candidates = LONG.iter().filter(|(long, _)| long.starts_with(written));
        match (candidates.next(), candidates.next()) {
            (Some((_, name)), None) => Ok(*name),
            (Some(_), Some(_)) => Err(Trouble::Ambiguous),
            (None, _) => Err(Trouble::Unknown),
        }
    }
}

/// An option with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    /// Which option.
    pub(super) name: Name,
    /// Its value; empty for options without one.
    pub(super) value: String,
    /// Where the value stands, with its quotes.
    pub(super) value_range: Range<usize>,
    /// Where option and value stand.
    pub(super) range: Range<usize>,
}

/// What pip makes of words in the option part that it cannot use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// An abbreviation of more than one option.
    Ambiguous,
    /// No option of a requirements file.
    Unknown,
    /// The value is missing.
    NoValue(Name),
    /// A value for an option without one.
    UnwantedValue(Name),
    /// Dropped by pip without a word.
    Dropped,
    /// A quotation without an end, or a backslash at the end.
    Unfinished(Unfinished),
}

/// The option part of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// What is understood, in the order of the line.
    pub(super) given: Vec<Given>,
    /// What is not.
    pub(super) troubles: Vec<(Trouble, Range<usize>)>,
}

/// Takes the words of an option part apart.
pub(super) fn read(words: &[Word<'_>]) -> Options {
    let mut options = Options::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word.value == "--" {
            // Also with nothing after it: an option that is put there later would be dropped.
            let end = words.last().map_or(word.range.end, |last| last.range.end);
            options
                .troubles
                .push((Trouble::Dropped, word.range.start..end));
            break;
        }
        match parse_name(word) {
            Ok(name) => options.take(name, word, &mut rest),
            Err(trouble) => options.trouble(trouble, word, &mut rest),
        }
    }
    options
}

/// The option at the start of a word, and where a value begins that is written with it.
fn parse_name(word: &Word<'_>) -> Result<(Name, Option<usize>), Trouble> {
    let value = word.value.as_ref();
    if value.starts_with("--") {
        let end = value.find('=').unwrap_or(value.len());
        let name = Name::from_long(value.get(..end).unwrap_or(value))?;
        return Ok((name, (end < value.len()).then_some(end + 1)));
    }
    let mut letters = value.strip_prefix('-').ok_or(Trouble::Dropped)?.chars();
    let letter = letters.next().ok_or(Trouble::Dropped)?;
    let name = Name::from_short(letter).ok_or(Trouble::Unknown)?;
    Ok((name, (!letters.as_str().is_empty()).then_some(2)))
}

impl Options {
    fn take(
        &mut self,
        (name, attached): (Name, Option<usize>),
        word: &Word<'_>,
        rest: &mut std::slice::Iter<'_, Word<'_>>,
    ) {
        let (value, value_range) = match (name.takes_value(), attached) {
            (true, Some(at)) => (word.value.get(at..).unwrap_or(""), attached_range(word, at)),
            (true, None) => match rest.next() {
                Some(next) => (next.value.as_ref(), next.range.clone()),
                None => {
                    return self
                        .troubles
                        .push((Trouble::NoValue(name), word.range.clone()));
                }
            },
            (false, None) => ("", word.range.end..word.range.end),
            (false, Some(_)) => {
                return self
                    .troubles
                    .push((Trouble::UnwantedValue(name), word.range.clone()));
            }
        };
        self.given.push(Given {
            name,
            value: value.to_owned(),
            range: word.range.start..value_range.end.max(word.range.end),
            value_range,
        });
    }

    /// Notes words without meaning; an unknown option takes the word after it along, as its value.
    fn trouble(
        &mut self,
        trouble: Trouble,
        word: &Word<'_>,
        rest: &mut std::slice::Iter<'_, Word<'_>>,
    ) {
        let mut range = word.range.clone();
        let may_have_value = trouble != Trouble::Dropped && !word.value.contains('=');
        if may_have_value
            && rest
                .clone()
                .next()
                .is_some_and(|next| !next.value.starts_with('-'))
        {
            range.end = rest.next().map_or(range.end, |next| next.range.end);
        }
        let last_given = self.given.last().map_or(0, |given| given.range.end);
        match self.troubles.last_mut() {
            // Dropped words in a row are one thing to say: `; python_version < "3"`.
            Some((Trouble::Dropped, last))
                if trouble == Trouble::Dropped && last_given <= last.start =>
            {
                last.end = range.end;
            }
            _ => self.troubles.push((trouble, range)),
        }
    }
}

/// Where a value stands that starts at byte `at` of a word; quotes make that the word's second half.
fn attached_range(word: &Word<'_>, at: usize) -> Range<usize> {
    word.range.start + at.min(word.range.len())..word.range.end
}

#[cfg(test)]
mod tests {
    use super::{Name, Trouble, read};
    use crate::requirements_txt::shlex;

    fn given(text: &str) -> Vec<(Name, String, &str)> {
        let options = read(&shlex::split(text).unwrap());
        let written = |given: super::Given| (given.name, given.value, &text[given.value_range]);
        options.given.into_iter().map(written).collect()
    }

    fn troubles(text: &str) -> Vec<(Trouble, &str)> {
        let options = read(&shlex::split(text).unwrap());
        options
            .troubles
            .into_iter()
            .map(|(trouble, range)| (trouble, &text[range]))
            .collect()
    }

    #[test]
    fn values_stand_in_every_place() {
        let url = || "https://a/".to_owned();
        for text in [
            "-i https://a/",
            "-ihttps://a/",
            "--index-url=https://a/",
            "--i https://a/",
            "--pypi https://a/",
        ] {
            assert_eq!(
                given(text),
                [(Name::IndexUrl, url(), "https://a/")],
                "{text}"
            );
        }
        let quoted = r#"--index-url="https://a/""#;
        assert_eq!(given(quoted), [(Name::IndexUrl, url(), r#""https://a/""#)]);
        assert_eq!(
            given("-r --pre"),
            [(Name::Requirement, "--pre".into(), "--pre")]
        );
    }

    #[test]
    fn abbreviations_must_be_of_one_option() {
        assert_eq!(given("--pre --pref")[1].0, Name::PreferBinary);
        assert_eq!(troubles("--no-b x"), []);
        assert_eq!(troubles("--pr"), [(Trouble::Ambiguous, "--pr")]);
        assert_eq!(troubles("--require"), [(Trouble::Ambiguous, "--require")]);
        assert_eq!(
            troubles("--global-option x --pre"),
            [(Trouble::Unknown, "--global-option x")]
        );
    }

    #[test]
    fn names_what_pip_drops() {
        assert_eq!(
            troubles("--pre flask < 3 --no-index x"),
            [(Trouble::Dropped, "flask < 3"), (Trouble::Dropped, "x"),]
        );
        assert_eq!(
            troubles("--pre -- --hash x"),
            [(Trouble::Dropped, "-- --hash x")]
        );
        assert_eq!(
            troubles("- --pre=1 -r"),
            [
                (Trouble::Dropped, "-"),
                (Trouble::UnwantedValue(Name::Pre), "--pre=1"),
                (Trouble::NoValue(Name::Requirement), "-r"),
            ]
        );
    }
}
