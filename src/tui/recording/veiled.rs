//! What a worker tells, as it may stand in a recording: the calls about records and their answers through the veil that all
//! goes through which is handed over ([`crate::capture::redact::sharing`]), with shapes in place of personal values.
//!
//! Used by the recorder's thread, which knows the schemas as they come. What definitions, clients and settings say is
//! nobody's, and stays. Deliberately absent: secrets in other places, which [`crate::tui::recording::scrub`] takes out.

use std::sync::Arc;

use crate::capture::redact::sharing::Veil;
use crate::exchange::Exchange;
use crate::exchange::veiled::veiled;
use crate::worker::job::Event;
use crate::worker::job::JobError;
use crate::worker::job::Output;
use crate::worker::plan::Applied;

/// Masks what is personal in what a worker tells.
#[derive(Debug)]
pub(super) struct Veiled(Veil);

impl Default for Veiled {
    fn default() -> Self {
        Self(Veil::in_shapes())
    }
}

impl Veiled {
    /// The same event without what is personal.
    pub(super) fn event(&mut self, event: Event) -> Event {
        let Event::Finished(job, result) = event else {
            return event;
        };
        let result = match result {
            Ok(Output::Type {
                schema,
                problems,
                exchange,
            }) => {
                self.0.know(&schema);
                Ok(Output::Type {
                    schema,
                    problems,
                    exchange,
                })
            }
            Ok(Output::Exchange(exchange)) => Ok(Output::Exchange(self.exchange(&exchange))),
            Ok(Output::Exchanges(made)) => {
                let made = made.iter().map(|exchange| self.exchange(exchange));
                Ok(Output::Exchanges(made.collect()))
            }
            Ok(Output::Applied(applied)) => {
                let made = applied.exchanges.iter();
                let exchanges = made.map(|exchange| self.exchange(exchange)).collect();
                Ok(Output::Applied(Arc::new(Applied {
                    exchanges,
                    ..(*applied).clone()
                })))
            }
            Ok(Output::History(mut rows)) => {
                let context = self.0.any_context();
                for row in &mut rows {
                    row.subject = self.0.text(&row.subject, &context);
                }
                Ok(Output::History(rows))
            }
            Err(JobError::Exchange(exchange)) => Err(JobError::Exchange(self.exchange(&exchange))),
            Err(JobError::Cancelled(Some(exchange))) => {
                Err(JobError::Cancelled(Some(self.exchange(&exchange))))
            }
            other => other,
        };
        Event::Finished(job, result)
    }

    /// An exchange without what is personal in it: what stands in one place is masked in all, so it is gone over again
    /// when there was something new in it.
    fn exchange(&mut self, exchange: &Arc<Exchange>) -> Arc<Exchange> {
        if !self.0.context(&exchange.request).of_records {
            return Arc::clone(exchange);
        }
        let mut masked = veiled(&mut self.0, exchange);
        if self.0.is_open() {
            self.0.seal();
            masked = veiled(&mut self.0, exchange);
        }
        Arc::new(masked)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::capture::endpoint::Endpoint;
    use crate::capture::request::ApiRequest;
    use crate::exchange::Answered;
    use crate::exchange::Outcome;
    use crate::exchange::Sent;
    use crate::exchange::timing::Timing;
    use crate::worker::job::JobId;

    fn exchange(request: ApiRequest, body: &str) -> Arc<Exchange> {
        Arc::new(Exchange {
            id: None,
            environment: "dev".to_owned(),
            sent: Sent {
                method: "POST".to_owned(),
                url: "https://h/entity.create".to_owned(),
                headers: Vec::new(),
                body: request.to_form(),
            },
            request,
            started: Timestamp::UNIX_EPOCH,
            elapsed: Duration::ZERO,
            timing: Timing::default(),
            outcome: Outcome::Answered(Answered::read(200, Vec::new(), body.into())),
        })
    }

    #[test]
    fn personal_values_keep_their_shape_and_definitions_stay() {
        let attributes = r#"{"givenName":"Ada","birthday":"1985-03-04","age":38,"phone":"+49 170 1","note":"x","primaryAddress":{"city":"Ulm","country":"DE"}}"#;
        let create = ApiRequest::new(Endpoint::EntityCreate)
            .with("type_name", "user")
            .with("attributes", attributes);
        let body = r#"{"stat":"error","code":361,"error_description":"Ada of Ulm exists","request_id":"r1"}"#;
        let mut veiled = Veiled::default();
        let mut told = |exchange| {
            let event = Event::Finished(JobId(1), Ok(Output::Exchange(exchange)));
            match veiled.event(event) {
                Event::Finished(_, Ok(Output::Exchange(exchange))) => exchange,
                other => panic!("{other:?}"),
            }
        };
        let masked = told(exchange(create, body));
        assert_eq!(
            masked.request.args.get("attributes"),
            Some(
                r#"{"givenName":"xxx","birthday":"1111-11-11","age":11,"phone":"+11 111 1","note":"x","primaryAddress":{"city":"xxx","country":"DE"}}"#
            )
        );
        let said = String::from_utf8_lossy(masked.body()).into_owned();
        assert!(
            said.contains("xxx of xxx exists") && said.contains("r1"),
            "{said}"
        );
        assert!(!masked.sent.body.contains("Ada") && !masked.sent.body.contains("1985"));
        let types = ApiRequest::new(Endpoint::TypeView).with("type_name", "user");
        let schema = r#"{"stat":"ok","schema":{"name":"user","attr_defs":[{"name":"givenName","type":"string"}]}}"#;
        let kept = told(exchange(types, schema));
        assert_eq!(kept.body(), schema.as_bytes());
    }
}
