//! Reading ranges of ids, page by page, each again and smaller where the service gives up on one.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use tokio::sync::mpsc;

use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::raw;
use crate::capture::raw::Found;
use crate::capture::request::ApiRequest;
use crate::exchange::Exchange;
use crate::exchange::Verdict;
use crate::worker::again::Asking;
use crate::worker::again::Reading;
use crate::worker::again::Trouble;
use crate::worker::again::trouble;
use crate::worker::job::JobError;
use crate::worker::job::Progress;
use crate::worker::stream::ranges::Range;
use crate::worker::stream::ranges::Ranges;

/// The most records of a page that the service gives (reference 2.4).
pub(super) const MOST: usize = 10_000;

/// How many the first page has: nobody knows yet how large they are.
const FIRST: usize = 1_000;

/// How large the answer with a page should be, in bytes.
const BYTES: usize = 2 << 20;

/// How much smaller a page is tried when the service gives up on one.
const SHRINK: usize = 4;

/// What is asked for, whatever the range.
pub(in crate::worker) struct Question {
    pub(in crate::worker) type_name: String,
    pub(in crate::worker) filter: Option<String>,
    /// The JSON of `attributes`.
    pub(in crate::worker) attributes: Option<String>,
    pub(in crate::worker) secret_names: Vec<String>,
}

/// A part of a range.
pub(super) enum Piece {
    /// Some of its records, in the order of their ids.
    Page(Page),
    /// There are no more in it. With its last id, and for a range without end the last that was seen.
    End(i64),
}

/// Records, where they stand in an answer.
pub(in crate::worker) struct Page {
    pub(in crate::worker) exchange: Arc<Exchange>,
    pub(in crate::worker) records: Vec<Found>,
}

/// How large pages are: as the service gives and memory bears.
pub(super) struct Sizer {
    /// How many records the next one has at most.
    limit: usize,
    /// How many any has at most.
    most: usize,
}

impl Sizer {
    /// Pages of at most `most` records; as many as fit where it is not said.
    pub(super) fn new(most: Option<usize>) -> Self {
        let most = most.unwrap_or(MOST).clamp(1, MOST);
        Self {
            limit: FIRST.min(most),
            most,
        }
    }

    /// After a page that went well.
    fn went_well(&mut self, records: usize, bytes: usize) {
        if let Some(size) = bytes.checked_div(records) {
            let fits = (BYTES / size.max(1)).max(1);
            self.limit = (self.limit * 2).min(fits).min(self.most);
        }
    }

    fn was_too_much(&mut self) {
        self.limit = (self.limit / SHRINK).max(1);
    }
}

/// What those who read at the same time share.
pub(super) struct Shared<'a, 'b, P> {
    pub(super) asking: &'b Asking<'a, P>,
    pub(super) question: &'b Question,
    pub(super) sizer: Mutex<Sizer>,
    pub(super) ranges: tokio::sync::Mutex<Ranges>,
    /// Takes the ranges in their order, each as a channel of its own.
    pub(super) queue: mpsc::Sender<mpsc::Receiver<Piece>>,
}

/// How many pages of a range may wait to be written.
const AHEAD: usize = 2;

impl<P: Fn(Progress)> Shared<'_, '_, P> {
    /// Reads one range after the other until there are none, or nobody takes them any more.
    pub(super) async fn read_ranges(&self) -> Result<(), JobError> {
        loop {
            let (range, pieces) = {
                // Held until the range has its place: they are taken in the order in which they were given out. Somewhat
                // less than two pages, so that it mostly is two, and the empty one that ends it costs little.
                let mut ranges = self.ranges.lock().await;
                let Some(range) = ranges.next(self.limit() * 9 / 5) else {
                    return Ok(());
                };
                let (pieces, taken) = mpsc::channel(AHEAD);
                if self.queue.send(taken).await.is_err() {
                    return Ok(());
                }
                (range, pieces)
            };
            let Some(records) = self.read_range(range, &pieces).await? else {
                return Ok(());
            };
            self.ranges.lock().await.learn(range, records);
        }
    }

    /// Reads a range; gives how many records it had, `None` when nobody takes them any more.
    async fn read_range(
        &self,
        range: Range,
        pieces: &mpsc::Sender<Piece>,
    ) -> Result<Option<u64>, JobError> {
        let mut count = 0;
        let mut after = range.after;
        // How many ids a page is about at most; less than there are left where that was too much.
        let mut width = i64::MAX;
        while range.until.is_none_or(|until| after < until) {
            let (until, page) = self.read_page(after, range.until, &mut width).await?;
            // Only an empty page is an end: a short one may be a limit of the service that nobody told of.
            let Some(last) = page.records.last().map(|record| record.id) else {
                match until {
                    Some(until) => after = until,
                    None => break,
                }
                continue;
            };
            after = last;
            count += page.records.len() as u64;
            if pieces.send(Piece::Page(page)).await.is_err() {
                return Ok(None);
            }
        }
        let is_taken = pieces.send(Piece::End(after)).await.is_ok();
        Ok(is_taken.then_some(count))
    }

    /// Reads the records after `after`, and not after `end`; gives up to which id it was about.
    async fn read_page(
        &self,
        after: i64,
        end: Option<i64>,
        width: &mut i64,
    ) -> Result<(Option<i64>, Page), JobError> {
        let mut again = self.asking.again();
        loop {
            let limit = self.limit();
            let until = end.map(|end| end.min(after.saturating_add(*width)));
            let request = self.question.page(after, until, limit);
            let exchange = self.asking.once(&request, Reading::Outline).await?;
            if exchange.verdict() == Verdict::Ok {
                let records = records(&exchange, after, until);
                let Some(records) = records else {
                    return Err(JobError::Exchange(exchange));
                };
                let bytes = exchange.body().len();
                self.sizer().went_well(records.len(), bytes);
                *width = width.saturating_mul(2);
                return Ok((until, Page { exchange, records }));
            }
            match trouble(&exchange) {
                Some(Trouble::TooMuch | Trouble::Broken) => {
                    self.sizer().was_too_much();
                    if let Some(until) = until {
                        *width = ((until - after) / SHRINK as i64).max(1);
                    }
                }
                Some(Trouble::Busy | Trouble::NoConnection) | None => {}
            }
            again.wait(exchange).await?;
        }
    }

    fn sizer(&self) -> std::sync::MutexGuard<'_, Sizer> {
        self.sizer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn limit(&self) -> usize {
        self.sizer().limit
    }
}

impl Question {
    fn page(&self, after: i64, until: Option<i64>, limit: usize) -> ApiRequest {
        let mut filter = format!("id > {after}");
        if let Some(until) = until {
            filter = format!("{filter} and id <= {until}");
        }
        self.find(&filter)
            .with("sort_on", r#"["id"]"#)
            .with("max_results", limit.to_string())
    }

    /// The id of the first or the last record.
    pub(super) fn extreme(&self, last: bool) -> ApiRequest {
        let request = ApiRequest::new(Endpoint::EntityFind).with("type_name", &self.type_name);
        let request = match &self.filter {
            Some(filter) => request.with("filter", filter),
            None => request,
        };
        request
            .with("attributes", r#"["id"]"#)
            .with("sort_on", if last { r#"["-id"]"# } else { r#"["id"]"# })
            .with("max_results", "1")
    }

    /// How many there are.
    pub(super) fn count(&self) -> ApiRequest {
        let request = ApiRequest::new(Endpoint::EntityCount).with("type_name", &self.type_name);
        match &self.filter {
            Some(filter) => request.with("filter", filter),
            None => request,
        }
    }

    fn find(&self, ids: &str) -> ApiRequest {
        let filter = match &self.filter {
            Some(filter) => format!("({filter}) and {ids}"),
            None => ids.to_owned(),
        };
        let request = ApiRequest::new(Endpoint::EntityFind)
            .hiding(self.secret_names.iter().cloned())
            .with("type_name", &self.type_name)
            .with("filter", filter);
        match &self.attributes {
            Some(attributes) => request.with("attributes", attributes),
            None => request,
        }
    }
}

/// The records of an answer; `None` when they are not those that were asked for, in the order that was asked for.
fn records(exchange: &Exchange, after: i64, until: Option<i64>) -> Option<Vec<Found>> {
    let records = raw::results(exchange.body())?;
    let mut last = after;
    for record in &records {
        if record.id <= last || until.is_some_and(|until| record.id > until) {
            return None;
        }
        last = record.id;
    }
    Some(records)
}

/// What is asked for of each record: these attributes, and the id, by which pages are cut.
pub(in crate::worker) fn attributes(names: &[String]) -> Option<String> {
    if names.is_empty() {
        return None;
    }
    let id = (!names.iter().any(|name| name == "id")).then_some("id");
    let names = id.into_iter().chain(names.iter().map(String::as_str));
    Some(Json::Array(names.map(Json::from).collect()).to_string())
}
