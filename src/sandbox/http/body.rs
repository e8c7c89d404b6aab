//! The bytes of an answer on their way out: whole, or spoilt on request.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use hyper::body::Body;
use hyper::body::Bytes;
use hyper::body::Frame;
use hyper::body::SizeHint;
use tokio::time::Sleep;
use tokio::time::sleep;

use crate::sandbox::http::connection::Clock;

/// In how many pieces a slow body comes, at most.
const PIECES: usize = 32;
/// Before a body is cut off: what came before is sent first.
const FLUSH_TIME: Duration = Duration::from_millis(5);

/// A body, and how it goes out.
pub(super) struct Outgoing {
    pub(super) bytes: Bytes,
    pub(super) pace: Pace,
}

/// How a body goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// At once.
    Whole,
    /// Half of it, then the connection ends.
    Half,
    /// In pieces over so long a time.
    Over(Duration),
}

impl Outgoing {
    /// A body that goes out at once.
    pub(super) fn whole(text: String) -> Self {
        Self {
            bytes: Bytes::from(text),
            pace: Pace::Whole,
        }
    }
}

/// A body while it is sent. Its end is the end of the call.
pub(super) struct AnswerBody {
    left: Bytes,
    /// How many of the bytes left are never sent.
    withheld: usize,
    /// How many go out at a time.
    piece: usize,
    /// What comes before the next piece.
    pause: Option<Pause>,
    clock: Clock,
}

/// A pause before each piece.
struct Pause {
    time: Duration,
    sleep: Pin<Box<Sleep>>,
}

/// The body ends before its length.
#[derive(Debug, thiserror::Error)]
#[error("the answer is cut off on request")]
pub(super) struct CutOff;

impl AnswerBody {
    pub(super) fn new(body: Outgoing, clock: Clock) -> Self {
        let length = body.bytes.len();
        let pause = |time| Pause {
            time,
            sleep: Box::pin(sleep(time)),
        };
        let (withheld, piece, pause) = match body.pace {
            Pace::Whole => (0, length, None),
            Pace::Half => (length.div_ceil(2), length, Some(pause(FLUSH_TIME))),
            Pace::Over(time) => {
                let piece = length.div_ceil(PIECES).max(1);
                let pieces = length.div_ceil(piece).max(1);
                (0, piece, Some(pause(time / pieces as u32)))
            }
        };
        Self {
            left: body.bytes,
            withheld,
            piece,
            pause,
            clock,
        }
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.clock.answered();
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        let body = self.get_mut();
        if body.left.is_empty() {
            return Poll::Ready(None);
        }
        if let Some(pause) = &mut body.pause {
            std::task::ready!(pause.sleep.as_mut().poll(context));
            pause.sleep = Box::pin(sleep(pause.time));
        }
        let size = body.piece.min(body.left.len() - body.withheld);
        if size == 0 {
            return Poll::Ready(Some(Err(CutOff)));
        }
        Poll::Ready(Some(Ok(Frame::data(body.left.split_to(size)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
