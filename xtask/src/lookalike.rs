//! `cargo xtask lookalike`: how well `lookalike-name` knows known squats, and how quiet it is about others.
//!
//! The judged names are in `benches/lookalike/squats.tsv`; the tables are written to the README beside it.

use pinproof_core::ProjectName;
use pinproof_policy::lookalike::{self, Resemblance, Target, Tier};

use crate::generate::{regions, table};
use crate::{Trouble, workspace};

const FOLDER: &str = "benches/lookalike";

/// Names after this rank are judged as if they were not on the list, against those up to it.
const UNLISTED_AFTER: u32 = 5_000;

/// What the rule says of a set of names, if each is that of a new project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All names.
    pub names: usize,
    /// Denied: a strong resemblance.
    pub denied: usize,
    /// Shown: a weak one.
    pub warned: usize,
    /// Good for "did you mean" only.
    pub suggested: usize,
    /// Of all these, those where the name that is resembled is the one that was squatted.
    pub right: usize,
}

/// The whole evaluation.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    /// Squats of popular projects: those that the tiers were tuned on, and those held out.
    pub tuned: Tally,
    /// The other half.
    pub held_out: Tally,
    /// Squats of projects that are not on the list.
    pub of_others: Tally,
    /// Malicious names that join two popular ones.
    pub of_two: Tally,
    /// The popular names, each by its own rank against the others.
    pub popular: Tally,
    /// The second two thirds of them, as if they were not on the list.
    pub unlisted: Tally,
}

/// Writes or checks the tables.
pub fn run(check: bool) -> Result<String, Trouble> {
    let evaluation = evaluate()?;
    let path = workspace::root().join(FOLDER).join("README.md");
    let found = workspace::read(&path)?;
    let text = regions::fill(&found, "tables", &evaluation.tables())?;
    if text == found {
        return Ok("lookalike: the tables are as measured".to_owned());
    }
    if check {
        return Err("lookalike: the tables are stale; `cargo xtask lookalike` writes them".into());
    }
    std::fs::write(path, text)?;
    Ok("lookalike: tables written".to_owned())
}

/// Judges every name.
pub fn evaluate() -> Result<Evaluation, Trouble> {
    let mut evaluation = Evaluation::default();
    let text = workspace::read(&workspace::root().join(FOLDER).join("squats.tsv"))?;
    for line in text.lines().skip(1) {
        let mut fields = line.split('\t');
        let (Some(name), Some(target)) = (fields.next(), fields.next()) else {
            return Err(format!("no target in `{line}`").into());
        };
        let name: ProjectName = name.parse()?;
        let is_popular = target
            .parse()
            .is_ok_and(|target| lookalike::rank(&target).is_some());
        let tally = match target {
            "-" => &mut evaluation.of_two,
            _ if !is_popular => &mut evaluation.of_others,
            _ if is_held_out(&name) => &mut evaluation.held_out,
            _ => &mut evaluation.tuned,
        };
        tally.add(
            lookalike::resembled_among(&name, None, u32::MAX).as_ref(),
            target,
        );
    }
    for project in lookalike::popular() {
        let name: ProjectName = project.name.parse()?;
        let found = lookalike::resembled_among(&name, Some(project.rank), u32::MAX);
        evaluation.popular.add(found.as_ref(), "");
        if project.rank > UNLISTED_AFTER {
            let found = lookalike::resembled_among(&name, None, UNLISTED_AFTER);
            evaluation.unlisted.add(found.as_ref(), "");
        }
    }
    Ok(evaluation)
}

/// Half of the names, by a sum over their letters: the tiers were chosen without a look at these.
fn is_held_out(name: &ProjectName) -> bool {
    let sum = |sum: u32, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte));
    !name.as_str().bytes().fold(7, sum).is_multiple_of(2)
}

impl Tally {
    fn add(&mut self, found: Option<&Resemblance>, squatted: &str) {
        self.names += 1;
        let Some(found) = found else { return };
        match found.tier {
            Tier::High => self.denied += 1,
            Tier::Medium => self.warned += 1,
            Tier::Low => self.suggested += 1,
        }
        let target = match &found.target {
            Target::Project { project, .. } => project.name,
            Target::Module(name) => name,
            Target::Bound { name, .. } => name,
        };
        self.right += usize::from(target == squatted);
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            names: self.names + other.names,
            denied: self.denied + other.denied,
            warned: self.warned + other.warned,
            suggested: self.suggested + other.suggested,
            right: self.right + other.right,
        }
    }

    /// How many are denied or shown.
    pub fn reported(self) -> usize {
        self.denied + self.warned
    }

    /// How many resemble anything.
    pub fn matched(self) -> usize {
        self.reported() + self.suggested
    }

    fn of(self, count: usize) -> String {
        let tenths = (count * 1_000 + self.names / 2)
            .checked_div(self.names)
            .unwrap_or(0);
        format!("{count} ({}.{} %)", tenths / 10, tenths % 10)
    }
}

impl Evaluation {
    fn tables(&self) -> String {
        let squats = [
            ("target popular", self.tuned.and(self.held_out)),
            ("– of these, tuned on", self.tuned),
            ("– of these, held out", self.held_out),
            ("target not on the list", self.of_others),
            ("two popular names joined", self.of_two),
        ];
        let squats = squats.map(|(what, tally)| {
            vec![
                what.to_owned(),
                tally.names.to_string(),
                tally.of(tally.denied),
                tally.of(tally.reported()),
                tally.of(tally.matched()),
                tally.right.to_string(),
            ]
        });
        let others = [
            ("popular, each by its own rank", self.popular),
            ("ranks after 5,000, as if not listed", self.unlisted),
        ];
        let others = others.map(|(what, tally)| {
            vec![
                what.to_owned(),
                tally.names.to_string(),
                tally.of(tally.denied),
                tally.of(tally.warned),
                tally.of(tally.suggested),
            ]
        });
        let squats_head = [
            "known squats",
            "names",
            "denied",
            "denied or warned",
            "matched in any tier",
            "right target",
        ];
        let others_head = [
            "honest names",
            "names",
            "denied",
            "warned",
            "suggested only",
        ];
        format!(
            "{}\n{}",
            table(&squats_head, &squats),
            table(&others_head, &others)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{evaluate, run};

    #[test]
    fn squats_are_known_and_honest_names_are_left_alone() {
        let evaluation = evaluate().unwrap();
        let squats = evaluation.tuned.and(evaluation.held_out);
        assert!(squats.names >= 150);
        for part in [squats, evaluation.tuned, evaluation.held_out] {
            assert!(part.matched() * 100 >= part.names * 80, "{part:?}");
            assert!(part.reported() * 100 >= part.names * 65, "{part:?}");
        }
        let popular = evaluation.popular;
        assert_eq!((popular.names, popular.denied), (14_985, 0));
        assert!(popular.warned * 100 <= popular.names, "{popular:?}");
        let unlisted = evaluation.unlisted;
        assert!(unlisted.denied * 100 <= unlisted.names, "{unlisted:?}");
    }

    #[test]
    fn the_tables_are_as_measured() {
        run(true).unwrap();
    }
}
