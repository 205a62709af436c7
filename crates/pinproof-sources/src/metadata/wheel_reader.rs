//! The METADATA of a wheel whose bytes are with somebody else: it says which bytes it needs, and reads none itself.

use std::ops::Range;

use super::zip_member::{self, Directory, Member, TAIL_BYTES, Wanted, ZipError};

/// A directory larger than this is not read: 65,535 entries have about 8 MiB.
const DIRECTORY_BYTES: u64 = 16 * 1024 * 1024;

/// Reads the core metadata of one wheel.
#[derive(Debug)]
pub struct WheelReader {
    total: u64,
    wanted: Wanted,
    state: State,
}

#[derive(Debug)]
enum State {
    Tail,
    Directory(Directory),
    Member(Member),
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// These bytes of the wheel are needed; there are never more than some 24 MiB.
    Needs(Range<u64>),
    /// The metadata.
    Done(Vec<u8>),
}

impl WheelReader {
    /// A wheel of `total` bytes, whose metadata may have `most`; and the bytes that are needed first.
    pub fn new(total: u64, most: u64) -> (Self, Range<u64>) {
        let reader = Self {
            total,
            wanted: Wanted::in_wheel(most),
            state: State::Tail,
        };
        (reader, total.saturating_sub(TAIL_BYTES as u64)..total)
    }

    /// Takes the bytes that were needed.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Step, ZipError> {
        match &self.state {
            State::Tail => {
                let directory = zip_member::find_directory(bytes, self.total)?;
                let range = directory.range.clone();
                if range.end - range.start > DIRECTORY_BYTES {
                    return Err(ZipError::TooLarge("zip directory"));
                }
                self.state = State::Directory(directory);
                Ok(Step::Needs(range))
            }
            State::Directory(directory) => {
                let member = zip_member::find_member(directory, bytes, &self.wanted)?;
                let range = member.range.clone();
                self.state = State::Member(member);
                Ok(Step::Needs(range))
            }
            State::Member(member) => {
                zip_member::extract(member, bytes, &self.wanted).map(Step::Done)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::write::SimpleFileOptions;

    use super::{Step, WheelReader};

    #[test]
    fn the_bytes_it_asks_for_are_enough() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in [("a.py", "x"), ("a-1.dist-info/METADATA", "Name: a\n")] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        let wheel = zip.finish().unwrap().into_inner();
        let (mut reader, mut range) = WheelReader::new(wheel.len() as u64, 1_000);
        let found = loop {
            let bytes = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            match reader.take(&wheel[bytes]).unwrap() {
                Step::Needs(next) => range = next,
                Step::Done(found) => break found,
            }
        };
        assert_eq!(found, b"Name: a\n");
    }

    #[test]
    fn what_is_no_archive_is_an_error() {
        let (mut reader, range) = WheelReader::new(10, 1_000);
        assert_eq!(range, 0..10);
        assert!(reader.take(b"0123456789").is_err());
    }
}
