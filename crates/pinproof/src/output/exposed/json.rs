//! The answer for programs, and its schema.

use pinproof_core::Printable;
use pinproof_engine::exposed::{
    Asked, Exposure, Flaw, Gap, LookedAt, Presence, Question, Seen, Sighting, Went,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// An answer of `pinproof exposed`.
#[derive(Serialize, JsonSchema)]
struct ExposureV1 {
    /// The version of this format: 1.
    version: u8,
    /// The version of pinproof that wrote it.
    pinproof: &'static str,
    /// 0 nowhere, 1 somewhere, 2 a named place cannot be looked at, 3 nowhere as far as is known.
    exit_code: u8,
    /// What was looked for.
    asked: AskedV1,
    /// Where it was.
    sightings: Vec<SightingV1>,
    /// What could not be read: there it may have been too.
    gaps: Vec<GapV1>,
    /// Named places that cannot be looked at.
    errors: Vec<GapV1>,
    /// What a cache cannot tell, by its nature.
    notes: Vec<GapV1>,
    /// What was looked at.
    looked_at: Vec<LookedAtV1>,
}

/// What was looked for.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum AskedV1 {
    /// A release.
    Release {
        /// The project.
        project: String,
        /// The version; its local versions count too.
        version: String,
    },
    /// Every release that an advisory is about.
    Advisory {
        /// Its id, as given.
        id: String,
        /// What it says of each project.
        flaws: Vec<FlawV1>,
    },
}

/// What an advisory says of one project.
#[derive(Serialize, JsonSchema)]
struct FlawV1 {
    /// The project.
    project: String,
    /// Every id it is known by.
    ids: Vec<String>,
    /// Whether it is about malware.
    malware: bool,
    /// One line about it; empty where no record has one.
    summary: String,
}

/// A release in a place.
#[derive(Serialize, JsonSchema)]
struct SightingV1 {
    /// A file of a repository, or what an environment or a cache keeps of the release.
    path: String,
    /// The project.
    project: String,
    /// The version.
    release: String,
    /// Why it is only possible that the release is affected; null where it is sure.
    doubt: Option<String>,
    /// The smallest later version that the advisory is not about; null where none is known, or a release
    /// was looked for.
    fixed: Option<String>,
    /// In which way it is, or was, there.
    presence: PresenceV1,
}

/// In which way a release is, or was, in a place.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum PresenceV1 {
    /// In a file of a repository.
    Locked {
        /// When it came; null if it was there before the first commit that was looked at.
        came: Option<SeenV1>,
        /// When it went; null while it is there.
        went: Option<SeenV1>,
        /// What the file pinned instead when it went.
        then: Vec<ThenV1>,
        /// In how many committed versions of the file it was.
        versions: usize,
    },
    /// Installed; nothing tells since when.
    Installed,
    /// Handed out by a gateway, as its log says.
    HandedOut {
        /// The file.
        filename: String,
        /// When it might be had first (RFC 3339).
        from: String,
        /// When it might not be had any more (RFC 3339); null while it may.
        until: Option<String>,
        /// How often it was asked for, its metadata included, and might be had; at least.
        times: u64,
        /// How often it might not be had; at least.
        refused: u64,
    },
    /// In the cache of an installer; nothing tells since when, or whether it was installed.
    Cached,
}

/// A moment.
#[derive(Serialize, JsonSchema)]
struct SeenV1 {
    /// When the commit was made (RFC 3339), as whoever made it says; null for what is not committed.
    time: Option<String>,
    /// The id of the commit; null for what is not committed.
    commit: Option<String>,
    /// Whether it may have been earlier, because the history is not known further back.
    or_earlier: bool,
}

/// A version that took the place of another.
#[derive(Serialize, JsonSchema)]
struct ThenV1 {
    /// The version.
    release: String,
    /// Whether it is one that was looked for, too.
    is_hit: bool,
}

/// Something that could not be read.
#[derive(Serialize, JsonSchema)]
struct GapV1 {
    /// Where: a path, or a source of advisories.
    path: String,
    /// Why.
    why: String,
    /// What to do.
    help: Option<String>,
}

/// What was looked at in one place.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum LookedAtV1 {
    /// The history of a repository, and its working tree.
    History {
        /// Its folder.
        path: String,
        /// Commits.
        commits: usize,
        /// Files, by path.
        files: usize,
        /// Their versions.
        versions: usize,
        /// The time of the oldest commit (RFC 3339).
        since: Option<String>,
        /// Files of the working tree.
        in_work_tree: usize,
    },
    /// An installed environment.
    Environment {
        /// Its folder.
        path: String,
        /// Installed distributions.
        distributions: usize,
    },
    /// The log of a gateway.
    Gateway {
        /// The data folder.
        path: String,
        /// How many entries it has.
        entries: u64,
        /// The time of the oldest entry (RFC 3339).
        since: Option<String>,
    },
    /// A cache.
    Cache {
        /// Its folder.
        path: String,
        /// Whose it is: `pip`, `uv` or `pinproof`.
        tool: &'static str,
        /// The names in it that were looked at.
        names: usize,
    },
}

/// The answer as JSON.
pub(crate) fn json(asked: &Asked, exposure: &Exposure) -> String {
    let gaps = |gaps: &[Gap]| gaps.iter().map(gap).collect();
    let answer = ExposureV1 {
        version: 1,
        pinproof: env!("CARGO_PKG_VERSION"),
        exit_code: exposure.exit_code().number(),
        asked: asked_v1(&asked.question),
        sightings: exposure.sightings.iter().map(sighting).collect(),
        gaps: gaps(&exposure.gaps),
        errors: gaps(&exposure.errors),
        notes: gaps(&exposure.notes),
        looked_at: exposure.looked_at.iter().map(looked_at).collect(),
    };
    super::super::json::pretty(&answer)
}

/// The JSON schema of the answer.
pub(crate) fn schema() -> Value {
    schemars::schema_for!(ExposureV1).to_value()
}

fn asked_v1(question: &Question) -> AskedV1 {
    match question {
        Question::Release { project, version } => AskedV1::Release {
            project: project.to_string(),
            version: version.to_string(),
        },
        Question::Advisory { id, flaws } => AskedV1::Advisory {
            id: id.to_string(),
            flaws: flaws.iter().map(flaw).collect(),
        },
    }
}

fn flaw(flaw: &Flaw) -> FlawV1 {
    FlawV1 {
        project: flaw.project.to_string(),
        ids: flaw.ids.iter().map(Printable::to_string).collect(),
        malware: flaw.is_malware,
        summary: flaw.summary.to_string(),
    }
}

fn sighting(sighting: &Sighting) -> SightingV1 {
    let text = |version: &pinproof_core::Version| version.to_string();
    SightingV1 {
        path: sighting.path.to_string(),
        project: sighting.project.to_string(),
        release: sighting.version.to_string(),
        doubt: sighting.hit.doubt.as_ref().map(Printable::to_string),
        fixed: sighting.hit.fixed.as_ref().map(text),
        presence: presence(&sighting.presence),
    }
}

fn presence(presence: &Presence) -> PresenceV1 {
    match presence {
        Presence::Locked {
            came,
            went,
            versions,
        } => PresenceV1::Locked {
            came: came.as_ref().map(seen),
            went: went.as_ref().map(|went| seen(&went.seen)),
            then: went.as_ref().map(then).unwrap_or_default(),
            versions: *versions,
        },
        Presence::Installed => PresenceV1::Installed,
        Presence::HandedOut {
            filename,
            from,
            until,
            times,
            refused,
        } => PresenceV1::HandedOut {
            filename: filename.to_string(),
            from: from.to_string(),
            until: until.map(|until| until.to_string()),
            times: *times,
            refused: *refused,
        },
        Presence::Cached => PresenceV1::Cached,
    }
}

fn then(went: &Went) -> Vec<ThenV1> {
    let then = went.then.iter();
    then.map(|then| ThenV1 {
        release: then.version.to_string(),
        is_hit: then.is_hit,
    })
    .collect()
}

fn seen(seen: &Seen) -> SeenV1 {
    match seen {
        Seen::Committed {
            time,
            commit,
            or_earlier,
        } => SeenV1 {
            time: Some(time.to_string()),
            commit: Some(commit.clone()),
            or_earlier: *or_earlier,
        },
        Seen::Uncommitted => SeenV1 {
            time: None,
            commit: None,
            or_earlier: false,
        },
    }
}

fn gap(gap: &Gap) -> GapV1 {
    GapV1 {
        path: gap.path.to_string(),
        why: gap.why.to_string(),
        help: gap.help.as_ref().map(ToString::to_string),
    }
}

fn looked_at(looked_at: &LookedAt) -> LookedAtV1 {
    match looked_at {
        LookedAt::History {
            path,
            commits,
            files,
            versions,
            since,
            in_work_tree,
        } => LookedAtV1::History {
            path: path.to_string(),
            commits: *commits,
            files: *files,
            versions: *versions,
            since: since.map(|since| since.to_string()),
            in_work_tree: *in_work_tree,
        },
        LookedAt::Environment {
            path,
            distributions,
        } => LookedAtV1::Environment {
            path: path.to_string(),
            distributions: *distributions,
        },
        LookedAt::Gateway {
            path,
            entries,
            since,
        } => LookedAtV1::Gateway {
            path: path.to_string(),
            entries: *entries,
            since: since.map(|since| since.to_string()),
        },
        LookedAt::Cache { path, tool, names } => LookedAtV1::Cache {
            path: path.to_string(),
            tool,
            names: *names,
        },
    }
}
