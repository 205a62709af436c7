//! One requirement in the notation of PEP 508, with the places of its parts.

use std::collections::BTreeSet;
use std::str::FromStr;

use thiserror::Error;

use crate::marker::cursor::Cursor;
use crate::marker::{MarkerError, parser};
use crate::specifier::Operator;
use crate::version::is_python_space;
use crate::{ExtraName, Marker, ProjectName, Span, Specifiers};

/// A text that is no requirement by PEP 508.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct RequirementError {
    /// The place in the text, in bytes.
    pub span: Span,
    /// What was expected there.
    pub message: String,
}

/// A requirement (PEP 508), such as `celery[redis]>=5.4 ; python_version >= "3.9"`.
///
/// What `packaging` accepts is accepted, but for names that end in `_`: PEP 508 forbids them, and no
/// index has one. Spans are bytes of the text it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pep508 {
    /// The project.
    pub name: ProjectName,
    /// Its name as written.
    pub name_span: Span,
    /// The extras asked for, each once, in the order written.
    pub extras: Vec<ExtraName>,
    /// What it accepts; empty with a URL.
    pub specifiers: Specifiers,
    /// The specifiers without parentheses around them.
    pub specifier_span: Option<Span>,
    /// Where it comes from (`name @ URL`), as written.
    pub url: Option<String>,
    /// The URL.
    pub url_span: Option<Span>,
    /// The environments it is for.
    pub marker: Option<Marker>,
    /// The marker, without the `;`.
    pub marker_span: Option<Span>,
}

impl FromStr for Pep508 {
    type Err = RequirementError;

    fn from_str(text: &str) -> Result<Self, RequirementError> {
        let mut cursor = Cursor::new(text);
        cursor.skip_space();
        let (name, name_span) = project(&mut cursor)?;
        cursor.skip_space();
        let extras = extras(&mut cursor)?;
        cursor.skip_space();
        let mut requirement = Self {
            name,
            name_span,
            extras,
            specifiers: Specifiers::default(),
            specifier_span: None,
            url: None,
            url_span: None,
            marker: None,
            marker_span: None,
        };
        if cursor.eat("@") {
            requirement.read_url(&mut cursor)?;
        } else {
            requirement.read_specifiers(&mut cursor)?;
        }
        requirement.read_marker(&mut cursor)?;
        Ok(requirement)
    }
}

impl Pep508 {
    fn read_url(&mut self, cursor: &mut Cursor<'_>) -> Result<(), RequirementError> {
        cursor.skip_space();
        let start = cursor.at();
        let url = cursor.take_while(|c| !matches!(c, ' ' | '\t'));
        if url.is_empty() {
            return Err(cursor.expected("a URL after `@`").into());
        }
        self.url = Some(url.to_owned());
        self.url_span = Some(cursor.span_from(start));
        Ok(())
    }

    fn read_specifiers(&mut self, cursor: &mut Cursor<'_>) -> Result<(), RequirementError> {
        let open = cursor.at();
        let is_enclosed = cursor.eat("(");
        cursor.skip_space();
        (self.specifiers, self.specifier_span) = specifiers(cursor)?;
        cursor.skip_space();
        if is_enclosed && !cursor.eat(")") {
            return Err(RequirementError {
                span: cursor.span_from(open),
                message: "expected a `)` that matches this `(`".to_owned(),
            });
        }
        Ok(())
    }

    fn read_marker(&mut self, cursor: &mut Cursor<'_>) -> Result<(), RequirementError> {
        cursor.skip_space();
        if cursor.is_at_end() {
            return Ok(());
        }
        if !cursor.eat(";") {
            let what = if self.specifier_span.is_some() {
                "`,` between version specifiers, `;` before a marker, or the end"
            } else if self.url.is_some() {
                "`;` before a marker, or the end"
            } else {
                "a version specifier such as `>=1.0`, `@` before a URL, `;` before a marker, or the end"
            };
            return Err(cursor.expected(what).into());
        }
        cursor.skip_space();
        let start = cursor.at();
        let marker = parser::marker(cursor)?;
        if !cursor.is_at_end() {
            return Err(cursor
                .expected("`and`, `or` or the end of the marker")
                .into());
        }
        self.marker = Some(marker);
        self.marker_span = Some(cursor.trimmed_span_from(start));
        Ok(())
    }
}

fn project(cursor: &mut Cursor<'_>) -> Result<(ProjectName, Span), RequirementError> {
    let start = cursor.at();
    let missing = cursor.expected("a project name: letters, digits, `-`, `_` and `.`");
    let name = identifier(cursor).parse().map_err(|_| missing)?;
    Ok((name, cursor.span_from(start)))
}

/// The characters of a name from here on; the name may still be none.
fn identifier<'a>(cursor: &mut Cursor<'a>) -> &'a str {
    cursor.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn extras(cursor: &mut Cursor<'_>) -> Result<Vec<ExtraName>, RequirementError> {
    let mut extras = Vec::new();
    let mut seen = BTreeSet::new();
    if !cursor.eat("[") {
        return Ok(extras);
    }
    cursor.skip_space();
    if cursor.eat("]") {
        return Ok(extras);
    }
    loop {
        let missing = cursor.expected("the name of an extra");
        let extra: ExtraName = identifier(cursor).parse().map_err(|_| missing)?;
        if seen.insert(extra.clone()) {
            extras.push(extra);
        }
        cursor.skip_space();
        if cursor.eat("]") {
            return Ok(extras);
        }
        if !cursor.eat(",") {
            return Err(cursor.expected("`,` or `]` after an extra").into());
        }
        cursor.skip_space();
    }
}

/// Specifiers with commas between them; one more may stand at the end.
fn specifiers(cursor: &mut Cursor<'_>) -> Result<(Specifiers, Option<Span>), RequirementError> {
    let mut clauses = Vec::new();
    let mut span: Option<Span> = None;
    while let Some(operator) = Operator::at_start_of(cursor.rest()) {
        let start = cursor.at();
        clauses.extend(clause(cursor, operator)?);
        let here = cursor.trimmed_span_from(start);
        span = Some(span.map_or(here, |before| before.cover(here)));
        cursor.skip_space();
        if !cursor.eat(",") {
            break;
        }
        cursor.skip_space();
    }
    Ok((clauses.into_iter().collect(), span))
}

/// One specifier, or several after `===`: it takes commas, and what they part are specifiers again.
fn clause(cursor: &mut Cursor<'_>, operator: Operator) -> Result<Specifiers, RequirementError> {
    let start = cursor.at();
    cursor.eat(operator.as_str());
    cursor.take_while(is_python_space);
    let takes_commas = operator == Operator::Arbitrary;
    cursor.take_while(|c| match c {
        ',' => takes_commas,
        ';' | ')' => false,
        _ => !is_python_space(c),
    });
    let refused = |_| RequirementError {
        span: cursor.trimmed_span_from(start),
        message: expected_version(operator),
    };
    cursor.text_from(start).parse().map_err(refused)
}

fn expected_version(operator: Operator) -> String {
    match operator {
        Operator::Equal | Operator::NotEqual => {
            format!("expected a version after `{operator}`, such as `1.0` or `1.*`")
        }
        Operator::Compatible => {
            format!("expected a version of two numbers or more after `{operator}`, such as `1.0`")
        }
        Operator::Arbitrary => {
            "expected version specifiers between the commas after `===`".to_owned()
        }
        _ => format!("expected a version without `*` and `+` after `{operator}`, such as `1.0`"),
    }
}

impl From<MarkerError> for RequirementError {
    fn from(MarkerError { span, message }: MarkerError) -> Self {
        Self { span, message }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Pep508;
    use crate::Span;

    #[test]
    fn reads_the_parts_with_their_places() {
        let text = " Celery [Redis, aws_x] ( >= 5.4, <6 , ) ; os_name == 'nt' ";
        let read: Pep508 = text.parse().unwrap();
        let slice = |span: Option<Span>| span.map(|span| &text[span.start..span.end]);
        assert_eq!(read.name.as_str(), "celery");
        assert_eq!(slice(Some(read.name_span)), Some("Celery"));
        assert_eq!(read.extras.len(), 2);
        assert_eq!(read.specifiers.to_string(), ">=5.4,<6");
        assert_eq!(slice(read.specifier_span), Some(">= 5.4, <6"));
        assert_eq!(slice(read.marker_span), Some("os_name == 'nt'"));
    }

    #[test]
    fn a_url_ends_at_white_space() {
        let read: Pep508 = "a@ https://b.example/c;d ; os_name == 'nt'"
            .parse()
            .unwrap();
        assert_eq!(read.url.as_deref(), Some("https://b.example/c;d"));
        assert_eq!(read.url_span, Some(Span::new(3, 24)));
        assert!(read.marker.is_some());
    }

    #[test]
    fn errors_tell_the_place() {
        let expectations = [
            ("", 0, "a project name"),
            ("a >=", 2, "expected a version"),
            ("a ~=1", 2, "two numbers"),
            ("a [b c]", 5, "`,` or `]`"),
            ("a (>=1", 2, "`)`"),
            ("a >=1 <2", 6, "`,` between"),
            ("a 1.0", 2, "such as `>=1.0`"),
            ("a ; foo == '1'", 4, "a marker variable"),
            ("a @", 3, "a URL"),
        ];
        for (text, at, message) in expectations {
            let error = text.parse::<Pep508>().unwrap_err();
            assert_eq!(error.span.start, at, "{text}: {error}");
            assert!(error.message.contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn long_input_costs_its_length() {
        for text in [
            format!(
                "a[{}b]",
                (0..50_000)
                    .map(|n| format!("b{n},"))
                    .collect::<Vec<_>>()
                    .concat()
            ),
            format!("a{}", ">=1,".repeat(50_000)),
            format!("a==1{}", ".1".repeat(100_000)),
            format!("a;{}os_name=='b'", "os_name=='a' or ".repeat(20_000)),
            format!("a;os_name=='{}'", "\\x41".repeat(100_000)),
        ] {
            assert!(text.parse::<Pep508>().is_ok(), "{}", &text[..20]);
        }
        assert!("(".repeat(100_000).parse::<Pep508>().is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = text.parse::<Pep508>();
        }

        #[test]
        fn spans_stay_within_the_text(text in "a ?(\\[[a,]{0,3}\\])? ?[(]?([<>=~!]{0,3}[ 0-9.*,é]{0,4}){0,3}[)]?(@ ?é)?( ?; ?[é('\" a]{0,3})?") {
            let span = match text.parse::<Pep508>() {
                Ok(read) => read.marker_span.unwrap_or(read.name_span),
                Err(error) => error.span,
            };
            prop_assert!(text.get(span.start..span.end).is_some());
        }
    }
}
