//! Asks which record to open: by id, by uuid, or by an attribute that is unique. One line is typed; the call that it comes
//! to is handed out, and nothing is looked for while it is typed.

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;
use ratatui::widgets::Widget;
use tui_textarea::TextArea;

use crate::capture::attr_type::AttrType;
use crate::capture::constraint::Constraint;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::EntityType;
use crate::json::sanitize;
use crate::tui::overlays::centred;
use crate::tui::overlays::popup;
use crate::tui::theme::Theme;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::text;

/// The question which record.
#[derive(Debug)]
pub struct OpenRecord {
    type_name: String,
    /// The attributes by which a record is found, with whether each is text. Empty when the schema is not known.
    keys: Vec<(String, bool)>,
    knows_schema: bool,
    area: TextArea<'static>,
    complaint: Option<String>,
}

/// What a key did.
#[derive(Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing yet.
    Open,
    /// Close it.
    Close,
    /// Make this call and open the record that it brings.
    Ask(ApiRequest),
}

impl OpenRecord {
    /// The question for an entity type, whose schema may not be loaded yet.
    pub fn new(type_name: &str, schema: Option<&EntityType>) -> Self {
        let walk = schema.map(EntityType::walk).unwrap_or_default();
        let unique = walk
            .into_iter()
            .filter(|(_, def)| def.has(&Constraint::Unique));
        let keys = unique.map(|(path, def)| {
            let is_number = matches!(def.attr_type, AttrType::Integer | AttrType::Decimal);
            (path.dotted(), !is_number)
        });
        let mut area = TextArea::default();
        area.set_cursor_line_style(Style::default());
        Self {
            type_name: type_name.to_owned(),
            keys: keys.collect(),
            knows_schema: schema.is_some(),
            area,
            complaint: None,
        }
    }

    /// Has an id there already, which the first character typed replaces.
    pub fn suggest(&mut self, id: i64) {
        self.area.insert_str(id.to_string());
        self.area.select_all();
    }

    /// Handles a key.
    pub fn key(&mut self, key: KeyEvent) -> Reply {
        match key.code {
            KeyCode::Esc => return Reply::Close,
            KeyCode::Enter => match self.request() {
                Ok(request) => return Reply::Ask(request),
                Err(complaint) => self.complaint = Some(complaint),
            },
            KeyCode::Tab => {}
            _ => {
                self.area.input(key);
                self.complaint = None;
            }
        }
        Reply::Open
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, pasted: &str) {
        let line: String = pasted.chars().filter(|c| !c.is_control()).collect();
        self.area.insert_str(line.trim());
        self.complaint = None;
    }

    /// The call that what is typed comes to.
    fn request(&self) -> Result<ApiRequest, String> {
        let typed = self.area.lines().join(" ");
        let typed = typed.trim();
        let request = ApiRequest::new(Endpoint::EntityView).with("type_name", &*self.type_name);
        if typed.is_empty() {
            return Err("type an id, a uuid, or an attribute = value".to_owned());
        }
        if let Some((name, value)) = typed.split_once('=') {
            let name = name.trim();
            let path: AttrPath = name.parse().map_err(|error| format!("{name}: {error}"))?;
            let name = path.dotted();
            let reserved = matches!(name.as_str(), "id" | "uuid");
            let known = self.keys.iter().find(|(key, _)| *key == name);
            if self.knows_schema && !reserved && known.is_none() {
                return Err(format!(
                    "{name} is not unique: a record is found by {}",
                    self.offer()
                ));
            }
            let is_text = known.map_or(name != "id", |(_, is_text)| *is_text);
            return Ok(request
                .with("key_attribute", name)
                .with("key_value", as_json(value.trim(), is_text)));
        }
        if typed.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(request.with("id", typed));
        }
        let is_uuid = typed.len() == 36 && typed.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        if is_uuid {
            return Ok(request.with("uuid", typed.to_ascii_lowercase()));
        }
        Err(format!(
            "neither an id nor a uuid: for an attribute write {}",
            self.example()
        ))
    }

    fn offer(&self) -> String {
        let mut names: Vec<&str> = self.keys.iter().map(|(name, _)| name.as_str()).collect();
        names.extend(["id", "uuid"]);
        names.join(", ")
    }

    fn example(&self) -> String {
        let name = self.keys.first().map_or("email", |(name, _)| name);
        format!("{name} = value")
    }

    /// Draws the question in the middle of `area`.
    pub fn view(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let frame = centred(area, 64, 8);
        let title = format!("Open a record of {}", sanitize::clean(&self.type_name));
        let inside = popup(buf, frame, &title, theme);
        let line = Rect {
            height: 1,
            ..inside
        };
        buf.set_style(line, theme.value.patch(theme.accent));
        self.area.render(line.intersection(buf.area), buf);
        let (told, style) = match &self.complaint {
            Some(complaint) => (complaint.clone(), theme.error),
            None if self.knows_schema => (format!("found by {}", self.offer()), theme.dim),
            None => (
                "found by id, uuid, or any unique attribute".to_owned(),
                theme.dim,
            ),
        };
        let example = format!("as in  11649   or   {}", self.example());
        let told_area = Rect {
            y: inside.y + 2,
            height: inside.height.saturating_sub(3),
            ..inside
        };
        paragraphs::put(buf, told_area, &[(told, style), (example, theme.dim)]);
        let keys = [
            Span::styled("Enter", theme.hint_key),
            Span::styled(" asks the service   ", theme.dim),
            Span::styled("Esc", theme.hint_key),
            Span::styled(" stays", theme.dim),
        ];
        let y = inside.bottom().saturating_sub(1);
        text::put_spans(buf, inside.x, y, inside.width, &keys);
    }
}

/// A key's value as JSON: as typed where it is JSON of the right kind already, else quoted.
fn as_json(typed: &str, is_text: bool) -> String {
    match (Json::parse(typed), is_text) {
        (Ok(Json::String(_)), true) | (Ok(_), false) => typed.to_owned(),
        _ => Json::from(typed).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;
    use crate::capture::schema::read_attr_defs;

    fn asked(typed: &str) -> Result<String, String> {
        let attr_defs = r#"[{"name":"email","type":"string","constraints":["unique"]},
            {"name":"number","type":"integer","constraints":["unique"]},{"name":"city","type":"string"}]"#;
        let json = Json::parse(attr_defs).expect("is JSON");
        let schema = EntityType::create("user", read_attr_defs(&json).0);
        let mut question = OpenRecord::new("user", Some(&schema));
        question.paste(typed);
        match question.key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)) {
            Reply::Ask(request) => {
                let pairs = request.args.iter().skip(1);
                Ok(pairs
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect::<Vec<_>>()
                    .join(" "))
            }
            Reply::Open => Err(question.complaint.expect("says why")),
            Reply::Close => panic!("does not close"),
        }
    }

    #[test]
    fn what_is_typed_becomes_a_selector() {
        for (typed, selector) in [
            ("11649", "id=11649"),
            (
                "02B0C68D-7d7a-49d8-a88d-022585b0f877",
                "uuid=02b0c68d-7d7a-49d8-a88d-022585b0f877",
            ),
            ("email = a@b.c", r#"key_attribute=email key_value="a@b.c""#),
            (
                r#"email="a@b.c""#,
                r#"key_attribute=email key_value="a@b.c""#,
            ),
            ("email=12", r#"key_attribute=email key_value="12""#),
            ("number=12", "key_attribute=number key_value=12"),
            ("id=5", "key_attribute=id key_value=5"),
        ] {
            assert_eq!(asked(typed).as_deref(), Ok(selector), "{typed}");
        }
        for (typed, why) in [
            ("", "type an id"),
            ("zoe", "neither an id nor a uuid"),
            (
                "city=Oslo",
                "city is not unique: a record is found by email, number, id, uuid",
            ),
            ("a..b=1", "an attribute name is missing"),
        ] {
            let complaint = asked(typed).expect_err(typed);
            assert!(complaint.contains(why), "{typed}: {complaint}");
        }
    }
}
