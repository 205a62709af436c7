//! Runs one example of a rule page: files, environment and world in, the rule's findings out.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use pinproof_core::{Place, Printable};
use pinproof_engine::check::{check, prepare};
use pinproof_engine::config_file;
use pinproof_engine::gather::Silent;
use pinproof_engine::settings::ScopeChoice;
use pinproof_engine::{Report, Settings};

use super::world::World;

/// The time of an example that names none.
const NOW: &str = "2026-11-01T00:00:00Z";

/// One example of a page.
#[derive(Debug, Default)]
pub(crate) struct Example {
    /// Its heading.
    pub(crate) title: String,
    /// Files of the project, by path.
    pub(crate) files: Vec<(String, String)>,
    /// Variables of the environment.
    pub(crate) environment: BTreeMap<String, String>,
    /// What the indexes say.
    pub(crate) world: String,
    /// What the rule is to say, one line each.
    pub(crate) report: Option<String>,
}

/// Reads the examples of a page: the `###` sections below `## Examples`.
pub(crate) fn examples(page: &str) -> Vec<Example> {
    let Some((_, section)) = page.split_once("\n## Examples\n") else {
        return Vec::new();
    };
    let mut examples: Vec<Example> = Vec::new();
    let mut block: Option<(String, String)> = None;
    for line in section.lines() {
        if let Some((info, text)) = &mut block {
            if line == "```" {
                let example = examples.last_mut().expect("a block stands below a heading");
                example.add(info, text);
                block = None;
            } else {
                text.push_str(line);
                text.push('\n');
            }
        } else if let Some(title) = line.strip_prefix("### ") {
            examples.push(Example {
                title: title.to_owned(),
                ..Example::default()
            });
        } else if let Some(info) = line.strip_prefix("```") {
            block = Some((info.to_owned(), String::new()));
        }
    }
    assert!(block.is_none(), "a block is not closed");
    examples
}

impl Example {
    fn add(&mut self, info: &str, text: &str) {
        let text = whole_digests(text);
        match info.split_once(' ') {
            Some((_, "world")) => self.world = text,
            Some((_, "report")) => self.report = Some(text),
            Some((_, "env")) => {
                let variables = text.lines().filter_map(|line| line.split_once('='));
                self.environment = variables
                    .map(|(k, v)| (k.to_owned(), v.to_owned()))
                    .collect();
            }
            Some((_, file)) => {
                let path = file.strip_prefix("file=");
                let path = path.unwrap_or_else(|| panic!("unknown block `{info}`"));
                self.files.push((path.to_owned(), text));
            }
            None => panic!("a block of an example needs a purpose: `{info}`"),
        }
    }

    /// Runs the example.
    pub(crate) fn run(&self) -> Report {
        self.run_after(|_| {})
    }

    /// Runs the example after `arrange` has changed the project's folder.
    pub(crate) fn run_after(&self, arrange: impl FnOnce(&Path)) -> Report {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let project = folder.path().join("project");
        let home = folder.path().join("home");
        for (path, text) in &self.files {
            let path = match path.as_str() {
                "pip.conf" => home.join(".config/pip/pip.conf"),
                path => project.join(path),
            };
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        arrange(&project);
        let world = World::parse(&self.world);
        let settings = self.settings(&project, &home, &world);
        report(world, &settings)
    }

    fn settings(&self, project: &Path, home: &Path, world: &World) -> Settings {
        let inputs = [project.to_owned()];
        let found = config_file::find(&inputs, project).unwrap_or_else(|error| panic!("{error}"));
        let mut environment = self.environment.clone();
        environment.insert("HOME".to_owned(), home.display().to_string());
        Settings {
            environments: Vec::new(),
            base: project.to_owned(),
            paths: inputs.to_vec(),
            config: found.config,
            config_folder: Some(project.to_owned()),
            config_source: found.source,
            environment,
            scope: ScopeChoice::default(),
            python: world
                .python
                .as_deref()
                .map(|text| text.parse().expect("a version")),
            platform: world
                .platform
                .as_deref()
                .map(|text| text.parse().expect("a platform")),
            index_url: None,
            lists_releases: false,
            now: world
                .now
                .as_deref()
                .unwrap_or(NOW)
                .parse::<Timestamp>()
                .expect("a time"),
        }
    }
}

/// Judges with a world instead of indexes.
pub(crate) fn report(mut world: World, settings: &Settings) -> Report {
    let prepared = prepare(settings);
    world.know(&prepared.inputs.files);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime
        .block_on(check(&prepared, settings, &world, &Silent))
        .report
}

/// What one rule says in a report, as the pages write it.
pub(crate) fn said(report: &Report, rule: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let findings = report
        .findings
        .iter()
        .filter(|finding| finding.rule == rule);
    for finding in findings {
        let place = finding
            .places
            .first()
            .map_or_else(String::new, |at| shown(report, at));
        lines.push(
            format!("{} {rule} {place}", finding.level)
                .trim_end()
                .to_owned(),
        );
    }
    for question in report
        .questions
        .iter()
        .filter(|question| question.rule == rule)
    {
        let openness = format!("{:?}", question.openness).to_lowercase();
        let line = format!("unanswered {rule} {openness}");
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    for lane in report.lanes.iter().filter(|lane| lane.rule == rule) {
        let place = lane.places.first().map(|at| shown(report, at));
        lines.push(format!("lane {rule} {}", place.unwrap_or_default()));
    }
    if lines.is_empty() {
        lines.push("nothing".to_owned());
    }
    lines.join("\n") + "\n"
}

fn shown(report: &Report, place: &Place) -> String {
    let file = report.source(&place.origin);
    if let (Some(file), Some(span)) = (file, place.span) {
        let at = file.locate(span);
        return format!("{}:{}:{}", place.origin, at.line, at.column);
    }
    base_name(&place.origin)
}

/// A machine's file is named without the folders of the test.
fn base_name(origin: &Printable) -> String {
    let text = origin.as_str();
    if !text.starts_with('/') {
        return text.to_owned();
    }
    text.rsplit('/').next().unwrap_or(text).to_owned()
}

/// `sha256:ab12…` stands for a digest of full length: the digits are repeated.
fn whole_digests(text: &str) -> String {
    let mut whole = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('…') {
        let (before, after) = rest.split_at(at);
        let digits = before
            .chars()
            .rev()
            .take_while(char::is_ascii_hexdigit)
            .collect::<Vec<_>>();
        let digits: String = digits.into_iter().rev().collect();
        whole.push_str(before);
        whole.extend(
            digits
                .chars()
                .cycle()
                .take(64usize.saturating_sub(digits.len())),
        );
        rest = &after['…'.len_utf8()..];
    }
    whole + rest
}
