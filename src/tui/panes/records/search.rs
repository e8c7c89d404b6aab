//! One search: what is asked for, what came of it, and where one is in it.

use std::sync::Arc;

use crate::capture::attr_type::AttrType;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::response::Answer;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;
use crate::capture::schema::RESERVED;
use crate::exchange::Exchange;
use crate::tui::masking;
use crate::tui::masking::Mask;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::records::columns;
use crate::tui::panes::records::columns::Cell;
use crate::tui::panes::records::columns::Kind;
use crate::tui::panes::records::query::PAGE;
use crate::tui::panes::records::query::Query;
use crate::tui::panes::records::query::Start;
use crate::tui::panes::records::trouble::Trouble;

/// How many pages stay in memory around the one shown; others are asked for again when one goes back to them.
const KEPT: usize = 10;

/// A search for records of one entity type.
#[derive(Debug)]
pub struct Search {
    /// The type's schema.
    pub schema: Arc<EntityType>,
    /// What F5 asks for.
    pub query: Query,
    /// What is shown of a record, beside its id.
    pub columns: Vec<AttrPath>,
    /// Whether somebody chose the columns.
    pub columns_chosen: bool,
    /// What was found.
    pub found: Option<Found>,
    /// What went wrong last.
    pub trouble: Option<Trouble>,
    /// The query that was counted, and how many records it has.
    pub total: Option<(Query, String)>,
    /// A filter that is none, on which one may insist.
    pub doubted: Option<String>,
    /// The record under the cursor.
    pub cursor: ListCursor,
    /// The first column shown after the id.
    pub first_column: usize,
    /// The masking of personal data, while somebody looks on.
    pub mask: Option<Mask>,
}

/// The answers to a query, page by page.
#[derive(Debug)]
pub struct Found {
    /// What was asked for.
    pub query: Query,
    pages: Vec<Page>,
    /// The page shown, from 0.
    at: usize,
    /// Whether the last page is known to be the last.
    complete: bool,
}

#[derive(Debug)]
struct Page {
    start: Start,
    /// How many records it has.
    count: usize,
    /// The call that brought them; `None` when it was let go.
    exchange: Option<Arc<Exchange>>,
    /// The records, where some were written or deleted since.
    written: Option<Vec<Json>>,
}

impl Page {
    fn records(&self) -> Option<&[Json]> {
        let came = results(self.exchange.as_deref()?)?;
        Some(self.written.as_deref().unwrap_or(came))
    }
}

impl Search {
    /// A search that has asked for nothing yet.
    pub fn new(schema: &Arc<EntityType>) -> Self {
        Self {
            schema: whole(schema),
            query: Query::default(),
            columns: columns::defaults(schema),
            columns_chosen: false,
            found: None,
            trouble: None,
            total: None,
            doubted: None,
            cursor: ListCursor::default(),
            first_column: 0,
            mask: None,
        }
    }

    /// Goes on with another version of the schema.
    pub fn set_schema(&mut self, schema: &Arc<EntityType>) {
        self.schema = whole(schema);
    }

    /// Shows these columns from now on; none at all means the usual ones.
    pub fn choose_columns(&mut self, columns: Vec<AttrPath>) {
        self.columns_chosen = true;
        self.columns = if columns.is_empty() {
            columns::defaults(&self.schema)
        } else {
            columns
        };
        self.first_column = 0;
    }

    /// Chooses columns so that those which are new are in sight.
    pub fn change_columns(&mut self, columns: Vec<AttrPath>) {
        let before = std::mem::take(&mut self.columns);
        self.choose_columns(columns);
        let is_new = |path: &AttrPath| !before.contains(path);
        self.first_column = self.columns.iter().position(is_new).unwrap_or(0);
    }

    /// What stands in the cell of a record for the attribute at `path`.
    pub fn cell(&self, record: &Json, path: &AttrPath) -> Cell {
        let mut cell = columns::cell(record, path, self.schema.get(path));
        let names = path.0.iter().map(|segment| segment.name.as_str());
        let kind = self.mask.as_ref().and_then(|mask| mask.kind(names));
        if let Some(kind) = kind.filter(|_| cell.kind == Kind::Value) {
            cell.text = masking::placeholder(kind);
        }
        cell
    }

    /// The records of the page shown.
    pub fn records(&self) -> &[Json] {
        self.found.as_ref().map_or(&[], Found::records)
    }

    /// The record under the cursor.
    pub fn record(&self) -> Option<&Json> {
        self.records().get(self.cursor.at)
    }

    /// Whether what is shown is what F5 would ask for.
    pub fn is_current(&self) -> bool {
        self.found
            .as_ref()
            .is_none_or(|found| found.query == self.query)
    }

    /// How many records the query shown has in all, when it was counted.
    pub fn total(&self) -> Option<&str> {
        let query = self
            .found
            .as_ref()
            .map_or(&self.query, |found| &found.query);
        let (counted, total) = self.total.as_ref()?;
        (counted.filter.trim() == query.filter.trim()).then_some(total.as_str())
    }

    /// A record was written, and is this now, or was deleted: its row follows. `of` is whose it is, as `uuid` or `id` of
    /// the call say.
    pub fn was_written(&mut self, of: impl Fn(&Json) -> bool, now: Option<&Json>) {
        let pages = self.found.iter_mut().flat_map(|found| &mut found.pages);
        for page in pages {
            let Some(records) = page.records().filter(|all| all.iter().any(&of)) else {
                continue;
            };
            let follow = |record: &Json| match now {
                Some(now) if of(record) => Some(now.clone()),
                None if of(record) => None,
                _ => Some(record.clone()),
            };
            page.written = Some(records.iter().filter_map(follow).collect());
        }
    }

    /// A page came. `Err` says why it cannot be shown; `Ok(false)` that there is no such page.
    pub fn page_came(
        &mut self,
        query: Query,
        number: usize,
        start: Start,
        exchange: &Arc<Exchange>,
    ) -> Result<bool, Trouble> {
        let Some(records) = results(exchange) else {
            return Err(Trouble::of(exchange, &query.filter));
        };
        self.trouble = None;
        let count = records.len();
        let page = Page {
            start,
            count,
            exchange: Some(Arc::clone(exchange)),
            written: None,
        };
        match &mut self.found {
            Some(found) if number > 0 && found.query == query => {
                if count == 0 {
                    found.end_before(number);
                    return Ok(false);
                }
                found.put(number, page);
            }
            found => {
                *found = Some(Found {
                    query,
                    complete: count < PAGE,
                    pages: vec![page],
                    at: 0,
                });
            }
        }
        self.cursor.put(0, count);
        Ok(true)
    }
}

impl Found {
    /// The records of the page shown.
    pub fn records(&self) -> &[Json] {
        self.pages
            .get(self.at)
            .and_then(Page::records)
            .unwrap_or_default()
    }

    /// The number of the page shown, from 0.
    pub fn at(&self) -> usize {
        self.at
    }

    /// How many records the pages before the one shown have.
    pub fn before(&self) -> usize {
        self.pages.iter().take(self.at).map(|page| page.count).sum()
    }

    /// Whether there may be a page after the one shown.
    pub fn has_more(&self) -> bool {
        self.at + 1 < self.pages.len() || !self.complete
    }

    /// Where the page with this number begins, if that is known: pages follow each other.
    pub fn start_of(&self, number: usize) -> Option<Start> {
        if let Some(page) = self.pages.get(number) {
            return Some(page.start.clone());
        }
        let before = self.pages.get(number.checked_sub(1)?)?;
        let last = before.exchange.as_deref().and_then(results)?.last()?;
        let id = last.get("id").and_then(Json::as_i64);
        Some(self.query.next(&before.start, before.count, id))
    }

    /// Shows a page that is still there; false when it has to be asked for.
    pub fn go_to(&mut self, number: usize) -> bool {
        let is_there = self
            .pages
            .get(number)
            .is_some_and(|page| page.exchange.is_some());
        if is_there {
            self.at = number;
        }
        is_there
    }

    fn put(&mut self, number: usize, page: Page) {
        let is_full = page.count >= PAGE;
        if number < self.pages.len() {
            self.pages[number] = page;
        } else {
            self.pages.push(page);
            self.complete = !is_full;
        }
        self.at = number.min(self.pages.len() - 1);
        let at = self.at;
        for (place, page) in self.pages.iter_mut().enumerate() {
            if place.abs_diff(at) > KEPT {
                page.exchange = None;
                page.written = None;
            }
        }
    }

    /// The page with this number does not exist, or no more.
    fn end_before(&mut self, number: usize) {
        self.pages.truncate(number.max(1));
        self.at = self.at.min(self.pages.len() - 1);
        self.complete = true;
    }
}

/// The schema with the attributes that every record has, also where the service does not list them.
fn whole(schema: &Arc<EntityType>) -> Arc<EntityType> {
    let lacks = |name: &str| schema.attr_defs.iter().all(|def| def.name != name);
    let lacking = RESERVED.iter().filter(|(name, ..)| lacks(name));
    let mut attr_defs: Vec<AttrDef> = lacking
        .map(|(name, attr_type, _)| AttrDef::new(*name, AttrType::from_name(attr_type)))
        .collect();
    if attr_defs.is_empty() {
        return Arc::clone(schema);
    }
    attr_defs.extend(schema.attr_defs.iter().cloned());
    Arc::new(EntityType {
        name: schema.name.clone(),
        attr_defs,
    })
}

/// The records that a call brought.
fn results(exchange: &Exchange) -> Option<&[Json]> {
    match exchange.answer()? {
        Answer::Ok(answer) => answer.get("results")?.as_array(),
        Answer::Error(_) | Answer::NotCapture(_) => None,
    }
}
