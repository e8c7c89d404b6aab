//! A paste as it is written down: the same text, so that the replay reads the same of it, with a mask for every secret.
//!
//! What stands for a secret is a word like any other, since the usual mask would be read as something that was left out.
//! A call is read as the explorer reads it, and the secrets that are in it are taken out of its text in whatever form they
//! stand there. Where that leaves one, the whole text is reduced to its words with everything masked that may be a
//! credential: too much goes rather than too little.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::capture::auth::Presented;
use crate::capture::redact;
use crate::capture::redact::broken;
use crate::capture::redact::sent;
use crate::capture::secret::MASK;
use crate::curl::fragment;
use crate::curl::import::Import;
use crate::curl::import::Offered;
use crate::paste::What;
use crate::tui::overlays::paste;
use crate::tui::recording::scrub::Scrubber;
use crate::tui::recording::typed::Names;

/// What stands for a secret.
const STAND_IN: &str = "masked-secret";

/// The text without secrets, and with what is personal by these names in its shape.
pub(super) fn masked(text: &str, names: &Names, scrubber: &mut Scrubber) -> String {
    let pasted = paste::read(text);
    let kept = match &pasted.what {
        What::Call(call) => of_calls(text, &[call], names, scrubber),
        What::Collection(calls) => {
            let calls: Vec<&Import> = calls.iter().map(|named| &named.call).collect();
            of_calls(text, &calls, names, scrubber)
        }
        // A definition's name is nobody's.
        What::Schema { .. } => broken::masked(text, names.secrets()),
        What::Record(_)
        | What::Records(_)
        | What::Error(_)
        | What::Reference { .. }
        | What::BrokenJson(_) => names.masked(text),
        What::RequestId(_) | What::Text => {
            let words: Vec<&str> = text.split_whitespace().collect();
            let masked = fragment::masked(text);
            let kept = if masked == words.join(" ") {
                text.to_owned()
            } else {
                masked
            };
            names.masked(&kept)
        }
    };
    let kept = if scrubber.finds(&kept) {
        broken::masked(&fragment::masked(&kept), names.secrets())
    } else {
        kept
    };
    if text.contains(MASK) {
        // Somebody else's mask is to be read as one.
        return kept;
    }
    kept.replace(MASK, STAND_IN)
}

fn of_calls(text: &str, calls: &[&Import], names: &Names, scrubber: &mut Scrubber) -> String {
    let mut kept = text.to_owned();
    for call in calls {
        if let Offered::Usable(presented) = &call.credentials {
            mask_credentials(&mut kept, presented, scrubber);
        }
        if let Some(request) = call.request() {
            let more = match names.secrets() {
                [] => redact::names_written(&request),
                known => known.to_vec(),
            };
            for secret in sent::masked(&request.hiding(more)) {
                scrubber.learn(secret.reveal());
            }
        }
    }
    scrubber.secrets(&mut kept, STAND_IN);
    names.shaped(&kept)
}

/// A pair in base64 stays one, so that it is read as one again.
fn mask_credentials(text: &mut String, presented: &Presented, scrubber: &mut Scrubber) {
    match presented {
        Presented::Basic { id, secret } => {
            let pair = STANDARD.encode(format!("{id}:{}", secret.reveal()));
            let masked = STANDARD.encode(format!("{id}:{STAND_IN}"));
            *text = text.replace(&pair, &masked);
            scrubber.learn(secret.reveal());
        }
        Presented::Params { secret, .. } => scrubber.learn(secret.reveal()),
        Presented::Token(token) => scrubber.learn(token.reveal()),
        Presented::Signature { signature, .. } => scrubber.learn(signature),
        Presented::Nothing => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::capture::json::Json;
    use crate::capture::schema::EntityType;

    fn schema() -> EntityType {
        let json = r#"{"name":"user","attr_defs":[{"name":"pin","type":"password-bcrypt"},
            {"name":"givenName","type":"string"},{"name":"birthday","type":"date"}]}"#;
        let json = Json::parse(json).expect("is JSON");
        EntityType::from_json(&json).expect("is a schema").0
    }

    #[test]
    fn a_pasted_call_stays_one_without_its_secrets() {
        let pair = |secret: &str| STANDARD.encode(format!("the-client:{secret}"));
        let call = |pair: &str, secret: &str, password: &str| {
            format!(
                "curl -H 'Authorization: Basic {pair}' 'https://app.example.com/entity.create' \
                 -d type_name=user --data-urlencode 'attributes={{\"n\":1,\"pin\":\"{password}\"}}' \
                 -d client_secret={secret}"
            )
        };
        let names = Names::of(&schema());
        for (text, kept) in [
            (
                call(&pair("hunter22"), "hunter22", "p4ssw0rd!"),
                call(&pair(STAND_IN), STAND_IN, STAND_IN),
            ),
            (
                r#"{"pin":"hunter22","n":1}"#.to_owned(),
                r#"{"pin":"masked-secret","n":1}"#.to_owned(),
            ),
            (
                r#"curl https://h/entity.create -d 'attributes={"givenName":"Ada","birthday":null}' -d type_name=user"#
                    .to_owned(),
                r#"curl https://h/entity.create -d 'attributes={"givenName":"xxx","birthday":null}' -d type_name=user"#
                    .to_owned(),
            ),
            (
                r#"{"givenName":"Ada","birthday":null, "n":1}"#.to_owned(),
                r#"{"givenName":"xxx","birthday":null, "n":1}"#.to_owned(),
            ),
            (
                "-u id:hunter22 -d a=b".to_owned(),
                "-u masked-secret -d a=b".to_owned(),
            ),
            ("just  text\n".to_owned(), "just  text\n".to_owned()),
        ] {
            let mut scrubber = Scrubber::default();
            assert_eq!(masked(&text, &names, &mut scrubber), kept, "{text}");
        }
        let coded = "curl https://app.example.com/entity.create -d \
                     type_name=user\\&attributes=%7B%22pin%22%3A%22hunter%26%2022%22%7D";
        let kept = masked(coded, &names, &mut Scrubber::default());
        assert!(!kept.contains("hunter"), "{kept}");
    }
}
