//! The part of the history's list that is at hand: it begins with the newest calls and grows where the cursor comes near
//! its end, so that a history of any length is walked without being read whole.
//!
//! ```text
//!   newer calls, not read        │ above
//!   ┌ at hand ─────────────────┐ │        the cursor comes near an end ─▶ the next page there
//!   │ …  cursor  …             │ │        End ─▶ the oldest page in place of all; Home ─▶ the newest
//!   └──────────────────────────┘ │ total
//!   older calls, not read        │
//! ```
//!
//! Says what it wants to know and hears the answers; only the answer to its last question counts. Deliberately absent: jobs
//! and the question itself.

use crate::exchange::ExchangeId;
use crate::history::query::Page;
use crate::history::query::Summary;
use crate::tui::panes::list_cursor::ListCursor;
use crate::tui::panes::list_cursor::Move;
use crate::worker::job::JobId;

/// How many calls are asked for at a time.
pub(super) const PAGE: usize = 200;

/// How near to an end the cursor comes before more is asked for.
const NEAR: usize = 50;

/// How many calls are at hand at most; those far from the cursor go.
const MOST: usize = 1_000;

/// How many moves wait at most for the list that they are meant for.
const MOST_LATER: usize = 1_000;

/// The part of the list that is at hand.
#[derive(Debug, Default)]
pub(super) struct Window {
    rows: Vec<Summary>,
    /// How many calls are above the first row, where that is known.
    above: Option<u64>,
    /// Whether there may be calls below the last row.
    older: bool,
    /// How many calls there are in all, where that is known.
    total: Option<u64>,
    cursor: ListCursor,
    /// Moves that are meant for the list that is to come in place of this one.
    later: Vec<Move>,
    /// Whether the cursor is to be on the newest call, also on one that is not at hand yet.
    to_newest: bool,
    wanted: Option<Wanted>,
    asked: Option<(JobId, Wanted)>,
    wants_count: bool,
    counting: Option<JobId>,
    /// Jobs whose answers are not wanted any more.
    outdated: Vec<JobId>,
    answered: Answered,
}

/// What question what is at hand answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Answered {
    /// None yet.
    #[default]
    None,
    /// Another one than was asked last.
    Before,
    /// The last.
    Last,
}

/// What is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The newest calls, in place of all that is at hand.
    Newest,
    /// The oldest ones, in place of all that is at hand.
    Oldest,
    /// Those above what is at hand.
    Above,
    /// Those below it.
    Below,
}

impl Window {
    /// The calls at hand, newest first.
    pub(super) fn rows(&self) -> &[Summary] {
        &self.rows
    }

    /// The call under the cursor; none while what is shown answers another question.
    pub(super) fn current(&self) -> Option<&Summary> {
        self.rows.get(self.cursor.at).filter(|_| !self.is_stale())
    }

    /// Whether the answer to another question than the one before is still awaited.
    pub(super) fn is_stale(&self) -> bool {
        self.answered == Answered::Before
    }

    /// Where the cursor is.
    pub(super) fn cursor(&self) -> ListCursor {
        self.cursor
    }

    /// Whether the first answer is still awaited.
    pub(super) fn is_beginning(&self) -> bool {
        self.answered == Answered::None
    }

    /// How many calls there are in all, where that is known.
    pub(super) fn total(&self) -> Option<u64> {
        self.total
    }

    /// The place of the call under the cursor among all, from 1, where that is known.
    pub(super) fn place(&self) -> Option<u64> {
        let above = self.above?;
        self.current().map(|_| above + self.cursor.at as u64 + 1)
    }

    /// Begins anew: another question, or calls were taken out. What is at hand stays on the screen until the answer comes.
    pub(super) fn begin(&mut self) {
        self.want(Wanted::Newest);
        self.later.clear();
        if self.answered == Answered::Last {
            self.answered = Answered::Before;
        }
        self.wants_count = false;
        self.outdated.extend(self.counting.take());
    }

    /// There may be new calls.
    pub(super) fn look_for_new(&mut self) {
        if let Some(wanted) = self.replacement() {
            // Its answer may have been made before.
            self.want(wanted);
        } else if self.answered == Answered::None || self.rows.is_empty() {
            self.want(Wanted::Newest);
        } else if self.has_newer() {
            // They are far from here; only their number changes.
            self.wants_count = true;
        } else {
            self.want(Wanted::Above);
        }
    }

    /// What is to come in place of all that is at hand, while it is under way.
    fn replacement(&self) -> Option<Wanted> {
        let under_way = self.wanted.or(self.asked.map(|(_, wanted)| wanted))?;
        matches!(under_way, Wanted::Newest | Wanted::Oldest).then_some(under_way)
    }

    fn want(&mut self, wanted: Wanted) {
        self.wanted = Some(wanted);
        self.outdated.extend(self.asked.take().map(|(job, _)| job));
    }

    fn has_newer(&self) -> bool {
        self.above != Some(0)
    }

    /// The part that is to be asked for now, if any.
    pub(super) fn question(&mut self) -> Option<(Wanted, Page)> {
        let wanted = self.wanted.take()?;
        let page = match wanted {
            Wanted::Newest => Page::newest(PAGE),
            Wanted::Oldest => Page::oldest(PAGE),
            Wanted::Above => Page::after(self.rows.first()?.id, PAGE),
            Wanted::Below => Page::before(self.rows.last()?.id, PAGE),
        };
        Some((wanted, page))
    }

    /// Whether a part is awaited from this job.
    pub(super) fn waits_for(&self, job: JobId) -> bool {
        self.asked.is_some_and(|(asked, _)| asked == job)
    }

    /// The part was asked for with this job.
    pub(super) fn asked(&mut self, wanted: Wanted, job: JobId) {
        self.asked = Some((job, wanted));
    }

    /// Whether the number of calls is to be asked for now.
    pub(super) fn take_count(&mut self) -> bool {
        std::mem::take(&mut self.wants_count)
    }

    /// The number was asked for with this job.
    pub(super) fn counts(&mut self, job: JobId) {
        self.outdated.extend(self.counting.replace(job));
    }

    /// The number of calls came.
    pub(super) fn counted(&mut self, job: JobId, total: u64) {
        if self.counting != Some(job) {
            return;
        }
        self.counting = None;
        self.total = Some(total);
        if !self.older {
            self.above = Some(total.saturating_sub(self.rows.len() as u64));
        }
    }

    /// A part came. `follows` says whether a cursor on the newest call stays on the newest. False when nobody waits for it
    /// any more.
    pub(super) fn came(&mut self, job: JobId, rows: Vec<Summary>, follows: bool) -> bool {
        let Some((_, wanted)) = self.asked.filter(|(asked, _)| *asked == job) else {
            return false;
        };
        self.asked = None;
        let is_full = rows.len() >= PAGE;
        match wanted {
            Wanted::Newest => {
                self.answered = Answered::Last;
                self.rows = rows;
                self.above = Some(0);
                self.older = is_full;
                self.total = (!is_full).then_some(self.rows.len() as u64);
                self.wants_count = is_full;
                self.cursor.offset = 0;
                self.cursor.put(0, self.rows.len());
            }
            Wanted::Oldest => {
                self.answered = Answered::Last;
                self.rows = rows;
                self.older = false;
                let known = self.total.unwrap_or(0);
                self.above = if is_full {
                    self.total.map(|_| known.saturating_sub(PAGE as u64))
                } else {
                    Some(0)
                };
                self.wants_count = true;
                self.cursor.go(Move::Last, self.rows.len());
            }
            Wanted::Above => self.put_above(rows, is_full, follows),
            Wanted::Below => self.put_below(rows, is_full),
        }
        for to in std::mem::take(&mut self.later) {
            self.go(to);
        }
        self.look_ahead();
        true
    }

    /// The part could not be read.
    pub(super) fn failed(&mut self, job: JobId) -> bool {
        let is_it = self.asked.is_some_and(|(asked, _)| asked == job);
        if is_it {
            self.asked = None;
            self.later.clear();
            if self.is_stale() {
                self.rows.clear();
            }
            self.answered = Answered::Last;
        }
        is_it
    }

    fn put_above(&mut self, mut rows: Vec<Summary>, is_full: bool, follows: bool) {
        let first = self.rows.first().map_or(ExchangeId(i64::MIN), |row| row.id);
        rows.retain(|row| row.id > first);
        let count = rows.len();
        // Nothing new, however much came: there is no more.
        let is_full = is_full && count > 0;
        let knew_all = !self.has_newer();
        // The number may have been told with the new ones in it already, so it is asked for again.
        self.wants_count |= knew_all && count > 0;
        let at_newest = knew_all && self.cursor.at == 0;
        let to_newest = std::mem::take(&mut self.to_newest) && at_newest;
        self.above = match self.above {
            _ if !is_full => Some(0),
            Some(0) | None => None,
            Some(above) => Some(above.saturating_sub(count as u64)),
        };
        rows.append(&mut self.rows);
        self.rows = rows;
        if !self.older && !self.has_newer() {
            self.total = Some(self.rows.len() as u64);
            self.wants_count = false;
        }
        if self.rows.len() > MOST {
            self.rows.truncate(MOST.max(self.cursor.at + count + NEAR));
            self.older = true;
        }
        if to_newest && self.has_newer() {
            // More came than a page holds.
            self.want(Wanted::Newest);
        }
        if at_newest && (follows || to_newest) && !self.has_newer() {
            self.cursor.offset = 0;
            self.cursor.put(0, self.rows.len());
        } else {
            // What is looked at stays where it is on the screen, unless its list began there.
            let began = self.cursor.offset == 0 && self.cursor.at == 0;
            self.cursor.offset += if began { 0 } else { count };
            self.cursor.put(self.cursor.at + count, self.rows.len());
        }
    }

    fn put_below(&mut self, mut rows: Vec<Summary>, is_full: bool) {
        let last = self.rows.last().map_or(ExchangeId(i64::MAX), |row| row.id);
        rows.retain(|row| row.id < last);
        self.older = is_full && !rows.is_empty();
        self.rows.append(&mut rows);
        let far = self.rows.len().saturating_sub(MOST);
        let gone = far.min(self.cursor.offset.saturating_sub(NEAR));
        if gone > 0 {
            self.rows.drain(..gone);
            self.above = self.above.map(|above| above + gone as u64);
            self.cursor.offset -= gone;
            self.cursor.put(self.cursor.at - gone, self.rows.len());
        }
        if !self.older
            && let (Some(above), None) = (self.above, self.total)
        {
            self.total = Some(above + self.rows.len() as u64);
        }
    }

    /// Moves the cursor; what is missing there is asked for. While another list is to come, it is moved in that one.
    pub(super) fn go(&mut self, to: Move) {
        self.to_newest = false;
        if self.replacement().is_some() {
            if self.later.len() < MOST_LATER {
                self.later.push(to);
            }
            return;
        }
        match to {
            Move::First if self.has_newer() => self.want(Wanted::Newest),
            Move::Last if self.older => self.want(Wanted::Oldest),
            Move::First => {
                self.cursor.go(to, self.rows.len());
                self.to_newest = true;
                self.look_for_new();
            }
            to => self.cursor.go(to, self.rows.len()),
        }
        self.look_ahead();
    }

    /// Scrolls without moving the cursor further than needed.
    pub(super) fn scroll(&mut self, rows: isize) {
        self.cursor.scroll(rows, self.rows.len());
        self.look_ahead();
    }

    /// Puts the cursor on the row shown there; false when there is none.
    pub(super) fn click(&mut self, row: u16) -> bool {
        self.cursor.click(row, self.rows.len())
    }

    /// Keeps the cursor on a screen of so many rows.
    pub(super) fn fit(&mut self, height: usize) {
        self.cursor.height = height;
        self.cursor.fit(self.rows.len());
    }

    fn look_ahead(&mut self) {
        if self.wanted.is_some() || self.asked.is_some() {
            return;
        }
        if self.older && self.cursor.at + NEAR >= self.rows.len() {
            self.want(Wanted::Below);
        } else if self.has_newer() && !self.rows.is_empty() && self.cursor.at < NEAR {
            self.want(Wanted::Above);
        }
    }

    /// Takes the jobs whose answers are not wanted any more.
    pub(super) fn take_outdated(&mut self) -> Vec<JobId> {
        std::mem::take(&mut self.outdated)
    }
}
