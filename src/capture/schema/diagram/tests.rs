use super::*;
use crate::capture::json::Json;
use crate::capture::schema::diagram::text::Style;
use crate::capture::schema::read_attr_defs;
use proptest::collection;
use proptest::prelude::BoxedStrategy;
use proptest::prelude::Just;
use proptest::prelude::ProptestConfig;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;

const USER: &str = include_str!("../../../../tests/data/schema-user-default-2012.json");
const EVERY_TYPE: &str = include_str!("../../../../tests/data/schema-test-user1-every-type.json");
const USER2: &str = include_str!("../../../../assets/seed/type-user2.json");

fn schema(text: &str) -> EntityType {
    let json = Json::parse(text).expect("is JSON");
    let (schema, problems) = EntityType::from_json(&json).expect("is a schema");
    assert_eq!(problems, []);
    schema
}

fn drawn(schema: &EntityType, width: usize, style: Style) -> String {
    let lines = text::text(schema, width, style);
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn the_terminal_shows_it_at_every_width() {
    for (name, text) in [("user2", USER2), ("user", USER)] {
        let schema = schema(text);
        for width in [80, 120, 200] {
            let drawing = drawn(&schema, width, Style::default());
            insta::assert_snapshot!(format!("{name}_{width}"), drawing);
        }
        let ascii = Style {
            ascii: true,
            fold_below: Some(3),
        };
        for width in [80, 200] {
            let drawing = drawn(&schema, width, ascii);
            assert!(drawing.is_ascii());
            insta::assert_snapshot!(format!("{name}_{width}_ascii_folded"), drawing);
        }
    }
}

#[test]
fn the_documents_show_user2() {
    let schema = schema(USER2);
    insta::assert_snapshot!("user2_markdown", markdown::markdown(&schema));
    insta::assert_snapshot!("user2_mermaid", mermaid::mermaid(&schema));
    insta::assert_snapshot!("user2_svg", svg::svg(&schema));
}

#[test]
fn every_attribute_is_in_every_output() {
    for text in [USER, EVERY_TYPE, USER2] {
        let schema = schema(text);
        let names = || {
            let paths = schema.walk().into_iter();
            paths.filter(|(path, def)| !def.is_reserved(path.0.len() == 1))
        };
        for width in [80, 120, 140, 200, 300] {
            let drawing = drawn(&schema, width, Style::default());
            let mut words: Vec<&str> = drawing.split_whitespace().collect();
            for (path, def) in names() {
                let place = words.iter().position(|word| *word == def.name);
                let place = place.unwrap_or_else(|| panic!("{path} at {width}:\n{drawing}"));
                words.remove(place);
            }
        }
        let markdown = markdown::markdown(&schema);
        let mermaid = mermaid::mermaid(&schema);
        let svg = svg::svg(&schema);
        for (path, def) in names() {
            assert!(
                markdown.contains(&format!("| `{}` |", path.dotted())),
                "{path}"
            );
            let in_mermaid = [format!(" {} ", def.name), format!(" {}\n", def.name)];
            let as_container = format!(" : \"{}", def.name);
            assert!(
                in_mermaid.iter().any(|name| mermaid.contains(name))
                    || mermaid.contains(&as_container),
                "{path}"
            );
            assert!(
                svg.contains(&format!("<title>{}:", path.dotted())),
                "{path}"
            );
            let visible = format!(">{} {}</text>", def.name, brackets(def));
            assert!(svg.contains(&visible.replace(" <", "<")), "{path}");
        }
    }
}

#[test]
fn folding_closes_what_is_deeper() {
    let schema = schema(USER);
    let folded = |level| Style {
        fold_below: Some(level),
        ..Style::default()
    };
    let top = drawn(&schema, 80, folded(1));
    assert!(
        top.contains("profiles […]") && !top.contains("remote_key"),
        "{top}"
    );
    let two = drawn(&schema, 80, folded(2));
    assert!(
        two.contains("profile {…}") && two.contains("remote_key"),
        "{two}"
    );
    assert!(!two.contains("preferredUsername"), "{two}");
    assert_eq!(
        drawn(&schema, 80, folded(99)),
        drawn(&schema, 80, Style::default())
    );
}

#[test]
fn the_legend_knows_what_occurs_and_nothing_else() {
    let (attr_defs, _) = read_attr_defs(
        &Json::parse(
            r#"[{"name":"a","type":"string","constraints":["brand-new"],"features":["query"]}]"#,
        )
        .expect("is JSON"),
    );
    let drawing = drawn(&EntityType::create("t", attr_defs), 80, Style::default());
    assert_eq!(drawing.lines().last(), Some("? query   + something newer"));
    let empty = drawn(&EntityType::create("t", Vec::new()), 80, Style::default());
    assert_eq!(empty.lines().next(), Some("t  0 attributes"));
}

#[test]
fn the_summary_counts() {
    let counted = Summary::of(&schema(USER));
    assert_eq!(
        counted.to_string(),
        "196 attributes (17 at the top), 34 plurals, 6 objects, 5 levels"
    );
    assert_eq!(
        Summary::of(&EntityType::create("t", Vec::new())).to_string(),
        "0 attributes"
    );
}

/// Whether a text is one XML element with its content: tags in pairs, attributes quoted, only known entities, and no
/// character that XML forbids.
fn xml_fault(text: &str) -> Option<String> {
    let forbidden = |c: char| match c {
        '\t' | '\n' | '\r' => false,
        c => c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}'),
    };
    if let Some(c) = text.chars().find(|c| forbidden(*c)) {
        return Some(format!("{c:?} is not allowed"));
    }
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text.trim_end();
    while let Some(at) = rest.find(['<', '&']) {
        if rest[..at].contains('>') {
            return Some(format!("a bare > in {:?}", &rest[..at]));
        }
        rest = &rest[at..];
        if rest.starts_with('&') {
            let end = rest.find(';')?;
            if !["&amp", "&lt", "&gt", "&quot", "&#39"].contains(&&rest[..end]) {
                return Some(format!("unknown entity {}", &rest[..end]));
            }
            rest = &rest[end..];
            continue;
        }
        let Some(end) = rest.find('>') else {
            return Some("a tag is not closed".to_owned());
        };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        if tag.contains('<') || !tag.matches('"').count().is_multiple_of(2) {
            return Some(format!("broken tag {tag}"));
        }
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Some(format!("</{name}> closes nothing"));
            }
        } else if !tag.ends_with('/') {
            open.push(tag.split([' ', '\n']).next().unwrap_or_default());
        }
        if open.is_empty() && !rest.is_empty() {
            return Some("something follows the end".to_owned());
        }
    }
    open.last().map(|name| format!("<{name}> is left open"))
}

#[test]
fn the_xml_check_finds_faults() {
    for text in [
        "<a>",
        "<a></b>",
        "<a>&x;</a>",
        "<a b=\"></a>",
        "<a>></a>",
        "<a/><b/>",
        "<a>\u{1}</a>",
    ] {
        assert!(xml_fault(text).is_some(), "{text}");
    }
    assert_eq!(xml_fault("<a b=\"c\">&lt;<d/></a>\n"), None);
}

/// Nothing but what mermaid's grammar of entity relationship diagrams takes.
fn mermaid_fault(text: &str) -> Option<String> {
    let quoted = |part: &str| {
        let inner = part
            .strip_prefix('"')
            .and_then(|part| part.strip_suffix('"'));
        inner.is_some_and(|inner| {
            !inner.is_empty() && !inner.contains(['"', '%', '\\', '{', '}', '<'])
        })
    };
    let word = |part: &str, also: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || also.contains(c))
    };
    let mut lines = text.lines();
    if lines.next() != Some("erDiagram") {
        return Some("no beginning".to_owned());
    }
    for line in lines {
        let line = line.trim();
        let fits = if line == "}" {
            true
        } else if let Some(name) = line.strip_suffix(" {") {
            quoted(name)
        } else if line.starts_with('"') {
            let parts: Vec<&str> = line.split('"').collect();
            parts.len() == 7 && ["||--o{", "||--||"].contains(&parts[2].trim()) && parts[4] == " : "
        } else {
            let (head, comment) = line
                .split_once(" \"")
                .map_or((line, None), |(head, comment)| {
                    (head, Some(format!("\"{comment}")))
                });
            let mut words = head.split(' ');
            words.next().is_some_and(|part| word(part, "()-"))
                && words
                    .next()
                    .is_some_and(|part| word(part, "") && part != "PK" && part != "UK")
                && words.all(|key| ["PK", "PK,", "UK"].contains(&key))
                && comment.is_none_or(|comment| quoted(&comment))
        };
        if !fits {
            return Some(line.to_owned());
        }
    }
    None
}

fn assert_harmless(schema: &EntityType) {
    let printable = |text: &str| {
        text.lines()
            .all(|line| line.chars().all(value::is_printable))
    };
    let svg = svg::svg(schema);
    assert_eq!(xml_fault(&svg), None, "{svg}");
    assert!(printable(&svg));
    let mermaid = mermaid::mermaid(schema);
    assert_eq!(mermaid_fault(&mermaid), None, "{mermaid}");
    let markdown = markdown::markdown(schema);
    assert!(
        printable(&markdown) && !markdown.contains("<script"),
        "{markdown}"
    );
    for row in markdown.lines().filter(|line| line.starts_with("| ")) {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
    }
    for ascii in [false, true] {
        let style = Style {
            ascii,
            fold_below: None,
        };
        for width in [0, 1, 7, 20, 80, 150] {
            for line in text::text(schema, width, style) {
                assert!(line.width() <= width, "{width}: {line}");
                assert!(line.to_string().chars().all(value::is_printable), "{line}");
                assert!(!ascii || line.to_string().is_ascii(), "{line}");
            }
        }
    }
}

#[test]
fn hostile_names_break_nothing() {
    let long = "x".repeat(1 << 20);
    let marks = format!("a{}", "\u{301}".repeat(5_000));
    let hostile = [
        "",
        " ",
        "\0\u{1b}[2J\r\n\t",
        "\"'`<script>alert(1)</script>&amp;]]>",
        "a|b`c|\\|",
        "\u{202e}dlo\u{2028}\u{feff}\u{fffe}",
        "%%{init}%%; PK",
        "漢字カナ👩‍👩‍👧",
        "PK",
        "9",
        &marks,
        &long,
    ];
    let mut attr_defs = Vec::new();
    for name in hostile {
        let mut def = AttrDef::new(name, AttrType::Unknown(name.to_owned()));
        def.description = Some(name.to_owned());
        def.constraints = Some(vec![Constraint::Other(name.to_owned())]);
        def.features = Some(vec![Feature::Other(name.to_owned())]);
        attr_defs.push(def.clone());
        attr_defs.push(AttrDef::new(name, AttrType::Plural(vec![def.clone()])));
        attr_defs.push(AttrDef::new(name, AttrType::Object(vec![def])));
    }
    for name in hostile {
        assert_harmless(&EntityType {
            name: name.to_owned(),
            attr_defs: attr_defs[..3].to_vec(),
        });
    }
    assert_harmless(&EntityType {
        name: "t".to_owned(),
        attr_defs,
    });
}

#[test]
fn depth_breaks_nothing() {
    let mut def = AttrDef::new("leaf", AttrType::Boolean);
    for level in 0..60 {
        let inner = vec![
            def.clone(),
            AttrDef::new(format!("beside{level}"), AttrType::Date),
        ];
        let holder = if level % 2 == 0 {
            AttrType::Plural(inner)
        } else {
            AttrType::Object(inner)
        };
        def = AttrDef::new(format!("level{level}"), holder);
    }
    let schema = EntityType::create("deep", vec![def]);
    assert_harmless(&schema);
    for name in ["leaf", "level0 []", "beside59"] {
        assert!(
            drawn(&schema, 80, Style::default()).contains(name),
            "{name}"
        );
        assert!(
            svg::svg(&schema).contains(&format!(">{name}</text>")),
            "{name}"
        );
    }
}

fn any_attr_defs() -> impl Strategy<Value = Vec<AttrDef>> {
    let leaf: BoxedStrategy<AttrType> = prop_oneof![
        Just(AttrType::Json),
        any::<Option<u32>>().prop_map(|length| AttrType::String {
            length,
            case_sensitive: length.is_none(),
        }),
        any::<String>().prop_map(AttrType::Unknown),
    ]
    .boxed();
    let defs = |attr_type: BoxedStrategy<AttrType>| {
        let def = (any::<String>(), attr_type, any::<Option<String>>());
        let def = def.prop_map(|(name, attr_type, description)| AttrDef {
            description,
            ..AttrDef::new(name, attr_type)
        });
        collection::vec(def, 0..5)
    };
    let attr_type = leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            defs(inner.clone()).prop_map(AttrType::Object),
            defs(inner).prop_map(AttrType::Plural),
        ]
    });
    defs(attr_type.boxed())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_schema_can_be_drawn(name in any::<String>(), attr_defs in any_attr_defs()) {
        assert_harmless(&EntityType { name, attr_defs });
    }

    #[test]
    fn shortening_fits(text in any::<String>(), most in 0usize..40) {
        let text = clean(&text, false);
        for short in [shorten(&text, most, false), cut(&text, most, false)] {
            prop_assert!(cells(&short) <= most, "{short}");
            if cells(&text) <= most {
                prop_assert_eq!(&short, &text);
            }
        }
        prop_assert!(clean(&text, true).is_ascii());
    }
}
