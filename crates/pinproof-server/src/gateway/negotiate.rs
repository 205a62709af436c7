//! Which form of a page a client wants (PEP 691, RFC 9110 §12.5.1).

/// The forms of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// JSON.
    Json,
    /// HTML under its versioned name.
    Html,
    /// HTML under the name of a web page.
    TextHtml,
}

/// In the order of our preference: JSON says more.
const FORMS: [(Form, &[&str]); 3] = [
    (
        Form::Json,
        &[
            "application/vnd.pypi.simple.v1+json",
            "application/vnd.pypi.simple.latest+json",
        ],
    ),
    (
        Form::Html,
        &[
            "application/vnd.pypi.simple.v1+html",
            "application/vnd.pypi.simple.latest+html",
        ],
    ),
    (Form::TextHtml, &["text/html"]),
];

/// More parts of a header than these are not looked at.
const MOST_PARTS: usize = 50;

impl Form {
    /// Its media type.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/vnd.pypi.simple.v1+json",
            Self::Html => "application/vnd.pypi.simple.v1+html",
            Self::TextHtml => "text/html; charset=utf-8",
        }
    }

    /// The form that an `Accept` header prefers. Like PyPI, whoever accepts none of them gets a web page.
    pub(super) fn wanted(accept: Option<&str>) -> Self {
        let Some(accept) = accept else {
            return Self::TextHtml;
        };
        let mut best = (0, Self::TextHtml);
        for (form, names) in FORMS {
            let quality = names.iter().map(|name| quality(accept, name)).max();
            // What is named exactly counts; `*/*` alone means a browser or curl.
            let quality = quality.unwrap_or(0);
            if quality > best.0 {
                best = (quality, form);
            }
        }
        best.1
    }
}

/// The quality that a header gives to a media type by its name, in thousandths.
fn quality(accept: &str, name: &str) -> u32 {
    let named = accept.split(',').take(MOST_PARTS).filter_map(|part| {
        let mut parameters = part.split(';').map(str::trim);
        let is_it = parameters.next()?.eq_ignore_ascii_case(name);
        let q = parameters.find_map(|parameter| {
            let (key, value) = parameter.split_once('=')?;
            key.trim().eq_ignore_ascii_case("q").then(|| value.trim())
        });
        is_it.then(|| q.map_or(1000, thousandths))
    });
    named.max().unwrap_or(0)
}

/// `0.25` is 250; what is no quality is none.
fn thousandths(q: &str) -> u32 {
    let (whole, fraction) = q.split_once('.').unwrap_or((q, ""));
    if !matches!(whole, "0" | "1") || fraction.len() > 3 {
        return 0;
    }
    let digits = format!("{fraction:0<3}");
    let fraction: u32 = digits.parse().unwrap_or(0);
    (u32::from(whole == "1") * 1000 + fraction).min(1000)
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn what_clients_send() {
        let pip = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01";
        let cases = [
            (Some(pip), Form::Json),
            (None, Form::TextHtml),
            (Some("*/*"), Form::TextHtml),
            (Some("text/html"), Form::TextHtml),
            (Some("application/vnd.pypi.simple.latest+json"), Form::Json),
            (Some("application/vnd.pypi.simple.v1+html"), Form::Html),
            (
                Some("text/html;q=0.9, application/vnd.pypi.simple.v1+json;q=0.2"),
                Form::TextHtml,
            ),
            (
                Some("application/vnd.pypi.simple.v1+json;q=0, text/html;q=0.001"),
                Form::TextHtml,
            ),
            (Some("application/json"), Form::TextHtml),
            (Some("nonsense;;;q=,=,"), Form::TextHtml),
        ];
        for (accept, form) in cases {
            assert_eq!(Form::wanted(accept), form, "{accept:?}");
        }
    }
}
