//! Fills a manifest from TOML values: a value of the wrong type becomes an entry that says so.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use pinproof_core::manifest::{
    Included, InstallOption, InstallOptionKind, NotUnderstood, Part, Scope,
};
use pinproof_core::{ExtraName, Manifest, Printable, Span};
use toml::de::DeTable;

use crate::MAX_TEXT;
use crate::toml_text::{Key, Node, Text, span, whole};

/// A manifest under construction, and the text its spans lie in.
pub(crate) struct Collector<'t> {
    /// The text of the file.
    pub source: &'t str,
    /// What was read so far.
    pub manifest: Manifest,
    parts: BTreeMap<Scope, usize>,
}

impl<'t> Collector<'t> {
    /// An empty manifest of `source`.
    pub(crate) fn new(source: &'t str) -> Self {
        Self {
            source,
            manifest: Manifest::default(),
            parts: BTreeMap::new(),
        }
    }

    /// Records what could not be understood.
    pub(crate) fn refuse(&mut self, span: Span, why: &str, help: &str) {
        self.manifest.not_understood.push(NotUnderstood {
            span,
            why: Printable::new(why).shortened(300),
            help: (!help.is_empty()).then(|| Printable::new(help)),
        });
    }

    /// Records an option.
    pub(crate) fn option(&mut self, span: Span, kind: InstallOptionKind) {
        self.manifest.options.push(InstallOption { kind, span });
    }

    /// The string of a value; another type is recorded as not understood.
    pub(crate) fn text<'a>(&mut self, node: &'a Node<'_>, what: &str) -> Option<Text<'a>> {
        let text = Text::of(self.source, node);
        if text.is_none() {
            self.wrong_type(node, what, "a string");
        }
        text.filter(|text| self.is_short(text.value, text.span()))
    }

    /// Whether a text is short enough to be shown; a longer one is recorded as not understood.
    fn is_short(&mut self, text: &str, span: Span) -> bool {
        let is_short = text.len() <= MAX_TEXT;
        if !is_short {
            self.refuse(span, "a text of more than 64 KiB is not read", "");
        }
        is_short
    }

    /// The strings of an array; anything else is recorded as not understood.
    pub(crate) fn texts<'a>(&mut self, node: &'a Node<'_>, what: &str) -> Vec<Text<'a>> {
        self.items(node, what)
            .iter()
            .filter_map(|item| self.text(item, &format!("an entry of {what}")))
            .collect()
    }

    /// The strings of an array, or the one string that stands for an array of one.
    pub(crate) fn one_or_more<'a>(&mut self, node: &'a Node<'_>, what: &str) -> Vec<Text<'a>> {
        match Text::of(self.source, node) {
            Some(text) => vec![text],
            None => self.texts(node, what),
        }
    }

    /// The values of an array; another type is recorded as not understood.
    pub(crate) fn items<'a, 'n>(&mut self, node: &'a Node<'n>, what: &str) -> &'a [Node<'n>] {
        let Some(array) = node.get_ref().as_array() else {
            self.wrong_type(node, what, "an array");
            return &[];
        };
        array
    }

    /// The table of a value; another type is recorded as not understood.
    pub(crate) fn table<'a, 'n>(
        &mut self,
        node: &'a Node<'n>,
        what: &str,
    ) -> Option<&'a DeTable<'n>> {
        let table = node.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(node, what, "a table");
        }
        table
    }

    /// The boolean of a value; another type is recorded as not understood.
    pub(crate) fn flag(&mut self, node: &Node<'_>, what: &str) -> Option<bool> {
        let flag = node.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(node, what, "true or false");
        }
        flag
    }

    /// The value behind a text; a text that does not parse is recorded as not understood.
    pub(crate) fn parsed<T>(&mut self, text: &str, span: Span) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        if !self.is_short(text, span) {
            return None;
        }
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(span, &error.to_string(), "");
                None
            }
        }
    }

    /// The value behind a string; anything else is recorded as not understood.
    pub(crate) fn parsed_text<T>(&mut self, node: &Node<'_>, what: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.text(node, what)?;
        self.parsed(text.value, text.span())
    }

    /// Declares an extra or a group. Two of one normalized name are refused (PEP 685, PEP 735).
    pub(crate) fn declare(
        &mut self,
        key: &Key<'_>,
        scope: fn(ExtraName) -> Scope,
    ) -> Option<Scope> {
        let place = span(key);
        let scope = scope(self.parsed(key.get_ref(), place)?);
        if self.parts.contains_key(&scope) {
            let why =
                format!("{scope} is declared twice: case, `-`, `_` and `.` make no difference");
            self.refuse(place, &why, "merge both, or rename one");
            return Some(scope);
        }
        self.ensure_declared(&scope, place);
        Some(scope)
    }

    /// Declares a part that may be declared already.
    pub(crate) fn ensure_declared(&mut self, scope: &Scope, span: Span) {
        if self.parts.contains_key(scope) {
            return;
        }
        self.parts.insert(scope.clone(), self.manifest.parts.len());
        self.manifest.parts.push(Part {
            scope: scope.clone(),
            includes: Vec::new(),
            span,
        });
    }

    /// Records that a declared part includes another one.
    pub(crate) fn include_part(&mut self, part: &Scope, included: Included) {
        let index = self.parts.get(part);
        if let Some(part) = index.and_then(|index| self.manifest.parts.get_mut(*index)) {
            part.includes.push(included);
        }
    }

    /// Whether an extra or a group is declared.
    pub(crate) fn is_declared(&self, part: &Scope) -> bool {
        self.parts.contains_key(part)
    }

    fn wrong_type(&mut self, node: &Node<'_>, what: &str, expected: &str) {
        let found = node.get_ref().type_str();
        let why = format!("{what} is {expected}, and this is of type {found}");
        self.refuse(whole(self.source, node), &why, "");
    }
}
