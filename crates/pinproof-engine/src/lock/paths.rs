//! Paths as a lock writes them: relative, with `/`, the same on every machine.

use std::path::{Component, Path};

use crate::inputs::normalize;

/// The path of `file` from `folder`; the bare name where there is no way from one to the other.
pub fn relative(file: &Path, folder: &Path) -> String {
    let (file, folder) = (normalize(file), normalize(folder));
    let (mut to, mut from) = (file.components().peekable(), folder.components().peekable());
    while to.peek().is_some() && to.peek() == from.peek() {
        to.next();
        from.next();
    }
    let is_step = |part: &Component<'_>| matches!(part, Component::Normal(_));
    let way_up = from.clone().all(|part| is_step(&part));
    let way_down: Vec<Component<'_>> = to.collect();
    if !way_up || !way_down.iter().all(is_step) {
        let name = file.file_name().unwrap_or(file.as_os_str());
        return name.to_string_lossy().into_owned();
    }
    let up = from.map(|_| "..".to_owned());
    let down = way_down
        .iter()
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::relative;

    #[test]
    fn a_path_is_the_way_from_the_folder() {
        let way = |file: &str, folder: &str| relative(Path::new(file), Path::new(folder));
        assert_eq!(way("/p/a.in", "/p"), "a.in");
        assert_eq!(way("/p/r/a.in", "/p"), "r/a.in");
        assert_eq!(way("/p/a.in", "/p/locks"), "../a.in");
        assert_eq!(way("/p/x/../a.in", "/p/./locks/"), "../a.in");
        assert_eq!(way("a.in", "/p"), "a.in");
    }
}
