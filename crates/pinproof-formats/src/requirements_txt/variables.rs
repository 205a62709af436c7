//! `${NAME}` in a requirements file: pip puts the value of the environment variable there.
//!
//! A value may be a secret, so nothing that is shown may come from it; and it may come from somebody
//! else, so it may not add words, quotes or options to a line. pip allows both; here such a line is
//! not understood.

use std::borrow::Cow;
use std::ops::Range;

/// The environment: the value of a variable, if it is set.
pub(super) type Environment<'e> = dyn Fn(&str) -> Option<String> + 'e;

/// Values longer than this are no part of an address.
const MAX_VALUE: usize = 16 * 1024;

/// A variable in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable<'t> {
    /// Its name.
    pub(super) name: &'t str,
    /// Where `${NAME}` stands.
    pub(super) range: Range<usize>,
}

/// The variables in a text, whether they are set or not.
pub(super) fn variables(text: &str) -> impl Iterator<Item = Variable<'_>> {
    let is_name = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    text.match_indices('$').filter_map(move |(start, _)| {
        let open = "${";
        let rest = text.get(start..)?.strip_prefix(open)?;
        let length = rest.bytes().take_while(is_name).count();
        let name = rest.get(..length).filter(|name| !name.is_empty())?;
        rest.get(length..)?.starts_with('}').then(|| Variable {
            name,
            range: start..start + open.len() + length + 1,
        })
    })
}

/// The value pip would put in: an empty one is as good as none.
pub(super) fn value_of(name: &str, env: &Environment<'_>) -> Option<String> {
    env(name).filter(|value| !value.is_empty())
}

/// Puts the values of the set variables into a text, such as the target of an include.
///
/// The result may hold a secret: it is for opening and asking, never for showing.
pub fn expand<'t>(text: &'t str, env: &dyn Fn(&str) -> Option<String>) -> Cow<'t, str> {
    let mut expanded = String::new();
    let mut done = 0;
    for variable in variables(text) {
        let Some(value) = value_of(variable.name, env) else {
            continue;
        };
        expanded.push_str(text.get(done..variable.range.start).unwrap_or(""));
        expanded.push_str(&value);
        done = variable.range.end;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    expanded.push_str(text.get(done..).unwrap_or(""));
    Cow::Owned(expanded)
}

/// The first variable whose value would change how the line is read, if there is one.
pub(super) fn unsafe_variable<'t>(text: &'t str, env: &Environment<'_>) -> Option<Variable<'t>> {
    variables(text).find(|variable| {
        let starts_word = text
            .get(..variable.range.start)
            .is_none_or(|before| before.chars().next_back().is_none_or(char::is_whitespace));
        value_of(variable.name, env)
            .is_some_and(|value| is_unsafe(&value) || (starts_word && value.starts_with('-')))
    })
}

/// Whether a value is more than a part of an address: it could start a word, a quotation, a marker, a
/// comment or another variable.
fn is_unsafe(value: &str) -> bool {
    let acts = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\'' | '"' | '\\' | ';' | '#' | '$')
    };
    value.len() > MAX_VALUE || value.chars().any(acts)
}

/// Whether a set variable stands in a text.
pub(super) fn has_set_variable(text: &str, env: &Environment<'_>) -> bool {
    variables(text).any(|variable| value_of(variable.name, env).is_some())
}

/// The text with digits in the place of its variables: as long, and without a brace that no URL may have.
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut done = 0;
    for variable in variables(text) {
        out.push_str(text.get(done..variable.range.start).unwrap_or(""));
        out.extend(std::iter::repeat_n('0', variable.range.len()));
        done = variable.range.end;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(done..).unwrap_or(""));
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{expand, has_set_variable, masked, unsafe_variable};

    fn env(name: &str) -> Option<String> {
        let value = match name {
            "A" => "value",
            "A_1" => "two words",
            "DASH" => "--pre",
            "EMPTY" => "",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn expands_only_what_pip_expands() {
        for (text, expected) in [
            ("x${A}y${A}", "xvalueyvalue"),
            (
                "${UNSET} ${EMPTY} $A ${a} ${A B} ${A",
                "${UNSET} ${EMPTY} $A ${a} ${A B} ${A",
            ),
            ("$${A}", "$value"),
        ] {
            assert_eq!(expand(text, &env), expected);
            assert_eq!(has_set_variable(text, &env), text != expected);
        }
        assert_eq!(masked("h${AB}i"), "h00000i");
    }

    #[test]
    fn a_value_may_not_add_words_or_options() {
        assert_eq!(
            unsafe_variable("-r ${A} ${A_1}", &env).map(|v| v.name),
            Some("A_1")
        );
        assert!(unsafe_variable("x ${DASH}", &env).is_some());
        assert!(unsafe_variable("x/${DASH}", &env).is_none());
    }
}
