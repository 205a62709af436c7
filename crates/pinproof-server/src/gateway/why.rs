//! `/why/<file or project>`: what was decided, on which evidence, and who can lift it; for people.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use pinproof_core::{Admission, Finding, Printable, ProjectName, Version};
use pinproof_engine::admit::{AdmittedFile, Closed, Opinion};

use super::canary::{self, Canary};
use super::html::Html;
use super::model::{Model, Withheld, withheld};
use super::pages::NoPage;
use super::refusal::Refusal;
use super::{Gateway, addresses};

/// Files of a project that are listed one by one.
const MOST_FILES: usize = 500;
const STYLE: &str = "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}\
code{background:#8881;padding:0 .2em}dt{font-weight:600}li{margin:.3em 0}</style>";

/// The verdict on a file, or on the files of a project.
pub(super) async fn page(
    State(gateway): State<Gateway>,
    Path(what): Path<String>,
) -> Result<Response, Refusal> {
    let named = what.parse().ok().as_ref().and_then(Canary::named);
    if let Some(canary) = named.or_else(|| Canary::of_file(&what)) {
        return Ok(shown(of_canary(canary, &gateway)));
    }
    if !addresses::projects_of(&what).is_empty() {
        let (model, at) = gateway.find(&what).await?;
        let unknown = || Refusal::nothing("there is no such file");
        let file = model.page.files.get(at).ok_or_else(unknown)?;
        return Ok(shown(of_file(&model, file, &gateway)));
    }
    let project: ProjectName = what.parse().map_err(|_| Refusal::no_name(&what))?;
    match gateway.page(&project).await {
        Ok(model) => Ok(shown(of_project(&model))),
        Err(NoPage::Closed(closed)) => Ok(shown(of_closed(&project, &closed, &gateway))),
        Err(no_page) => Err(Refusal::of_page(no_page, &project, &gateway)),
    }
}

/// What this is, and how to use it.
pub(super) async fn front(State(gateway): State<Gateway>) -> Response {
    let public = &gateway.0.options.public;
    let mut html = begin("pinproof");
    html.markup("<p>A Python package index that hands out what its policy admits, and says why it hands out nothing else.</p>\n<pre>");
    html.text(&format!("pip install --index-url {public}/simple/ NAME"));
    html.markup("\n");
    html.text(&format!(
        "uv pip install --default-index {public}/simple/ NAME"
    ));
    html.markup("\n");
    html.markup("</pre>\n<p>Policy ");
    html.markup("<code>").text(gateway.gate().policy_digest());
    html.markup("</code></p>\n");
    if let Some(digest) = gateway.gate().shadow_digest() {
        html.markup("<p>Tried beside it, without effect: <code>");
        html.text(digest).markup("</code></p>\n");
    }
    shown(html)
}

fn of_canary(canary: Canary, gateway: &Gateway) -> Html {
    let mut html = begin(canary::PROJECT);
    match canary {
        Canary::Refused => {
            html.markup("<p>Whoever is refused this project goes through this gateway. ")
        }
        Canary::Absent => html.markup("<p>There is never such a project. "),
    };
    html.markup("<code>pinproof doctor</code> asks for it; no index does, and there is nothing to install.</p>\n<p>Policy <code>");
    html.text(gateway.gate().policy_digest())
        .markup("</code></p>\n");
    html
}

fn begin(title: &str) -> Html {
    let mut html = Html::default();
    html.markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
    html.markup(STYLE).markup("<title>").text(title);
    html.markup("</title></head>\n<body>\n<h1>")
        .text(title)
        .markup("</h1>\n");
    html
}

/// Nothing on such a page is fetched or run, whatever got into it.
fn shown(mut html: Html) -> Response {
    html.markup("</body>\n</html>\n");
    let mut answer = html.into_string().into_response();
    let headers = answer.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

fn of_file(model: &Model, file: &AdmittedFile, gateway: &Gateway) -> Html {
    let facts = &file.facts;
    let filename = Printable::new(&facts.filename);
    let mut html = begin(filename.as_str());
    let withheld = withheld(file);
    html.markup("<p><strong>")
        .markup(match file.verdict.admission {
            _ if withheld.is_none() => "Admitted",
            Admission::Undecided => "Not decided yet",
            _ => "Refused",
        });
    html.markup("</strong>");
    if let Some(withheld) = &withheld {
        html.markup(": ").text(withheld.because.message.as_str());
        html.markup(" [").text(withheld.because.rule).markup("]");
        if let Some(until) = withheld.because.until {
            html.markup("; this may change at ")
                .text(&format!("{until:.0}"));
        }
    }
    html.markup("</p>\n");
    if let Some(withheld) = &withheld {
        let line = gateway.gate().policy_line(withheld.because.rule);
        html.markup("<p>The policy: ").text(line.as_str());
        html.markup("</p>\n");
    }
    let at = model.file(&facts.filename).map(|(at, _)| at);
    if let Some(opinion) = at.and_then(|at| model.shadow(at)) {
        under_the_shadow(&mut html, opinion);
    }
    findings(&mut html, &file.verdict.findings);
    for question in &file.verdict.questions {
        html.markup("<p>Open: ").text(question.rule).markup(": ");
        html.text(&format!("{}: {}", question.source, question.why));
        html.markup("</p>\n");
    }
    if let Some(withheld) = &withheld {
        let advice: Vec<Printable> = next_advice(model, withheld)
            .into_iter()
            .chain(withheld.help(&model.page.facts.project))
            .collect();
        what_to_do(&mut html, &advice, gateway);
    }
    evidence(&mut html, model, file);
    html
}

/// What to take instead, unless the rule has said it.
fn next_advice(model: &Model, withheld: &Withheld) -> Option<Printable> {
    let (next, project) = (&model.page.next, &model.page.facts.project);
    let start = |version: &Version| format!("`{project}` {version} is ");
    let is_said = next.version().map(start).is_some_and(|start| {
        let help = withheld.help(project);
        help.iter().any(|line| line.as_str().starts_with(&start))
    });
    let is_refused = withheld.admission == Admission::Refused;
    (is_refused && !is_said).then(|| next.advice(project))
}

/// What the policy that is tried would say.
fn under_the_shadow(html: &mut Html, opinion: &Opinion) {
    html.markup("<p>Under the shadow policy it would be <strong>");
    html.markup(match opinion.admission {
        Admission::Admitted => "admitted",
        Admission::Undecided => "undecided",
        Admission::Refused => "refused",
    });
    html.markup("</strong>");
    if let Some(because) = &opinion.because {
        html.markup(": ").text(because.message.as_str());
        html.markup(" [").text(because.rule).markup("]");
    }
    html.markup("</p>\n");
}

fn findings(html: &mut Html, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    html.markup("<h2>Findings</h2>\n<ul>\n");
    for finding in findings {
        html.markup("<li>")
            .text(&finding.level.to_string())
            .markup(" <code>");
        html.text(finding.rule).markup("</code>: ");
        html.text(finding.message.as_str());
        html.markup(if finding.refuses { " (refuses)" } else { "" });
        for note in &finding.notes {
            html.markup("<br>").text(note.as_str());
        }
        html.markup("</li>\n");
    }
    html.markup("</ul>\n");
}

fn what_to_do(html: &mut Html, help: &[Printable], gateway: &Gateway) {
    html.markup("<h2>What to do</h2>\n<ul>\n");
    for line in help {
        html.markup("<li>").text(line.as_str()).markup("</li>\n");
    }
    if let Some(contact) = gateway.gate().contact() {
        html.markup("<li>who can lift it: ").text(contact.as_str());
        html.markup("</li>\n");
    }
    html.markup("</ul>\n");
}

fn evidence(html: &mut Html, model: &Model, file: &AdmittedFile) {
    let facts = &file.facts;
    html.markup("<h2>Evidence</h2>\n<dl>\n");
    let mut row = |name: &'static str, value: &str| {
        html.markup("<dt>").markup(name).markup("</dt><dd>");
        html.text(value).markup("</dd>\n");
    };
    row("Project", model.page.facts.project.as_str());
    row("Version", &file.version.to_string());
    row("Index", Printable::new(&model.index.name).as_str());
    for hash in &facts.hashes {
        row("Hash", &hash.to_string());
    }
    if let Some(time) = facts.uploaded_at {
        row("Uploaded", &format!("{time:.0}"));
    }
    let seen = model.history.first_seen(&facts.filename);
    row("First seen here", &format!("{seen:.0}"));
    row("Upload times of its index", clock_of(model));
    row(
        "Index asked",
        &format!("{:.0}", model.page.facts.fetched_at),
    );
    if let Some(stale) = &model.stale {
        row("No newer answer", stale.as_str());
    }
    row("Decided", &format!("{:.0}", file.verdict.decided_at));
    row("Policy", &file.verdict.policy_digest);
    row("Digest of the evidence", &file.verdict.evidence_digest);
    html.markup("</dl>\n");
}

/// Which clock a cooldown goes by.
fn clock_of(model: &Model) -> &'static str {
    if model.history.trusts_upload_times {
        "trusted"
    } else {
        "not trusted: what was not on its first page is as young as its first sight"
    }
}

/// What is not listed any more, and of which nothing may be kept.
fn vanished(html: &mut Html, model: &Model) {
    if model.history.vanished.is_empty() {
        return;
    }
    html.markup("<h2>Not listed any more, and not yanked</h2>\n<ul>\n");
    for (version, since) in model.history.vanished.iter().rev().take(MOST_FILES) {
        html.markup("<li>").text(&version.to_string());
        html.text(&format!(", missing since {since:.0} [vanished-release]"))
            .markup("</li>\n");
    }
    html.markup("</ul>\n");
}

fn of_project(model: &Model) -> Html {
    let mut html = begin(model.page.facts.project.as_str());
    if let Some(stale) = &model.stale {
        let of = format!("Its page is of {:.0}: ", model.page.facts.fetched_at);
        html.markup("<p><strong>").text(&of).text(stale.as_str());
        html.markup("</strong></p>\n");
    }
    if let Some(went_back) = &model.went_back {
        let said = went_back.said(&model.page.facts.project, &model.index.name);
        html.markup("<p><strong>").text(said.as_str());
        html.markup("</strong></p>\n");
    }
    html.markup("<ul>\n");
    for file in model.page.files.iter().rev().take(MOST_FILES) {
        html.markup("<li>").text(&file.facts.filename).markup(": ");
        match withheld(file) {
            None => html.markup("admitted"),
            Some(withheld) => html
                .text(withheld.because.message.as_str())
                .markup(" [")
                .text(withheld.because.rule)
                .markup("]"),
        };
        html.markup("</li>\n");
    }
    html.markup("</ul>\n");
    let more = model.page.files.len().saturating_sub(MOST_FILES);
    if more > 0 {
        html.markup("<p>and ")
            .text(&more.to_string())
            .markup(" older files</p>\n");
    }
    vanished(&mut html, model);
    html
}

fn of_closed(project: &ProjectName, closed: &Closed, gateway: &Gateway) -> Html {
    let mut html = begin(project.as_str());
    html.markup("<p><strong>Refused</strong>: ");
    html.text(closed.because.message.as_str());
    html.markup(" [")
        .text(closed.because.rule)
        .markup("]</p>\n");
    what_to_do(&mut html, std::slice::from_ref(&closed.help), gateway);
    html
}
