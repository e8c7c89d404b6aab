//! Counts what goes through and takes its check sum. Used where a file must be known by both.

use std::fmt::Write as _;
use std::io;
use std::io::Read;
use std::io::Write;

use sha2::Digest;
use sha2::Sha256;

/// Hands bytes on, counted and summed.
pub struct Tally<W> {
    out: W,
    bytes: u64,
    sum: Sha256,
}

impl<W> Tally<W> {
    /// Nothing went through yet.
    pub fn new(out: W) -> Self {
        Self {
            out,
            bytes: 0,
            sum: Sha256::new(),
        }
    }

    /// The same after what `before` holds, which went through in an earlier life.
    pub fn after(out: W, mut before: impl Read) -> io::Result<Self> {
        let mut tally = Tally::new(io::sink());
        io::copy(&mut before, &mut tally)?;
        Ok(Self {
            out,
            bytes: tally.bytes,
            sum: tally.sum,
        })
    }

    /// The same count and sum, handing on to what this one's goal becomes.
    pub fn map<V>(self, goal: impl FnOnce(W) -> V) -> Tally<V> {
        Tally {
            out: goal(self.out),
            bytes: self.bytes,
            sum: self.sum,
        }
    }

    /// How many bytes went through.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Where they went.
    pub fn get_ref(&self) -> &W {
        &self.out
    }

    /// Where they went, and their SHA-256 in hexadecimal digits.
    pub fn finish(self) -> (W, String) {
        (self.out, hex(&self.sum.finalize()))
    }
}

impl<W: Write> Write for Tally<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sum.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The SHA-256 of a text in hexadecimal digits.
pub fn sum_of(text: &[u8]) -> String {
    hex(&Sha256::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_goes_on_where_it_was() {
        let mut whole = Tally::new(Vec::new());
        whole.write_all(b"hello world").expect("a vector takes all");
        let mut rest = Tally::after(Vec::new(), &b"hello "[..]).expect("reads");
        rest.write_all(b"world").expect("a vector takes all");
        assert_eq!((whole.bytes(), rest.bytes()), (11, 11));
        let known = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
        assert_eq!(whole.finish().1, known);
        assert_eq!(rest.finish(), (b"world".to_vec(), known.to_owned()));
        assert_eq!(sum_of(b"hello world"), known);
    }
}
