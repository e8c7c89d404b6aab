//! `captui record verify`: records beside records.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::capture::json::Json;
use crate::capture::schema;
use crate::cli::args::bulk;
use crate::cli::commands::bulk::pace;
use crate::cli::output;
use crate::cli::progress::grouped;
use crate::cli::session::Session;
use crate::cli::session::Stop;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::worker::job::Job;
use crate::worker::job::Output;
use crate::worker::verify::Side;
use crate::worker::verify::Verified;
use crate::worker::verify::Verify;
use crate::worker::verify::findings::Finding;
use crate::worker::verify::findings::What;

/// How many places of one record are told in words.
const PLACES: usize = 5;

/// Carries out the command.
pub(in crate::cli) async fn verify(verify: bulk::Verify, session: &Session) -> Result<(), Stop> {
    let other = verify.other.or(verify.against).unwrap_or_default();
    let (one, other) = (verify.one, other);
    let work = Verify {
        one: side(&one)?,
        other: side(&other)?,
        key: verify.key,
        filter: verify.filter,
        report: verify.report,
        unmasked: verify.unmasked,
        pace: pace(&verify.pace),
    };
    let verified = match session.run(Job::Verify(Box::new(work))).await? {
        Output::Verified(verified) => verified,
        other => unreachable!("comparing gives what came of it, not {other:?}"),
    };
    if session.json() {
        output::print_json(&summary(&verified))?;
    } else if output::is_quiet() {
        output::print(&total(&verified, [&one, &other]))?;
    } else {
        output::print(&words(&verified, [&one, &other]))?;
    }
    if (0..2)
        .any(|side| verified.records[side] > 0 && verified.unusable[side] == verified.records[side])
    {
        output::note(&format!(
            "nothing could be compared by `{}`: --key ATTR names an attribute that records on both sides have, such as id",
            verified.key
        ));
    }
    if let Some(report) = &verified.report {
        output::note(&format!("all of it is in {}", report.display()));
    }
    if verified.is_same() {
        Ok(())
    } else {
        Err(Stop::Found)
    }
}

/// A name that can be a type's is one; what has a colon behind a name is a type elsewhere; anything else is a file.
fn side(text: &str) -> Result<Side, Failure> {
    if let Some(file) = text.strip_prefix('@') {
        return Ok(Side::File(PathBuf::from(file)));
    }
    let (environment, name) = match text.split_once(':') {
        Some((environment, name)) => (Some(environment), name),
        None => (None, text),
    };
    let is_environment = |name: &str| !name.is_empty() && !name.contains(['/', '\\']);
    if schema::is_valid_name(name) && environment.is_none_or(is_environment) {
        return Ok(Side::Type {
            environment: environment.map(str::to_owned),
            name: name.to_owned(),
        });
    }
    if text == "-" {
        let message =
            "records are compared in several passes, for which standard input is read only once";
        return Err(Failure::new(FailureKind::Usage, message).hint("write it into a file first"));
    }
    Ok(Side::File(PathBuf::from(text)))
}

fn total(verified: &Verified, names: [&str; 2]) -> String {
    format!(
        "{} records in {}, {} in {}: {} the same\n",
        grouped(verified.records[0]),
        names[0],
        grouped(verified.records[1]),
        names[1],
        grouped(verified.same)
    )
}

fn words(verified: &Verified, names: [&str; 2]) -> String {
    let mut text = total(verified, names);
    for (count, what) in [
        (verified.missing, format!("only in {}", names[0])),
        (verified.extra, format!("only in {}", names[1])),
        (verified.different, "different".to_owned()),
        (
            verified.unusable[0],
            format!("not to be compared in {}", names[0]),
        ),
        (
            verified.unusable[1],
            format!("not to be compared in {}", names[1]),
        ),
        (
            verified.shared_keys,
            format!("keys that several records in {} have", names[0]),
        ),
    ] {
        if count > 0 {
            // Writing into a text does not fail.
            let _ = writeln!(text, "{} {what}", grouped(count));
        }
    }
    for file in &verified.broken {
        let _ = writeln!(
            text,
            "{} is not the file that its manifest was written for: the check sums differ",
            file.display()
        );
    }
    for finding in &verified.examples {
        text.push_str(&line(finding));
    }
    let told = verified.examples.len() as u64;
    let all = verified.missing
        + verified.extra
        + verified.different
        + verified.unusable.iter().sum::<u64>();
    if told < all {
        let _ = writeln!(
            text,
            "… and {} more: --report FILE has all",
            grouped(all - told)
        );
    }
    text
}

/// `~ 42 8a3abdda-…: email ‹email› ‹email›; tags[1].tag - "b"`
fn line(finding: &Finding) -> String {
    let (sign, why) = match &finding.what {
        What::Missing => ('-', None),
        What::Extra => ('+', None),
        What::Different => ('~', None),
        What::Unusable { why, .. } => ('!', Some(why)),
    };
    let mut text = sign.to_string();
    if let Some(id) = finding.known.id {
        let _ = write!(text, " {id}");
    }
    if let Some(uuid) = &finding.known.uuid {
        let _ = write!(text, " {uuid}");
    }
    if let Some(why) = why {
        let _ = write!(text, " {why}");
    }
    for (place, told) in finding.differences.iter().take(PLACES).enumerate() {
        let [one, other] = told
            .values
            .each_ref()
            .map(|value| value.as_deref().unwrap_or("-"));
        let between = if place == 0 { ": " } else { "; " };
        let _ = write!(text, "{between}{} {one} {other}", told.path);
    }
    if finding.differences.len() > PLACES {
        let _ = write!(text, "; and {} more", finding.differences.len() - PLACES);
    }
    text.push('\n');
    text
}

fn summary(verified: &Verified) -> Json {
    let number = |number: u64| Json::from(number.cast_signed());
    let both = |numbers: [u64; 2]| Json::Array(numbers.map(number).to_vec());
    let broken = verified
        .broken
        .iter()
        .map(|file| file.display().to_string().into());
    [
        ("same", Json::from(verified.is_same())),
        ("key", verified.key.as_str().into()),
        ("records", both(verified.records)),
        ("equal", number(verified.same)),
        ("missing", number(verified.missing)),
        ("extra", number(verified.extra)),
        ("different", number(verified.different)),
        ("unusable", both(verified.unusable)),
        ("shared_keys", number(verified.shared_keys)),
        ("broken_files", Json::Array(broken.collect())),
        (
            "examples",
            Json::Array(verified.examples.iter().map(Finding::to_json).collect()),
        ),
    ]
    .into_iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_types_and_files() {
        let of_type = |environment: Option<&str>, name: &str| Side::Type {
            environment: environment.map(str::to_owned),
            name: name.to_owned(),
        };
        for (text, expected) in [
            ("user", of_type(None, "user")),
            ("prod:user", of_type(Some("prod"), "user")),
            ("user.ndjson", Side::File("user.ndjson".into())),
            ("./user", Side::File("./user".into())),
            ("@user", Side::File("user".into())),
            ("a/b:user", Side::File("a/b:user".into())),
            (":user", Side::File(":user".into())),
        ] {
            assert_eq!(side(text).ok(), Some(expected), "{text}");
        }
        assert!(side("-").is_err());
    }
}
