//! Draws the model, by shared reference: what was drawn never decides what happens next.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::tui::action;
use crate::tui::action::Action;
use crate::tui::action::app;
use crate::tui::action::spec::ActionSpec;
use crate::tui::action::spec::Scope;
use crate::tui::badge::badge;
use crate::tui::keys::keymap::Keymap;
use crate::tui::keys::keymap::keyed;
use crate::tui::layout::SMALLEST;
use crate::tui::layout::within_margin;
use crate::tui::masking;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::overlays::Overlay;
use crate::tui::overlays::schema_plan;
use crate::tui::panes::records::table;
use crate::tui::panes::response;
use crate::tui::panes::schema;
use crate::tui::session::PaneId;
use crate::tui::session::View;
use crate::tui::theme::Badge;
use crate::tui::update::sheets;
use crate::tui::which_key;
use crate::tui::widgets::pane_frame::PaneFrame;
use crate::tui::widgets::paragraphs;
use crate::tui::widgets::status;
use crate::tui::widgets::status::Hint;
use crate::tui::widgets::text;

/// Draws the whole screen.
pub fn view(model: &Model, frame: &mut Frame) {
    let area = frame.area();
    let buf = frame.buffer_mut();
    if model.screen.too_small {
        too_small(model, area, buf);
    } else {
        header(model, buf);
        for (pane, rect) in &model.screen.panes {
            view_pane(model, *pane, *rect, buf);
        }
        for (pane, rect) in &model.screen.strips {
            strip(model, *pane, *rect, buf);
        }
        if let Some(rect) = model.screen.inspector {
            inspector(model, rect, buf);
        }
        status_line(model, buf);
        footer(model, buf);
        let above_footer = Rect {
            height: area.height.saturating_sub(1),
            ..area
        };
        which_key::view(model, &model.theme, above_footer, buf);
        for overlay in &model.overlays {
            sheet(model, overlay, area, buf);
        }
        match model.overlays.last() {
            Some(Overlay::Help(help)) => help.view(&model.theme, area, buf),
            Some(Overlay::Confirm(confirm)) => confirm.view(&model.theme, area, buf),
            Some(Overlay::Difference(difference)) => difference.view(&model.theme, area, buf),
            Some(Overlay::Faults(menu)) => menu.view(&model.theme, area, buf),
            Some(Overlay::Drafts(list)) => {
                let (drafts, now) = (&model.drafts.all, model.session.now);
                list.view(drafts, now, &model.theme, area, buf);
            }
            Some(Overlay::Plan(sheet)) => sheet.view(&model.theme, area, buf),
            Some(Overlay::OpenRecord(question)) => question.view(&model.theme, area, buf),
            Some(Overlay::Paste(sheet)) => sheet.view(&model.theme, area, buf),
            Some(Overlay::HandOver(sheet)) => sheet.view(&model.theme, area, buf),
            Some(Overlay::Fill(menu) | Overlay::CompareWith(menu)) => {
                menu.view(&model.theme, area, buf);
            }
            Some(Overlay::Choose(choose)) => choose.view(&model.theme, area, buf),
            Some(Overlay::AskLine(ask)) => ask.view(&model.theme, area, buf),
            Some(Overlay::Begin(begin)) => begin.view(&model.theme, area, buf),
            Some(Overlay::Diagram(diagram)) => diagram.view(&model.theme, area, buf),
            Some(Overlay::Export(export)) => export.view(&model.theme, area, buf),
            Some(Overlay::Rules(sheet)) => sheet.view(&model.theme, area, buf),
            Some(Overlay::Access(sheet)) => sheet.view(&model.theme, area, buf),
            Some(
                Overlay::SchemaPlan
                | Overlay::SchemaCompare
                | Overlay::Timeline
                | Overlay::CallCompare(_),
            )
            | None => {}
        }
    }
    if model.session.mask.is_some() {
        masking::sweep(buf);
    }
    if model.theme.glyphs.ascii_only {
        text::to_ascii(buf);
    }
    if let Some(ground) = model.theme.ground {
        ground.paint(buf);
    }
}

/// What covers the panes and stays in sight below a question about it.
fn sheet(model: &Model, overlay: &Overlay, area: Rect, buf: &mut Buffer) {
    let theme = &model.theme;
    match (overlay, &model.plan, &model.compare) {
        (Overlay::SchemaPlan, Some(plan), _) => plan.view(theme, model.session.now, area, buf),
        (Overlay::CallCompare(compare), ..) => {
            compare.view(model.session.mask.is_some(), theme, area, buf);
        }
        (Overlay::SchemaCompare, _, Some(compare)) => compare.view(theme, area, buf),
        (Overlay::Timeline, ..) => {
            if let Some(timeline) = &model.timeline {
                timeline.view(model.session.mask.as_ref(), theme, area, buf);
            }
        }
        _ => {}
    }
}

fn too_small(model: &Model, area: Rect, buf: &mut Buffer) {
    let (width, height) = SMALLEST;
    let lines = [
        (
            format!(
                "captui needs {width}×{height}, this is {}×{}",
                area.width, area.height
            ),
            model.theme.text,
        ),
        (model.form.verdict(&model.theme), model.theme.text),
        (
            keyed("<app.send> sends, <app.quit> leaves"),
            model.theme.dim,
        ),
    ];
    let of_files = [
        (model.files.shown_title(), model.theme.text),
        (keyed("too small; <app.quit> leaves"), model.theme.dim),
    ];
    let lines: &[_] = match model.view {
        View::Files => &of_files,
        View::Record | View::Find | View::Schema => &lines,
    };
    paragraphs::put(buf, area, lines);
}

fn header(model: &Model, buf: &mut Buffer) {
    if model.view == View::Files {
        return files_header(model, buf);
    }
    let (theme, area) = (&model.theme, model.screen.header);
    let (badge, word) = badge(model.session.class);
    let mark = match badge {
        Badge::Prod => theme.glyphs.block,
        Badge::Sandbox | Badge::Dev => theme.glyphs.dot,
    };
    let mut spans = vec![Span::styled(format!(" {mark} {word}"), theme.badge(badge))];
    if model.session.environment != word.to_lowercase() {
        spans.push(Span::styled(
            format!("  {}", model.session.environment),
            theme.text,
        ));
    }
    if model.session.read_only || model.session.permission.is_read_only() {
        spans.push(Span::styled("  READ-ONLY", theme.warning));
    }
    if model.session.mask.is_some() {
        spans.push(Span::styled("  MASKED", theme.warning));
    }
    if let Some(faults) = faults(model) {
        spans.push(Span::styled(format!("  FAULTS: {faults}"), theme.warning));
    }
    let designed = match model.view {
        View::Schema => model.schema.type_name(),
        View::Record | View::Find | View::Files => None,
    };
    if let Some(name) = designed.or_else(|| model.session.type_name.clone()) {
        spans.push(Span::styled("   entity type ", theme.dim));
        spans.push(Span::styled(name, theme.accent));
    }
    let left = text::line_width(&Line::from(spans.clone()), area.width);
    let right = right_of_header(model, area.width.saturating_sub(left + 1));
    let wide = text::line_width(&right, area.width);
    let from = area.right().saturating_sub(wide).max(area.x);
    text::put_line(buf, from, area.y, wide, &right);
    text::put_spans(buf, area.x, area.y, from.saturating_sub(area.x + 1), &spans);
}

/// What is looked at, in place of where calls go.
fn files_header(model: &Model, buf: &mut Buffer) {
    let (theme, area) = (&model.theme, model.screen.header);
    let mut spans = vec![Span::styled(" captui view", theme.accent)];
    let notes = model.files.shown_notes().into_iter();
    spans.extend(notes.map(|note| Span::styled(format!("  {note}"), theme.text)));
    let help = Line::styled(keyed("  <app.help> help "), theme.dim);
    let wide = text::line_width(&help, area.width);
    let from = area.right().saturating_sub(wide).max(area.x);
    text::put_line(buf, from, area.y, wide, &help);
    text::put_spans(buf, area.x, area.y, from.saturating_sub(area.x), &spans);
}

/// The views, the one shown in brackets, and what else there is room for: the version goes first, then the views.
fn right_of_header(model: &Model, room: u16) -> Line<'static> {
    let theme = &model.theme;
    let view = |view: View, name: &str| {
        if model.view == view {
            Span::styled(format!("‹{name}›"), theme.accent)
        } else {
            Span::styled(format!(" {name} "), theme.dim)
        }
    };
    let drafts = match model.drafts.count(&model.session.environment) {
        0 => String::new(),
        1 => "  1 draft".to_owned(),
        count => format!("  {count} drafts"),
    };
    let help = Span::styled(
        format!("{drafts}{}", keyed("  <app.help> help ")),
        theme.dim,
    );
    let version = Span::styled(concat!("  captui ", env!("CARGO_PKG_VERSION")), theme.dim);
    let views = [
        view(View::Record, "Record"),
        view(View::Schema, "Schema"),
        view(View::Find, "Find"),
        Span::raw(" "),
    ];
    let whole = [views.to_vec(), vec![version, help.clone()]].concat();
    let shorter = [views.to_vec(), vec![help.clone()]].concat();
    let fitting = [whole, shorter].into_iter().map(Line::from);
    fitting
        .into_iter()
        .find(|line| text::line_width(line, room) <= room)
        .unwrap_or_else(|| Line::from(help))
}

/// What goes wrong on purpose, so that nobody wonders: `504 10%`.
fn faults(model: &Model) -> Option<String> {
    let rules = model.session.faults.as_deref()?;
    let words: Vec<String> = rules
        .iter()
        .map(|rule| match rule.share {
            100 => rule.fault.to_string(),
            share => format!("{} {share}%", rule.fault),
        })
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn title(model: &Model, pane: PaneId) -> String {
    match pane {
        PaneId::Types => model.types.title(),
        PaneId::Files => model.files.title(),
        PaneId::Response if model.shows_file() => model.files.shown_title(),
        PaneId::Form => model.form.title(&model.session),
        PaneId::Response => match model.response.exchange() {
            // One of an archive need not say where it was made.
            Some(exchange)
                if exchange.environment == model.session.environment
                    || exchange.environment.is_empty() =>
            {
                format!("Response · {}", response::summary::call(exchange))
            }
            // One of the history.
            Some(exchange) => format!(
                "Response · {}: {}",
                exchange.environment,
                response::summary::call(exchange)
            ),
            None => "Response".to_owned(),
        },
        PaneId::History => "History".to_owned(),
        PaneId::Records => model.records.title(),
        PaneId::Schema => model.schema.title(),
        PaneId::Attribute => model.schema.attribute_title(),
    }
}

fn view_pane(model: &Model, pane: PaneId, rect: Rect, buf: &mut Buffer) {
    let (theme, session) = (&model.theme, &model.session);
    let focused = model.focus == pane;
    let (top_note, bottom_notes) = match pane {
        PaneId::Types => (String::new(), notes(model.types.note())),
        PaneId::Files => (String::new(), Vec::new()),
        PaneId::Response if model.shows_file() => {
            let notes = model.files.viewer().map(|viewer| viewer.notes(rect.width));
            let notes = notes.unwrap_or_default().into_iter().map(Line::from);
            (String::new(), notes.collect())
        }
        PaneId::Form => (model.form.note_top(theme), notes(model.form.note(theme))),
        PaneId::Response => (
            String::new(),
            model.response.notes().into_iter().map(Line::from).collect(),
        ),
        PaneId::History => (model.history.note(), model.history.notes_below(session)),
        PaneId::Records => (
            model.records.note_top(),
            model.records.notes().into_iter().map(Line::from).collect(),
        ),
        PaneId::Schema => (model.schema.note_top(), notes(model.schema.note())),
        PaneId::Attribute => (model.schema.attribute_note(), Vec::new()),
    };
    let frame = PaneFrame {
        title: &match model.view {
            // No number leads there.
            View::Files => title(model, pane),
            _ => format!("{} {}", pane.number(), title(model, pane)),
        },
        notes: notes(top_note),
        bottom_notes,
        focused,
    };
    frame.draw(buf, rect, theme);
    let area = model.screen.inside(pane);
    match pane {
        PaneId::Types => model.types.view(session, theme, area, focused, buf),
        PaneId::Form => model.form.view(session, theme, area, focused, buf),
        PaneId::Response if model.shows_file() => {
            model.files.view_shown(theme, area, focused, buf);
        }
        PaneId::Response => {
            let around = response::view::Around {
                session,
                view: model.view,
                jobs: &model.jobs,
            };
            model.response.view(around, theme, area, focused, buf);
        }
        PaneId::History => model.history.view(session, theme, area, focused, buf),
        PaneId::Files => model.files.view(theme, area, focused, buf),
        PaneId::Records => model.records.view(theme, area, focused, buf),
        PaneId::Schema => model.schema.view(theme, area, focused, buf),
        PaneId::Attribute => model.schema.view_attribute(theme, area, focused, buf),
    }
}

/// A note for a frame; none when there is nothing to note.
fn notes(note: String) -> Vec<Line<'static>> {
    if note.is_empty() {
        Vec::new()
    } else {
        vec![Line::from(note)]
    }
}

/// The key that focuses a pane, and what that does for one without room.
fn opened_by(pane: PaneId) -> &'static str {
    match pane {
        PaneId::Types | PaneId::Files => "[<app.types>] opens",
        PaneId::Form | PaneId::Records | PaneId::Schema => "[<app.form>] opens",
        PaneId::Response => "[<app.response>] opens",
        PaneId::History => "[<app.history>] opens",
        PaneId::Attribute => "[<app.attribute>] opens",
    }
}

/// A pane that has no room: its verdict on one line, in a frame when there are rows for it.
fn strip(model: &Model, pane: PaneId, rect: Rect, buf: &mut Buffer) {
    let theme = &model.theme;
    let key = pane.number();
    let area = if rect.height >= 3 {
        let frame = PaneFrame {
            title: &format!("{key} {}", title(model, pane)),
            notes: notes(keyed(opened_by(pane))),
            ..PaneFrame::default()
        };
        within_margin(frame.draw(buf, rect, theme))
    } else {
        let end = text::put(
            buf,
            rect.x,
            rect.y,
            rect.width,
            &format!(" {key} "),
            theme.hint_key,
        );
        Rect {
            x: end,
            width: rect.right().saturating_sub(end),
            ..rect
        }
    };
    match (pane, model.response.summary()) {
        (PaneId::Response, Some(summary)) if !model.response.is_waiting() => {
            response::view::strip(summary, theme, area, buf);
        }
        (PaneId::Response, _) => {
            let line = if model.response.is_waiting() {
                "waiting for the answer"
            } else {
                "no answer yet"
            };
            text::put(buf, area.x, area.y, area.width, line, theme.dim);
        }
        _ => {
            let line = match pane {
                PaneId::Records => model.records.verdict(),
                PaneId::Schema => model.schema.verdict(theme),
                PaneId::Attribute => model.schema.attribute_line(theme),
                _ => model.form.verdict(theme),
            };
            text::put(buf, area.x, area.y, area.width, &line, theme.text);
        }
    }
}

/// The record under the cursor, beside the table.
fn preview(model: &Model, rect: Rect, buf: &mut Buffer) {
    let theme = &model.theme;
    let lines = usize::from(rect.height.saturating_sub(2));
    let shown = model.records.preview(lines);
    let (title, lines) = shown.unwrap_or_else(|| ("Record".to_owned(), Vec::new()));
    let frame = PaneFrame {
        title: &title,
        ..PaneFrame::default()
    };
    let area = within_margin(frame.draw(buf, rect, theme));
    if lines.is_empty() {
        let line = "The record under the cursor.".to_owned();
        paragraphs::put(buf, area, &[(line, theme.dim)]);
        return;
    }
    let most = area.width * 2 / 5;
    let widest = lines.iter().map(|(name, _)| text::width_up_to(name, most));
    let names = widest.max().unwrap_or(0) + 2;
    for ((name, cell), y) in lines.iter().zip(area.y..area.bottom()) {
        let shown = table::tail(name, names - 2);
        text::put(buf, area.x, y, names - 2, &shown, theme.dim);
        let room = area.width.saturating_sub(names);
        text::put(buf, area.x + names, y, room, &cell.text, theme.value);
    }
}

fn inspector(model: &Model, rect: Rect, buf: &mut Buffer) {
    if model.view == View::Find {
        preview(model, rect, buf);
        return;
    }
    let theme = &model.theme;
    let frame = PaneFrame {
        title: "Field",
        ..PaneFrame::default()
    };
    let area = within_margin(frame.draw(buf, rect, theme));
    let lines = model.form.help();
    if lines.is_empty() {
        let line = "What the field under the cursor is and how it is sent.".to_owned();
        paragraphs::put(buf, area, &[(line, theme.dim)]);
        return;
    }
    let mut y = area.y;
    for (label, value) in lines {
        if y >= area.bottom() {
            break;
        }
        text::put(buf, area.x, y, 13, &keyed(label), theme.dim);
        let room = Rect {
            x: area.x + 13,
            y,
            width: area.width.saturating_sub(13),
            height: area.bottom() - y,
        };
        y += paragraphs::put(buf, room, &[(value, theme.text)]).max(1);
    }
}

/// The line above the footer: what just happened, else what the field under the cursor is, and what runs.
fn status_line(model: &Model, buf: &mut Buffer) {
    let (theme, area) = (&model.theme, model.screen.status);
    let mut right = area.right();
    if let Some((_, running)) = model.jobs.asked_for() {
        let elapsed = model.session.now.duration_since(running.since);
        if elapsed.as_millis() >= 150 {
            let left = model.session.patience.as_secs_f64() - elapsed.as_secs_f64();
            // A message needs the room more, and a quick call no warning.
            let end = match &model.message {
                Some(_) => String::new(),
                None if elapsed.as_secs() >= 3 && left > 0.0 => {
                    format!("gives up in {left:.0} s  {}", keyed("<app.back> cancels "))
                }
                None => keyed("<app.back> cancels "),
            };
            let line = format!(
                "{} {} {:.1} s  {end}",
                theme.glyphs.running,
                running.title,
                elapsed.as_secs_f64()
            );
            right = text::put_right(buf, right, area.y, area.width, &line, theme.running);
        }
    }
    let room = right.saturating_sub(area.x + 2);
    let (line, style) = match &model.message {
        Some(message) => {
            let (mark, style) = match message.tone {
                Tone::Plain => (theme.glyphs.separator, theme.text),
                Tone::Done => (theme.glyphs.ok, theme.ok),
                Tone::Refusal => (theme.glyphs.warning, theme.warning),
            };
            (format!("{mark} {}", keyed(&message.text)), style)
        }
        None if model.focus == PaneId::Form && model.screen.inspector.is_none() => {
            (model.form.help_line(theme), theme.dim)
        }
        None => (String::new(), Style::new()),
    };
    text::put(buf, area.x + 1, area.y, room, &line, style);
}

/// Whether a shown key begins with a plain character: `q`, `g f`.
fn begins_with_text(key: &str) -> bool {
    key.split(' ')
        .next()
        .is_some_and(|first| first.chars().count() == 1)
}

/// The word beside a key of the plan; `None` when it does not belong there now.
fn plan_hint(
    model: &Model,
    action: schema_plan::Action,
    hint: &'static str,
) -> Option<&'static str> {
    let sheet = model.plan.as_ref()?;
    match action {
        schema_plan::Action::Apply => sheet.offers(action).then(|| sheet.apply_word()),
        _ => Some(hint),
    }
}

/// The key and the word of a verb, where it has both.
fn hint_of(
    keymap: &Keymap,
    verbs: &[ActionSpec<Action>],
    action: Action,
) -> Option<(String, &'static str)> {
    let spec = verbs.iter().find(|spec| spec.action == action)?;
    Some((first_key(keymap, action)?, spec.hint?))
}

/// The first key of a verb, if it has one.
fn first_key(keymap: &Keymap, action: Action) -> Option<String> {
    keymap.keys_of(action).first().map(ToString::to_string)
}

/// The footer: the mode, and the keys that do something now; those that cannot be used now are not offered.
fn footer(model: &Model, buf: &mut Buffer) {
    let scopes = model.scopes();
    let mut hints: Vec<(String, &'static str)> = Vec::new();
    let verbs = action::all();
    let send = Action::App(app::Action::Send);
    let offered = |scope: Scope| {
        let model = &model;
        verbs
            .iter()
            .filter(move |spec| spec.scope == scope && spec.action != send)
            .filter(move |spec| crate::tui::update::refusal(model, spec.action).is_none())
            .filter_map(move |spec| {
                let hint = match spec.action {
                    Action::Form(action) => model.form.hint(action, spec.hint?)?,
                    Action::Records(action) => model.records.hint(action, spec.hint?),
                    Action::Rules(action) => sheets::rules(model)?.hint(action, spec.hint?)?,
                    Action::Access(action) => sheets::access(model)?.hint(action, spec.hint?)?,
                    Action::Plan(action) => plan_hint(model, action, spec.hint?)?,
                    Action::Timeline(action) => model.timeline.as_ref()?.hint(action, spec.hint?),
                    Action::Attribute(action) => model.schema.attribute_hint(action, spec.hint?),
                    _ => spec.hint?,
                };
                Some((first_key(&model.keymap, spec.action)?, hint))
            })
    };
    let is_sheet = matches!(
        scopes.as_slice(),
        [Scope::Plan
            | Scope::Compare
            | Scope::CallCompare
            | Scope::Timeline
            | Scope::Rules
            | Scope::Access]
    );
    let instead = match model.view {
        View::Record => model.form.instead_of_sending(),
        View::Find | View::Schema | View::Files => &[],
    };
    if !is_sheet && model.focus == PaneId::Form {
        let key = |action| first_key(&model.keymap, Action::Form(action));
        let keys = instead.iter();
        hints.extend(keys.filter_map(|(action, word)| Some((key(*action)?, *word))));
    }
    if !is_sheet && instead.is_empty() && crate::tui::update::refusal(model, send).is_none() {
        let word = match model.view {
            View::Record | View::Files => "send",
            View::Find => "run",
            View::Schema => model.schema.send_word(),
        };
        hints.extend(first_key(&model.keymap, send).map(|key| (key, word)));
    }
    let editing = model.is_typing();
    if !is_sheet
        && !editing
        && model.view != View::Schema
        && crate::tui::update::hides_attribute(model)
    {
        // What an answer denies is repaired there.
        hints.extend(hint_of(
            &model.keymap,
            &verbs,
            Action::Schema(schema::Action::Access),
        ));
    }
    let mut taken: Vec<String> = Vec::new();
    for scope in scopes.iter().copied() {
        // A key that means something else further in is not offered again, even if that cannot be done now; while a text
        // is edited, letters belong to it.
        let more: Vec<_> = offered(scope)
            .filter(|(key, _)| !(editing && scope == Scope::App && begins_with_text(key)))
            .filter(|(key, hint)| *hint != "help" && !taken.contains(key))
            .collect();
        hints.extend(more);
        let bound = verbs.iter().filter(|spec| spec.scope == scope);
        let keys = bound.flat_map(|spec| model.keymap.keys_of(spec.action));
        taken.extend(keys.map(ToString::to_string));
    }
    let pending: Vec<String> = model.pressed.iter().map(ToString::to_string).collect();
    let mode = if !pending.is_empty() {
        format!("{} …", pending.join(" "))
    } else if let [Scope::Plan] = scopes.as_slice() {
        "PLAN".to_owned()
    } else if let [Scope::Compare | Scope::CallCompare] = scopes.as_slice() {
        "COMPARE".to_owned()
    } else if let [Scope::Timeline] = scopes.as_slice() {
        "TIME".to_owned()
    } else if let [Scope::Rules] = scopes.as_slice() {
        "RULES".to_owned()
    } else if let [Scope::Access] = scopes.as_slice() {
        "ACCESS".to_owned()
    } else if model.focus == PaneId::Records {
        model.records.mode_name().to_owned()
    } else if let Some(name) = model.form.typing_name().filter(|_| editing) {
        format!("EDIT {name}")
    } else if let Some(mode) = model.schema.mode_name().filter(|_| editing) {
        mode
    } else if editing && model.focus == PaneId::History {
        "FIND".to_owned()
    } else if let Some(mode) = model
        .viewer_mode()
        .filter(|_| model.focus == PaneId::Response)
    {
        mode.to_owned()
    } else {
        "NAV".to_owned()
    };
    let is_text = editing || sheets::writing(model).is_some();
    let help = model.keymap.keys_of(Action::App(app::Action::Help));
    let help = help.iter().find(|keys| !(is_text && keys.is_text()));
    let help = help.map_or_else(String::new, ToString::to_string);
    let hints: Vec<Hint> = hints
        .iter()
        .map(|(key, label)| Hint { key, label })
        .collect();
    let help = Hint {
        key: &help,
        label: "help",
    };
    status::draw_hints(buf, model.screen.footer, &mode, &hints, &help, &model.theme);
}
