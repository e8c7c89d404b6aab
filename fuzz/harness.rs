//! What is done with one random input. Used by the targets beside it, and by a test of the ordinary suite that plays the
//! corpus, so that it cannot rot. It uses what the library shows to everybody and nothing else. A panic is a finding.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each target uses its part, and a program has no outside"
)]

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::sync::OnceLock;

use captui::capture::auth::CREDENTIAL_ARGS;
use captui::capture::auth::Presented;
use captui::capture::error::ErrorCode;
use captui::capture::filter::parse::parse;
use captui::capture::json::Json;
use captui::capture::request::ApiRequest;
use captui::capture::request::Args;
use captui::capture::request::Call;
use captui::capture::request::HttpParts;
use captui::sandbox::pipeline::answer;
use captui::sandbox::seed::FirstContent;
use captui::sandbox::store::Store;
use captui::sandbox::store::StorePath;
use jiff::Timestamp;

/// Reads the input as a filter, and has a sandbox count by it.
///
/// Whatever the text, the answer is a count, or one of the codes that a filter can have. And every record meets a
/// filter, or its opposite, or neither for want of a value: the three counts make up all records, though the first may
/// come from an index and the others do not.
pub fn filter(input: &[u8]) {
    let filter = String::from_utf8_lossy(input);
    let length = filter.chars().count();
    if let Err(error) = parse(&filter) {
        assert!((1..=length + 1).contains(&error.at), "{error}");
    }
    let sandbox = sandbox();
    let parts = [
        filter.clone().into_owned(),
        format!("not ({filter})"),
        // An attribute in parentheses is still an attribute, and in plurals other elements may have none.
        format!("(({filter}) or false) is null"),
    ];
    let counts: Option<Vec<i64>> = parts.iter().map(|part| sandbox.count(part)).collect();
    // An empty filter is none, and what is long or deep enough cannot be put into parentheses.
    if let Some(counts) = counts {
        assert_eq!(
            counts.iter().sum::<i64>(),
            RECORDS.len() as i64,
            "{counts:?}"
        );
    }
}

/// Reads the input as a request: a line each for the method, path and query, content type and authorization, and the
/// body. An empty line stands for a header that is absent.
///
/// No credential is left among the arguments, the path is one that is routed, and the arguments survive being sent.
pub fn form(input: &[u8]) {
    let header = |text: String| (!text.is_empty()).then_some(text);
    let mut lines = input.splitn(5, |byte| *byte == b'\n');
    let mut line = || String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let (method, target) = (line(), line());
    let (content_type, authorization) = (header(line()), header(line()));
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let body = lines.next().unwrap_or_default();
    let parts = HttpParts {
        method: &method,
        path,
        query,
        content_type: content_type.as_deref(),
        authorization: authorization.as_deref(),
        date: Some("2016-02-26 19:08:44"),
        body,
    };
    let Ok(call) = Call::read(&parts) else {
        assert!(!matches!(parts.method, "GET" | "POST"));
        return;
    };
    assert!(call.path.starts_with('/') && !call.path.starts_with("//"));
    assert!(
        call.args
            .iter()
            .all(|(name, _)| !CREDENTIAL_ARGS.contains(&name))
    );
    assert_eq!(Args::from_form(call.args.to_form().as_bytes()), call.args);
    if let Err(error) = &call.presented {
        assert!(matches!(error.code.0, 100 | 205 | 402), "{error}");
    }
    if let Some(endpoint) = call.endpoint {
        let request = ApiRequest {
            args: call.args.clone(),
            ..ApiRequest::new(endpoint)
        };
        let _ = request.check(matches!(call.presented, Ok(Presented::Token(_))));
    }
    assert_eq!(
        sandbox().answer(&call).status,
        if call.endpoint.is_some() { 200 } else { 404 }
    );
}

/// A sandbox with one type of all kinds of attributes, and records of it.
struct Sandbox {
    store: Store,
    client_id: String,
    client_secret: String,
}

/// The one of this process.
fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let store = Store::open_with(StorePath::Memory, FirstContent::Bare)
            .expect("opens")
            .with_bcrypt_cost(4);
        let (client_id, client_secret) = store.owner().expect("has an owner");
        let sandbox = Sandbox {
            store,
            client_id,
            client_secret: client_secret.reveal().to_owned(),
        };
        sandbox.expect_ok(
            "/entityType.create",
            &[("type_name", "rich"), ("attr_defs", TYPE)],
        );
        for record in RECORDS {
            sandbox.expect_ok(
                "/entity.create",
                &[("type_name", "rich"), ("attributes", record)],
            );
        }
        sandbox
    })
}

impl Sandbox {
    /// Answers at a moment that never changes, so that an input does the same every time.
    fn answer(&self, call: &Call) -> captui::sandbox::pipeline::Reply {
        let now = Timestamp::from_second(1_772_280_000).expect("is in range");
        answer(&self.store, call, IpAddr::V4(Ipv4Addr::LOCALHOST), now)
    }

    fn call(&self, path: &str, args: &[(&str, &str)]) -> Json {
        let mut args = Args::from_pairs(args.iter().copied());
        args.push("client_id", &self.client_id);
        args.push("client_secret", &self.client_secret);
        let call = Call::read(&HttpParts {
            method: "POST",
            path,
            query: "",
            content_type: None,
            authorization: None,
            date: None,
            body: args.to_form().as_bytes(),
        });
        let reply = self.answer(&call.expect("POST is read"));
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body
    }

    fn expect_ok(&self, path: &str, args: &[(&str, &str)]) {
        let answer = self.call(path, args);
        assert_eq!(answer.get("stat"), Some(&"ok".into()), "{answer}");
    }

    /// How many records meet `filter`; `None` when it is refused in one of the ways that a filter can be.
    fn count(&self, filter: &str) -> Option<i64> {
        let answer = self.call(
            "/entity.count",
            &[("type_name", "rich"), ("filter", filter)],
        );
        match answer.get("code").and_then(Json::as_i64).map(ErrorCode) {
            None => Some(
                answer
                    .get("total_count")
                    .and_then(Json::as_i64)
                    .expect("is a number"),
            ),
            Some(
                ErrorCode::INVALID_ARGUMENT
                | ErrorCode::UNKNOWN_ATTRIBUTE
                | ErrorCode::FILTER_CONTAINS,
            ) => None,
            Some(_) => panic!("{filter:?}: {answer}"),
        }
    }
}

const TYPE: &str = r#"[
    {"name":"code","type":"string","constraints":["unique"]},
    {"name":"email","type":"string","case-sensitive":false,"constraints":["unique"],"features":["query"]},
    {"name":"number","type":"integer","constraints":["unique"]},
    {"name":"name","type":"string"},
    {"name":"alias","type":"string","case-sensitive":false,"features":["query"]},
    {"name":"age","type":"integer","features":["query"]},
    {"name":"price","type":"decimal"},
    {"name":"rate","type":"decimal","features":["query"]},
    {"name":"ok","type":"boolean","features":["query"]},
    {"name":"born","type":"date"},
    {"name":"joined","type":"date","features":["query"]},
    {"name":"seen","type":"dateTime","features":["query"]},
    {"name":"ip","type":"ipAddress"},
    {"name":"extra","type":"json"},
    {"name":"password","type":"password-bcrypt"},
    {"name":"home","type":"object","attr_defs":[
        {"name":"city","type":"string"},
        {"name":"geo","type":"object","attr_defs":[{"name":"lat","type":"decimal"}]},
        {"name":"tags","type":"plural","attr_defs":[{"name":"tag","type":"string"}]}]},
    {"name":"logins","type":"plural","attr_defs":[
        {"name":"domain","type":"string","case-sensitive":false,"features":["query"]},
        {"name":"count","type":"integer"},
        {"name":"at","type":"dateTime"},
        {"name":"ok","type":"boolean"},
        {"name":"device","type":"object","attr_defs":[{"name":"os","type":"string"}]},
        {"name":"sites","type":"plural","attr_defs":[{"name":"siteName","type":"string"},
            {"name":"visits","type":"integer","features":["query"]}]}]}]"#;

const RECORDS: [&str; 5] = [
    r#"{"code":"A","email":"a@b.co","number":7,"name":"a","alias":"Zo\u00eb","age":5,"price":1.50,"rate":0.1,"ok":true,
        "born":"2003-01-02","joined":"2003-01-02","seen":"2003-01-02 18:15:00 +0000","ip":"192.0.2.1","extra":{"a":1},
        "password":{"type":"password-md5","value":"x"},"home":{"city":"a","geo":{"lat":5},"tags":[{"tag":"a"},{"tag":"b"}]},
        "logins":[{"domain":"A","count":1,"at":"2003-01-02","ok":false,"device":{"os":"a"},
                   "sites":[{"siteName":"a","visits":1},{"siteName":null,"visits":5}]},
                  {"domain":null,"count":5,"ok":true}]}"#,
    r#"{"code":"a","email":"A@c.co","number":-1,"name":"A","alias":"ZO\u00cb","age":-1,"price":15e-1,"rate":1e2,"ok":false,
        "born":"1999-12-31","joined":"2026-02-28","seen":"2026-02-28 12:00:00.500000 +0000","ip":"10.0.0.2","extra":[],
        "home":{"city":"","tags":[]},"logins":[{"domain":"b","count":0,"sites":[{"siteName":"A","visits":-1}]}]}"#,
    r#"{"code":"","email":"it's@b.co","name":"it's","alias":"\\","age":9223372036854775807,"price":1e400,
        "rate":12345678901234567890.10,"seen":"9999-12-31 23:59:59 +0000","joined":"0001-01-01"}"#,
    r#"{"name":"","alias":"","home":{"city":null},"logins":[]}"#,
    "{}",
];
