//! Version constraints as Poetry writes them: PEP 440, and `^1.2`, `~1.2`, `1.2.*` and bare versions.

use std::fmt::Write as _;

use pinproof_core::Specifiers;

/// The specifiers that accept the same versions; `None` for what is no constraint, and for alternatives
/// (`||`), which specifiers cannot express.
pub(crate) fn specifiers(text: &str) -> Option<Specifiers> {
    let mut clauses = Vec::new();
    for part in text.split(',') {
        for clause in separated(part) {
            clauses.push(translate(clause.trim())?);
        }
    }
    clauses.join(",").parse().ok()
}

/// Clauses may be separated by white space alone, and white space may follow an operator: `>= 1 <2`.
fn separated(text: &str) -> Vec<&str> {
    let is_operator = |c: char| "<>=!~^".contains(c);
    let mut clauses = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    let mut has_version = false;
    for (at, letter) in text.char_indices() {
        if has_version && before.is_whitespace() && !letter.is_whitespace() {
            clauses.extend(text.get(start..at));
            (start, has_version) = (at, false);
        }
        has_version |= !letter.is_whitespace() && !is_operator(letter);
        before = letter;
    }
    clauses.extend(text.get(start..).filter(|rest| !rest.trim().is_empty()));
    clauses
}

fn translate(clause: &str) -> Option<String> {
    if clause == "*" {
        return Some(String::new());
    }
    if let Some(version) = clause.strip_prefix('^') {
        let numbers = release(version.trim())?;
        let first = numbers.iter().position(|number| *number != 0);
        let at = first.unwrap_or(numbers.len().saturating_sub(1));
        return bounds(version.trim(), &numbers, at);
    }
    if let Some(version) = clause
        .strip_prefix('~')
        .filter(|rest| !rest.starts_with('='))
    {
        let numbers = release(version.trim())?;
        return bounds(version.trim(), &numbers, usize::from(numbers.len() > 1));
    }
    if clause.starts_with(|c: char| c.is_ascii_digit() || c == 'v') {
        return Some(format!("=={clause}"));
    }
    let is_known = clause.starts_with(['<', '>', '=', '!', '~']) && !clause.contains('|');
    // A single `=` is Poetry's, too.
    let single = clause
        .strip_prefix('=')
        .filter(|rest| !rest.starts_with('='));
    is_known.then(|| single.map_or_else(|| clause.to_owned(), |rest| format!("=={rest}")))
}

/// The numbers a version starts with.
fn release(version: &str) -> Option<Vec<u64>> {
    let version: pinproof_core::Version = version.parse().ok()?;
    let numbers = version
        .release()
        .iter()
        .map(|number| number.to_string().parse().ok());
    numbers.collect()
}

/// From a version up to the next one that differs in the number at `at`.
fn bounds(version: &str, numbers: &[u64], at: usize) -> Option<String> {
    let mut upper = String::new();
    for (position, number) in numbers.iter().take(at).enumerate() {
        let dot = if position == 0 { "" } else { "." };
        write!(upper, "{dot}{number}").ok()?;
    }
    let dot = if at == 0 { "" } else { "." };
    let next = numbers.get(at)?.checked_add(1)?;
    Some(format!(">={version},<{upper}{dot}{next}"))
}

#[cfg(test)]
mod tests {
    use super::specifiers;

    #[test]
    fn constraints_become_specifiers() {
        for (written, expected) in [
            ("*", ""),
            ("^1.2.3", ">=1.2.3,<2"),
            ("^0.2.3", ">=0.2.3,<0.3"),
            ("^0.0.3", ">=0.0.3,<0.0.4"),
            ("^0.0", ">=0.0,<0.1"),
            ("^0", ">=0,<1"),
            ("~1.2.3", ">=1.2.3,<1.3"),
            ("~1.2", ">=1.2,<1.3"),
            ("~1", ">=1,<2"),
            ("~=1.2", "~=1.2"),
            ("1.2.*", "==1.2.*"),
            ("1.2.3", "==1.2.3"),
            ("=1.2.3", "==1.2.3"),
            (">= 1.0 <2", ">=1.0,<2"),
            (">=1.0, !=1.5", ">=1.0,!=1.5"),
            ("", ""),
        ] {
            let found = specifiers(written).map(|found| found.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{written}");
        }
        for other in ["^1 || ^2", "x", "^x", "^", "1 2 x", "^99999999999999999999"] {
            assert!(specifiers(other).is_none(), "{other}");
        }
    }
}
