//! The parts of a form body, written as curl writes them.

use form_urlencoded::byte_serialize;

use crate::curl::import::Files;
use crate::curl::lex::Stdin;
use crate::curl::options::Data;

/// Where the contents of files come from.
pub(super) struct Sources<'a> {
    pub(super) files: &'a Files,
    pub(super) stdin: Option<Stdin>,
}

impl Sources<'_> {
    /// The bytes of a file, or the path whose bytes are missing.
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if let Some(bytes) = self.files.get(path) {
            return Ok(bytes.clone());
        }
        match (path, &self.stdin) {
            ("-", Some(Stdin::Text(text))) => Ok(text.as_bytes().to_vec()),
            ("-", Some(Stdin::File(file))) if file != "-" => self.read(file),
            _ => Err(path.to_owned()),
        }
    }

    /// What one option adds to the body, or the path of the file it needs.
    pub(super) fn piece(&self, kind: Data, text: &str) -> Result<Vec<u8>, String> {
        match (kind, text.strip_prefix('@')) {
            (Data::Raw, _) | (Data::Ascii | Data::Binary, None) => Ok(text.as_bytes().to_vec()),
            (Data::Binary, Some(path)) => self.read(path),
            (Data::Ascii, Some(path)) => {
                let mut bytes = self.read(path)?;
                bytes.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
                Ok(bytes)
            }
            (Data::Encoded, _) => self.encoded(text),
        }
    }

    /// The five forms: `content`, `=content`, `name=content`, `@file`, `name@file`. The name is sent as it stands.
    fn encoded(&self, text: &str) -> Result<Vec<u8>, String> {
        let (name, content) = match (text.split_once('='), text.split_once('@')) {
            (Some((name, content)), _) => (name, content.as_bytes().to_vec()),
            (None, Some((name, path))) => (name, self.read(path)?),
            (None, None) => ("", text.as_bytes().to_vec()),
        };
        let mut piece = name.to_owned();
        if !name.is_empty() {
            piece.push('=');
        }
        piece.extend(byte_serialize(&content));
        Ok(piece.into_bytes())
    }

    /// A part of the query: as [`Sources::encoded`], or as it stands after a `+`.
    pub(super) fn query(&self, text: &str) -> Result<Vec<u8>, String> {
        match text.strip_prefix('+') {
            Some(raw) => Ok(raw.as_bytes().to_vec()),
            None => self.encoded(text),
        }
    }

    /// A part of a multipart body as a pair of a form; `Err(None)` for what cannot become one.
    pub(super) fn form(&self, text: &str, literal: bool) -> Result<Vec<u8>, Option<String>> {
        let (name, content) = text.split_once('=').ok_or(None)?;
        let content = if literal {
            content.as_bytes().to_vec()
        } else if content.starts_with('@') {
            return Err(None);
        } else if let Some(path) = content.strip_prefix('<') {
            self.read(&form_value(path)).map_err(Some)?
        } else {
            form_value(content).into_bytes()
        };
        let encode = |bytes: &[u8]| byte_serialize(bytes).collect::<String>();
        Ok(format!("{}={}", encode(name.as_bytes()), encode(&content)).into_bytes())
    }
}

/// The value before `;type=` and the like; in double quotes it may hold semicolons.
fn form_value(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"') else {
        return text
            .split(';')
            .next()
            .unwrap_or_default()
            .trim_end()
            .to_owned();
    };
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return out,
            '\\' => match chars.next() {
                Some(c @ ('"' | '\\')) => out.push(c),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            _ => out.push(c),
        }
    }
    // Quotes that do not close are text.
    text.to_owned()
}
