//! The request that curl would send, read as a call, when all words are taken.

use std::ops::Range;

use crate::capture::auth::CREDENTIAL_ARGS;
use crate::capture::auth::Presented;
use crate::capture::endpoint::ENDPOINTS;
use crate::capture::endpoint::Endpoint;
use crate::capture::redact;
use crate::capture::request::Args;
use crate::capture::request::Call;
use crate::capture::request::FORM;
use crate::capture::request::HttpParts;
use crate::curl::account::Account;
use crate::curl::account::Fate;
use crate::curl::elided;
use crate::curl::import::Import;
use crate::curl::import::Offered;
use crate::curl::import::Operation;
use crate::curl::import::assemble::Assembly;
use crate::curl::import::assemble::JSON_BODY;
use crate::curl::import::assemble::credentials::precedence;
use crate::curl::import::assemble::credentials::without_stand_ins;
use crate::curl::url::Url;
use crate::failure::nearest;

impl Assembly<'_> {
    /// Reads what curl would send. `curl` is where the program's name stands, `before` are the accounts so far.
    pub(in crate::curl::import) fn finish(
        mut self,
        curl: Range<usize>,
        before: Vec<Account>,
    ) -> Import {
        let (url, text) = self.url.take().unzip();
        let parts = Url::read(text.as_deref().unwrap_or_default());
        let operation = operation(&parts, url.is_some());
        let has_body = !self.body.is_empty();
        self.drop_body_of_other_kind();
        let get_pieces = if self.get {
            std::mem::take(&mut self.body)
        } else {
            Vec::new()
        };
        self.query.extend(get_pieces);
        let method = self.method(has_body);
        let mut offered = self.credentials(&parts);
        let mut query = parts.query.as_bytes().to_vec();
        for piece in &self.query {
            join(&mut query, &piece.bytes);
        }
        let mut body = Vec::new();
        for piece in &self.body {
            join(&mut body, &piece.bytes);
        }
        let url_pairs = Args::from_form(parts.query.as_bytes()).0.len();
        let carriers = self.show_pieces(&query, &body, url_pairs);
        // captui sends all in the body; of a name that is given twice the last counts, as it does for the service.
        join(&mut query, &body);
        let (body, stand_in) = without_stand_ins(&query);
        if matches!(offered, Offered::Nothing)
            && let Some(found) = stand_in
        {
            offered = found;
        }
        let call = Call::read(&HttpParts {
            method: "POST",
            path: parts.path,
            query: "",
            content_type: None,
            authorization: None,
            date: None,
            body: body.as_bytes(),
        });
        let (args, presented) = match call {
            Ok(call) => (call.args, call.presented),
            Err(_) => (Args::default(), Ok(Presented::Nothing)),
        };
        let credentials = precedence(offered, presented.ok());
        self.judge_carriers(&carriers, &credentials);
        if let Some(account) = url {
            let account = self.account_of_url(account, &parts, &operation);
            self.accounts.push(account);
        } else {
            let why = "no URL is there: which operation is called, and where, is missing";
            self.accounts
                .push(Account::new(curl, "curl", Fate::Refused(why.into())));
        }
        let mut accounts = before;
        accounts.append(&mut self.accounts);
        accounts.sort_by_key(|account| (account.range.start, account.range.end));
        Import {
            operation,
            method,
            domain: parts.origin(),
            args,
            credentials,
            accounts,
            lacks_data: self.lacks_data,
            range: 0..0,
            next: None,
        }
    }

    /// A body of another content type than a form's is ignored by the service.
    fn drop_body_of_other_kind(&mut self) {
        let Some(kind) = &self.content_type else {
            return;
        };
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case(FORM) || self.get {
            return;
        }
        for piece in self.body.drain(..).filter(|piece| !piece.bytes.is_empty()) {
            self.accounts[piece.account].fate = Fate::Refused(JSON_BODY.to_owned());
            self.lacks_data = true;
        }
    }

    fn method(&mut self, has_body: bool) -> String {
        let implied = if self.head {
            "HEAD"
        } else if self.get || !has_body {
            "GET"
        } else {
            "POST"
        };
        let Some((at, given)) = self.method.take() else {
            return implied.to_owned();
        };
        self.accounts[at].fate = match given.as_str() {
            "POST" => Fate::Ignored("implied: captui always sends POST".into()),
            "GET" => Fate::Translated("captui sends POST".into()),
            _ => {
                Fate::Refused("not taken: Capture takes POST and GET, and captui sends POST".into())
            }
        };
        given
    }

    /// Masks the secrets among the parameters and says which are placeholders. Gives the accounts of those that carry
    /// credentials.
    fn show_pieces(&mut self, query: &[u8], body: &[u8], url_pairs: usize) -> Vec<usize> {
        self.ignore_date();
        let mut carriers = Vec::new();
        for (whole, skipped, is_query) in [(query, url_pairs, true), (body, 0, false)] {
            let plain = Args::from_form(whole);
            let masked = redact::form(&plain.to_form(), &[]);
            let masked = Args::from_form(masked.as_bytes());
            let mut at = skipped;
            let pieces = if is_query { &self.query } else { &self.body };
            for piece in pieces {
                let count = Args::from_form(&piece.bytes).0.len();
                let span = at..at + count;
                at += count;
                let (Some(before), Some(after)) = (plain.0.get(span.clone()), masked.0.get(span))
                else {
                    continue;
                };
                let account = &mut self.accounts[piece.account];
                if before != after {
                    let pairs: Vec<String> =
                        after.iter().map(|(n, v)| format!("{n}={v}")).collect();
                    let text = format!("{} {}", piece.flag, pairs.join("&"));
                    *account = Account {
                        more: Vec::new(),
                        ..Account::new(account.range.clone(), &text, account.fate.clone())
                    };
                }
                if before
                    .iter()
                    .any(|(name, _)| CREDENTIAL_ARGS.contains(&name.as_str()))
                {
                    carriers.push(piece.account);
                } else if account.fate == Fate::Imported
                    && let Some(fate) = fate_of_pairs(before)
                {
                    account.fate = fate;
                }
            }
        }
        carriers
    }

    fn account_of_url(
        &self,
        mut account: Account,
        url: &Url<'_>,
        operation: &Operation,
    ) -> Account {
        let mut notes: Vec<&str> = Vec::new();
        if let Operation::Unknown(path) = operation {
            let hint = nearest(
                path.trim_matches('/'),
                ENDPOINTS.iter().map(|spec| spec.endpoint.name()),
            );
            let hint = hint.map_or_else(String::new, |name| format!("; did you mean {name}?"));
            account.fate = Fate::Refused(format!(
                "no operation that captui knows has this path{hint}"
            ));
            return account;
        }
        if *operation == Operation::Missing {
            account.fate = Fate::Refused("no operation is named after the host".into());
            return account;
        }
        if let Some(fate @ Fate::Placeholder(_)) =
            fate_of_pairs(&Args::from_form(url.query.as_bytes()).0)
        {
            account.fate = fate;
            return account;
        }
        if url.origin().is_none() {
            let in_query = self
                .url_variables
                .iter()
                .any(|one| url.query.contains(one.as_str()));
            // The path names an operation: nothing is missing that the environment does not have.
            if !in_query && !matches!(account.fate, Fate::Refused(_)) {
                let why = "the host is not in the text: the environment's is used";
                account.fate = Fate::Translated(why.into());
            }
            return account;
        }
        if url.scheme.is_none() {
            notes.push("no scheme is written: curl would take http, captui takes https but on this machine");
        }
        if url.fragment.is_some() {
            notes.push("what follows the # is not sent");
        }
        if !self.globs_off && url.query.contains(['{', '[']) {
            notes.push("curl would take the brackets for a pattern, captui takes them as they are");
        }
        if url.query.contains(' ') || url.path.contains(' ') {
            notes.push("curl would not take a URL with blanks");
        }
        if !notes.is_empty() && account.fate == Fate::Imported {
            account.fate = Fate::Translated(notes.join("; "));
        }
        account
    }
}

fn operation(url: &Url<'_>, is_there: bool) -> Operation {
    // A URL that begins with a stand-in for scheme and host has its path all the same.
    let path = url.path.trim_start_matches('/');
    if !is_there || path.is_empty() {
        return Operation::Missing;
    }
    Endpoint::from_path(url.path)
        .map_or_else(|| Operation::Unknown(url.path.to_owned()), Operation::Known)
}

fn join(to: &mut Vec<u8>, piece: &[u8]) {
    if !to.is_empty() {
        to.push(b'&');
    }
    to.extend_from_slice(piece);
}

/// The fate of parameters that are less than they say.
fn fate_of_pairs(pairs: &[(String, String)]) -> Option<Fate> {
    if pairs.is_empty() {
        return Some(Fate::Ignored("empty".into()));
    }
    let what = pairs
        .iter()
        .find_map(|(_, value)| elided::template(value))?;
    Some(Fate::Placeholder(format!(
        "{what} stands for a value that is not in the text"
    )))
}
