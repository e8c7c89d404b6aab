//! The rows that are still to be sent, in batches: read again from the file, each printed once as the JSON that is sent.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use tokio::sync::mpsc::Sender;

use crate::capture::json::Json;
use crate::failure::Failure;
use crate::record_file::read::Reader;
use crate::record_file::read::Row;
use crate::worker::load::check::Judge;
use crate::worker::load::content::has_changed;
use crate::worker::load::pace::Pace;
use crate::worker::load::states::Rows;
use crate::worker::load::states::State;
use crate::worker::load::states::States;

/// The longest form body of a batch, in bytes; the vendor's tools keep to about a megabyte (reference 10).
const LONGEST_BODY: usize = 1_000_000;

/// Rows that are sent together.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    /// Its number in the journal, when it was begun before and nothing is known of it.
    pub(super) in_doubt: Option<u64>,
    /// Its rows.
    pub(super) rows: Vec<Part>,
    /// The records one after the other.
    text: Arc<str>,
}

/// A row of a batch.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Its number.
    pub(super) row: u64,
    /// Where it begins in the file.
    pub(super) line: u64,
    /// What stands for it in the files of outcomes.
    pub(super) name: String,
    /// Whether it was sent before and may have come late.
    pub(super) doubted: bool,
    /// How often it was sent alone without anybody knowing what became of it.
    pub(super) alone: u32,
    place: Range<usize>,
}

impl Batch {
    /// The numbers of its rows.
    pub(super) fn numbers(&self) -> Rows {
        self.rows.iter().map(|part| part.row).collect()
    }

    /// The record of a row as JSON.
    pub(super) fn record(&self, part: &Part) -> &str {
        self.text.get(part.place.clone()).unwrap_or_default()
    }

    /// All records as an array.
    pub(super) fn array(&self) -> String {
        let length = self.rows.iter().map(|part| part.place.len() + 1);
        let mut text = String::with_capacity(length.sum::<usize>() + 2);
        text.push('[');
        for (place, part) in self.rows.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            text.push_str(self.record(part));
        }
        text.push(']');
        text
    }

    /// Some of its rows, as a batch that is still to be sent.
    pub(super) fn of(&self, rows: Vec<Part>) -> Self {
        Self {
            in_doubt: None,
            rows,
            text: Arc::clone(&self.text),
        }
    }

    /// The same rows in batches of at most so many.
    pub(super) fn split(mut self, most: usize) -> Vec<Self> {
        let rows = std::mem::take(&mut self.rows);
        let pieces = rows.chunks(most.max(1));
        pieces.map(|piece| self.of(piece.to_vec())).collect()
    }
}

/// A batch that is being filled.
#[derive(Default)]
struct Filling {
    rows: Vec<Part>,
    text: String,
    /// How long it is as a form, about.
    length: usize,
}

impl Filling {
    fn add(&mut self, row: &Row, name: String, doubted: bool, record: &Json) {
        let from = self.text.len();
        record.write_compact(&mut self.text);
        self.length += form_length(&self.text[from..]) + 3;
        self.rows.push(Part {
            row: row.number,
            line: row.line,
            name,
            doubted,
            alone: 0,
            place: from..self.text.len(),
        });
    }

    fn take(&mut self, in_doubt: Option<u64>) -> Batch {
        let full = std::mem::take(self);
        Batch {
            in_doubt,
            rows: full.rows,
            text: full.text.into(),
        }
    }
}

/// How long a text is in a form body.
fn form_length(text: &str) -> usize {
    let lengths = text.bytes().map(|byte| FORM_LENGTHS[usize::from(byte)]);
    lengths.map(usize::from).sum()
}

/// How long each byte is in a form body.
const FORM_LENGTHS: [u8; 256] = {
    let mut lengths = [3; 256];
    let plain = b"*-._ 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut at = 0;
    while at < plain.len() {
        lengths[plain[at] as usize] = 1;
        at += 1;
    }
    lengths
};

/// What is known of the rows at the beginning.
pub(super) struct Known {
    /// The state of each.
    pub(super) states: States,
    /// The batches of which nothing is known.
    pub(super) in_doubt: BTreeMap<u64, Rows>,
}

/// Reads the file and gives batches until the end, or until nobody takes them any more.
pub(super) fn feed(
    mut reader: Reader,
    judge: &Judge,
    known: &Known,
    pace: &Pace,
    batches: &Sender<Batch>,
) -> Result<(), Failure> {
    let of_row: HashMap<u64, u64> = known
        .in_doubt
        .iter()
        .flat_map(|(batch, rows)| rows.iter().map(|row| (row, *batch)))
        .collect();
    let mut in_doubt: HashMap<u64, Filling> = HashMap::new();
    let mut filling = Filling::default();
    while let Some(row) = reader.next_row()? {
        let state = known.states.get(row.number);
        if !state.is_open() {
            continue;
        }
        // It was read when it was judged, and is the same.
        let record = judge.shape().record(&row);
        let record = record.map_err(|_| has_changed("the file"))?;
        let name = judge.name_of(&record);
        if let Some(batch) = of_row.get(&row.number) {
            let filling = in_doubt.entry(*batch).or_default();
            filling.add(&row, name, true, &record);
            let whole = known
                .in_doubt
                .get(batch)
                .map_or(0, |rows| rows.iter().count());
            if filling.rows.len() == whole
                && batches.blocking_send(filling.take(Some(*batch))).is_err()
            {
                return Ok(());
            }
            continue;
        }
        let from = filling.length;
        filling.add(&row, name, state == State::Doubted, &record);
        let is_full = filling.rows.len() >= pace.size();
        // A record that is too long for others beside it is sent alone.
        let is_long = filling.length > LONGEST_BODY && from > 0;
        let more = if is_long { filling.last_alone() } else { None };
        let mut ready = Vec::new();
        if is_full || is_long || filling.length > LONGEST_BODY {
            ready.push(filling.take(None));
        }
        if let Some(last) = more {
            filling = last;
        }
        for batch in ready {
            if batches.blocking_send(batch).is_err() {
                return Ok(());
            }
        }
    }
    let rest = (!filling.rows.is_empty()).then(|| filling.take(None));
    // Of a file that is as it was, every batch was whole before.
    let torn = in_doubt
        .into_iter()
        .filter(|(_, filling)| !filling.rows.is_empty());
    for batch in rest
        .into_iter()
        .chain(torn.map(|(batch, mut it)| it.take(Some(batch))))
    {
        if batches.blocking_send(batch).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

impl Filling {
    /// Takes the last row out, as the first of another batch.
    fn last_alone(&mut self) -> Option<Self> {
        let mut part = self.rows.pop()?;
        let text = self.text.split_off(part.place.start);
        part.place = 0..text.len();
        let length = form_length(&text) + 3;
        self.length -= length;
        Some(Self {
            rows: vec![part],
            text,
            length,
        })
    }
}
