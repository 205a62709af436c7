//! Regions of a document that hold generated text: `<!-- generated: NAME -->` to `<!-- end -->`.

use crate::Trouble;

/// The document with the region `name` filled.
pub(crate) fn fill(document: &str, name: &str, text: &str) -> Result<String, Trouble> {
    let head = format!("<!-- generated: {name} -->\n");
    let missing = || format!("no region `{}` to fill", head.trim_end());
    let (before, rest) = document.split_once(&head).ok_or_else(missing)?;
    let (_, after) = rest.split_once("<!-- end -->\n").ok_or_else(missing)?;
    Ok(format!("{before}{head}{text}<!-- end -->\n{after}"))
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn a_region_is_filled_and_nothing_else() {
        let document = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n";
        let filled = fill(document, "x", "new\n").unwrap();
        assert_eq!(filled, "a\n<!-- generated: x -->\nnew\n<!-- end -->\nb\n");
        assert!(fill(document, "y", "new\n").is_err());
    }
}
