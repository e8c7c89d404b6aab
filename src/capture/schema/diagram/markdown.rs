//! The diagram as Markdown: a table for the record and one for each container, for wikis and pull requests. The words
//! of the protocol are written out, so there is no legend.

use std::fmt::Write;

use crate::capture::attr_type::AttrType;
use crate::capture::path::AttrPath;
use crate::capture::schema;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::diagram;
use crate::capture::schema::diagram::Summary;

/// Writes `schema` as Markdown, with tables as GitHub reads them.
pub fn markdown(schema: &EntityType) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# {}\n", code(&schema.name));
    let _ = writeln!(
        out,
        "{}. Built in: {}.",
        Summary::of(schema),
        diagram::built_in(", ")
    );
    table(&schema.attr_defs, &AttrPath::root(), &mut out);
    for (path, def) in schema.walk() {
        let kind = match def.attr_type {
            AttrType::Object(_) => "object",
            AttrType::Plural(_) => "plural",
            _ => continue,
        };
        let _ = writeln!(out, "\n## {} ({kind})", code(&path.dotted()));
        if let Some(description) = &def.description {
            let _ = writeln!(out, "\n{}", escaped(description));
        }
        table(def.attr_type.attr_defs(), &path, &mut out);
    }
    out
}

fn table(attr_defs: &[AttrDef], holder: &AttrPath, out: &mut String) {
    let mut members = diagram::own(attr_defs, holder.is_root()).peekable();
    if members.peek().is_none() {
        out.push_str("\nNo attributes.\n");
        return;
    }
    out.push_str("\n| Attribute | Type | Constraints | Features | Description |\n");
    out.push_str("| --- | --- | --- | --- | --- |\n");
    for def in members {
        let constraints = def.constraints.iter().flatten();
        let constraints: Vec<String> = constraints.map(|one| escaped(one.name())).collect();
        let features = def.features.iter().flatten();
        let features: Vec<String> = features.map(|one| escaped(one.name())).collect();
        let mut type_text = escaped(&diagram::type_text(def));
        if let AttrType::String {
            case_sensitive: false,
            ..
        } = def.attr_type
        {
            type_text.push_str(", not case-sensitive");
        }
        let cells = [
            code(&holder.child(def.name.as_str()).dotted()),
            type_text,
            constraints.join(", "),
            features.join(", "),
            escaped(def.description.as_deref().unwrap_or_default()),
        ];
        out.push('|');
        for cell in cells {
            out.push(' ');
            out.push_str(&cell);
            out.push_str(if cell.is_empty() { "|" } else { " |" });
        }
        out.push('\n');
    }
}

/// A name or path in the type of code; one that could end that, as escaped text.
fn code(path: &str) -> String {
    if path.split('.').all(schema::is_valid_name) {
        format!("`{path}`")
    } else {
        escaped(path)
    }
}

/// `text` in one line, without meaning to Markdown or HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in diagram::in_document(text.trim()).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '|' | '*' | '_' | '[' | ']' | '#' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
