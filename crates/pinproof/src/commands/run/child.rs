//! The process of the command: it gets the signals that this one gets, and its end is the end.

use std::io;
use std::process::Child;
use std::process::ExitStatus;

/// Waits until the command ends, and passes signals on to it meanwhile.
pub(super) async fn ended(mut child: Child, signals: Signals) -> io::Result<u8> {
    let id = child.id();
    let waiting = tokio::task::spawn_blocking(move || child.wait());
    let status = tokio::select! {
        status = waiting => status.map_err(io::Error::other)??,
        never = signals.pass_to(id) => match never {},
    };
    Ok(code(status))
}

/// The code of the command; as in a shell, 128 and the number of the signal that ended it.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(signal) = status.signal() {
            return u8::try_from(128 + signal).unwrap_or(u8::MAX);
        }
    }
    status
        .code()
        .map_or(u8::MAX, |code| u8::try_from(code).unwrap_or(u8::MAX))
}

#[cfg(unix)]
pub(super) use of_unix::Signals;

#[cfg(not(unix))]
pub(super) use elsewhere::Signals;

#[cfg(unix)]
mod of_unix {
    use std::convert::Infallible;
    use std::io::{self, IsTerminal as _};

    use rustix::process as processes;
    use rustix::process::Pid;
    use rustix::process::Signal as Number;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// The signals of this process. From now on they end nothing by themselves.
    pub(in super::super) struct Signals {
        interrupt: Signal,
        quit: Signal,
        terminate: Signal,
        hangup: Signal,
    }

    impl Signals {
        /// Listens, before there is a command to pass them to.
        pub(in super::super) fn listen() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                quit: signal(SignalKind::quit())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
            })
        }

        /// Passes on what this process is sent, for ever. What is typed at a terminal goes to both by itself.
        pub(super) async fn pass_to(mut self, id: u32) -> Infallible {
            let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
            loop {
                let (number, is_typed) = tokio::select! {
                    _ = self.interrupt.recv() => (Number::INT, true),
                    _ = self.quit.recv() => (Number::QUIT, true),
                    _ = self.terminate.recv() => (Number::TERM, false),
                    _ = self.hangup.recv() => (Number::HUP, false),
                };
                let went_to_both = is_typed && io::stdin().is_terminal();
                if let Some(pid) = pid.filter(|_| !went_to_both) {
                    // It may have ended just now, which is what is waited for.
                    let _ = processes::kill_process(pid, number);
                }
            }
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::convert::Infallible;
    use std::io;

    /// What is typed goes to the command by itself, and ends nothing here.
    pub(in super::super) struct Signals;

    impl Signals {
        /// There is nothing to listen to before the command is there.
        pub(in super::super) fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        /// Waits for ever.
        pub(super) async fn pass_to(self, _id: u32) -> Infallible {
            loop {
                if tokio::signal::ctrl_c().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}
