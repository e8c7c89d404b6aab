//! `captui schema diagram`: a schema as a picture.

use std::io;
use std::io::IsTerminal;
use std::path::Path;

use crate::capture::schema::EntityType;
use crate::capture::schema::diagram::markdown::markdown;
use crate::capture::schema::diagram::mermaid::mermaid;
use crate::capture::schema::diagram::svg::svg;
use crate::capture::schema::diagram::text::DiagramLine;
use crate::capture::schema::diagram::text::Style;
use crate::capture::schema::diagram::text::text;
use crate::cli::args::schema::Diagram;
use crate::cli::args::schema::DiagramFormat;
use crate::cli::commands::schema::source;
use crate::cli::commands::schema::write;
use crate::cli::session::Stop;

/// How wide a text is drawn for nobody in particular.
const WIDTH: u16 = 80;

pub(super) async fn diagram(arguments: &Diagram, environment: Option<&str>) -> Result<(), Stop> {
    let schema = source::load(&arguments.source, environment)
        .await?
        .as_given();
    let drawn = match arguments
        .format
        .unwrap_or_else(|| format_of(arguments.output.as_deref()))
    {
        DiagramFormat::Text => lines(&schema, arguments),
        DiagramFormat::Markdown => markdown(&schema),
        DiagramFormat::Mermaid => mermaid(&schema),
        DiagramFormat::Svg => svg(&schema),
    };
    write(&drawn, arguments.output.as_deref(), environment).await
}

fn lines(schema: &EntityType, arguments: &Diagram) -> String {
    let style = Style {
        ascii: arguments.ascii,
        fold_below: arguments.depth.map(usize::from),
    };
    let width = arguments
        .width
        .unwrap_or_else(|| width(arguments.output.is_some()));
    let lines = text(schema, usize::from(width), style);
    let lines: Vec<String> = lines.iter().map(DiagramLine::to_string).collect();
    lines.join("\n")
}

/// The width of the terminal that the text is printed to.
fn width(into_file: bool) -> u16 {
    if into_file || !io::stdout().is_terminal() {
        return WIDTH;
    }
    match crossterm::terminal::size() {
        Ok((width @ 1.., _)) => width,
        _ => WIDTH,
    }
}

/// The format that a file's name asks for.
fn format_of(file: Option<&Path>) -> DiagramFormat {
    let extension = file.and_then(Path::extension).unwrap_or_default();
    match extension.to_string_lossy().to_ascii_lowercase().as_str() {
        "md" | "markdown" => DiagramFormat::Markdown,
        "mmd" | "mermaid" => DiagramFormat::Mermaid,
        "svg" => DiagramFormat::Svg,
        _ => DiagramFormat::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_the_format() {
        for (name, format) in [
            ("user.svg", DiagramFormat::Svg),
            ("user.MD", DiagramFormat::Markdown),
            ("user.mmd", DiagramFormat::Mermaid),
            ("user.txt", DiagramFormat::Text),
            ("user", DiagramFormat::Text),
        ] {
            assert_eq!(format_of(Some(Path::new(name))), format, "{name}");
        }
        assert_eq!(format_of(None), DiagramFormat::Text);
    }
}
