//! When a command that serves has to end.

use std::convert::Infallible;

use tokio::sync::oneshot;

/// Over when somebody asks the process to end: from the keyboard, or as a service manager does.
pub(super) async fn stop() {
    told().0.await;
}

/// Over when somebody asks the process to end, and when somebody does so again: that one does not want to wait.
pub(super) fn told() -> (
    impl Future<Output = ()> + use<>,
    impl Future<Output = ()> + use<>,
) {
    let ((first, told), (second, again)) = (oneshot::channel(), oneshot::channel());
    tokio::spawn(async move {
        let mut asked = Asked::new();
        for sender in [first, second] {
            asked.next().await;
            let _ = sender.send(());
        }
    });
    (over(told), over(again))
}

async fn over(told: oneshot::Receiver<()>) {
    if told.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The signals that ask a process to end.
struct Asked {
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
}

impl Asked {
    fn new() -> Self {
        Self {
            #[cfg(unix)]
            terminate: {
                use tokio::signal::unix::{SignalKind, signal};
                signal(SignalKind::terminate()).ok()
            },
        }
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(terminate) = &mut self.terminate {
            tokio::select! {
                () = interrupted() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        interrupted().await;
    }
}

/// Does something whenever somebody asks the process to read its configuration again (SIGHUP). It never ends.
pub(super) async fn at_each_hang_up(mut work: impl AsyncFnMut()) -> Infallible {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut hang_up) = signal(SignalKind::hangup()) {
            while hang_up.recv().await.is_some() {
                work().await;
            }
        }
    }
    std::future::pending().await
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
