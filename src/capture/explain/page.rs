//! What an HTML or XML page says to a reader: its title and its text, without tags, scripts and styles.
//!
//! Gateways and proxies answer with such pages. This is no browser: it only has to make an error page readable.

/// How much of a page is looked at, in bytes.
const SCANNED: usize = 64 * 1024;

/// What is left of a page's text, in characters.
const LONGEST: usize = 600;

/// What a page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Its title; `None` when it has none or an empty one.
    pub title: Option<String>,
    /// Its text in lines, white space made single, cut when it is long.
    pub text: String,
}

/// Elements whose content nobody reads.
const UNREAD: [&str; 6] = ["script", "style", "template", "noscript", "svg", "title"];

/// Elements that do not begin a new line.
const INLINE: [&str; 16] = [
    "a", "abbr", "b", "big", "code", "em", "font", "i", "label", "small", "span", "strong", "sub",
    "sup", "tt", "u",
];

/// Whether a body is a page: it begins with a tag.
pub fn is_page(body: &[u8]) -> bool {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    body.trim_ascii_start().starts_with(b"<")
}

/// Reads a page.
pub fn read(body: &[u8]) -> Page {
    let scanned = &body[..body.len().min(SCANNED)];
    let source = String::from_utf8_lossy(scanned);
    let mut page = Page::default();
    let mut text = String::new();
    let mut rest: &str = &source;
    while let Some(open) = rest.find('<') {
        text.push_str(&decode(&rest[..open]));
        let tag = &rest[open..];
        let (name, after) = read_tag(tag);
        if !INLINE.contains(&name.trim_start_matches('/')) {
            text.push('\n');
        }
        rest = after;
        if UNREAD.contains(&name.as_str()) && !tag_is_empty(tag, after) {
            let (inside, beyond) = until_closed(after, &name);
            if name == "title" && page.title.is_none() {
                let title = one_line(&decode(inside));
                page.title = (!title.is_empty()).then_some(title);
            }
            rest = beyond;
        }
    }
    text.push_str(&decode(rest));
    page.text = in_lines(&text);
    page
}

/// Whether a tag closes itself: `<script/>`.
fn tag_is_empty(tag: &str, after: &str) -> bool {
    tag[..tag.len() - after.len()].ends_with("/>")
}

/// The lower-case name of the tag that `text` begins with, and what follows it. A comment has the name `!--`; a `<` that
/// begins no tag counts as one with no name.
fn read_tag(text: &str) -> (String, &str) {
    if let Some(comment) = text.strip_prefix("<!--") {
        let after = comment.find("-->").map_or("", |end| &comment[end + 3..]);
        return ("!--".to_owned(), after);
    }
    let inside = &text[1..];
    let name: String = inside
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '!' | '?'))
        .collect();
    let after = inside.find('>').map_or("", |end| &inside[end + 1..]);
    (name.to_ascii_lowercase(), after)
}

/// What is inside an element up to its closing tag, and what follows that tag.
fn until_closed<'a>(text: &'a str, name: &str) -> (&'a str, &'a str) {
    // ASCII lower case keeps every byte's place.
    let lower = text.to_ascii_lowercase();
    let Some(end) = lower.find(&format!("</{name}")) else {
        return (text, "");
    };
    let after = text[end..].find('>').map_or("", |at| &text[end + at + 1..]);
    (&text[..end], after)
}

/// Replaces character references by the characters that they stand for, as far as they are common.
fn decode(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest.bytes().take(11).position(|byte| byte == b';');
        let found = reference.and_then(|end| Some((character(&rest[1..end])?, end + 1)));
        let (text, length) = found.unwrap_or(('&', 1));
        decoded.push(text);
        rest = &rest[length..];
    }
    decoded.push_str(rest);
    decoded
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "copy" => '©',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        "rsquo" => '’',
        "lsquo" => '‘',
        "ldquo" => '“',
        "rdquo" => '”',
        "middot" => '·',
        "bull" => '•',
        _ => return None,
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines that have something in them, up to a length.
fn in_lines(text: &str) -> String {
    let lines = text.lines().map(one_line).filter(|line| !line.is_empty());
    let text = lines.collect::<Vec<_>>().join("\n");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prop_assert;
    use proptest::proptest;

    use super::*;

    #[test]
    fn a_page_is_read_as_a_person_would() {
        for (source, title, text) in [
            (
                "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center></body></html>",
                Some("502 Bad Gateway"),
                "502 Bad Gateway\nnginx",
            ),
            (
                "<!DOCTYPE html><HTML><HEAD><TITLE lang=en>\n Access&nbsp;Denied </TITLE><style>b{color:red}</style>\
                 <script>if (a < b) alert('<p>')</script></HEAD><BODY>You don't have <b>permission</b>.<P>Reference \
                 &#35;18&#x2e;2 &amp; &bogus; &lt;b&gt;",
                Some("Access Denied"),
                "You don't have permission.\nReference #18.2 & &bogus; <b>",
            ),
            ("<p>one<br/>two<!-- <p>three -->", None, "one\ntwo"),
            ("<script/>seen<script>unseen", None, "seen"),
            ("<title></title><", None, ""),
            (
                "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code></Error>",
                None,
                "SlowDown",
            ),
        ] {
            assert!(is_page(source.as_bytes()), "{source}");
            let page = read(source.as_bytes());
            assert_eq!(
                (page.title.as_deref(), page.text.as_str()),
                (title, text),
                "{source}"
            );
        }
        assert!(!is_page(b"{\"a\":\"<b>\"}"));
    }

    proptest! {
        #[test]
        fn every_page_can_be_read(source in "[<>/!a-d&;#x \n\"é-]{0,80}") {
            let page = read(source.as_bytes());
            prop_assert!(page.text.chars().count() <= LONGEST + 1);
        }

        #[test]
        fn broken_elements_end(source in "(<(script|title|style|!--|/script)[ />]{0,2}|x|>){0,20}") {
            read(source.as_bytes());
        }
    }
}
