//! When a command that serves has to end.

/// Over when somebody asks the process to end: from the keyboard, or as a service manager does.
pub(super) async fn stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                () = interrupted() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    interrupted().await;
}

/// Does something whenever somebody asks the process to read its configuration again (SIGHUP). It never ends.
pub(super) async fn at_each_hang_up(mut work: impl AsyncFnMut()) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut hang_up) = signal(SignalKind::hangup()) {
            while hang_up.recv().await.is_some() {
                work().await;
            }
        }
    }
    std::future::pending::<()>().await;
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
