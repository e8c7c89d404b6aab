//! Reads an answer's body: counts what comes, undoes its content encoding, and keeps what came when it breaks off.
//!
//! Done here and not by the HTTP library, which would take the headers away that tell of the encoding, count nothing,
//! and lose what came before a fault.

use std::io;
use std::io::Write;

use flate2::write::MultiGzDecoder;
use flate2::write::ZlibDecoder;
use reqwest::Response;

use crate::client::phases::Phases;
use crate::client::root_cause;
use crate::exchange::Stage;

/// What an answer may be encoded with: the names that [`Decoder::new`] knows.
pub(super) const ACCEPTED: &str = "gzip, deflate";

/// What was read of a body, and why not all of it if so.
pub(super) struct Read {
    /// The body, content encoding undone, as far as it came.
    pub(super) body: Vec<u8>,
    /// How far the call came and why the body is not whole.
    pub(super) broke_off: Option<(Stage, String)>,
}

/// Reads the body to its end, up to `limit` bytes after decoding: a small answer may unpack to gigabytes. Ends before, if
/// `stopped` says so.
pub(super) async fn read(
    response: &mut Response,
    limit: usize,
    phases: &Phases,
    stopped: impl Future<Output = (Stage, String)>,
) -> Read {
    tokio::pin!(stopped);
    let length = response.content_length();
    let encoding = response.headers().get("content-encoding");
    let encoding = encoding.and_then(|value| value.to_str().ok());
    let mut decoder = Decoder::new(encoding, limit);
    let mut received = 0_u64;
    let broke_off = loop {
        let chunk = tokio::select! {
            biased;
            why = &mut stopped => break Some(why),
            chunk = response.chunk() => chunk,
        };
        let fault = match chunk {
            Ok(None) => break decoder.finish().err().map(|why| (Stage::Read, why)),
            Ok(Some(chunk)) => {
                received += chunk.len() as u64;
                phases.received(received);
                decoder.take(&chunk).err()
            }
            Err(error) => {
                let of = length.map_or(String::new(), |length| format!(" of {length}"));
                let why = root_cause(error);
                Some(format!(
                    "the answer broke off after {received}{of} bytes: {why}"
                ))
            }
        };
        if let Some(why) = fault {
            break Some((Stage::Read, why));
        }
    };
    phases.received(received);
    phases.done();
    Read {
        body: decoder.into_body(),
        broke_off,
    }
}

/// Undoes a content encoding, piece by piece.
enum Decoder {
    /// There is none, or one that we did not ask for and do not know.
    Plain(Bounded),
    Gzip(Box<MultiGzDecoder<Bounded>>),
    Deflate(Box<ZlibDecoder<Bounded>>),
}

impl Decoder {
    fn new(encoding: Option<&str>, limit: usize) -> Self {
        let body = Bounded {
            bytes: Vec::new(),
            limit,
        };
        match encoding
            .map(|name| name.trim().to_ascii_lowercase())
            .as_deref()
        {
            Some("gzip" | "x-gzip") => Self::Gzip(Box::new(MultiGzDecoder::new(body))),
            Some("deflate") => Self::Deflate(Box::new(ZlibDecoder::new(body))),
            _ => Self::Plain(body),
        }
    }

    fn take(&mut self, chunk: &[u8]) -> Result<(), String> {
        match self {
            Self::Plain(body) => body.write_all(chunk),
            Self::Gzip(decoder) => decoder.write_all(chunk),
            Self::Deflate(decoder) => decoder.write_all(chunk),
        }
        .map_err(|error| self.why(&error))
    }

    /// Whether the encoding came to its end.
    fn finish(&mut self) -> Result<(), String> {
        match self {
            Self::Plain(_) => Ok(()),
            // An answer without any body may name an encoding all the same.
            Self::Gzip(decoder)
                if decoder.get_ref().bytes.is_empty() && decoder.header().is_none() =>
            {
                Ok(())
            }
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Deflate(decoder) if decoder.total_in() == 0 => Ok(()),
            Self::Deflate(decoder) => decoder.try_finish(),
        }
        .map_err(|error| self.why(&error))
    }

    fn why(&self, error: &io::Error) -> String {
        let body = self.body();
        if body.bytes.len() >= body.limit {
            format!("the answer is longer than {} MiB", body.limit >> 20)
        } else {
            format!("the compressed answer cannot be unpacked to its end: {error}")
        }
    }

    fn body(&self) -> &Bounded {
        match self {
            Self::Plain(body) => body,
            Self::Gzip(decoder) => decoder.get_ref(),
            Self::Deflate(decoder) => decoder.get_ref(),
        }
    }

    /// What was decoded, which is less than all when it broke off.
    fn into_body(mut self) -> Vec<u8> {
        let body = match &mut self {
            Self::Plain(body) => body,
            Self::Gzip(decoder) => {
                // Hands on what is decoded already; a fault in the rest was told before.
                let _ = decoder.flush();
                decoder.get_mut()
            }
            Self::Deflate(decoder) => {
                let _ = decoder.flush();
                decoder.get_mut()
            }
        };
        std::mem::take(&mut body.bytes)
    }
}

/// Bytes up to a limit; what is more is refused.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.limit - self.bytes.len();
        if room == 0 && !bytes.is_empty() {
            return Err(io::Error::other("too long"));
        }
        let taken = bytes.len().min(room);
        self.bytes.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
