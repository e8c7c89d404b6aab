//! What is asked for: filter, sort order and page, as the calls that ask for it. Pure.
//!
//! ```text
//!  sorted by id      filter and id > 11649        the next page stays right while records come and go, and is fast
//!                                                 however far one is (reference 2.4)
//!  sorted otherwise  filter, first_result=50      all that the protocol has
//! ```

use crate::capture::attr_type::AttrType;
use crate::capture::endpoint::Endpoint;
use crate::capture::filter::completion;
use crate::capture::json::Json;
use crate::capture::path::AttrPath;
use crate::capture::request::ApiRequest;
use crate::capture::schema::AttrDef;
use crate::capture::schema::EntityType;

/// How many records a page has.
pub const PAGE: usize = 50;

/// What records are asked for, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// In the filter language; nothing but white space is all records.
    pub filter: String,
    /// By what the records are sorted.
    pub sort: Sort,
}

/// An order of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The attribute.
    pub by: AttrPath,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the first record.
    First,
    /// After the record with this id, in the order of ids.
    After(i64),
    /// With the record at this place, from 0.
    At(usize),
}

impl Default for Query {
    fn default() -> Self {
        Self {
            filter: String::new(),
            sort: Sort {
                by: AttrPath::root().child("id"),
                descending: false,
            },
        }
    }
}

impl Sort {
    /// Whether it is the order of ids, either way.
    pub fn is_by_id(&self) -> bool {
        self.by.dotted() == "id"
    }

    /// As `sort_on` has it: `-lastUpdated`.
    pub fn spelled(&self) -> String {
        let sign = if self.descending { "-" } else { "" };
        format!("{sign}{}", self.by.dotted())
    }
}

impl Query {
    /// Where the page after one of `count` records begins, which began at `start` and whose last record has the id
    /// `last`.
    pub fn next(&self, start: &Start, count: usize, last: Option<i64>) -> Start {
        match last.filter(|_| self.sort.is_by_id()) {
            Some(last) => Start::After(last),
            None => Start::At(count + start.place()),
        }
    }

    /// The call for the page that begins at `start`. Passwords among the answers are not kept in the history.
    pub fn find(&self, schema: &EntityType, start: &Start) -> ApiRequest {
        let mut request = ApiRequest::new(Endpoint::EntityFind)
            .with("type_name", schema.name.as_str())
            .hiding(schema.password_names());
        if let Some(filter) = self.filter_from(start) {
            request = request.with("filter", filter);
        }
        let mut sort_on = vec![Json::from(self.sort.spelled())];
        if !self.sort.is_by_id() {
            // What is equal must stay in one order, or a page would repeat what another had.
            sort_on.push("id".into());
        }
        let sort_on = Json::Array(sort_on).to_string();
        request = request
            .with("sort_on", sort_on)
            .with("max_results", PAGE.to_string());
        match start {
            Start::At(place) if *place > 0 => request.with("first_result", place.to_string()),
            Start::First | Start::After(_) | Start::At(_) => request,
        }
    }

    /// The call that counts all records of the query.
    pub fn count(&self, schema: &EntityType) -> ApiRequest {
        let request =
            ApiRequest::new(Endpoint::EntityCount).with("type_name", schema.name.as_str());
        match self.filter_from(&Start::First) {
            Some(filter) => request.with("filter", filter),
            None => request,
        }
    }

    /// The filter, and that the records come after `start` where the filter has to say so.
    fn filter_from(&self, start: &Start) -> Option<String> {
        let filter = self.filter.trim();
        let Start::After(id) = start else {
            return (!filter.is_empty()).then(|| filter.to_owned());
        };
        let sign = if self.sort.descending { '<' } else { '>' };
        let rest = format!("id {sign} {id}");
        Some(if filter.is_empty() {
            rest
        } else {
            format!("({filter}) and {rest}")
        })
    }
}

impl Start {
    /// The place of the page's first record, from 0, as far as that is known.
    fn place(&self) -> usize {
        match self {
            Self::First | Self::After(_) => 0,
            Self::At(place) => *place,
        }
    }
}

/// A call in one line, without what goes without saying.
pub fn in_short(request: &ApiRequest) -> String {
    let mut line = request.endpoint.name().to_owned();
    for (name, value) in request.args.iter() {
        line.push_str("  ");
        line.push_str(name);
        line.push('=');
        line.push_str(value);
    }
    line
}

/// What the records of a type can be sorted by: whatever has one value in a record, and an order.
pub fn sortable(schema: &EntityType) -> Vec<AttrPath> {
    let all = schema.walk_with_plurals().into_iter();
    all.filter(|(path, def, is_in_plural)| {
        !is_in_plural && is_ordered(def) && completion::spell(path).is_some()
    })
    .map(|(path, ..)| path)
    .collect()
}

fn is_ordered(def: &AttrDef) -> bool {
    match &def.attr_type {
        AttrType::String { .. }
        | AttrType::Boolean
        | AttrType::Integer
        | AttrType::Decimal
        | AttrType::Date
        | AttrType::DateTime
        | AttrType::IpAddress
        | AttrType::Id
        | AttrType::Uuid => true,
        AttrType::Json
        | AttrType::Password(_)
        | AttrType::Object(_)
        | AttrType::Plural(_)
        | AttrType::Unknown(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = include_str!("../../../../tests/data/schema-user-default-2012.json");

    fn user() -> EntityType {
        let json = Json::parse(USER).expect("is JSON");
        EntityType::from_json(&json).expect("is a schema").0
    }

    #[test]
    fn pages_go_on_by_id_where_they_can() {
        let by_id = Query {
            filter: " a = 1 or b = 2 ".to_owned(),
            ..Query::default()
        };
        let by_name = Query {
            sort: Sort {
                by: "displayName".parse().expect("is a path"),
                descending: true,
            },
            ..Query::default()
        };
        let line = |query: &Query, start: &Start| in_short(&query.find(&user(), start));
        for (query, start, expected) in [
            (
                &by_id,
                Start::First,
                r#"entity.find  type_name=user  filter=a = 1 or b = 2  sort_on=["id"]  max_results=50"#,
            ),
            (
                &by_id,
                by_id.next(&Start::First, 50, Some(77)),
                r#"entity.find  type_name=user  filter=(a = 1 or b = 2) and id > 77  sort_on=["id"]  max_results=50"#,
            ),
            (
                &Query::default(),
                Start::After(77),
                r#"entity.find  type_name=user  filter=id > 77  sort_on=["id"]  max_results=50"#,
            ),
            (
                &by_name,
                by_name.next(&Start::First, 50, Some(77)),
                r#"entity.find  type_name=user  sort_on=["-displayName","id"]  max_results=50  first_result=50"#,
            ),
            (
                &by_name,
                by_name.next(&Start::At(50), 50, Some(99)),
                r#"entity.find  type_name=user  sort_on=["-displayName","id"]  max_results=50  first_result=100"#,
            ),
        ] {
            assert_eq!(line(query, &start), expected);
        }
        let backwards = Query {
            sort: Sort {
                descending: true,
                ..by_id.sort.clone()
            },
            ..Query::default()
        };
        assert!(line(&backwards, &Start::After(5)).contains("filter=id < 5"));
        assert_eq!(
            in_short(&by_id.count(&user())),
            "entity.count  type_name=user  filter=a = 1 or b = 2"
        );
    }

    #[test]
    fn only_single_values_are_sorted_by() {
        let sortable: Vec<String> = sortable(&user()).iter().map(AttrPath::dotted).collect();
        assert!(sortable.contains(&"primaryAddress.city".to_owned()));
        assert!(sortable.contains(&"email".to_owned()));
        assert!(!sortable.iter().any(|path| path.starts_with("statuses")));
        assert!(!sortable.contains(&"password".to_owned()));
    }
}
