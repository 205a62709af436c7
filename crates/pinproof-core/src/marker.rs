//! Environment markers: for which environments and extras a requirement is meant (PEP 508).

use std::fmt::{self, Write as _};
use std::str::FromStr;

use thiserror::Error;

use crate::specifier::Specifier;
use crate::{Environment, ExtraName, Span};
use operand::{EXTRA, Operand, is_version};

pub(crate) mod cursor;
mod operand;
pub(crate) mod parser;
mod quoted;

/// A text that is no marker by PEP 508.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct MarkerError {
    /// The place in the text, in bytes.
    pub span: Span,
    /// What was expected there.
    pub message: String,
}

/// A marker (PEP 508), such as `python_version >= "3.9" and extra == "web"`.
///
/// It judges as Python's `packaging` does. Where `packaging` refuses to judge, because a comparison
/// has no meaning (`os_name ~= "posix"`) or a variable no value (`extras` and `dependency_groups` of
/// PEP 751 outside of a lock), the whole marker is true: a requirement too many is looked at, none is
/// left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker(AnyOf);

/// Alternatives (`or`), each of terms that all have to hold (`and`).
type AnyOf = Vec<Vec<Term>>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Comparison(Comparison),
    /// An expression in parentheses, of more than one term.
    Group(AnyOf),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparison {
    left: Operand,
    operator: Operator,
    right: Operand,
    /// The comparison as a version specifier, where the variable is on the left and stands for a version.
    specifier: Option<Box<Specifier>>,
}

/// The operators of markers, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Version(crate::specifier::Operator),
}

/// What is known of a comparison; the derived order makes `and` the minimum and `or` the maximum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    False,
    Unknown,
    True,
}

/// A comparison without meaning, or a variable without value.
struct Undefined;

impl Marker {
    /// Whether it holds in `environment`, for any of the `extras` asked for, or for none if there is none.
    pub fn evaluate(&self, environment: &Environment, extras: &[ExtraName]) -> bool {
        self.holds_for_any(extras, |comparison, extra| {
            comparison.judge(|variable| match variable {
                EXTRA => Some(extra),
                _ => environment.marker_value(variable),
            })
        })
    }

    /// Whether it could hold in some environment, for any of the `extras` asked for.
    ///
    /// Comparisons with the environment are unknown, so `python_version < "2"` is possible, and
    /// `python_version < "2" and extra == "web"` is not without the extra. What
    /// [`evaluate`](Self::evaluate) accepts is possible.
    pub fn possible(&self, extras: &[ExtraName]) -> bool {
        self.holds_for_any(extras, Comparison::judge_anywhere)
    }

    /// Whether it could hold with the Python version of `environment`, on some platform and for some extra.
    pub fn possible_with_python(&self, environment: &Environment) -> bool {
        self.holds_for_any(&[], |comparison, extra| match comparison.variable() {
            "python_version" | "python_full_version" => {
                comparison.judge(|variable| environment.marker_value(variable))
            }
            EXTRA => Ok(Truth::Unknown),
            _ => comparison.judge_anywhere(extra),
        })
    }

    /// Whether it asks for an `extra`.
    pub fn mentions_extra(&self) -> bool {
        let mut waiting: Vec<&Term> = self.0.iter().flatten().collect();
        while let Some(term) = waiting.pop() {
            match term {
                Term::Comparison(comparison) if comparison.variable() == EXTRA => return true,
                Term::Comparison(_) => {}
                Term::Group(group) => waiting.extend(group.iter().flatten()),
            }
        }
        false
    }

    /// The marker of an entry in a lock, whatever parts of the project are installed: what it asks about an
    /// `extra`, or about the `extras` and `dependency_groups` of PEP 751, is taken for true.
    #[must_use]
    pub fn for_all_parts(self) -> Self {
        Self(for_all_parts(self.0))
    }

    /// The marker that holds where any of `markers` does; never, if there is none.
    pub fn any(markers: impl IntoIterator<Item = Self>) -> Self {
        Self(markers.into_iter().flat_map(|marker| marker.0).collect())
    }

    /// The marker that holds where both do.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(vec![vec![Term::Group(self.0), Term::Group(other.0)]])
    }

    fn holds_for_any(
        &self,
        extras: &[ExtraName],
        judge: impl Fn(&Comparison, &str) -> Result<Truth, Undefined>,
    ) -> bool {
        let holds = |extra: &str| {
            let judged = judge_any(&self.0, &|comparison| judge(comparison, extra));
            judged.unwrap_or(Truth::True) != Truth::False
        };
        if extras.is_empty() {
            return holds("");
        }
        extras.iter().any(|extra| holds(extra.as_str()))
    }
}

/// The parser bounds how deeply groups are nested.
fn for_all_parts(alternatives: AnyOf) -> AnyOf {
    let term = |term| match term {
        Term::Comparison(comparison) if comparison.is_about_parts() => Term::Group(vec![vec![]]),
        Term::Comparison(comparison) => Term::Comparison(comparison),
        Term::Group(group) => Term::Group(for_all_parts(group)),
    };
    let terms = |terms: Vec<Term>| terms.into_iter().map(term).collect();
    alternatives.into_iter().map(terms).collect()
}

type Judge<'a> = dyn Fn(&Comparison) -> Result<Truth, Undefined> + 'a;

/// Judges every term, even where one decides: an undefined comparison anywhere leaves the whole undefined.
fn judge_any(alternatives: &[Vec<Term>], judge: &Judge<'_>) -> Result<Truth, Undefined> {
    let mut any = Truth::False;
    for terms in alternatives {
        let mut all = Truth::True;
        for term in terms {
            all = all.min(match term {
                Term::Comparison(comparison) => judge(comparison)?,
                Term::Group(group) => judge_any(group, judge)?,
            });
        }
        any = any.max(all);
    }
    Ok(any)
}

impl Comparison {
    fn new(left: Operand, operator: Operator, right: Operand) -> Self {
        let (left, right) = Operand::normalized(left, right);
        let mut comparison = Self {
            left,
            operator,
            right,
            specifier: None,
        };
        if matches!(comparison.left, Operand::Variable(_)) && is_version(comparison.variable()) {
            comparison.specifier = as_specifier(operator, comparison.right.text()).map(Box::new);
        }
        comparison
    }

    /// The variable compared. Of two texts, `packaging` takes the right one for a variable's name.
    fn variable(&self) -> &str {
        match (&self.left, &self.right) {
            (Operand::Variable(name), _) => name,
            (Operand::Text(_), right) => right.text(),
        }
    }

    fn is_about_parts(&self) -> bool {
        matches!(self.variable(), EXTRA | "extras" | "dependency_groups")
    }

    /// Judges with the value that `value_of` gives the variable.
    fn judge<'a>(&'a self, value_of: impl Fn(&str) -> Option<&'a str>) -> Result<Truth, Undefined> {
        let value = value_of(self.variable()).ok_or(Undefined)?;
        if let Some(specifier) = &self.specifier {
            return Ok(Truth::from(specifier.accepts_text(value)));
        }
        let (left, right) = match &self.left {
            // Of two variables, `packaging` compares the left one with the right one's name.
            Operand::Variable(_) => (value, self.right.text()),
            Operand::Text(text) => (text.as_str(), value),
        };
        let is_reversed = matches!(self.left, Operand::Text(_));
        if is_reversed
            && is_version(self.variable())
            && let Some(specifier) = as_specifier(self.operator, right)
        {
            return Ok(Truth::from(specifier.accepts_text(left)));
        }
        self.operator.compare(left, right).map(Truth::from)
    }

    /// Judges what only the extra decides, and leaves the environment open.
    fn judge_anywhere(&self, extra: &str) -> Result<Truth, Undefined> {
        if self.variable() == EXTRA {
            return self.judge(|_| Some(extra));
        }
        // Undefined in one environment must not be impossible in all.
        let is_defined = operand::is_environment(self.variable())
            && (self.specifier.is_some() || self.operator.compare("", "").is_ok());
        if is_defined {
            Ok(Truth::Unknown)
        } else {
            Err(Undefined)
        }
    }
}

fn as_specifier(operator: Operator, text: &str) -> Option<Specifier> {
    format!("{operator}{text}").parse().ok()
}

impl Operator {
    /// Compares texts that are no versions: they have no order, so only equal ones are `<=` and `>=`.
    fn compare(self, left: &str, right: &str) -> Result<bool, Undefined> {
        use crate::specifier::Operator as Version;
        match self {
            Self::In => Ok(right.contains(left)),
            Self::NotIn => Ok(!right.contains(left)),
            Self::Version(Version::Equal | Version::LessOrEqual | Version::GreaterOrEqual) => {
                Ok(left == right)
            }
            Self::Version(Version::NotEqual) => Ok(left != right),
            Self::Version(Version::Less | Version::Greater) => Ok(false),
            Self::Version(Version::Compatible | Version::Arbitrary) => Err(Undefined),
        }
    }
}

impl From<bool> for Truth {
    fn from(is_true: bool) -> Self {
        if is_true { Self::True } else { Self::False }
    }
}

impl FromStr for Marker {
    type Err = MarkerError;

    fn from_str(text: &str) -> Result<Self, MarkerError> {
        let mut cursor = cursor::Cursor::new(text);
        let marker = parser::marker(&mut cursor)?;
        if cursor.is_at_end() {
            return Ok(marker);
        }
        Err(cursor.expected("`and`, `or` or the end of the marker"))
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_any(f, &self.0)
    }
}

fn write_any(f: &mut fmt::Formatter<'_>, alternatives: &[Vec<Term>]) -> fmt::Result {
    for (at, terms) in alternatives.iter().enumerate() {
        f.write_str(if at == 0 { "" } else { " or " })?;
        for (at, term) in terms.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { " and " })?;
            match term {
                Term::Comparison(Comparison {
                    left,
                    operator,
                    right,
                    ..
                }) => {
                    write!(f, "{left} {operator} {right}")?;
                }
                Term::Group(group) => {
                    f.write_char('(')?;
                    write_any(f, group)?;
                    f.write_char(')')?;
                }
            }
        }
    }
    Ok(())
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::In => f.write_str("in"),
            Self::NotIn => f.write_str("not in"),
            Self::Version(operator) => write!(f, "{operator}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Marker;
    use crate::{Environment, ExtraName, Platform};

    fn marker(text: &str) -> Marker {
        text.parse().unwrap()
    }

    fn evaluate(text: &str, extras: &[&str]) -> bool {
        let environment = Environment::of_target("3.12.3".parse().unwrap(), Platform::LinuxX86_64);
        marker(text).evaluate(&environment, &names(extras))
    }

    fn names(extras: &[&str]) -> Vec<ExtraName> {
        extras.iter().map(|extra| extra.parse().unwrap()).collect()
    }

    #[test]
    fn only_python_makes_it_impossible() {
        let possible = |text: &str| {
            let python = "3.12.3".parse().unwrap();
            marker(text)
                .possible_with_python(&Environment::of_target(python, Platform::LinuxX86_64))
        };
        for text in [
            "sys_platform == 'win32'",
            "extra == 'web'",
            "python_version >= '3.12' and platform_machine == 'ppc64le'",
            "python_full_version < '3.11.5' or os_name == 'nt'",
            "os_name ~= 'posix' and python_version < '3.11'",
        ] {
            assert!(possible(text), "{text}");
        }
        for text in [
            "python_version < '3.12'",
            "python_full_version < '3.12.3' and sys_platform == 'win32'",
            "python_version < '3.11' and extra == 'web'",
        ] {
            assert!(!possible(text), "{text}");
        }
    }

    #[test]
    fn versions_compare_as_versions_and_texts_as_texts() {
        assert!(evaluate("python_version >= '3.9'", &[]));
        assert!(evaluate("'3.9' < python_version", &[]));
        assert!(evaluate("python_full_version ~= '3.12.1'", &[]));
        assert!(!evaluate("sys_platform > 'a'", &[]));
        assert!(evaluate(
            "'inu' in sys_platform and os.name == 'posix'",
            &[]
        ));
    }

    #[test]
    fn an_extra_decides_for_itself() {
        assert!(evaluate("extra == 'Web_UI'", &["db", "web-ui"]));
        assert!(!evaluate("extra == 'web'", &[]));
        assert!(evaluate("extra != 'web'", &["web", "db"]));
        assert!(marker("(os_name == 'a' or 'x' == extra) and os_name == 'b'").mentions_extra());
        assert!(!marker("os_name == 'extra'").mentions_extra());
    }

    #[test]
    fn what_packaging_refuses_to_judge_is_true_as_a_whole() {
        for undefined in [
            "os_name ~= 'posix'",
            "'web' in extras",
            "'a' == 'b'",
            "python_version < '2' and os_name === 'nt'",
        ] {
            assert!(evaluate(undefined, &[]), "{undefined}");
            assert!(marker(undefined).possible(&[]), "{undefined}");
        }
    }

    #[test]
    fn impossible_is_what_only_an_extra_denies() {
        let web = marker("python_version < '2' and extra == 'web'");
        assert!(!web.possible(&[]));
        assert!(!web.possible(&names(&["db"])));
        assert!(web.possible(&names(&["web"])));
        assert!(marker("python_version < '2' or extra == 'web'").possible(&[]));
    }

    #[test]
    fn shows_what_it_read() {
        let written_and_shown = [
            ("((os.name=='a'))", r#"os_name == "a""#),
            (
                "(os_name=='a' or os_name=='b')and os_name=='\"'",
                r#"(os_name == "a" or os_name == "b") and os_name == '"'"#,
            ),
            (
                r"os_name not  in 'a\\\x41\x22'",
                r#"os_name not in 'a\\A"'"#,
            ),
            (r"os_name == '\x22\x27'", r#"os_name == "\x22'""#),
        ];
        for (written, shown) in written_and_shown {
            assert_eq!(marker(written).to_string(), shown);
        }
    }

    #[test]
    fn errors_tell_the_place() {
        let error = "os_name == posix".parse::<Marker>().unwrap_err();
        assert_eq!((error.span.start, error.span.end), (11, 12));
        let deep = format!("{}os_name == ''{}", "(".repeat(5000), ")".repeat(5000));
        assert!(deep.parse::<Marker>().is_err());
    }

    fn expression() -> impl Strategy<Value = String> {
        let comparison = prop::sample::select(vec![
            "extra == 'a'",
            "extra != 'a'",
            "'b' == extra",
            "os_name == 'posix'",
            "os_name ~= 'x'",
            "python_version < '3'",
            "'3.8' <= python_version",
            "'x' ~= platform_release",
            "'a' in extras",
        ]);
        comparison
            .prop_map(str::to_owned)
            .prop_recursive(3, 16, 2, |inner| {
                (
                    inner.clone(),
                    prop::sample::select(vec!["and", "or"]),
                    inner,
                )
                    .prop_map(|(left, operator, right)| format!("({left}) {operator} ({right})"))
            })
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = text.parse::<Marker>();
        }

        #[test]
        fn reading_what_is_shown_changes_nothing(text in expression()) {
            let marker: Marker = text.parse().unwrap();
            prop_assert_eq!(&marker.to_string().parse::<Marker>().unwrap(), &marker);
        }

        #[test]
        fn any_value_survives(value in any::<String>()) {
            let escape = |c| format!("\\U{:08x}", u32::from(c));
            let quoted = value.chars().map(escape).collect::<Vec<_>>().concat();
            let marker: Marker = format!("os_name == '{quoted}'").parse().unwrap();
            prop_assert_eq!(&marker.to_string().parse::<Marker>().unwrap(), &marker);
        }

        #[test]
        fn what_holds_somewhere_is_possible(text in expression()) {
            let marker: Marker = text.parse().unwrap();
            for extras in [&[][..], &["a"], &["a", "b"]] {
                prop_assert!(!evaluate(&text, extras) || marker.possible(&names(extras)));
            }
        }
    }
}
