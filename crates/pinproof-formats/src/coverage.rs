//! The safety net under every format: what no entry of a manifest accounts for.

use pinproof_core::{Manifest, Span};

/// The parts of `text` that no entry of the manifest covers, in their order.
///
/// There are none after a sound parse. The engine asks all the same, and treats what it gets as not
/// understood: a reader that loses a line must not turn it into "nothing to report".
pub fn uncovered(manifest: &Manifest, text: &str) -> Vec<Span> {
    let mut covered = spans(manifest);
    covered.sort_unstable();
    let mut gaps = Vec::new();
    let mut at = 0;
    for span in covered {
        let start = span.start.min(text.len());
        if start > at {
            gaps.push(Span::new(at, start));
        }
        at = at.max(span.end.min(text.len()));
    }
    if at < text.len() {
        gaps.push(Span::new(at, text.len()));
    }
    gaps
}

fn spans(manifest: &Manifest) -> Vec<Span> {
    let mut spans = manifest.trivia.clone();
    spans.extend(manifest.parts.iter().map(|part| part.span));
    spans.extend(
        manifest
            .requirements
            .iter()
            .map(|requirement| requirement.span),
    );
    spans.extend(manifest.includes.iter().map(|include| include.span));
    spans.extend(
        manifest
            .locations
            .iter()
            .filter_map(|location| location.span),
    );
    spans.extend(manifest.options.iter().map(|option| option.span));
    spans.extend(manifest.bindings.iter().map(|binding| binding.span));
    spans.extend(manifest.ignores.iter().map(|ignore| ignore.span));
    spans.extend(manifest.not_understood.iter().map(|entry| entry.span));
    spans
}

#[cfg(test)]
mod tests {
    use pinproof_core::{Manifest, Span};

    use super::uncovered;

    #[test]
    fn finds_every_gap() {
        let manifest = Manifest {
            trivia: vec![
                Span::new(6, 8),
                Span::new(1, 3),
                Span::new(2, 5),
                Span::new(3, 3),
            ],
            ..Manifest::default()
        };
        let gaps = uncovered(&manifest, "0123456789");
        assert_eq!(gaps, [Span::new(0, 1), Span::new(5, 6), Span::new(8, 10)]);
        assert_eq!(uncovered(&Manifest::default(), ""), []);
        assert_eq!(uncovered(&manifest, "0123"), [Span::new(0, 1)]);
    }
}
