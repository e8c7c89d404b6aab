//! The records of a type, a page at a time, in the order of their ids. A page is as large as the service gives and the
//! memory bears: it begins small, follows the size of the records, and shrinks when the service gives up on one.

use std::sync::Arc;

use crate::capture::endpoint::Endpoint;
use crate::capture::error::ErrorCode;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::schema::EntityType;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::worker::job::JobError;
use crate::worker::plan::Calls;

/// The most records of a page that the service gives (reference 2.4).
const MOST: usize = 10_000;

/// How many the first page has at most: nobody knows yet how large they are.
const FIRST: usize = 1_000;

/// How large the answer with a page should be, in bytes.
const BYTES: usize = 4 << 20;

/// How much smaller a page is tried when the service gives up on one.
const SHRINK: usize = 4;

/// Reads the records of a type.
pub(super) struct Pages {
    type_name: String,
    /// What is asked for of each record; `None` for all of it.
    attributes: Option<String>,
    secret_names: Vec<String>,
    /// The last id read.
    after: i64,
    /// How many the next page has at most.
    limit: usize,
    /// How many any page has at most.
    most: usize,
}

impl Pages {
    /// The records of the type, with `id`, `uuid` and these attributes.
    pub(super) fn of(schema: &EntityType, paths: &[AttrPath]) -> Self {
        let names = ["id", "uuid"].map(str::to_owned).into_iter();
        let names = names.chain(paths.iter().map(AttrPath::dotted));
        let names = Json::Array(names.map(Json::from).collect());
        Self {
            attributes: Some(names.to_string()),
            ..Self::whole(schema)
        }
    }

    /// The records of the type with all that this client can read.
    pub(super) fn whole(schema: &EntityType) -> Self {
        Self {
            type_name: schema.name.clone(),
            attributes: None,
            secret_names: schema.password_names(),
            after: 0,
            limit: FIRST,
            most: MOST,
        }
    }

    /// The same, from the record after this id.
    #[must_use]
    pub(super) fn after(mut self, id: i64) -> Self {
        self.after = id;
        self
    }

    /// The same, with at most so many records a page.
    #[must_use]
    pub(super) fn at_most(mut self, most: usize) -> Self {
        self.most = most.clamp(1, MOST);
        self.limit = self.limit.min(self.most);
        self
    }

    /// The next records with their ids; none at the end.
    pub(super) async fn next(
        &mut self,
        calls: &mut impl Calls,
    ) -> Result<Vec<(i64, Json)>, JobError> {
        loop {
            let exchange = calls.call(&self.request()).await?;
            if let Some(records) = self.read(&exchange) {
                return Ok(records);
            }
            if self.limit == 1 || !is_too_much(&exchange) {
                return Err(JobError::Exchange(exchange));
            }
            // A call that only reads, and another one.
            self.limit = (self.limit / SHRINK).max(1);
            self.most = self.limit;
        }
    }

    fn request(&self) -> ApiRequest {
        let request = ApiRequest::new(Endpoint::EntityFind)
            .hiding(self.secret_names.iter().cloned())
            .with("type_name", &self.type_name)
            .with("filter", format!("id > {}", self.after))
            .with("sort_on", r#"["id"]"#)
            .with("max_results", self.limit.to_string());
        match &self.attributes {
            Some(attributes) => request.with("attributes", attributes),
            None => request,
        }
    }

    /// The records of an answer; `None` when it is not what was asked for. Their ids grow, or there would be no end.
    fn read(&mut self, exchange: &Arc<Exchange>) -> Option<Vec<(i64, Json)>> {
        let Some(Answer::Ok(answer)) = exchange.answer() else {
            return None;
        };
        let results = answer.get("results")?.as_array()?;
        let mut last = self.after;
        let mut records = Vec::with_capacity(results.len());
        for record in results {
            let id = record.get("id").and_then(Json::as_i64);
            last = id.filter(|id| *id > last)?;
            records.push((last, record.clone()));
        }
        self.after = last;
        if let Outcome::Answered(answered) = &exchange.outcome
            && !records.is_empty()
        {
            let size = (answered.body.len() / records.len()).max(1);
            self.limit = (BYTES / size).clamp(1, self.most);
        }
        Some(records)
    }
}

/// Whether less of the same may be answered: the service gave up in time, or it was more than can be read.
fn is_too_much(exchange: &Exchange) -> bool {
    match &exchange.outcome {
        Outcome::Answered(answered) => match &answered.answer {
            Answer::Error(error) => error.code == ErrorCode::TIMEOUT,
            Answer::NotCapture(_) => matches!(answered.status, 200 | 502 | 504),
            Answer::Ok(_) => false,
        },
        Outcome::Failed(_) => false,
    }
}

/// How many records of the type this client can read; `None` when the service does not say.
pub(super) async fn count(
    type_name: &str,
    calls: &mut impl Calls,
) -> Result<Option<u64>, JobError> {
    let request = ApiRequest::new(Endpoint::EntityCount).with("type_name", type_name);
    let exchange = calls.call(&request).await?;
    let Some(Answer::Ok(answer)) = exchange.answer() else {
        return Ok(None);
    };
    let total = answer.get("total_count").and_then(Json::as_i64);
    Ok(total.and_then(|total| u64::try_from(total).ok()))
}
