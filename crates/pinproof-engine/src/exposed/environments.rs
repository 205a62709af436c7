//! What is installed in an environment, as `check` and `audit` read it.

use std::path::Path;

use super::contents::{self, Says};
use super::{Asked, Exposure, Gap, LookedAt, Presence, Sighting};
use crate::environment;
use crate::inputs::shown_path;
use crate::report::InputError;
use crate::settings::Settings;

/// Looks at one environment.
pub(super) fn look(asked: &Asked, path: &Path, settings: &Settings, exposure: &mut Exposure) {
    let file = match environment::load(path, settings) {
        Ok(file) => file,
        Err(error) => return exposure.errors.push(gap(*error)),
    };
    let installed = file.manifest.requirements.iter().zip(&file.metadata);
    for (requirement, metadata) in installed {
        let mut says = Says::default();
        contents::add(&mut says, asked, requirement);
        let sightings = says.hits().map(|(project, version)| Sighting {
            path: metadata.path.clone(),
            project: project.clone(),
            version: version.clone(),
            hit: asked.hit(project, version).unwrap_or_default(),
            presence: Presence::Installed,
        });
        exposure.sightings.extend(sightings);
    }
    exposure.looked_at.push(LookedAt::Environment {
        path: shown_path(path, &settings.base),
        distributions: file.manifest.requirements.len() + file.unread.len(),
    });
    exposure.gaps.extend(file.unread.into_iter().map(gap));
}

fn gap(error: InputError) -> Gap {
    Gap {
        path: error.path,
        why: error.message,
        help: error.help,
    }
}
