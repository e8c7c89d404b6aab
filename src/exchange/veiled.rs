//! An exchange through a veil: every text of it masked that must not leave.
//!
//! Used by whatever is handed over and by recordings. Deliberately absent: what is masked, which is the veil's.

use crate::capture::redact::sharing::Context;
use crate::capture::redact::sharing::Veil;
use crate::capture::request::ApiRequest;
use crate::capture::response::Answer;
use crate::capture::response::NotCapture;
use crate::exchange::Answered;
use crate::exchange::Arrived;
use crate::exchange::Exchange;
use crate::exchange::Outcome;
use crate::exchange::Sent;
use crate::exchange::TransportError;

/// The exchange with everything masked that must not leave; what the veil learns of it, it looks for once it is sealed.
pub fn veiled(veil: &mut Veil, exchange: &Exchange) -> Exchange {
    let context = veil.context(&exchange.request);
    let args = veil.args(&exchange.request.args, &context);
    Exchange {
        id: exchange.id,
        environment: exchange.environment.clone(),
        sent: Sent {
            method: exchange.sent.method.clone(),
            url: veil.url(&exchange.sent.url, &context),
            headers: veil.headers(&exchange.sent.headers, &context),
            body: veil.form(&exchange.sent.body, &context),
        },
        outcome: outcome(veil, exchange, &context),
        request: ApiRequest {
            args,
            ..exchange.request.clone()
        },
        started: exchange.started,
        elapsed: exchange.elapsed,
        timing: exchange.timing.clone(),
    }
}

fn outcome(veil: &mut Veil, exchange: &Exchange, context: &Context) -> Outcome {
    let args = &exchange.request.args;
    match &exchange.outcome {
        Outcome::Answered(answered) => {
            let headers = veil.headers(&answered.headers, context);
            let body = veil.body(&answered.body, args, context);
            Outcome::Answered(match &answered.answer {
                Answer::Ok(_) | Answer::Error(_) => Answered::read(answered.status, headers, body),
                // Said of the body by whoever read it whole, which need not be so of this one.
                Answer::NotCapture(other) => Answered {
                    status: answered.status,
                    headers,
                    body,
                    answer: Answer::NotCapture(NotCapture {
                        reason: veil.text(&other.reason, context),
                    }),
                    judged: answered.judged,
                },
            })
        }
        Outcome::Failed(error) => Outcome::Failed(TransportError {
            stage: error.stage,
            message: veil.text(&error.message, context),
            may_have_happened: error.may_have_happened,
            arrived: error.arrived.as_deref().map(|arrived| {
                Box::new(Arrived {
                    status: arrived.status,
                    headers: veil.headers(&arrived.headers, context),
                    body: veil.body(&arrived.body, args, context),
                })
            }),
        }),
    }
}
