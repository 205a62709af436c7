//! What `run.py` needs beside the gateway: an upstream, a bare server to compare with, and clients with a pace.
//!
//! ```text
//! gateway-peers upstream FOLDER MILLISECONDS    an index that answers so late
//! gateway-peers bare PAGE                       axum, and answers that are ready
//! gateway-peers pace URL PER-SECOND SECONDS [HEADER…]
//! gateway-peers download URL CLIENTS            all of them at one time
//! ```
//!
//! A server says on its first line where it listens: on loopback, at a port of the system's. Nothing of this ships.

mod bare;
mod client;
mod upstream;

use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    match words.as_slice() {
        ["upstream", folder, late] => {
            let late = Duration::from_millis(late.parse().expect("milliseconds"));
            runtime.block_on(serve(upstream::router(folder, late)));
        }
        ["bare", page] => runtime.block_on(serve(bare::router(page))),
        ["pace", url, rate, seconds, headers @ ..] => {
            let rate: u32 = rate.parse().expect("requests per second");
            let seconds = Duration::from_secs(seconds.parse().expect("seconds"));
            say(&runtime.block_on(client::pace(url, rate, seconds, headers)));
        }
        ["download", url, clients] => {
            let clients = clients.parse().expect("a number");
            say(&runtime.block_on(client::download(url, clients)));
        }
        _ => {
            say(
                "upstream FOLDER MS | bare PAGE | pace URL RATE SECONDS [HEADER…] | download URL CLIENTS",
            );
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

#[expect(clippy::print_stdout, reason = "it is what the script reads")]
fn say(line: &str) {
    println!("{line}");
}

async fn serve(router: axum::Router) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    say(&format!("answering at http://{address}"));
    axum::serve(listener, router)
        .await
        .expect("it serves until it is ended");
}
