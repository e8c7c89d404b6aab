//! Which client: a list from the service, or an id that is typed, where the service does not tell its clients.

use crate::capture::json::Json;
use crate::tui::line_edit::LineEdit;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;

/// The clients of an application.
#[derive(Debug, Default)]
pub struct Clients {
    /// What the service told; `None` before.
    pub told: Option<Result<Vec<Client>, Vec<String>>>,
    /// The place in the list.
    pub cursor: ListCursor,
    /// The id that is typed, while it is.
    pub typed: Option<LineEdit>,
}

/// A client. Its secret is not among what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub description: String,
    /// What it may do.
    pub features: String,
    /// Whether it is the environment's own.
    pub own: bool,
}

impl Clients {
    /// Whether the service was asked.
    pub fn is_known(&self) -> bool {
        self.told.is_some()
    }

    /// The service told its clients; the environment's own comes first.
    pub fn listed(&mut self, answer: &Json, own: Option<&str>) {
        let results = answer.get("results").and_then(Json::as_array);
        let text = |json: &Json, key: &str| {
            let text = json.get(key).and_then(Json::as_str);
            text.unwrap_or_default().to_owned()
        };
        let read = |json: &Json| {
            let id = text(json, "client_id");
            let features = json.get("features").and_then(Json::as_array);
            let features = features.unwrap_or_default().iter();
            let features: Vec<&str> = features.filter_map(Json::as_str).collect();
            Client {
                own: false,
                description: text(json, "description"),
                features: features.join(", "),
                id,
            }
        };
        let clients = results.unwrap_or_default().iter().map(read);
        let clients: Vec<Client> = clients.filter(|client| !client.id.is_empty()).collect();
        self.cursor.fit(clients.len());
        self.told = Some(Ok(clients));
        self.typed = None;
        self.mark(own);
    }

    /// Marks the environment's own client, and puts it first.
    pub fn mark(&mut self, own: Option<&str>) {
        if let Some(Ok(clients)) = &mut self.told {
            for client in clients.iter_mut() {
                client.own = own == Some(client.id.as_str());
            }
            clients.sort_by_key(|client| !client.own);
        }
    }

    /// The service does not tell, for these reasons: the id has to be typed.
    pub fn refused(&mut self, why: Vec<String>) {
        self.told = Some(Err(why));
        self.typed.get_or_insert_default();
    }

    /// The clients that were told.
    pub fn all(&self) -> &[Client] {
        match &self.told {
            Some(Ok(clients)) => clients,
            _ => &[],
        }
    }

    /// Goes back to the list where an id is typed; `false` where there is no list, or nothing is typed.
    pub fn stops_typing(&mut self) -> bool {
        matches!(self.told, Some(Ok(_))) && self.typed.take().is_some()
    }

    /// The id that is typed, or of the client under the cursor.
    pub fn chosen(&mut self) -> Option<String> {
        let Some(typed) = &self.typed else {
            return self.all().get(self.cursor.at).map(|it| it.id.clone());
        };
        let id = typed.text().trim().to_owned();
        if id.is_empty() {
            return None;
        }
        // The next choice begins anew: in the list, where there is one.
        let is_told = matches!(self.told, Some(Ok(_)));
        self.typed = (!is_told).then(LineEdit::default);
        Some(id)
    }

    /// Moves in the list, with so many clients in sight.
    pub fn go(&mut self, to: Move, height: usize) {
        let count = self.all().len();
        self.cursor.height = height;
        self.cursor.go(to, count);
    }

    /// Takes a pasted text: an id.
    pub fn paste(&mut self, text: &str) {
        self.typed.get_or_insert_default().paste(text.trim());
    }
}
