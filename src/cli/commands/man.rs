//! `captui man`: manual pages, made from the definition of the commands.

use std::fs;
use std::io;
use std::path::Path;

use clap::Command;
use clap::CommandFactory;

use crate::cli::args::Cli;
use crate::cli::args::generated::Man;
use crate::cli::help::Notes;
use crate::cli::output;
use crate::cli::session::Stop;
use crate::config::paths::from_home;
use crate::failure::Failure;
use crate::failure::FailureKind;
use crate::failure::nearest;

/// The macro that begins a manual page's headings.
const HEADING: &str = ".SH";

/// Prints a page, or writes all.
pub(in crate::cli) fn run(man: &Man) -> Result<(), Stop> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    if let Some(folder) = &man.output {
        let folder = folder.to_str().map_or_else(|| folder.clone(), from_home);
        let written = write_all(&root, &folder).map_err(|error| {
            let message = format!("the pages cannot be written into {}", folder.display());
            Failure::new(FailureKind::Usage, message).because(error)
        })?;
        output::note(&format!("{written} pages are in {}", folder.display()));
        return Ok(());
    }
    let command = find(&root, &man.command)?;
    Ok(output::print_document(&page(command)?)?)
}

/// The command that these words name.
fn find<'a>(root: &'a Command, words: &[String]) -> Result<&'a Command, Failure> {
    let mut command = root;
    for word in words {
        let known = || command.get_subcommands().filter(|it| !it.is_hide_set());
        command = known().find(|it| it.get_name() == word).ok_or_else(|| {
            let failure = Failure::new(
                FailureKind::Usage,
                format!("`{}` has no command `{word}`", command.get_name()),
            );
            match nearest(word, known().map(Command::get_name)) {
                Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
                None => failure.hint("captui commands lists them all"),
            }
        })?;
    }
    Ok(command)
}

/// Writes the page of every command; says how many.
fn write_all(root: &Command, folder: &Path) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let mut waiting = vec![root];
    let mut written = 0;
    while let Some(command) = waiting.pop() {
        let name = command.get_display_name().unwrap_or(command.get_name());
        fs::write(folder.join(format!("{name}.1")), page(command)?)?;
        written += 1;
        waiting.extend(command.get_subcommands().filter(|it| !it.is_hide_set()));
    }
    Ok(written)
}

/// The page of one command, in roff.
fn page(command: &Command) -> io::Result<String> {
    let mut page = Vec::new();
    let title = command.get_display_name().unwrap_or(command.get_name());
    let man = clap_mangen::Man::new(command.clone())
        .title(title)
        .source(concat!("captui ", env!("CARGO_PKG_VERSION")))
        .manual("captui");
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut page = String::from_utf8_lossy(&page).into_owned();
    page.push_str(&notes(&Notes::of(command)));
    Ok(page)
}

/// What the help says below the options. Lists and examples keep their lines.
fn notes(notes: &Notes) -> String {
    let mut text = String::new();
    if !notes.prose.is_empty() {
        text.extend([HEADING, " NOTES\n"]);
        let mut is_list = false;
        for line in &notes.prose {
            let indented = line.starts_with(' ');
            match (is_list, indented) {
                (false, true) => text.push_str(".nf\n"),
                (true, false) => text.push_str(".fi\n"),
                _ => {}
            }
            is_list = indented;
            text.push_str(&if line.is_empty() {
                ".PP\n".to_owned()
            } else {
                roff_line(line)
            });
        }
        if is_list {
            text.push_str(".fi\n");
        }
    }
    if let Some(codes) = &notes.exit_codes {
        text.extend([HEADING, " \"EXIT STATUS\"\n", &roff_line(codes)]);
    }
    if !notes.examples.is_empty() {
        text.extend([HEADING, " EXAMPLES\n.nf\n"]);
        for example in &notes.examples {
            text.push_str(&roff_line(example));
        }
        text.push_str(".fi\n");
    }
    text
}

/// A line of text, in which nothing is a request.
fn roff_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    // A point or a quote at the beginning of a line would be read as a request.
    if line.starts_with(['.', '\'']) {
        out.push_str("\\&");
    }
    for c in line.chars() {
        match c {
            '\\' => out.push_str("\\e"),
            '-' => out.push_str("\\-"),
            '\'' => out.push_str("\\(aq"),
            '`' => out.push_str("\\(ga"),
            '^' => out.push_str("\\(ha"),
            '~' => out.push_str("\\(ti"),
            c => out.push(c),
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_a_request() {
        for (line, roff) in [
            (".SH x", "\\&.SH x\n"),
            ("'a-b'", "\\&\\(aqa\\-b\\(aq\n"),
            ("a\\n", "a\\en\n"),
        ] {
            assert_eq!(roff_line(line), roff);
        }
    }
}
