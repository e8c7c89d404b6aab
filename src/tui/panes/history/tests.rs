use std::time::Duration;

use jiff::Timestamp;

use crate::exchange::Verdict;

use super::window::PAGE;
use super::*;

/// A history of so many calls, numbered from 1.
struct Kept(i64);

impl Kept {
    /// What the store answers to a list or a count.
    fn answer(&self, job: &Job) -> Result<Vec<Summary>, u64> {
        let Job::History { page, .. } = job else {
            return Err(self.0.unsigned_abs());
        };
        let before = page.before.map_or(self.0 + 1, |id| id.0);
        let after = page.after.map_or(0, |id| id.0);
        let ids = (after + 1)..before.min(self.0 + 1);
        let limit = page.limit as i64;
        let ids = if page.after.is_some() {
            ids.start..ids.end.min(ids.start + limit)
        } else {
            ids.start.max(ids.end - limit)..ids.end
        };
        Ok(ids.rev().map(summary).collect())
    }
}

fn summary(id: i64) -> Summary {
    Summary {
        id: ExchangeId(id),
        started: Timestamp::UNIX_EPOCH,
        environment: "sandbox".to_owned(),
        endpoint: Endpoint::EntityView,
        type_name: Some("user".to_owned()),
        subject: String::new(),
        verdict: Verdict::Ok,
        code: None,
        request_id: None,
        elapsed: Duration::from_millis(1),
    }
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(1 << 30)
}

/// A pane with its questions numbered; what is asked is answered at once.
struct Desk {
    pane: HistoryPane,
    kept: Kept,
    asked: u64,
    /// The longest list that was ever at hand.
    most: usize,
}

impl Desk {
    fn new(calls: i64) -> Self {
        let mut desk = Self {
            pane: HistoryPane::default(),
            kept: Kept(calls),
            asked: 0,
            most: 0,
        };
        desk.pane.set_viewport(20);
        desk.pane.look_for_new();
        desk.answer();
        desk
    }

    /// Takes the questions there are, unanswered.
    fn questions(&mut self) -> Vec<(JobId, Job)> {
        let mut taken = Vec::new();
        while let Some((question, job)) = self.pane.take_question() {
            self.asked += 1;
            self.pane.wait_for(question, JobId(self.asked));
            taken.push((JobId(self.asked), job));
        }
        taken
    }

    fn hear(&mut self, (id, job): (JobId, Job)) {
        match self.kept.answer(&job) {
            Ok(rows) => self.pane.loaded(id, Ok(rows), false),
            Err(count) => self.pane.counted(id, count),
        }
        self.most = self.most.max(self.pane.window.rows().len());
    }

    fn hear_all(&mut self, questions: Vec<(JobId, Job)>) {
        for question in questions {
            self.hear(question);
        }
    }

    /// Answers until nothing is asked any more.
    fn answer(&mut self) {
        for _ in 0..100 {
            let questions = self.questions();
            if questions.is_empty() {
                return;
            }
            self.hear_all(questions);
        }
        panic!("the pane never has enough");
    }

    fn press(&mut self, action: Action) -> &mut Self {
        self.pane.update(PaneEvent::Act(action), now());
        self.answer();
        self
    }

    fn write(&mut self, text: &str) {
        self.pane.update(PaneEvent::Paste(text.to_owned()), now());
    }

    fn at(&self) -> i64 {
        self.pane.window.current().map_or(0, |row| row.id.0)
    }
}

#[test]
fn the_oldest_call_is_reached_without_reading_all() {
    let mut desk = Desk::new(100_000);
    assert_eq!(
        (desk.at(), desk.pane.note().as_str()),
        (100_000, "1 of 100\u{202f}000")
    );
    assert_eq!(desk.asked, 2, "a page and the number");
    desk.press(Action::Last);
    assert_eq!((desk.at(), desk.pane.window.rows().len()), (1, PAGE));
    assert_eq!(desk.pane.note(), "100\u{202f}000 of 100\u{202f}000");
    desk.press(Action::Up);
    assert_eq!(desk.pane.note(), "99\u{202f}999 of 100\u{202f}000");
    desk.press(Action::First);
    assert_eq!(
        (desk.at(), desk.pane.note().as_str()),
        (100_000, "1 of 100\u{202f}000")
    );
}

#[test]
fn who_walks_on_sees_every_call_once_and_little_is_kept() {
    let mut desk = Desk::new(3_000);
    for expected in (1..3_000).rev() {
        desk.press(Action::Down);
        assert_eq!(desk.at(), expected);
        let place = 3_001 - expected;
        assert_eq!(desk.pane.window.place(), Some(place.unsigned_abs()));
    }
    for expected in 2..=3_000 {
        desk.press(Action::Up);
        assert_eq!(desk.at(), expected);
    }
    assert!(desk.most < 1_500, "{}", desk.most);
    assert_eq!(desk.pane.window.place(), Some(1));
}

#[test]
fn a_short_history_is_asked_for_once_and_not_counted() {
    let mut desk = Desk::new(3);
    assert_eq!((desk.asked, desk.pane.note().as_str()), (1, "1 of 3"));
    desk.press(Action::Last);
    assert_eq!(desk.asked, 1);
}

#[test]
fn new_calls_do_not_move_what_is_looked_at() {
    let mut desk = Desk::new(10);
    desk.press(Action::Down);
    desk.kept.0 = 12;
    desk.pane.look_for_new();
    desk.answer();
    assert_eq!((desk.at(), desk.pane.note().as_str()), (9, "4 of 12"));
    // Who is on the newest stays on it while looking elsewhere, and on the call while looking here.
    for (follows, expected) in [(true, 13), (false, 12)] {
        let mut desk = Desk::new(12);
        desk.kept.0 = 13;
        desk.pane.look_for_new();
        let (id, job) = desk.questions().remove(0);
        let rows = desk.kept.answer(&job).expect("is a list");
        desk.pane.loaded(id, Ok(rows), follows);
        assert_eq!(desk.at(), expected, "{follows}");
    }
    // A call that was counted before its row came is not counted twice.
    let mut desk = Desk::new(5_000);
    desk.kept.0 = 5_001;
    desk.pane.begin_anew();
    let list = desk.questions();
    desk.kept.0 = 5_000;
    desk.hear_all(list);
    desk.kept.0 = 5_001;
    desk.answer();
    desk.pane.look_for_new();
    desk.answer();
    assert_eq!(desk.pane.window.total(), Some(5_001));
    // Far from the newest only their number changes.
    let mut desk = Desk::new(5_000);
    desk.press(Action::Last);
    desk.kept.0 = 5_001;
    desk.pane.look_for_new();
    desk.answer();
    assert_eq!(
        (desk.at(), desk.pane.note().as_str()),
        (1, "5\u{202f}001 of 5\u{202f}001")
    );
}

#[test]
fn only_the_answer_to_the_last_question_counts() {
    let mut desk = Desk::new(5);
    desk.pane.begin_search(Vec::new(), Vec::new());
    desk.write("bob");
    desk.pane.update(PaneEvent::Act(Action::LineEnter), now());
    let first = desk.questions();
    desk.pane.begin_search(Vec::new(), Vec::new());
    desk.write(" alice");
    desk.pane.update(PaneEvent::Act(Action::LineEnter), now());
    let second = desk.questions();
    assert_eq!(desk.pane.take_outdated(), [first[0].0]);
    // The later answer comes first; the earlier one changes nothing any more.
    desk.kept.0 = 2;
    desk.hear_all(second);
    desk.kept.0 = 5;
    desk.hear_all(first);
    assert_eq!(desk.pane.note(), "1 of 2");
    // Neither does a fault of an outdated one.
    desk.pane
        .loaded(JobId(1), Err("too late".to_owned()), false);
    assert!(desk.pane.failure.is_none());
}

#[test]
fn no_verb_means_a_row_that_answers_another_question() {
    let mut desk = Desk::new(30);
    assert_eq!(desk.pane.refuses(Action::CopyTicket), None);
    desk.pane.window.begin();
    let copied = desk.pane.update(PaneEvent::Act(Action::CopyTicket), now());
    assert_eq!(copied, None);
    assert!(desk.pane.refuses(Action::CopyTicket).is_some());
    assert_eq!(desk.pane.under_cursor(), None);
    let (job, _) = desk.questions().remove(0);
    assert!(desk.pane.refuses(Action::Open).is_some());
    desk.pane.loaded(job, Ok(vec![summary(7)]), false);
    assert_eq!(
        desk.pane.update(PaneEvent::Act(Action::CopyTicket), now()),
        Some(Outcome::CopyTicket(ExchangeId(7), "entity user".to_owned()))
    );
}

#[test]
fn moves_are_meant_for_the_list_that_is_awaited() {
    let mut desk = Desk::new(30);
    desk.press(Action::Down);
    desk.pane.begin_search(Vec::new(), Vec::new());
    desk.write("bob");
    // A move ends the pause before what is written is asked.
    for action in [Action::Down, Action::Down, Action::Up] {
        desk.pane.update(PaneEvent::Act(action), now());
    }
    assert!(!desk.pane.is_behind());
    let asked = desk.questions();
    assert_eq!(asked.len(), 1);
    desk.hear_all(asked);
    desk.answer();
    assert_eq!(desk.at(), 29);
    // What was meant for a list that nobody waits for any more is dropped, and so it is where none came.
    desk.pane.window.begin();
    desk.pane.update(PaneEvent::Act(Action::Last), now());
    desk.pane.window.begin();
    desk.answer();
    assert_eq!(desk.at(), 30);
    desk.pane.window.begin();
    let (job, _) = desk.questions().remove(0);
    desk.pane.update(PaneEvent::Act(Action::Down), now());
    desk.pane.loaded(job, Err("no".to_owned()), false);
    desk.pane.look_for_new();
    desk.answer();
    assert_eq!(desk.at(), 30);
    // The end of a long list is one more question; what follows is meant for its answer.
    let mut desk = Desk::new(5_000);
    desk.pane.window.begin();
    for action in [Action::Last, Action::Up] {
        desk.pane.update(PaneEvent::Act(action), now());
    }
    desk.answer();
    assert_eq!(desk.at(), 2);
}

#[test]
fn home_goes_to_the_newest_call_also_to_one_that_was_not_known() {
    for new in [0, 1, PAGE as i64 + 50] {
        let mut desk = Desk::new(10);
        desk.press(Action::Down);
        desk.kept.0 += new;
        desk.press(Action::First);
        desk.answer();
        assert_eq!(desk.at(), 10 + new, "{new} new");
    }
    // Who has moved on since stays.
    let mut desk = Desk::new(10);
    desk.kept.0 = 11;
    desk.pane.update(PaneEvent::Act(Action::First), now());
    desk.pane.update(PaneEvent::Act(Action::Down), now());
    desk.answer();
    assert_eq!(desk.at(), 9);
}

#[test]
fn a_page_that_comes_after_the_end_was_asked_for_is_dropped() {
    let mut desk = Desk::new(5_000);
    for _ in 0..8 {
        desk.pane.update(PaneEvent::Act(Action::PageDown), now());
    }
    let below = desk.questions();
    assert_eq!(below.len(), 1);
    desk.pane.update(PaneEvent::Act(Action::Last), now());
    let oldest = desk.questions();
    desk.hear_all(oldest);
    desk.hear_all(below);
    assert_eq!((desk.at(), desk.pane.window.rows().len()), (1, PAGE));
}

#[test]
fn a_new_call_while_the_list_is_read_is_not_missed() {
    let mut desk = Desk::new(5);
    desk.pane.begin_anew();
    let stale = desk.questions();
    desk.kept.0 = 6;
    desk.pane.look_for_new();
    desk.answer();
    desk.kept.0 = 5;
    desk.hear_all(stale);
    assert_eq!(desk.pane.note(), "1 of 6");
}

#[test]
fn what_is_written_is_asked_after_a_pause_and_only_when_it_can_be() {
    let later = |millis| now() + Duration::from_millis(millis);
    let mut desk = Desk::new(5);
    desk.pane.begin_search(vec!["prod".to_owned()], Vec::new());
    // A beginning finds nothing: it is not asked.
    desk.write("code:36");
    assert!(!desk.pane.is_behind());
    desk.write("1");
    assert!(desk.pane.is_behind());
    desk.pane.catch_up(later(50));
    assert!(desk.questions().is_empty());
    desk.pane.catch_up(later(130));
    let asked = desk.questions();
    assert!(matches!(&asked[0].1, Job::History { query, .. } if query.terms.len() == 1));
    assert!(!desk.pane.is_behind());
    // What can still become a value is no fault.
    desk.write(" op:entity.c");
    let line = desk.pane.search.line().expect("is written");
    assert!(line.error.is_none() && !desk.pane.is_behind());
    // A fault is told and not asked; leaving brings back what was asked before the line was begun.
    desk.write(" cod:1");
    desk.pane.catch_up(later(500));
    assert!(desk.questions().is_empty());
    assert!(
        desk.pane
            .search
            .line()
            .is_some_and(|line| line.error.is_some())
    );
    let refused = desk.pane.update(PaneEvent::Act(Action::LineEnter), now());
    assert!(matches!(refused, Some(Outcome::Refused(_))) && desk.pane.is_typing());
    desk.pane.update(PaneEvent::Act(Action::LineLeave), now());
    let asked = desk.questions();
    assert!(matches!(&asked[0].1, Job::History { query, .. } if *query == Query::default()));
    assert!(!desk.pane.is_typing());
}

#[test]
fn completion_goes_round_and_goes_on() {
    let mut desk = Desk::new(1);
    desk.pane
        .begin_search(vec!["prod".to_owned(), "sandbox".to_owned()], Vec::new());
    let mut complete = |text: &str, times: usize| {
        desk.write(text);
        for _ in 0..times {
            desk.pane
                .update(PaneEvent::Act(Action::LineComplete), now());
        }
        let line = desk.pane.search.line().expect("is written");
        line.input.text().to_owned()
    };
    // There is but one operator that begins so: its values come next.
    assert_eq!(complete("en", 1), "env:");
    assert_eq!(complete("", 1), "env:prod");
    assert_eq!(complete("", 1), "env:sandbox");
    assert_eq!(complete("", 1), "env:prod");
}
