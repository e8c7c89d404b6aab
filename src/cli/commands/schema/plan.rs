//! `captui schema plan`: what would be done, and what it would meet. Nothing is changed.

use std::fmt::Write;

use crate::cli::args::schema::Plan;
use crate::cli::args::schema::Show;
use crate::cli::commands;
use crate::cli::commands::schema::planned::Planned;
use crate::cli::commands::schema::source;
use crate::cli::output;
use crate::cli::session::Stop;
use crate::cli::shown::about_address;
use crate::json::sanitize::clean;

pub(super) async fn plan(
    arguments: &Plan,
    environment: Option<&str>,
    json: bool,
) -> Result<(), Stop> {
    let wanted = source::load(&arguments.wanted, environment).await?;
    let mut planned =
        Planned::make(&arguments.target, &wanted, &arguments.how_far, environment).await?;
    if arguments.check && planned.work.stored.is_some() && !planned.plan().steps.is_empty() {
        planned.look_at_records().await?;
    }
    if arguments.dry_run && !planned.plan().steps.is_empty() {
        planned.rehearse().await?;
    }
    match arguments.show {
        Some(Show::Curl) => output::print_document(&curl(&planned).await?)?,
        None if json => output::print_json(&planned.as_json(None))?,
        None if arguments.markdown => output::print(&planned.markdown())?,
        None => output::print(&planned.text())?,
    }
    if planned.is_equal() {
        Ok(())
    } else {
        Err(Stop::Found)
    }
}

/// The steps as curl commands without the secret; copying as a remark, it being a call for each record.
async fn curl(planned: &Planned) -> Result<String, Stop> {
    let plan = planned.plan();
    let mut text = about_address(&planned.session).to_owned();
    for (place, step) in plan.steps.iter().enumerate() {
        let _ = writeln!(
            text,
            "# {}, {}: {}",
            place + 1,
            step.risk.name(),
            remark(&step.what())
        );
        if let Some(request) = step.request(&plan.type_name) {
            text.push_str(&commands::schema::curl(&planned.session, request).await?);
            text.push('\n');
        }
        text.push('\n');
    }
    for refused in &plan.refused {
        let line = format!("{}: {}", refused.path, refused.what);
        let _ = writeln!(text, "# not done: {}", remark(&line));
    }
    Ok(text)
}

/// A text that stays in its line, where a shell reads nothing of it.
fn remark(text: &str) -> String {
    clean(&text.replace(char::is_control, " ")).into_owned()
}
