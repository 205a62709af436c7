//! Files of upstreams that are broken, or mean harm: nobody gets all of a wrong one, and the right one is there as soon
//! as there is one.

use std::io::{Result, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::gateway::Gateway;
use crate::shelf::{self, File};
use crate::support::Sandbox;
use crate::upstream::{Request, Upstream, head, honest, page, says};

const WHEEL: &str = "demo-1.0-py3-none-any.whl";

/// What is wrong, and an upstream's answer that shows it.
type Case = (&'static str, fn() -> Answer);
type Answer = Box<dyn Fn(&Request, &mut TcpStream, &[u8]) -> Result<()> + Send + Sync>;

fn length(bytes: &[u8]) -> String {
    bytes.len().to_string()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A page about `file`, whose size it does not say where `is_sized` is not set; and `answer` for its bytes.
fn upstream(file: &File, is_sized: bool, answer: Answer) -> Upstream {
    let file = file.clone();
    Upstream::new(move |request, stream| {
        if request.path != "/simple/demo/" {
            return answer(request, stream, &file.bytes);
        }
        let text = shelf::page("demo", std::slice::from_ref(&file));
        let size = format!("\"size\":{},", file.bytes.len());
        page(
            stream,
            &if is_sized {
                text
            } else {
                text.replace(&size, "")
            },
        )
    })
}

fn never_whole(name: &str, is_sized: bool, answer: Answer) {
    let file = File::wheel("demo", "1.0");
    let sandbox = Sandbox::new();
    let upstream = upstream(&file, is_sized, answer);
    let options = [
        "--index-url",
        &upstream.simple(),
        "--timeout",
        "1",
        "--retries",
        "0",
    ];
    let gateway = Gateway::start(&sandbox, &options);
    let path = gateway.path("demo", WHEEL);
    let answer = gateway.get(&path, &[]);
    let is_whole = answer.status == 200 && answer.is_whole;
    assert!(!is_whole, "{name}, {is_sized}: {} bytes", answer.body.len());
    if !matches!(answer.status, 0 | 200) {
        assert_eq!(answer.status, 503, "{name}: {}", answer.text());
        assert!(answer.text().contains(WHEEL), "{name}: {}", answer.text());
        assert!(answer.header("retry-after").is_some(), "{name}");
    }
    upstream.behaves(honest(std::slice::from_ref(&file)));
    let mut healed = gateway.get(&path, &[]);
    // Who is still waiting for the bad answer shares it.
    for _ in 0..100 {
        if healed.status == 200 && healed.is_whole {
            break;
        }
        thread::sleep(Duration::from_millis(100));
        healed = gateway.get(&path, &[]);
    }
    assert!(
        healed.is_whole && healed.body == file.bytes,
        "{name}: {}",
        healed.text()
    );
}

#[test]
fn other_bytes_and_other_lengths() {
    let cases: [Case; 9] = [
        ("other", || {
            Box::new(|_, to, bytes| says(to, 200, &[], &vec![7; bytes.len()]))
        }),
        ("empty", || Box::new(|_, to, _| says(to, 200, &[], b""))),
        ("shorter", || {
            Box::new(|_, to, bytes| says(to, 200, &[], &bytes[..bytes.len() - 1]))
        }),
        ("longer", || {
            Box::new(|_, to, bytes| says(to, 200, &[], &[bytes, b"x"].concat()))
        }),
        ("longer-unsaid", || {
            Box::new(|_, to, bytes| {
                head(to, 200, &[])?;
                to.write_all(&[bytes, b"x"].concat())
            })
        }),
        ("shorter-unsaid", || {
            Box::new(|_, to, bytes| {
                head(to, 200, &[])?;
                to.write_all(&bytes[..bytes.len() - 1])
            })
        }),
        ("cut", || {
            Box::new(|_, to, bytes| {
                head(to, 200, &[("Content-Length", &length(bytes))])?;
                to.write_all(&bytes[..bytes.len() / 2])
            })
        }),
        ("login", || {
            Box::new(|_, to, _| {
                says(
                    to,
                    200,
                    &[("Content-Type", "text/html")],
                    b"<html>Please log in</html>",
                )
            })
        }),
        ("packed", || {
            Box::new(|_, to, bytes| says(to, 200, &[("Content-Encoding", "gzip")], &gzip(bytes)))
        }),
    ];
    for (name, answer) in cases {
        for is_sized in [true, false] {
            never_whole(name, is_sized, answer());
        }
    }
}

#[test]
fn statuses_and_parts_that_are_no_file() {
    let cases: [Case; 7] = [
        ("gone", || Box::new(|_, to, _| says(to, 404, &[], b"no"))),
        ("forbidden", || {
            Box::new(|_, to, _| says(to, 403, &[], b"no"))
        }),
        ("error", || Box::new(|_, to, _| says(to, 502, &[], b"no"))),
        ("part", || {
            Box::new(|_, to, bytes| says(to, 206, &[("Content-Range", "bytes 0-9/10")], bytes))
        }),
        ("unchanged", || Box::new(|_, to, _| head(to, 304, &[]))),
        ("loop", || {
            Box::new(|asked, to, _| says(to, 302, &[("Location", &asked.path)], b""))
        }),
        ("nowhere", || {
            Box::new(|_, to, _| says(to, 302, &[("Location", "file:///etc/passwd")], b""))
        }),
    ];
    for (name, answer) in cases {
        never_whole(name, true, answer());
    }
}

#[test]
fn silence_at_every_point() {
    let pause = || thread::sleep(Duration::from_secs(3));
    let silent: Answer = Box::new(move |_, _, _| {
        pause();
        Ok(())
    });
    never_whole("silent", true, silent);
    let half: Answer = Box::new(move |_, to, bytes| {
        head(to, 200, &[("Content-Length", &length(bytes))])?;
        to.write_all(&bytes[..bytes.len() / 2])?;
        pause();
        Ok(())
    });
    never_whole("half", true, half);
    let unended: Answer = Box::new(move |_, to, bytes| {
        head(to, 200, &[])?;
        to.write_all(bytes)?;
        pause();
        Ok(())
    });
    never_whole("unended", false, unended);
}

#[test]
fn more_than_the_page_says_is_not_even_read() {
    let file = File::wheel("demo", "1.0");
    let sandbox = Sandbox::new();
    let endless: Answer = Box::new(|_, to, bytes| {
        head(to, 200, &[])?;
        to.write_all(bytes)?;
        // Ends when the gateway hangs up.
        loop {
            to.write_all(&[0; 4_096])?;
        }
    });
    let upstream = upstream(&file, true, endless);
    let gateway = Gateway::before(&sandbox, &upstream.simple());
    let answer = gateway.get(&gateway.path("demo", WHEEL), &[]);
    assert_eq!(answer.status, 503, "{}", answer.text());
    let says = format!("and the index says {}", file.bytes.len());
    assert!(answer.text().contains(&says), "{}", answer.text());
}
