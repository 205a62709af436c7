//! The only place that writes: the report to stdout, everything else to stderr.

use std::io::{IsTerminal as _, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use pinproof_core::Printable;
use pinproof_engine::config_file::FindConfigError;

use crate::cli::{Color, Global};
use crate::error::CliError;
use crate::output::mask::mask_credentials;
use crate::output::text::config_errors;

const RED: Style = AnsiColor::Red.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();

/// Where messages go, and how they may look.
#[derive(Clone, Debug)]
pub(crate) struct Console {
    color: ColorChoice,
    quiet: u8,
    show_progress: bool,
}

/// Says what is wrong with a call. It quotes the call, in which there may be credentials and anything.
pub(crate) fn usage_error(error: &clap::Error) {
    let said = error.render().to_string();
    let (title, said) = match said.strip_prefix("error: ") {
        Some(said) => (format!("{RED}error{RED:#}: "), said),
        None => (String::new(), said.as_str()),
    };
    let safe = |line: &str| Printable::new(&mask_credentials(line)).to_string();
    let lines: Vec<String> = said.lines().map(safe).collect();
    let mut out = AutoStream::auto(std::io::stderr()).lock();
    let _ = writeln!(out, "{title}{}", lines.join("\n"));
}

impl Console {
    pub(crate) fn new(global: &Global) -> Self {
        let color = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self {
            color,
            quiet: global.quiet,
            show_progress: !global.no_progress
                && global.quiet == 0
                && std::io::stderr().is_terminal(),
        }
    }

    /// Whether a progress line may be drawn.
    pub(crate) fn shows_progress(&self) -> bool {
        self.show_progress
    }

    /// Writes a report or another result to stdout. A reader that went away ends the output, not the run.
    pub(crate) fn result(&self, text: &str) {
        let mut out = AutoStream::new(std::io::stdout(), self.color).lock();
        let _ = out.write_all(text.as_bytes());
        let _ = out.flush();
    }

    /// Writes JSON as it is: it has no styles, and no control character that is not escaped.
    pub(crate) fn json_result(text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes());
        let _ = out.flush();
    }

    /// Standard output for what is too large to be a text. Who writes has to look at errors.
    pub(crate) fn stream() -> impl Write {
        std::io::stdout().lock()
    }

    /// Says something on the side.
    pub(crate) fn note(&self, text: &str) {
        if self.quiet == 0 {
            self.stderr(&format!("{CYAN}note{CYAN:#}: {text}\n"));
        }
    }

    /// Says what a server answered.
    pub(crate) fn access(&self, line: &str) {
        if self.quiet == 0 {
            self.stderr(&format!("{line}\n"));
        }
    }

    /// Says lines of a server, which end with a line feed.
    pub(crate) fn lines(&self, lines: &str) {
        if !lines.is_empty() {
            self.stderr(lines);
        }
    }

    /// Whether only what somebody has to look at is said.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet > 0
    }

    /// Says that something went wrong that does not end the run.
    pub(crate) fn warning(&self, text: &str) {
        self.stderr(&format!("{YELLOW}warning{YELLOW:#}: {text}\n"));
    }

    /// Says why the command could not run.
    pub(crate) fn error(&self, error: &CliError) {
        if let CliError::Config(FindConfigError::Invalid {
            source_file,
            errors,
        }) = error
        {
            return self.stderr(&config_errors(source_file, errors));
        }
        self.stderr(&format!("{RED}error{RED:#}: {error}\n"));
        if let Some(hint) = error.hint() {
            self.stderr(&format!("{CYAN}hint{CYAN:#}: {hint}\n"));
        }
    }

    fn stderr(&self, text: &str) {
        let mut out = AutoStream::new(std::io::stderr(), self.color).lock();
        let _ = out.write_all(text.as_bytes());
    }
}
