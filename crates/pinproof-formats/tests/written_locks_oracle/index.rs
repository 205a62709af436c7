//! An index on loopback that has the files of a folder.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

/// Serves until the test process ends; gives its address, without a `/` at the end.
pub(crate) fn serve(folder: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let folder: Arc<PathBuf> = Arc::new(folder.to_owned());
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let folder = Arc::clone(&folder);
            thread::spawn(move || answer(&connection, &folder));
        }
    });
    format!("http://{address}")
}

/// One answer for each connection.
fn answer(mut connection: &TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(connection).lines().map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    let _ = lines.by_ref().find(String::is_empty);
    let path = request.split(' ').nth(1).unwrap_or_default();
    let body = match path.strip_prefix("/files/") {
        // A `+` of a local version is sent as it is or encoded.
        Some(file) => std::fs::read(folder.join(file.replace("%2B", "+"))).ok(),
        None => path
            .strip_prefix("/simple/")
            .map(|name| page(name, folder).into_bytes()),
    };
    let (status, body) = body.map_or((404, Vec::new()), |body| (200, body));
    let kind = if path.starts_with("/files/") {
        "application/octet-stream"
    } else {
        "text/html"
    };
    let head = format!(
        "HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes())?;
    if !request.starts_with("HEAD") {
        connection.write_all(&body)?;
    }
    Ok(())
}

/// The page of a project, without hashes: those of a lock have to do.
fn page(name: &str, folder: &Path) -> String {
    let stem = format!("{}-", name.trim_end_matches('/').replace('-', "_"));
    let files = std::fs::read_dir(folder).unwrap().flatten();
    let names = files.map(|file| file.file_name().into_string().unwrap());
    let links = names.filter(|name| name.starts_with(&stem));
    let links = links.map(|name| format!("<a href=\"/files/{name}\">{name}</a>\n"));
    let links = links.collect::<Vec<_>>().concat();
    format!("<!DOCTYPE html><html><body>\n{links}</body></html>\n")
}
