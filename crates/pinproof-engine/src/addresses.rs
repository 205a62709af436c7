//! The addresses that pinproof itself is given, by the policy and on the command line, and the ones that it
//! does not ask.

use jiff::Timestamp;
use pinproof_core::index::{Address, LocationKind};
use pinproof_core::{IndexLocation, IndexUrl, Place, Printable};
use pinproof_policy::subject::{Placed, SettingsSubject};
use pinproof_policy::{Policy, Subject, refuses_address};

use crate::assemble::Subjects;
use crate::settings::Settings;

/// An address, and who gave it.
#[derive(Debug)]
pub(crate) struct OwnAddress {
    location: IndexLocation,
    place: Place,
}

impl OwnAddress {
    /// Those of the policy's indexes, and `--index-url`.
    pub(crate) fn all(settings: &Settings) -> Vec<Self> {
        let indexes = settings.config.policy.indexes.iter();
        let of_the_policy = indexes.filter_map(|index| {
            let place = index.url_place.clone()?;
            Some(Self::new(index.url.as_ref()?, place))
        });
        let given = settings.index_url.iter().map(|url| {
            let place = Place {
                origin: Printable::new("--index-url"),
                span: None,
                label: Printable::default(),
            };
            Self::new(url, place)
        });
        of_the_policy.chain(given).collect()
    }

    fn new(url: &IndexUrl, place: Place) -> Self {
        Self {
            location: IndexLocation {
                kind: LocationKind::Default,
                address: Address::Url(url.clone()),
                name: None,
                explicit: false,
                span: place.span,
            },
            place,
        }
    }

    /// The address as a setting that rules judge.
    pub(crate) fn subject(&self) -> SettingsSubject<'_> {
        SettingsSubject {
            locations: vec![Placed {
                value: &self.location,
                place: self.place.clone(),
                in_project: true,
            }],
            ..SettingsSubject::default()
        }
    }
}

/// Marks the indexes whose addresses the policy refuses, whoever configured them: nothing is sent there,
/// neither names nor credentials, and nothing that comes from there is believed.
pub(crate) fn refuse(subjects: &mut Subjects<'_>, policy: &Policy, now: Timestamp) {
    let of_pinproof = subjects.addresses.iter().map(Subject::Settings);
    let of_the_machine = subjects.machine.iter().map(Subject::Settings);
    let files = subjects.files.iter().filter_map(|file| file.file.as_ref());
    let settings: Vec<_> = of_pinproof
        .chain(of_the_machine)
        .chain(files.map(Subject::File))
        .collect();
    subjects.book.refuse(|url| {
        let refuses = |subject: &Subject<'_>| refuses_address(subject, url, policy, now);
        url.is_plain_http() && settings.iter().any(refuses)
    });
}
