//! The first line of a request from clients that leave `"`, `<` and `>` in a URL as they are. JSON arguments and filters
//! are full of them, and `curl`, PHP and Java send a query as it was written; hyper refuses such a line. Used by
//! `connection` on the bytes as they come in; nothing else of a request is touched.

use tokio::io::ReadBuf;

/// How many bytes one byte may become.
pub(super) const GROWTH: usize = 3;

/// Whether what comes in is still the first line of a request.
#[derive(Debug, Default)]
pub(super) struct RequestLine {
    open: bool,
}

impl RequestLine {
    /// Whether the next bytes belong to a line that has begun.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// Puts `bytes` into `buffer`, which has room for [`GROWTH`] times as many, with what a URL cannot hold encoded.
    /// `first` says that a request may begin here; one that does not look like it passes as it is.
    pub(super) fn put(&mut self, bytes: &[u8], first: bool, buffer: &mut ReadBuf<'_>) {
        if first {
            self.open = bytes.starts_with(b"GET ") || bytes.starts_with(b"POST ");
        }
        if !self.open {
            buffer.put_slice(bytes);
            return;
        }
        let end = bytes.iter().position(|byte| *byte == b'\n');
        self.open = end.is_none();
        let (line, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        for byte in line {
            match byte {
                b'"' => buffer.put_slice(b"%22"),
                b'<' => buffer.put_slice(b"%3C"),
                b'>' => buffer.put_slice(b"%3E"),
                _ => buffer.put_slice(std::slice::from_ref(byte)),
            }
        }
        buffer.put_slice(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What hyper reads when `pieces` come in one after another, the first as the beginning of a request.
    fn read(pieces: &[&str]) -> String {
        let mut line = RequestLine::default();
        let mut room = [0; 512];
        let mut buffer = ReadBuf::new(&mut room);
        for (number, piece) in pieces.iter().enumerate() {
            line.put(piece.as_bytes(), number == 0, &mut buffer);
        }
        String::from_utf8(buffer.filled().to_vec()).expect("is text")
    }

    #[test]
    fn only_the_line_is_encoded() {
        for (pieces, expected) in [
            (
                &["GET /entity?a={\"b\":1}&f=id>0 HTTP/1.1\r\nX: \"<>\"\r\n\r\n"][..],
                "GET /entity?a={%22b%22:1}&f=id%3E0 HTTP/1.1\r\nX: \"<>\"\r\n\r\n",
            ),
            (
                &[
                    "POST /entity?a=[\"",
                    "id\"] HTTP/1.1\r",
                    "\n",
                    "X: \"\"\r\n\r\n{\"b\":1}",
                ],
                "POST /entity?a=[%22id%22] HTTP/1.1\r\nX: \"\"\r\n\r\n{\"b\":1}",
            ),
            (&["{\"b\":", "\"c\"}\n"], "{\"b\":\"c\"}\n"),
            (&["X: \"GET \"\r\n"], "X: \"GET \"\r\n"),
        ] {
            assert_eq!(read(pieces), expected);
        }
    }
}
