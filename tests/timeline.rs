//! Which call is to blame for each field of a record, after many changes by us and by others: through the real worker, the
//! real history and the sandbox, against what an oracle makes of the same calls in the plainest way.

use std::collections::BTreeMap;

use captui::capture::endpoint::Endpoint;
use captui::capture::json::Json;
use captui::capture::request::ApiRequest;
use captui::capture::response::Answer;
use captui::config::Config;
use captui::config::HistorySettings;
use captui::config::paths::Paths;
use captui::history::record::PrimaryKeys;
use captui::history::record::RecordKey;
use captui::history::record::place::Place;
use captui::history::record::timeline::Blame;
use captui::history::record::timeline::Since;
use captui::history::record::timeline::Timeline;
use captui::worker::Worker;
use captui::worker::job::Command;
use captui::worker::job::Event;
use captui::worker::job::Job;
use captui::worker::job::JobId;
use captui::worker::job::Output;
use captui::worker::services::Services;
use captui::worker::spawn;

/// How often the record is changed.
const UPDATES: usize = 50;

/// A worker that answers one job after the other.
struct Line {
    worker: Worker,
    jobs: u64,
}

impl Line {
    /// To the sandbox in these folders; one that is somebody else leaves nothing in the history.
    fn new(paths: &Paths, is_us: bool) -> Self {
        let usual = Config::default();
        let history = HistorySettings {
            enabled: is_us,
            ..usual.history.clone()
        };
        let config = Config { history, ..usual };
        let services = Services::new(&config, None, Some(paths.clone())).expect("has a sandbox");
        let worker = spawn(services).expect("a thread");
        Self { worker, jobs: 0 }
    }

    fn run(&mut self, job: Job) -> Output {
        self.jobs += 1;
        let commands = &self.worker.commands;
        let command = Command::Run(JobId(self.jobs), job);
        commands.send(command).expect("the worker listens");
        loop {
            match self.worker.events.blocking_recv().expect("comes to an end") {
                Event::Progress(..) => {}
                Event::Finished(_, result) => return result.expect("goes well"),
            }
        }
    }

    /// Makes a call; gives its number in the history and the answer.
    fn call(&mut self, request: ApiRequest) -> (i64, Json) {
        let exchange = match self.run(Job::Send(request)) {
            Output::Exchange(exchange) => exchange,
            other => panic!("a call gives an exchange, not {other:?}"),
        };
        match exchange.answer() {
            Some(Answer::Ok(answer)) => (exchange.id.map_or(0, |id| id.0), answer.clone()),
            other => panic!("{}: {other:?}", exchange.request.endpoint),
        }
    }
}

/// Numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn word(&mut self) -> String {
        ["red", "green", "blue", "grey"][self.below(4)].to_owned()
    }
}

/// Since when a field is so.
#[derive(Clone, Debug, PartialEq)]
enum Expected {
    By(i64),
    Between(i64, i64),
}

/// What is known of a field: its value, none when it is gone; what it was before; since when; who saw it last.
#[derive(Clone, Debug)]
struct Known {
    value: Option<Json>,
    former: Option<Json>,
    since: Expected,
    seen: i64,
}

/// What really is stored, and what was seen of it.
#[derive(Default)]
struct Oracle {
    truth: BTreeMap<String, Json>,
    known: BTreeMap<String, Known>,
    /// The last call that showed the whole record.
    whole: i64,
    /// After each call of ours, what was known then.
    then: Vec<(i64, BTreeMap<String, Known>)>,
}

impl Oracle {
    /// Call `number` wrote this value, and was told that it did.
    fn we_write(&mut self, number: i64, field: &str, value: Option<Json>) {
        match &value {
            Some(value) => self.truth.insert(field.to_owned(), value.clone()),
            None => self.truth.remove(field),
        };
        let before = self.known.get(field);
        if let Some(known) = before.filter(|known| known.value == value) {
            let seen = Known {
                seen: number,
                ..known.clone()
            };
            self.known.insert(field.to_owned(), seen);
            return;
        }
        let known = Known {
            former: before.and_then(|known| known.value.clone()),
            value,
            since: Expected::By(number),
            seen: number,
        };
        self.known.insert(field.to_owned(), known);
    }

    fn others_write(&mut self, field: &str, value: Json) {
        self.truth.insert(field.to_owned(), value);
    }

    /// Call `number` showed the whole record.
    fn look(&mut self, number: i64) {
        for (field, value) in &self.truth {
            let before = self.known.get(field);
            let since = match before {
                Some(known) if known.value.as_ref() == Some(value) => known.since.clone(),
                Some(known) => Expected::Between(known.seen, number),
                None => Expected::Between(self.whole, number),
            };
            let is_same = before.is_some_and(|known| known.value.as_ref() == Some(value));
            let former = match before {
                Some(known) if is_same => known.former.clone(),
                before => before.and_then(|known| known.value.clone()),
            };
            let known = Known {
                value: Some(value.clone()),
                former,
                since,
                seen: number,
            };
            self.known.insert(field.clone(), known);
        }
        self.whole = number;
    }

    fn keep(&mut self, number: i64) {
        self.then.push((number, self.known.clone()));
    }

    /// The fields that are there now and begin so.
    fn below(&self, beginning: &str) -> Vec<String> {
        let fields = self.truth.keys();
        let fields = fields.filter(|field| field.starts_with(beginning));
        fields.cloned().collect()
    }
}

/// A record, what changes it, and what is expected of its past.
struct Story {
    us: Line,
    others: Line,
    dice: Dice,
    oracle: Oracle,
    uuid: String,
    /// The ids of its photos and of its clients, these with their keys.
    photos: Vec<i64>,
    clients: Vec<(i64, String)>,
}

const SCALARS: [&str; 3] = ["displayName", "givenName", "aboutMe"];
const PARTS: [&str; 3] = ["city", "zip", "address1"];

impl Story {
    fn begin(paths: &Paths, seed: u64) -> Self {
        let mut us = Line::new(paths, true);
        let view = Job::LoadType("user".to_owned());
        assert!(matches!(us.run(view), Output::Type { .. }));
        let create = ApiRequest::new(Endpoint::EntityCreate)
            .with("type_name", "user")
            .with("attributes", "{}")
            .with("include_record", "true");
        let (number, answer) = us.call(create);
        let uuid = answer.get("uuid").and_then(Json::as_str).expect("has one");
        let mut story = Self {
            us,
            others: Line::new(paths, false),
            dice: Dice(seed),
            oracle: Oracle::default(),
            uuid: uuid.to_owned(),
            photos: Vec::new(),
            clients: Vec::new(),
        };
        let parts = PARTS.map(|part| format!("primaryAddress.{part}"));
        for field in SCALARS.map(str::to_owned).into_iter().chain(parts) {
            story.oracle.we_write(number, &field, Some(Json::Null));
        }
        story.oracle.look(number);
        story.oracle.keep(number);
        story
    }

    fn about(&self, endpoint: Endpoint) -> ApiRequest {
        ApiRequest::new(endpoint)
            .with("type_name", "user")
            .with("uuid", self.uuid.as_str())
    }

    /// Sends what is written below a path; the root when that is empty. Shown is the whole record then.
    fn write(
        &mut self,
        endpoint: Endpoint,
        path: &str,
        attributes: &str,
        shown: bool,
    ) -> (i64, Json) {
        let mut request = self.about(endpoint);
        if !path.is_empty() {
            request = request.with("attribute_name", path);
        }
        request = request.with("attributes", attributes);
        if shown {
            request = request.with("include_record", "true");
        }
        self.us.call(request)
    }

    /// One change, by us or by others, or a look.
    fn step(&mut self) {
        let number = match self.dice.below(11) {
            0 | 1 => self.scalar(),
            2 => self.nested(""),
            3 => self.nested("/primaryAddress"),
            4 => self.replace_nested(),
            5 => self.append_photo(),
            6 => self.change_photo(),
            7 => self.delete_photo(),
            8 => self.client(),
            9 => {
                self.others();
                return;
            }
            _ => self.view(),
        };
        self.oracle.keep(number);
    }

    fn scalar(&mut self) -> i64 {
        let name = SCALARS[self.dice.below(SCALARS.len())];
        let value = self.dice.word();
        let text = format!(r#"{{"{name}":"{value}"}}"#);
        let (number, _) = self.write(Endpoint::EntityUpdate, "", &text, false);
        self.oracle.we_write(number, name, Some(Json::from(value)));
        number
    }

    fn nested(&mut self, path: &str) -> i64 {
        let part = PARTS[self.dice.below(PARTS.len())];
        let value = self.dice.word();
        let inner = format!(r#"{{"{part}":"{value}"}}"#);
        let text = match path {
            "" => format!(r#"{{"primaryAddress":{inner}}}"#),
            _ => inner,
        };
        let (number, _) = self.write(Endpoint::EntityUpdate, path, &text, false);
        let field = format!("primaryAddress.{part}");
        self.oracle
            .we_write(number, &field, Some(Json::from(value)));
        number
    }

    fn replace_nested(&mut self) -> i64 {
        let value = self.dice.word();
        let text = format!(r#"{{"city":"{value}"}}"#);
        let (number, _) = self.write(Endpoint::EntityReplace, "/primaryAddress", &text, false);
        for part in PARTS {
            let value = match part {
                "city" => Json::from(value.as_str()),
                _ => Json::Null,
            };
            let field = format!("primaryAddress.{part}");
            self.oracle.we_write(number, &field, Some(value));
        }
        number
    }

    fn append_photo(&mut self) -> i64 {
        let (kind, value) = (self.dice.word(), self.dice.word());
        let text = format!(r#"{{"photos":[{{"type":"{kind}","value":"{value}"}}]}}"#);
        let (number, answer) = self.write(Endpoint::EntityUpdate, "", &text, true);
        let id = newest(&answer, "photos", &self.photos);
        self.photos.push(id);
        // Which element it is shows only in the answer.
        let truth = &mut self.oracle.truth;
        truth.insert(format!("photos#{id}.type"), Json::from(kind));
        truth.insert(format!("photos#{id}.value"), Json::from(value));
        self.oracle.look(number);
        number
    }

    fn change_photo(&mut self) -> i64 {
        let Some(id) = self.any_photo() else {
            return self.append_photo();
        };
        let value = self.dice.word();
        let text = format!(r#"{{"value":"{value}"}}"#);
        let replaces = self.dice.below(2) == 0;
        let endpoint = if replaces {
            Endpoint::EntityReplace
        } else {
            Endpoint::EntityUpdate
        };
        let (number, _) = self.write(endpoint, &format!("/photos#{id}"), &text, false);
        let oracle = &mut self.oracle;
        oracle.we_write(
            number,
            &format!("photos#{id}.value"),
            Some(Json::from(value)),
        );
        if replaces {
            oracle.we_write(number, &format!("photos#{id}.type"), Some(Json::Null));
        }
        number
    }

    fn delete_photo(&mut self) -> i64 {
        let Some(id) = self.any_photo() else {
            return self.append_photo();
        };
        let delete = self.about(Endpoint::EntityDelete);
        let (number, _) = self
            .us
            .call(delete.with("attribute_name", format!("/photos#{id}")));
        self.photos.retain(|known| *known != id);
        for field in self.oracle.below(&format!("photos#{id}.")) {
            self.oracle.we_write(number, &field, None);
        }
        number
    }

    fn any_photo(&mut self) -> Option<i64> {
        (!self.photos.is_empty()).then(|| self.photos[self.dice.below(self.photos.len())])
    }

    /// A new client, or one given with its id, which replaces it; known by its primary key.
    fn client(&mut self) -> i64 {
        let name = self.dice.word();
        let known = self.clients.len();
        let at = self.dice.below(known + 1);
        let (id, key) = match self.clients.get(at) {
            Some((id, key)) => (Some(*id), key.clone()),
            None => (None, format!("client{known}")),
        };
        let given = id.map(|id| format!(r#""id":{id},"#)).unwrap_or_default();
        let text = format!(r#"{{"clients":[{{{given}"clientId":"{key}","name":"{name}"}}]}}"#);
        let (number, answer) = self.write(Endpoint::EntityUpdate, "", &text, true);
        for (part, value) in [("clientId", &key), ("name", &name)] {
            let field = format!("clients[\"{key}\"].{part}");
            self.oracle
                .we_write(number, &field, Some(Json::from(value.as_str())));
        }
        self.oracle.look(number);
        if id.is_none() {
            let ids: Vec<i64> = self.clients.iter().map(|(id, _)| *id).collect();
            self.clients.push((newest(&answer, "clients", &ids), key));
        }
        number
    }

    fn others(&mut self) {
        let name = SCALARS[self.dice.below(SCALARS.len())];
        let (value, city) = (self.dice.word(), self.dice.word());
        let text = format!(r#"{{"{name}":"{value}","primaryAddress":{{"city":"{city}"}}}}"#);
        let request = self.about(Endpoint::EntityUpdate);
        let (number, _) = self.others.call(request.with("attributes", text));
        assert_eq!(number, 0, "nothing of others is kept");
        self.oracle.others_write(name, Json::from(value));
        self.oracle
            .others_write("primaryAddress.city", Json::from(city));
    }

    fn view(&mut self) -> i64 {
        let request = self.about(Endpoint::EntityView);
        let (number, _) = self.us.call(request);
        self.oracle.look(number);
        number
    }

    fn timeline(&mut self) -> std::sync::Arc<Timeline> {
        let job = Job::RecordTimeline {
            key: RecordKey {
                environment: "sandbox".to_owned(),
                type_name: "user".to_owned(),
                uuid: Some(self.uuid.clone()),
                id: None,
            },
            // The schema is in the history.
            keys: PrimaryKeys::default(),
        };
        match self.us.run(job) {
            Output::Timeline(timeline) => timeline,
            other => panic!("not a timeline: {other:?}"),
        }
    }
}

/// The id of the element that was not known before.
fn newest(answer: &Json, plural: &str, known: &[i64]) -> i64 {
    let record = answer.get("result").expect("is asked for");
    let items = record.get(plural).and_then(Json::as_array);
    let ids = items.expect("is a plural").iter();
    let mut ids = ids.filter_map(|item| item.get("id").and_then(Json::as_i64));
    ids.find(|id| !known.contains(id)).expect("is new")
}

fn told(blame: &Blame) -> Expected {
    match &blame.since {
        Since::By(event) => Expected::By(event.exchange.0),
        Since::Between { before, seen, .. } => {
            Expected::Between(before.exchange.0, seen.exchange.0)
        }
        Since::Always(event) => panic!("{} is said never to have changed: {event:?}", blame.place),
    }
}

fn check(known: &Known, blame: &Blame, field: &str, when: &str) {
    assert_eq!(told(blame), known.since, "{field} {when}");
    assert_eq!(blame.value, known.value, "{field} {when}");
    assert_eq!(blame.former, known.former, "what {field} was {when}");
}

#[test]
fn the_blame_of_each_field_is_right_after_fifty_changes_and_in_every_state_before() {
    for seed in [7, 1815, 271_828] {
        let folder = tempfile::tempdir().expect("makes a folder");
        let mut story = Story::begin(&Paths::below(folder.path()), seed);
        for _ in 0..UPDATES {
            story.step();
        }
        let number = story.view();
        story.oracle.keep(number);
        let timeline = story.timeline();
        let blames: BTreeMap<String, Blame> = timeline
            .blames()
            .into_iter()
            .map(|blame| (blame.place.to_string(), blame))
            .collect();
        let known = &story.oracle.known;
        assert!(known.len() > 10 && known.values().any(|known| known.value.is_none()));
        let is_between = |known: &Known| matches!(known.since, Expected::Between(..));
        assert!(known.values().any(is_between), "others changed something");
        for (field, known) in known {
            let blame = blames
                .get(field)
                .unwrap_or_else(|| panic!("nothing of {field}"));
            check(known, blame, field, "at last");
        }
        let places: BTreeMap<&String, &Place> = blames
            .iter()
            .map(|(field, blame)| (field, &blame.place))
            .collect();
        assert_eq!(timeline.states.len(), story.oracle.then.len());
        for (state, (number, known)) in timeline.states.iter().zip(&story.oracle.then) {
            assert_eq!(state.event.exchange.0, *number);
            for (field, known) in known {
                let blame = timeline.blame_at(places[field], state).expect("is known");
                check(known, &blame, field, &format!("after call {number}"));
            }
        }
        story.us.worker.stop();
        story.others.worker.stop();
    }
}
