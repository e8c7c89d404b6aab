use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use proptest::prelude::Strategy;
use proptest::prelude::prop;
use proptest::prop_assert;
use proptest::proptest;

use super::*;
use crate::capture::endpoint::Endpoint;
use crate::capture::json::Json;
use crate::capture::json::object::Object;
use crate::capture::json::quote;
use crate::capture::request::ApiRequest;
use crate::exchange::Answered;
use crate::exchange::ExchangeId;
use crate::exchange::Outcome;
use crate::exchange::Sent;
use crate::exchange::Stage;
use crate::exchange::TransportError;
use crate::exchange::Verdict;
use crate::exchange::timing::Phase;
use crate::exchange::timing::Span;
use crate::exchange::timing::Timing;
use crate::handover::open::OpenError;
use crate::handover::open::looks_handed_over;
use crate::handover::open::open;

fn here() -> Here {
    Here {
        now: "2026-03-02T08:00:00Z".parse().expect("is a time"),
        zone: TimeZone::fixed(jiff::tz::offset(1)),
    }
}

fn schema() -> Arc<EntityType> {
    let json = r#"{"name":"user","attr_defs":[
        {"name":"email","type":"string","length":256,"case-sensitive":true,"constraints":["unique","email-address"],
         "description":"ask grace@example.org"},
        {"name":"givenName","type":"string"},
        {"name":"pin","type":"password-bcrypt"}]}"#;
    let (schema, _) =
        EntityType::from_json(&Json::parse(json).expect("is JSON")).expect("is a schema");
    Arc::new(schema)
}

fn answered(body: &str) -> Outcome {
    let headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("set-cookie".to_owned(), "sid=S3CR3T-cookie".to_owned()),
    ];
    Outcome::Answered(Answered::read(200, headers, body.into()))
}

fn exchange(request: ApiRequest, outcome: Outcome) -> Exchange {
    Exchange {
        id: Some(ExchangeId(41)),
        environment: "staging".to_owned(),
        sent: Sent {
            method: "POST".to_owned(),
            url: format!("https://my-app.example.com{}", request.endpoint.spec().path),
            headers: vec![
                (
                    "Content-Type".to_owned(),
                    "application/x-www-form-urlencoded".to_owned(),
                ),
                (
                    "Authorization".to_owned(),
                    "Signature the-client:abc=".to_owned(),
                ),
            ],
            body: request.to_form(),
        },
        request,
        started: "2026-03-01T12:00:00.123Z".parse().expect("is a time"),
        elapsed: Duration::from_micros(41_500),
        timing: Timing {
            spans: [
                (Phase::Connect, 0, 10_000),
                (Phase::Wait, 10_000, 40_000),
                (Phase::Read, 40_000, 41_500),
            ]
            .map(|(phase, from, until)| Span {
                phase,
                from: Duration::from_micros(from),
                until: Duration::from_micros(until),
            })
            .into(),
            ..Timing::default()
        },
        outcome,
    }
}

fn failed_create() -> Exchange {
    let attributes = r#"{"email":"ada@example.com","givenName":"Ada","pin":"hunter2"}"#;
    let request = ApiRequest::new(Endpoint::EntityCreate)
        .with("type_name", "user")
        .with("attributes", attributes);
    exchange(
        request,
        answered(
            r#"{"stat":"error","code":361,"error":"unique_violation","error_description":"`Ada` <ADA@example.com> *exists*: {code} /email","attribute_name":"/email","request_id":"geup8cd3gvcvjjnc"}"#,
        ),
    )
}

fn found() -> Exchange {
    let request = ApiRequest::new(Endpoint::EntityFind)
        .with("type_name", "user")
        .with("filter", "email = 'ada@example.com' and givenName = 'Ada'");
    let body = r#"{"stat":"ok","result_count":2,"results":[
        {"id":1,"email":"ada@example.com","note":"=1+1","n":-5,"primaryAddress":{"city":"Ulm","country":"DE"}},
        {"id":2,"email":"bob@example.com","emails":[{"id":9,"value":"x@y.example"}],"pin":{"type":"password-bcrypt","value":"$2a$10$abc"}}]}"#;
    exchange(request, answered(body))
}

fn item(exchange: Exchange) -> Item {
    Item {
        exchange: Arc::new(exchange),
        class: Some("dev".to_owned()),
        client: Some("direct_access".to_owned()),
        schema: Some(schema()),
        about: None,
    }
}

fn written(format: Format, items: &[Item], sharing: Sharing) -> String {
    let bytes = write(format, items, sharing, &here()).expect("can be written");
    String::from_utf8(bytes).expect("is text")
}

#[test]
fn every_format_is_as_agreed() {
    let items = [item(failed_create())];
    for format in Format::ALL {
        if format == Format::Csv {
            continue;
        }
        let text = written(format, &items, Sharing::Masked);
        insta::assert_snapshot!(format!("create_{}", format.word()), text);
    }
    let text = written(Format::Csv, &[item(found())], Sharing::Masked);
    insta::assert_snapshot!("find_csv", text);
    let nothing = write(Format::Csv, &items, Sharing::Masked, &here());
    assert_eq!(nothing, Err(HandoverError::NoRecords));
    assert_eq!(
        write(Format::Har, &[], Sharing::Masked, &here()),
        Err(HandoverError::Nothing)
    );
}

#[test]
fn personal_data_stays_only_when_asked_for_and_secrets_never() {
    let items = [item(failed_create()), item(found())];
    for format in Format::ALL {
        let text = written(format, &items, Sharing::Unmasked);
        assert!(
            text.contains("ada@example.com") || text.contains("ada%40example.com"),
            "{format}: {text}"
        );
        for secret in ["hunter2", "S3CR3T", "$2a$10", "the-client"] {
            assert!(!text.contains(secret), "{format}: {secret} in {text}");
        }
    }
}

#[test]
fn a_ticket_says_what_came_of_a_call_without_an_answer() {
    let mut lost = failed_create();
    lost.outcome = Outcome::Failed(TransportError {
        stage: Stage::Wait,
        message: "no answer within 30 s".to_owned(),
        may_have_happened: true,
        arrived: None,
    });
    let page = exchange(
        lost.request.clone(),
        answered("<html><title>502 Bad Gateway</title>"),
    );
    let text = written(Format::Plain, &[item(lost), item(page)], Sharing::Masked);
    insta::assert_snapshot!("lost_plain", text);
}

#[test]
fn a_long_answer_is_cut_and_hostile_text_cannot_leave_its_place() {
    let lines: Vec<String> = (0..5_000)
        .map(|n| format!("\"k{n}\":\"```\\n{{code}}\\u001b[2J\u{202e}\""))
        .collect();
    let body = format!("{{\"stat\":\"ok\",{}}}", lines.join(","));
    let items = [item(exchange(
        ApiRequest::new(Endpoint::EntityView),
        answered(&body),
    ))];
    for format in Format::TICKETS {
        let text = written(format, &items, Sharing::Masked);
        assert!(text.len() < 12_000, "{format}: {} bytes", text.len());
        assert!(text.contains("more lines"), "{format}");
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format}");
    }
    let markdown = written(Format::Markdown, &items, Sharing::Masked);
    assert!(markdown.contains("\n````json\n"), "{markdown}");
    let jira = written(Format::Jira, &items, Sharing::Masked);
    assert_eq!(jira.matches("{code}").count(), 2, "{jira}");
}

#[test]
fn a_bundle_opens_as_it_was_handed_over() {
    let mut lost = found();
    lost.outcome = Outcome::Failed(TransportError {
        stage: Stage::Read,
        message: "broke off".to_owned(),
        may_have_happened: false,
        arrived: None,
    });
    let binary = exchange(
        ApiRequest::new(Endpoint::EntityView),
        Outcome::Answered(Answered::read(502, Vec::new(), vec![0xff, 0, 1])),
    );
    let items = [item(failed_create()), item(lost), item(binary)];
    let text = written(Format::Bundle, &items, Sharing::Masked);
    assert!(looks_handed_over(text.as_bytes()));
    let opened = open(text.as_bytes()).expect("opens");
    assert_eq!(opened.title, "a bundle of captui 0.1.0, 3 calls");
    assert_eq!(
        (opened.masked, opened.notes.len(), opened.schemas.len()),
        (Some(true), 0, 1)
    );
    let again: Vec<Item> = opened
        .calls
        .iter()
        .map(|call| Item {
            exchange: Arc::new(call.exchange().expect("is a call")),
            class: call.class.clone(),
            client: call.client.clone(),
            schema: opened.schemas.first().cloned().map(Arc::new),
            about: None,
        })
        .collect();
    assert_eq!(
        written(Format::Bundle, &again, Sharing::Masked),
        text,
        "masked once is masked"
    );
    let verdicts: Vec<Verdict> = again.iter().map(|item| item.exchange.verdict()).collect();
    assert_eq!(
        verdicts,
        [Verdict::Error, Verdict::NotSent, Verdict::NotCapture]
    );

    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, text.as_bytes()).expect("packs");
    let packed = packed.finish().expect("packs");
    assert_eq!(open(&packed).expect("opens").calls.len(), 3);
    assert!(matches!(
        open(&packed[..packed.len() / 2]),
        Err(OpenError::Gzip(_))
    ));
    assert!(matches!(
        open(b"{\"captui_bundle\":9}"),
        Err(OpenError::Newer(9))
    ));
    assert!(matches!(
        open(b"{\"stat\":\"ok\"}"),
        Err(OpenError::Foreign)
    ));
    assert!(matches!(open(b"{\"log\""), Err(OpenError::Json(_))));
}

#[test]
fn archives_of_other_programs_open_as_far_as_they_go() {
    let text = r#"{"log":{"creator":{"name":"Browser"},"entries":[
        {"startedDateTime":"2026-03-01T13:00:00.5+01:00","time":12.5,
         "request":{"method":"POST","url":"https://h.example/entity.create?x=1",
            "postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"type_name","value":"user"}]}},
         "response":{"status":200,"content":{"mimeType":"application/json","encoding":"base64","text":"eyJzdGF0Ijoib2sifQ=="}},
         "timings":{"dns":-1,"wait":10,"receive":2.5}},
        {"request":{"url":"https://h.example/other"},"response":{"status":0,"_error":"net::ERR_FAILED"}},
        {"request":{}}, 7]}}"#;
    assert!(looks_handed_over(text.as_bytes()));
    let opened = open(text.as_bytes()).expect("opens");
    assert_eq!(opened.title, "an HTTP archive of Browser, 2 calls");
    assert_eq!(opened.notes, ["2 calls could not be read and are left out"]);
    let [create, other] = opened.calls.as_slice() else {
        panic!("{opened:?}");
    };
    let exchange = create.exchange().expect("is a call");
    assert_eq!(exchange.verdict(), Verdict::Ok);
    assert_eq!(exchange.request.args.get("type_name"), Some("user"));
    assert_eq!(
        exchange.started,
        "2026-03-01T12:00:00.5Z".parse().expect("is a time")
    );
    assert_eq!(
        (exchange.elapsed, exchange.timing.spans.len()),
        (Duration::from_micros(12_500), 2)
    );
    assert!(other.exchange().is_none());
    assert!(matches!(&other.outcome, Outcome::Failed(error) if error.message == "net::ERR_FAILED"));
}

#[test]
fn what_is_written_as_an_archive_comes_back_as_one() {
    let text = written(Format::Har, &[item(failed_create())], Sharing::Unmasked);
    let opened = open(text.as_bytes()).expect("opens");
    let call = &opened.calls[0];
    let exchange = call.exchange().expect("is a call");
    assert_eq!(exchange.verdict(), Verdict::Error);
    assert_eq!(exchange.started, failed_create().started);
    assert_eq!(exchange.elapsed, failed_create().elapsed);
    assert_eq!(exchange.timing.spans, failed_create().timing.spans);
}

/// Everything that is planted.
#[derive(Clone, Debug)]
struct Planted {
    secret: String,
    password: String,
    email: String,
    phone: String,
    name: String,
}

impl Planted {
    fn all(&self) -> [&str; 5] {
        [
            &self.secret,
            &self.password,
            &self.email,
            &self.phone,
            &self.name,
        ]
    }
}

fn planted() -> impl Strategy<Value = Planted> {
    let text = |pattern: &'static str| pattern.prop_map(|text: String| text);
    (
        text("[A-Za-z][A-Za-z0-9+/]{14,30}"),
        text("[A-Za-z][A-Za-z0-9!#%&+/=?@'\"\\\\é-]{7,14}[A-Z]"),
        text("[a-z]{2,8}[.+_-]?[a-z0-9]{2,6}@[a-z]{3,8}[.](com|org|co[.]uk)"),
        text("[+][1-9][0-9]{9,12}"),
        text("[A-Z][a-z]{5,9}(-| )[A-Z][a-zé]{5,9}x"),
    )
        .prop_map(|(secret, password, email, phone, name)| Planted {
            secret,
            password,
            email,
            phone,
            name,
        })
}

/// Ways of writing a value.
type Encoding = fn(&str) -> String;

const ENCODINGS: [Encoding; 8] = [
    str::to_owned,
    percent,
    |text| percent(&percent(text)),
    escaped,
    |text| percent(&escaped(text)),
    |text| BASE64_STANDARD.encode(format!("id:{text}")),
    |text| {
        text.chars().fold(String::new(), |out, c| {
            out + &format!("&#{};", u32::from(c))
        })
    },
    |text| BASE64_STANDARD_NO_PAD.encode(format!("{{\"v\":{}}}", quote(text))),
];

fn percent(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn escaped(text: &str) -> String {
    text.encode_utf16()
        .fold(String::new(), |out, unit| out + &format!("\\u{unit:04x}"))
}

/// An exchange in which everything stands in its place and again wherever a value can stand, encoded.
fn exchange_with(planted: &Planted, encoding: Encoding, broken: bool) -> Exchange {
    let everything: Vec<String> = planted.all().map(encoding).into();
    let everything = everything.join(" ; ");
    let member = |name: &str, value: &str| (name.to_owned(), Json::from(value));
    let attributes: Object = [
        member("email", &planted.email),
        member("mobileNumber", &planted.phone),
        member("displayName", &planted.name),
        member("pin", &planted.password),
        member("note", &everything),
        member("inside", &format!("{{\"text\":{}}}", quote(&everything))),
    ]
    .into_iter()
    .collect();
    let request = ApiRequest::new(Endpoint::EntityCreate)
        .with("type_name", "user")
        .with("attributes", Json::Object(attributes).to_string())
        .with("access_token", &planted.secret)
        .with(
            "redirect_uri",
            format!(
                "https://h.example/?a={everything}&email={}",
                percent(&planted.email)
            ),
        )
        .with(
            "form",
            format!("x={}&y={everything}", percent(&percent(&planted.email))),
        );
    let mut body = format!(
        r#"{{"stat":"error","code":361,"error":"e","error_description":{},"request_id":"r"}}"#,
        quote(&format!("the value {everything}, exists"))
    );
    if broken {
        body.truncate(body.len() - 20);
    }
    let mut exchange = exchange(request, answered(&body));
    exchange
        .sent
        .headers
        .push(("X-Debug".to_owned(), everything.clone()));
    exchange.sent.headers.push((
        "X-Basic".to_owned(),
        format!(
            "Basic {}",
            BASE64_STANDARD.encode(format!("id:{}", planted.secret))
        ),
    ));
    exchange.sent.url = format!("https://h.example/entity.create?q={}", percent(&everything));
    exchange
}

/// Whether a value can be read out of a text, by whoever tries the usual ways.
fn readable(text: &str, value: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let whole = value.to_lowercase();
    let forms: [(&str, String); 6] = [
        ("plain", whole.clone()),
        (
            "in a JSON string",
            quote(&whole).trim_matches('"').to_owned(),
        ),
        ("percent", percent(value).to_lowercase()),
        ("percent twice", percent(&percent(value)).to_lowercase()),
        ("escaped", escaped(value).to_lowercase()),
        (
            "escaped in JSON",
            quote(&escaped(value)).trim_matches('"').to_lowercase(),
        ),
    ];
    for (how, form) in forms {
        if lower.contains(&form) {
            return Some(how);
        }
    }
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    let runs = text.split(|c| !is_base64(c)).filter(|run| run.len() >= 8);
    for run in runs {
        for skipped in 0..4.min(run.len()) {
            let part = &run[skipped..];
            let part = &part[..part.len() / 4 * 4];
            if let Ok(decoded) = BASE64_STANDARD.decode(part)
                && String::from_utf8_lossy(&decoded)
                    .to_lowercase()
                    .contains(&whole)
            {
                return Some("base64");
            }
        }
    }
    None
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 20, ..Default::default() })]

    #[test]
    fn nothing_planted_survives_in_any_format(
        planted in planted(),
        encoding in prop::sample::select(ENCODINGS.to_vec()),
        broken in proptest::bool::ANY,
    ) {
        let mut items = vec![item(exchange_with(&planted, encoding, broken))];
        let record = Json::Object([("note", &planted.name), ("who", &planted.email), ("tel", &planted.phone)]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Json::from(encoding(value).as_str())))
            .collect());
        let page = format!(r#"{{"stat":"ok","results":[{record}]}}"#);
        items.push(item(exchange(ApiRequest::new(Endpoint::EntityFind), answered(&page))));
        for format in Format::ALL {
            let text = written(format, &items, Sharing::Masked);
            for value in planted.all() {
                let how = readable(&text, value);
                prop_assert!(how.is_none(), "{format}: {value:?} {how:?} in\n{text}");
            }
            let text = written(format, &items, Sharing::Unmasked);
            for value in [&planted.secret, &planted.password] {
                let how = readable(&text, value);
                prop_assert!(how.is_none(), "{format}, unmasked: {value:?} {how:?} in\n{text}");
            }
        }
    }
}
