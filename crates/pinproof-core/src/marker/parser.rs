//! Reads a marker: variables, quoted texts, operators, `and`, `or` and parentheses (PEP 508).

use super::cursor::Cursor;
use super::operand::{Operand, VARIABLES};
use super::{AnyOf, Comparison, Marker, MarkerError, Operator, Term, quoted};
use crate::specifier;

/// No marker of a real project is nested deeper than three; a hostile one must not use up the stack.
const MAX_DEPTH: usize = 128;

/// Reads a marker from here to where it ends, with the white space around it.
pub(crate) fn marker(cursor: &mut Cursor<'_>) -> Result<Marker, MarkerError> {
    Ok(Marker(match without_needless_group(any_of(cursor, 0)?) {
        Term::Group(alternatives) => alternatives,
        comparison @ Term::Comparison(_) => vec![vec![comparison]],
    }))
}

fn any_of(cursor: &mut Cursor<'_>, depth: usize) -> Result<AnyOf, MarkerError> {
    let mut alternatives = Vec::new();
    let mut terms = vec![term(cursor, depth)?];
    loop {
        if cursor.eat_word("and") {
            terms.push(term(cursor, depth)?);
        } else if cursor.eat_word("or") {
            alternatives.push(std::mem::replace(&mut terms, vec![term(cursor, depth)?]));
        } else {
            alternatives.push(terms);
            return Ok(alternatives);
        }
    }
}

fn term(cursor: &mut Cursor<'_>, depth: usize) -> Result<Term, MarkerError> {
    cursor.skip_space();
    let term = if cursor.peek() == Some('(') {
        group(cursor, depth)?
    } else {
        Term::Comparison(comparison(cursor)?)
    };
    cursor.skip_space();
    Ok(term)
}

fn group(cursor: &mut Cursor<'_>, depth: usize) -> Result<Term, MarkerError> {
    if depth == MAX_DEPTH {
        return Err(cursor.expected("fewer parentheses within each other"));
    }
    let start = cursor.at();
    cursor.eat("(");
    let group = any_of(cursor, depth + 1)?;
    if cursor.eat(")") {
        return Ok(without_needless_group(group));
    }
    Err(MarkerError {
        span: cursor.span_from(start),
        message: "expected a `)` that matches this `(`".to_owned(),
    })
}

/// Parentheses around one term say nothing.
fn without_needless_group(mut group: AnyOf) -> Term {
    let is_one_term = matches!(&group[..], [terms] if terms.len() == 1);
    let only = group.first_mut().filter(|_| is_one_term).and_then(Vec::pop);
    only.unwrap_or(Term::Group(group))
}

fn comparison(cursor: &mut Cursor<'_>) -> Result<Comparison, MarkerError> {
    let left = operand(cursor)?;
    cursor.skip_space();
    let operator = operator(cursor)?;
    cursor.skip_space();
    Ok(Comparison::new(left, operator, operand(cursor)?))
}

fn operand(cursor: &mut Cursor<'_>) -> Result<Operand, MarkerError> {
    if let Some((_, name)) = VARIABLES
        .iter()
        .find(|(spelling, _)| cursor.eat_word(spelling))
    {
        return Ok(Operand::Variable(name));
    }
    let missing = cursor.expected("a marker variable such as `python_version`, or a quoted text");
    let start = cursor.at();
    let Some(quote @ ('\'' | '"')) = cursor.peek() else {
        return Err(missing);
    };
    cursor.eat(quote.encode_utf8(&mut [0; 4]));
    let body = cursor.take_while(|c| c != quote);
    if !cursor.eat(quote.encode_utf8(&mut [0; 4])) {
        return Err(MarkerError {
            span: cursor.span_from(start),
            message: format!("expected a `{quote}` to end this text"),
        });
    }
    quoted::read(body)
        .map(Operand::Text)
        .ok_or_else(|| MarkerError {
            span: cursor.span_from(start),
            message: "expected a string literal of Python".to_owned(),
        })
}

fn operator(cursor: &mut Cursor<'_>) -> Result<Operator, MarkerError> {
    if cursor.eat_word("in") {
        return Ok(Operator::In);
    }
    if cursor.eat_word("not") {
        let start = cursor.at();
        cursor.skip_space();
        if cursor.at() > start && cursor.eat_word("in") {
            return Ok(Operator::NotIn);
        }
        return Err(cursor.expected("`in` after `not`"));
    }
    match specifier::Operator::at_start_of(cursor.rest()) {
        Some(operator) => {
            cursor.eat(operator.as_str());
            Ok(Operator::Version(operator))
        }
        None => Err(cursor.expected(
            "an operator: `==`, `!=`, `<`, `<=`, `>`, `>=`, `~=`, `===`, `in` or `not in`",
        )),
    }
}
