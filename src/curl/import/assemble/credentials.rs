//! Who calls: the places that credentials stand in, which of them count, and what only looks like credentials.

use std::ops::Range;

use base64::Engine;
use form_urlencoded::byte_serialize;

use crate::capture::auth::BASE64;
use crate::capture::auth::CREDENTIAL_ARGS;
use crate::capture::auth::Presented;
use crate::capture::request::Args;
use crate::capture::secret::MASK;
use crate::capture::secret::Secret;
use crate::curl::account::Fate;
use crate::curl::elided;
use crate::curl::import::Offered;
use crate::curl::import::assemble::Assembly;
use crate::curl::import::assemble::Claim;
use crate::curl::import::assemble::Value;
use crate::curl::url;
use crate::curl::url::Url;

/// Where credentials of one option are kept.
#[derive(Clone, Copy)]
enum Place {
    User,
    Bearer,
}

impl Assembly<'_> {
    pub(super) fn take_authorization(
        &mut self,
        flag: &str,
        range: Range<usize>,
        content: &str,
        variables: &[String],
    ) {
        let (scheme, rest) = content.split_once([' ', '\t']).unwrap_or((content, ""));
        let rest = rest.trim();
        let shown = |rest: &str| format!("{flag} Authorization: {scheme} {rest}");
        let variable = variables
            .first()
            .map(|variable| format!("{variable} is a variable"));
        let (text, offered) = match scheme.to_ascii_lowercase().as_str() {
            "basic" => match variable.or_else(|| elided::stand_in_pair(rest).map(str::to_owned)) {
                Some(why) => {
                    let decoded = BASE64.decode(rest).is_ok();
                    (
                        shown(if decoded { MASK } else { rest }),
                        unusable(None, &why),
                    )
                }
                None => (shown(MASK), read_pair(rest)),
            },
            "signature" => {
                let (id, signature) = rest.split_once(':').unwrap_or((rest, ""));
                match variable.or_else(|| elided::stand_in(signature).map(str::to_owned)) {
                    Some(why) => (shown(rest), unusable(Some(id), &why)),
                    None => (
                        shown(&format!("{id}:{MASK}")),
                        Offered::Usable(Presented::Signature {
                            id: id.to_owned(),
                            signature: signature.to_owned(),
                            date: String::new(),
                        }),
                    ),
                }
            }
            "oauth" | "bearer" => {
                match variable.or_else(|| elided::stand_in(rest).map(str::to_owned)) {
                    Some(why) => (shown(rest), unusable(None, &why)),
                    None => (
                        shown(MASK),
                        Offered::Usable(Presented::Token(Secret::new(rest))),
                    ),
                }
            }
            _ if rest.is_empty() && elided::stand_in(scheme).is_some() => (
                format!("{flag} Authorization: {scheme}"),
                unusable(None, "a placeholder"),
            ),
            _ => {
                let fate = Fate::Refused(
                    "not taken: Capture knows Basic, Signature and OAuth only".into(),
                );
                self.account(range, &format!("{flag} Authorization: {MASK}"), fate);
                return;
            }
        };
        let is_bearer = scheme.eq_ignore_ascii_case("bearer");
        let account = self.account(range, &text, fate_of(&offered, is_bearer));
        if self.header.is_none() {
            self.header = Some(Claim { account, offered });
        } else {
            self.accounts[account].fate =
                Fate::Refused("not taken: another Authorization stands before it".into());
        }
    }

    pub(super) fn take_user(&mut self, flag: &str, range: Range<usize>, value: Value<'_>) {
        let offered = match (value.text.split_once(':'), value.variables.first()) {
            (Some((id, _)), Some(variable)) => {
                let id = Some(id).filter(|id| !id.contains(variable.as_str()));
                unusable(id, &format!("{variable} is a variable"))
            }
            (None, Some(variable)) => unusable(None, &format!("{variable} is a variable")),
            (None, None) => unusable(Some(value.text), "without a secret: curl would ask for it"),
            (Some((id, secret)), None) => {
                match elided::stand_in(secret).or_else(|| elided::stand_in(id)) {
                    Some(why) => unusable(Some(id), why),
                    None => Offered::Usable(Presented::Basic {
                        id: id.to_owned(),
                        secret: Secret::new(secret),
                    }),
                }
            }
        };
        // A secret may stand beside an id that is none; what plainly stands for one may be read.
        let shown = match value.text.split_once(':') {
            Some((id, secret)) if !stands_for_a_secret(secret, value.variables) => {
                format!("{flag} {id}:{MASK}")
            }
            _ => format!("{flag} {}", value.text),
        };
        let account = self.account(range, &shown, fate_of(&offered, false));
        self.replace_claim(Place::User, Claim { account, offered });
    }

    pub(super) fn take_bearer(&mut self, flag: &str, range: Range<usize>, value: Value<'_>) {
        let why = match value.variables.first() {
            Some(variable) => Some(format!("{variable} is a variable")),
            None => elided::stand_in(value.text).map(str::to_owned),
        };
        let (shown, offered) = match why {
            Some(why) => (value.text, unusable(None, &why)),
            None => (
                MASK,
                Offered::Usable(Presented::Token(Secret::new(value.text))),
            ),
        };
        let account = self.account(range, &format!("{flag} {shown}"), fate_of(&offered, true));
        self.replace_claim(Place::Bearer, Claim { account, offered });
    }

    /// Of an option that is given twice, the last counts.
    fn replace_claim(&mut self, place: Place, claim: Claim) {
        let slot = match place {
            Place::User => &mut self.user,
            Place::Bearer => &mut self.bearer,
        };
        if let Some(old) = slot.replace(claim) {
            self.accounts[old.account].fate =
                Fate::Ignored("given again later: the last counts".into());
        }
    }

    /// The credentials outside the parameters, by curl's precedence.
    pub(super) fn credentials(&mut self, url: &Url<'_>) -> Offered {
        let mut claims = [self.header.take(), self.bearer.take(), self.user.take()]
            .into_iter()
            .flatten();
        let Some(first) = claims.next() else {
            return url.user.map_or(Offered::Nothing, offered_in_url);
        };
        let losers: Vec<usize> = claims.map(|claim| claim.account).collect();
        for account in losers {
            self.accounts[account].fate =
                Fate::Ignored("other credentials come before these".into());
        }
        self.dated(first)
    }

    /// A signature belongs to its date; a date alone says nothing.
    fn dated(&mut self, claim: Claim) -> Offered {
        let Offered::Usable(Presented::Signature { id, signature, .. }) = claim.offered else {
            self.ignore_date();
            return claim.offered;
        };
        if let Some((_, date)) = self.date.take() {
            return Offered::Usable(Presented::Signature {
                id,
                signature,
                date,
            });
        }
        let offered = unusable(
            Some(&id),
            "signed, without the Date header that belongs to it",
        );
        self.accounts[claim.account].fate = fate_of(&offered, false);
        offered
    }

    pub(super) fn ignore_date(&mut self) {
        if let Some((at, _)) = self.date.take() {
            self.accounts[at].fate = Fate::Ignored("only a signed call needs a date".into());
        }
    }

    /// What becomes of parameters that carry credentials is known when all the credentials are.
    pub(super) fn judge_carriers(&mut self, carriers: &[usize], credentials: &Offered) {
        for account in carriers {
            let fate = match credentials {
                Offered::Usable(Presented::Params { .. } | Presented::Token(_)) => {
                    Fate::Translated("becomes the call's credentials".into())
                }
                Offered::Unusable { .. } => fate_of(credentials, false),
                Offered::Usable(_) => Fate::Ignored("other credentials come before these".into()),
                Offered::Nothing => {
                    Fate::Ignored("an id without a secret, or a secret without an id".into())
                }
            };
            self.accounts[*account].fate = fate;
        }
    }
}

/// Whether all of `text` is a stand-in, such as `<secret>`, or a variable.
fn stands_for_a_secret(text: &str, variables: &[String]) -> bool {
    let is_within = |open, close| text.starts_with(open) && text.ends_with(close);
    variables.iter().any(|variable| variable == text)
        || is_within("<", ">")
        || is_within("{{", "}}")
}

fn unusable(id: Option<&str>, why: &str) -> Offered {
    let id = id
        .filter(|id| elided::stand_in(id).is_none())
        .map(str::to_owned);
    Offered::Unusable {
        id,
        why: why.to_owned(),
    }
}

fn read_pair(encoded: &str) -> Offered {
    let pair = BASE64.decode(encoded).unwrap_or_default();
    let pair = Secret::from(String::from_utf8_lossy(&pair).into_owned());
    match pair.reveal().split_once(':') {
        Some((id, secret)) => Offered::Usable(Presented::Basic {
            id: id.to_owned(),
            secret: Secret::new(secret),
        }),
        None => unusable(None, "not base64 of an id and a secret"),
    }
}

fn offered_in_url(user: &str) -> Offered {
    let (id, secret) = user.split_once(':').unwrap_or((user, ""));
    let (id, secret) = (url::decode(id), url::decode(secret));
    match elided::stand_in(&secret).or_else(|| elided::stand_in(&id)) {
        Some(why) => unusable(Some(&id), why),
        None => Offered::Usable(Presented::Basic {
            id,
            secret: Secret::new(secret),
        }),
    }
}

fn fate_of(offered: &Offered, is_bearer: bool) -> Fate {
    match offered {
        Offered::Unusable { why, .. } => {
            Fate::Translated(format!("{why}: the environment's client will be used"))
        }
        Offered::Usable(_) if is_bearer => {
            Fate::Translated("Capture's word for Bearer is OAuth".into())
        }
        Offered::Usable(_) | Offered::Nothing => Fate::Imported,
    }
}

/// The form without credentials that are none, and what they would have been.
pub(super) fn without_stand_ins(form: &[u8]) -> (String, Option<Offered>) {
    let args = Args::from_form(form);
    let found = CREDENTIAL_ARGS.iter().find_map(|name| {
        let value = args.get(name)?;
        let why = elided::stand_in(value)?;
        Some(unusable(args.get("client_id"), why))
    });
    let Some(found) = found else {
        return (args.to_form(), None);
    };
    let kept = args
        .iter()
        .filter(|(name, _)| !CREDENTIAL_ARGS.contains(name));
    let pairs = kept.map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    (pairs.collect::<Vec<_>>().join("&"), Some(found))
}

/// The service takes a token first, then what the header says, then the parameters.
pub(super) fn precedence(header: Offered, params: Option<Presented>) -> Offered {
    match (header, params) {
        (Offered::Usable(token @ Presented::Token(_)), _)
        | (_, Some(token @ Presented::Token(_))) => Offered::Usable(token),
        (Offered::Nothing, Some(Presented::Nothing) | None) => Offered::Nothing,
        (Offered::Nothing, Some(presented)) => Offered::Usable(presented),
        (header, _) => header,
    }
}

fn encode(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}
