//! The list of all verbs, the help as such a list, what a key that begins a sequence leads to, and keys of one's own.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use captui::config::keys::KeySetting;
use captui::tui::action;
use captui::tui::action::spec::Scope;
use captui::tui::keys::keymap::Keymap;
use captui::tui::msg::Msg;
use captui::tui::overlays::Overlay;
use crossterm::event::Event as TerminalEvent;
use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use regex::Regex;

use crate::tui::driver::Driver;

/// The form of `user`.
fn form(width: u16, height: u16) -> Driver {
    let mut driver = Driver::new(width, height);
    driver.press("<enter>").sees("2 Form · user (new)");
    driver
}

#[test]
fn a_verb_is_found_by_its_name_and_done_where_it_belongs() {
    let mut driver = form(120, 40);
    driver.press(":").sees("All verbs").sees("Form");
    driver.write("find records").sees("g f");
    driver
        .press("<enter>")
        .sees("2 Find · user")
        .sees_no("All verbs");
    // A verb of another pane takes one there.
    driver.press("<c-p>").write("add an element to the plural");
    driver.press("<enter>").sees("2 Form · user (new)");
    driver.press(":").write("zzqx").sees("nothing fits");
    driver.press("<enter>").sees("nothing fits");
    driver.press("<esc>").sees("Send null");
    driver.press("<esc>").sees_no("All verbs");
    // Its key and its name are enough, and so is the name without its pane.
    for typed in ["g s", "app.schema", "schema"] {
        driver.press(":").write(typed).press("<enter>");
        driver.sees("‹Schema›").press("gr").sees("‹Record›");
    }
    driver.press(":").write("quit").press("<enter>");
    assert!(driver.quit);
}

#[test]
fn a_verb_of_a_place_that_is_not_open_says_so() {
    let mut driver = form(120, 40);
    driver.press(":").write("edit.leave").press("<enter>");
    driver.sees("works in: While a field has the cursor");
}

#[test]
fn every_verb_is_in_the_list_and_can_be_chosen() {
    let mut driver = form(120, 40);
    for spec in action::all() {
        driver.press(":").paste(spec.id);
        driver.sees(&format!("· {}", spec.id));
        driver.press("<enter>");
        let is_open =
            matches!(driver.model.overlays.last(), Some(Overlay::Help(help)) if help.is_narrowed());
        assert!(!is_open, "{} was not done", spec.id);
        driver.model.overlays.clear();
        driver.press("<esc><esc><esc>");
        driver.model.overlays.clear();
        driver.press("gr2");
    }
}

#[test]
fn help_is_narrowed_and_does_what_is_chosen() {
    let mut driver = form(120, 40);
    driver.press("?").sees("Help").sees("Send null");
    driver
        .write("null")
        .sees_no("Send an empty")
        .sees("form.null");
    driver.press("<enter>").sees("‹null›").sees_no("Help");
}

#[test]
fn who_hesitates_is_told_what_may_follow() {
    let mut driver = form(80, 24);
    driver.press("g").sees_no("g … and then");
    driver.wait(Duration::from_millis(400)).sees("g … and then");
    driver.sees("Find records of this entity type");
    driver.press("f").sees_no("and then").sees("Find · user");
}

#[test]
fn keys_of_ones_own_are_shown_and_work() {
    let set = |verb: &str, keys: &[&str]| KeySetting {
        verb: verb.to_owned(),
        keys: keys.iter().map(|keys| (*keys).to_owned()).collect(),
        place: String::new(),
    };
    let settings = [
        set("app.send", &["ctrl-x"]),
        set("form.null", &["ctrl-n"]),
        set("app.help", &["f1"]),
        set("app.verbs", &["ctrl-p"]),
    ];
    let mut driver = form(200, 50);
    driver.model.keymap = Rc::new(Keymap::configured(&settings).expect("can be set"));
    driver
        .sees("Ctrl-X send")
        .sees("Ctrl-N null")
        .sees("F1 help");
    driver.sees("Ctrl-P commands").sees_no("F5 send");
    driver.press("<c-n>").sees("‹null›");
    driver
        .press("-")
        .sees("- does nothing here: F1 lists the keys");
    driver.press("<f1>").sees("Ctrl-X").sees_no("F5, Ctrl-S");
}

/// A key that no verb has by itself, the so-maniest: of the program's own, or of a place in it.
fn odd_key(of_the_program: bool, at: usize) -> (String, KeyEvent) {
    let (ctrl, alt) = (KeyModifiers::CONTROL, KeyModifiers::ALT);
    let (held, modifiers) = match (of_the_program, at / 12) {
        (true, 0) => ("ctrl-alt-", ctrl | alt),
        (true, 1) => ("ctrl-shift-", ctrl | KeyModifiers::SHIFT),
        (true, _) => ("alt-shift-", alt | KeyModifiers::SHIFT),
        (false, 0) => ("alt-", alt),
        (false, 1) => ("ctrl-", ctrl),
        (false, _) => ("ctrl-alt-", ctrl | alt),
    };
    let (name, code) = if of_the_program || at < 24 {
        let number = at % 12 + 1;
        (format!("f{number}"), KeyCode::F(number as u8))
    } else {
        // Greek: no text on these screens has any.
        let letters: Vec<char> = ('\u{3b1}'..='\u{3c9}')
            .chain('\u{430}'..='\u{44f}')
            .collect();
        let letter = letters[at - 24];
        (letter.to_string(), KeyCode::Char(letter))
    };
    (format!("{held}{name}"), KeyEvent::new(code, modifiers))
}

/// The explorer with another key for every verb there is, and these keys by the verbs' names.
struct Odd {
    driver: Driver,
    keys: HashMap<&'static str, KeyEvent>,
    by_default: Regex,
    screens: usize,
    faults: Vec<String>,
}

impl Odd {
    fn new() -> Self {
        let mut taken: HashMap<Scope, usize> = HashMap::new();
        let mut keys = HashMap::new();
        let mut settings = Vec::new();
        for spec in action::all() {
            let at = taken.entry(spec.bound_in()).or_default();
            let (notation, key) = odd_key(spec.bound_in() == Scope::App, *at);
            *at += 1;
            keys.insert(spec.id, key);
            settings.push(KeySetting {
                verb: spec.id.to_owned(),
                keys: vec![notation],
                place: String::new(),
            });
        }
        let mut driver = Driver::with_history(200, 50);
        let keymap = Keymap::configured(&settings).unwrap_or_else(|faults| panic!("{faults:?}"));
        driver.model.keymap = Rc::new(keymap);
        // A key by its name, in brackets, or as a letter before what it does; and a verb whose key was not put in.
        let does = "takes|goes|brings|shows|lists|asks|loads|opens|adds|reads|makes|deletes|edits|again|help|writes|sorts\
                    |chooses|begins|designs|leaves|cancels|closes|compares|copies|counts|keeps|creates|sends|runs|puts";
        let by_default = [
            r"(?:^|[^-])\bF\d+\b",
            r"\b(?:Esc|Enter|Tab|Space|Alt-↑|Alt-↓|PgDn|PgUp)\b",
            r"\bCtrl-[A-Z]\b|\^[A-Z]\b",
            r"\[[a-wyzA-Z!=/#<>*-]\]",
            &format!(r"(?:^|[ (])(?:[gyz] )?[a-zA-Z?!=/#|1-5-] (?:{does})\b"),
            r"<\^?[a-z-]+\.[a-z-]+",
        ]
        .join("|");
        Self {
            driver,
            keys,
            by_default: Regex::new(&by_default).expect("is one"),
            screens: 0,
            faults: Vec::new(),
        }
    }

    /// Does these verbs by their keys, one after the other, and looks at the screen after each.
    fn does(&mut self, verbs: &str) -> &mut Self {
        for verb in verbs.split_whitespace() {
            let key = *self
                .keys
                .get(verb)
                .unwrap_or_else(|| panic!("there is no verb {verb}"));
            self.driver.send(Msg::Terminal(TerminalEvent::Key(key)));
            self.looks(verb);
        }
        self
    }

    /// No word of the screen names a key that a verb does not have.
    fn looks(&mut self, after: &str) {
        self.screens += 1;
        // Keys of lists and questions, which are no verbs, stand in their own overlays.
        if has_keys_of_its_own(self.driver.model.overlays.last()) {
            return;
        }
        for line in self.driver.screen().lines() {
            if let Some(found) = self.by_default.find(line) {
                let fault = format!("{:?} in {:?}", found.as_str().trim(), line.trim());
                self.faults.push(format!("after {after}: {fault}"));
            }
        }
    }
}

/// Whether the overlay reads keys itself.
fn has_keys_of_its_own(overlay: Option<&Overlay>) -> bool {
    !matches!(
        overlay,
        None | Some(
            Overlay::SchemaPlan
                | Overlay::SchemaCompare
                | Overlay::Timeline
                | Overlay::CallCompare(_)
                | Overlay::Rules(_)
                | Overlay::Access(_)
        )
    )
}

#[test]
fn no_screen_names_a_key_that_a_verb_does_not_have() {
    let mut odd = Odd::new();
    odd.does("app.form form.null app.response response.export app.types app.refresh");
    // The form, its texts and its JSON.
    odd.does("types.choose form.null form.unfold form.down form.down form.add form.undo form.redo");
    odd.does("form.repair form.delete form.previous-problem app.send form.next-problem form.edit");
    odd.does(
        "edit.lines edit.reveal edit.leave form.filter edit.leave app.back form.include-record",
    );
    odd.does("form.json form.repair form.edit edit.leave form.next-problem form.json form.wire form.wire");
    odd.does(
        "form.plan app.back app.mask form.wire form.wire form.json form.json app.mask form.new",
    );
    odd.does("app.timeline app.attribute app.drafts");
    odd.driver.model.overlays.clear();
    odd.does("form.fill");
    odd.driver.press("t");
    odd.looks("the fill");
    odd.does(
        "app.send app.send app.response response.next-tab response.next-tab response.next-tab",
    );
    odd.does(
        "response.previous-tab response.next-odd viewer.next-look viewer.search viewer-line.leave",
    );
    odd.does("viewer.filter viewer-line.leave viewer.next-hit response.mark app.form form.guard");
    odd.does("form.mode form.reload form.copy-as-new form.next-problem app.send app.send");
    // The records found.
    odd.does(
        "app.find app.send records.sort pick.discard records.columns pick.toggle pick.discard",
    );
    odd.does("records.filter filter.take filter.leave records.count records.filter");
    odd.driver.write("nonsense is");
    odd.does("filter.run app.send app.send app.mask app.mask app.back records.new");
    // The schema and what lies over it.
    odd.does("app.schema schema.wire schema.wire schema.json schema.json schema.filter schema-filter.clear");
    odd.does("schema.down schema.edit attribute.down attribute.toggle attribute.leave schema.add");
    odd.driver.write("added");
    odd.does("attribute-text.leave attribute.leave schema.next-problem schema.remove schema.undo");
    odd.does("schema.redo schema.plan plan.check plan.rebuild plan.forget plan.apply plan.close plan.close");
    odd.does("schema.rules rules.add rules.choose rules.close rules.send rules.close rules.close");
    odd.does(
        "schema.access access.mark access.send access.all access.none access.close access.close",
    );
    odd.does("access.close access.close");
    odd.driver.model.overlays.clear();
    // What was called, and a record through time.
    odd.does(
        "app.show-history history.mark history.down history.compare calls.next-part calls.close",
    );
    odd.does("history.search history-line.complete history-line.leave history.open app.timeline");
    odd.does(
        "timeline.extent timeline.switch timeline.blame timeline.close app.record app.interrupt",
    );
    assert!(odd.screens > 100, "{}", odd.screens);
    for (width, height) in [(120, 40), (80, 24), (50, 12), (30, 8)] {
        let size = TerminalEvent::Resize(width, height);
        odd.driver.send(Msg::Terminal(size));
        odd.does("app.types app.form form.edit edit.leave app.find app.schema app.record");
    }
    assert_eq!(odd.faults, Vec::<String>::new());
}

#[test]
fn every_key_that_words_name_is_of_a_verb() {
    let named = Regex::new(r"<\^?([a-z-]+\.[a-z-]+)(?: 2)?>").expect("is one");
    let ids: Vec<&str> = action::all().iter().map(|spec| spec.id).collect();
    let mut folders = vec![std::path::PathBuf::from("src/tui")];
    let mut found = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("is there") {
            let path = entry.expect("is one").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("is text");
            for name in named.captures_iter(&text) {
                found += 1;
                assert!(ids.contains(&&name[1]), "{}: {}", path.display(), &name[0]);
            }
        }
    }
    assert!(found > 150, "{found}");
}

#[test]
fn verbs_at_three_sizes() {
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let mut driver = form(width, height);
        driver.press(":").write("copy");
        insta::assert_snapshot!(format!("verbs_{width}x{height}"), driver.screen());
        driver.press("<esc><esc>?");
        insta::assert_snapshot!(format!("help_{width}x{height}"), driver.screen());
        driver.press("<esc>g").wait(Duration::from_millis(400));
        insta::assert_snapshot!(format!("which_key_{width}x{height}"), driver.screen());
    }
}
