//! A question as SQL. The index of words answers what it can, the table of exchanges the rest; what only the texts
//! themselves can answer is looked up in them, row by row, while the answer is read.

use std::ops::RangeInclusive;

use rusqlite::Connection;
use rusqlite::params_from_iter;
use rusqlite::types::Value;

use crate::history::query::Condition;
use crate::history::query::Page;
use crate::history::query::Query;
use crate::history::query::Term;
use crate::history::row;
use crate::history::row::nanoseconds;
use crate::history::row::verdict_word;
use crate::history::words::ABOUT;
use crate::history::words::wanted;

/// A question, ready to be asked.
#[derive(Default)]
pub(super) struct Search {
    /// What all must hold in the index, in its own language.
    index: Vec<String>,
    /// What must hold for the row.
    conditions: Vec<String>,
    values: Vec<Value>,
    /// What must be looked for in the texts.
    checks: Vec<Check>,
    /// Whether the oldest are given first.
    oldest_first: bool,
}

/// Whether the texts contain something.
struct Check {
    text: String,
    wanted: bool,
}

impl Search {
    /// The question.
    pub(super) fn new(query: &Query) -> Self {
        let mut search = Self::default();
        for term in &query.terms {
            search.add(term);
        }
        search
    }

    /// The same of a part of the exchanges; the oldest first when those after one are wanted.
    pub(super) fn within(mut self, page: Page) -> Self {
        let place = if self.index.is_empty() {
            "e.id"
        } else {
            "words.rowid"
        };
        if let Some(before) = page.before {
            self.hold(&format!("{place} < ?"), false, [before.0]);
        }
        if let Some(after) = page.after {
            self.hold(&format!("{place} > ?"), false, [after.0]);
            self.oldest_first = true;
        }
        self
    }

    /// Gives `columns` of the exchanges that are meant, newest first unless the oldest are wanted, until `each` says that it
    /// is enough or `wanted` that nobody waits any more. The clock may have been set back between two calls, so the order
    /// is that of the places, not of the times.
    pub(super) fn run(
        &self,
        connection: &Connection,
        columns: &str,
        wanted: &dyn Fn() -> bool,
        mut each: impl FnMut(&rusqlite::Row<'_>) -> Result<bool, rusqlite::Error>,
    ) -> Result<(), rusqlite::Error> {
        let (from, order) = if self.index.is_empty() {
            ("exchange AS e", "e.id")
        } else {
            // CROSS keeps this order: the index is asked first, and gives its rows by their places.
            (
                "words CROSS JOIN exchange AS e ON e.id = words.rowid",
                "words.rowid",
            )
        };
        let mut conditions = self.conditions.clone();
        let mut values = self.values.clone();
        if !self.index.is_empty() {
            conditions.push("words MATCH ?".to_owned());
            values.push(Value::from(self.index.join(" AND ")));
        }
        let filter = if conditions.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", conditions.join(" AND "))
        };
        let way = if self.oldest_first { "ASC" } else { "DESC" };
        let sql = format!("SELECT {columns} FROM {from} {filter} ORDER BY {order} {way}");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            if !wanted() || (self.holds(connection, row)? && !each(row)?) {
                break;
            }
        }
        Ok(())
    }

    /// Whether the texts of a row, whose first column is its place, contain what they should.
    fn holds(
        &self,
        connection: &Connection,
        row: &rusqlite::Row<'_>,
    ) -> Result<bool, rusqlite::Error> {
        if self.checks.is_empty() {
            return Ok(true);
        }
        let content = row::content(connection, row.get(0)?)?;
        Ok(content.is_some_and(|content| {
            let holds = |check: &Check| content.contains(&check.text) == check.wanted;
            self.checks.iter().all(holds)
        }))
    }

    fn add(&mut self, term: &Term) {
        let negated = term.negated;
        match &term.condition {
            Condition::Words { words, body } => self.words(words, *body, negated),
            Condition::Phrase(text) => {
                if !negated {
                    self.words(&wanted(text), true, false);
                }
                self.check(text, negated);
            }
            Condition::Inside(text) => self.check(text, negated),
            Condition::Code(ranges) => self.ranges("e.code", ranges, negated),
            Condition::Status(ranges) => self.ranges("e.status", ranges, negated),
            Condition::Verdict(verdicts) => {
                let words = verdicts
                    .iter()
                    .map(|verdict| verdict_word(*verdict).to_owned());
                self.one_of("e.verdict", words, negated);
            }
            Condition::Type(names) => self.one_of("e.type_name", names.iter().cloned(), negated),
            Condition::Environment(names) => {
                self.one_of("e.environment", names.iter().cloned(), negated);
            }
            Condition::Operation(endpoints) => {
                let names = endpoints.iter().map(|endpoint| endpoint.name().to_owned());
                self.one_of("e.endpoint", names, negated);
            }
            Condition::RequestId(beginning) => {
                if !negated {
                    self.words(&wanted(beginning), true, false);
                }
                let length = beginning.chars().count() as i64;
                let values = [Value::from(length), Value::from(beginning.clone())];
                self.hold("lower(substr(e.request_id, 1, ?)) = ?", negated, values);
            }
            Condition::Uuid(beginning) => self.words(&wanted(beginning), true, negated),
            Condition::RecordId(number) => self.hold(
                "e.id IN (SELECT exchange FROM seen WHERE number = ?)",
                negated,
                [*number],
            ),
            Condition::Began { from, until } => {
                let from = from.map_or(i64::MIN, nanoseconds);
                let until = until.map_or(i64::MAX, nanoseconds);
                self.hold("e.started >= ? AND e.started < ?", negated, [from, until]);
            }
            Condition::Slower(least) => {
                let least = i64::try_from(least.as_micros()).unwrap_or(i64::MAX);
                self.hold("e.elapsed_us >= ?", negated, [least]);
            }
        }
    }

    /// Looks for words by their beginnings. Without a word, nothing is asked.
    fn words(&mut self, words: &[String], body: bool, negated: bool) {
        // A word holds letters, digits and joints: nothing that the index's language would read as a sign.
        let each = words.iter().map(|word| {
            if body {
                format!("\"{word}\"*")
            } else {
                format!("(\"{word}\"* OR \"{ABOUT}{word}\"*)")
            }
        });
        if words.is_empty() {
            return;
        }
        if negated {
            let all = each.collect::<Vec<_>>().join(" AND ");
            self.hold(
                "e.id IN (SELECT rowid FROM words WHERE words MATCH ?)",
                true,
                [all],
            );
        } else {
            self.index.extend(each);
        }
    }

    fn check(&mut self, text: &str, negated: bool) {
        self.checks.push(Check {
            text: text.to_owned(),
            wanted: !negated,
        });
    }

    fn ranges(&mut self, column: &str, ranges: &[RangeInclusive<i64>], negated: bool) {
        let each = ranges.iter().map(|range| {
            if range.start() == range.end() {
                self.values.push(Value::from(*range.start()));
                format!("{column} = ?")
            } else {
                self.values
                    .extend([*range.start(), *range.end()].map(Value::from));
                format!("{column} BETWEEN ? AND ?")
            }
        });
        let any = each.collect::<Vec<_>>().join(" OR ");
        self.hold::<Value>(&any, negated, []);
    }

    fn one_of(&mut self, column: &str, words: impl Iterator<Item = String>, negated: bool) {
        let words: Vec<String> = words.collect();
        let places = vec!["?"; words.len()].join(", ");
        self.hold(&format!("{column} IN ({places})"), negated, words);
    }

    fn hold<V: Into<Value>>(
        &mut self,
        condition: &str,
        negated: bool,
        values: impl IntoIterator<Item = V>,
    ) {
        // What is not there at all is not what was named either.
        self.conditions.push(if negated {
            format!("({condition}) IS NOT TRUE")
        } else {
            format!("({condition})")
        });
        self.values.extend(values.into_iter().map(Into::into));
    }
}
