//! Large texts to read: answers of records as the service gives them, and what is made to be hard on a reader. The same
//! arguments give the same bytes on every machine.

use std::fmt::Write as _;
use std::io::BufWriter;
use std::io::Result;
use std::io::Write;

/// What a text is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An answer with so many bytes of records.
    Find,
    /// So many bytes of records, one a line.
    Lines,
    /// So many bytes of records, on lines with indents.
    Pretty,
    /// Objects in each other, so many.
    Deep,
    /// Arrays in each other, so many.
    DeepArrays,
    /// One string of so many bytes.
    BigString,
    /// An object of so many keys.
    Keys,
    /// An array of so many numbers.
    Numbers,
}

impl Shape {
    /// Every shape and its name.
    pub(crate) const ALL: [(&'static str, Self); 8] = [
        ("find", Self::Find),
        ("lines", Self::Lines),
        ("pretty", Self::Pretty),
        ("deep", Self::Deep),
        ("deeparr", Self::DeepArrays),
        ("bigstr", Self::BigString),
        ("keys", Self::Keys),
        ("nums", Self::Numbers),
    ];

    /// The shape of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(own, _)| *own == name);
        found.map(|(_, shape)| shape)
    }

    /// The text, in memory.
    pub(crate) fn text(self, size: usize) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        self.write(size, &mut text)?;
        Ok(text)
    }

    /// Writes the text.
    pub(crate) fn write(self, size: usize, out: impl Write) -> Result<()> {
        let mut out = BufWriter::with_capacity(1 << 20, out);
        match self {
            Self::Find => {
                let count = records_in(size);
                write!(
                    out,
                    "{{\"stat\":\"ok\",\"total_count\":{count},\"result_count\":{count},\"results\":["
                )?;
                records(count, |at, record| {
                    out.write_all(if at > 1 { b"," } else { b"" })?;
                    out.write_all(record)
                })?;
                out.write_all(b"]}\n")?;
            }
            Self::Lines => records(records_in(size), |_, record| {
                out.write_all(record)?;
                out.write_all(b"\n")
            })?,
            Self::Pretty => {
                // Indents double the text.
                out.write_all(b"[")?;
                records(records_in(size / 2), |at, record| {
                    out.write_all(if at > 1 { b",\n  " } else { b"\n  " })?;
                    indent(record, &mut out)
                })?;
                out.write_all(b"\n]\n")?;
            }
            Self::Deep => nested(b"{\"a\":", b"1", b"}", size, &mut out)?,
            Self::DeepArrays => nested(b"[", b"", b"]", size, &mut out)?,
            Self::BigString => {
                let mut random = Random::new();
                let mut left = size;
                out.write_all(b"{\"stat\":\"ok\",\"blob\":\"")?;
                while left > 0 {
                    let words = random.words(8);
                    writeln_less(&mut out, &words)?;
                    left = left.saturating_sub(words.len() + 1);
                }
                out.write_all(b"\",\"after\":true}\n")?;
            }
            Self::Keys => {
                let mut random = Random::new();
                out.write_all(b"{")?;
                for at in 0..size {
                    let comma = if at > 0 { "," } else { "" };
                    let value = match at % 4 {
                        0 => random.below(1000).to_string(),
                        1 => format!("\"{}\"", random.pick(GIVEN)),
                        2 => "null".to_owned(),
                        _ => format!("[{}]", random.below(9)),
                    };
                    write!(out, "{comma}\"key_{at:07}_{}\":{value}", random.hex(4))?;
                }
                out.write_all(b"}\n")?;
            }
            Self::Numbers => {
                out.write_all(b"[")?;
                for at in 0..size {
                    let comma = if at > 0 { "," } else { "" };
                    write!(out, "{comma}{}", at % 10)?;
                }
                out.write_all(b"]\n")?;
            }
        }
        out.flush()
    }
}

/// A size in bytes or items: `100M`.
pub(crate) fn size(text: &str) -> Option<usize> {
    let (number, factor) = match text.char_indices().next_back()? {
        (at, 'K') => (&text[..at], 1_000),
        (at, 'M') => (&text[..at], 1_000_000),
        (at, 'G') => (&text[..at], 1_000_000_000),
        _ => (text, 1),
    };
    number.parse::<usize>().ok()?.checked_mul(factor)
}

fn writeln_less(out: &mut impl Write, words: &str) -> Result<()> {
    out.write_all(words.as_bytes())?;
    out.write_all(b" ")
}

fn nested(
    open: &[u8],
    inner: &[u8],
    close: &[u8],
    depth: usize,
    out: &mut impl Write,
) -> Result<()> {
    for _ in 0..depth {
        out.write_all(open)?;
    }
    out.write_all(inner)?;
    for _ in 0..depth {
        out.write_all(close)?;
    }
    out.write_all(b"\n")
}

/// Writes a record with line breaks and indents.
fn indent(record: &[u8], out: &mut impl Write) -> Result<()> {
    let mut depth = 1_usize;
    let mut in_string = false;
    let mut is_escaped = false;
    for byte in record {
        if in_string {
            in_string = *byte != b'"' || is_escaped;
            is_escaped = *byte == b'\\' && !is_escaped;
            out.write_all(&[*byte])?;
            continue;
        }
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                write!(out, "\n{:1$}", "", 2 * depth)?;
            }
            _ => {}
        }
        out.write_all(&[*byte])?;
        match byte {
            b'{' | b'[' | b',' => write!(out, "\n{:1$}", "", 2 * depth)?,
            b':' => out.write_all(b" ")?,
            b'"' => in_string = true,
            _ => {}
        }
    }
    Ok(())
}

/// How many records are about so many bytes.
fn records_in(size: usize) -> u64 {
    let mut random = Random::new();
    let (mut count, mut bytes) = (0, 60);
    while count == 0 || bytes < size {
        count += 1;
        bytes += random.record(count).len() + 1;
    }
    count
}

fn records(count: u64, mut each: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<()> {
    let mut random = Random::new();
    (1..=count).try_for_each(|at| each(at, random.record(at).as_bytes()))
}

const GIVEN: &[&str] = &[
    "Ada", "Grace", "Linus", "Zoë", "José", "Łukasz", "Ming", "Aiko", "Priya", "Olga", "Noor",
    "Siobhán",
];
const FAMILY: &[&str] = &[
    "Lovelace",
    "Hopper",
    "Müller",
    "Nguyễn",
    "O'Brien",
    "García",
    "Smith",
    "佐藤",
    "Иванова",
    "Kowalski",
];
const CITY: &[&str] = &[
    "Portland",
    "São Paulo",
    "Zürich",
    "Kraków",
    "Nairobi",
    "東京",
    "Dublin",
];
const DOMAIN: &[&str] = &["facebook.com", "google.com", "twitter.com", "linkedin.com"];
const WORDS: &[&str] = &[
    "loyal",
    "customer",
    "since",
    "the",
    "beta",
    "prefers",
    "email",
    "\\\"quoted\\\"",
    "tab\\there",
    "line\\nbreak",
    "caf\\u00e9",
    "newsletter",
    "opted",
    "out",
    "of",
    "C:\\\\temp",
    "emoji 😀",
    "—",
];

/// xorshift64*
struct Random(u64);

impl Random {
    fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.below(from.len() as u64) as usize]
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from(b"0123456789abcdef"[(self.next() >> 33) as usize % 16]))
            .collect()
    }

    fn date(&mut self) -> String {
        format!(
            "20{:02}-{:02}-{:02} {:02}:{:02}:{:02}.{:06} +0000",
            10 + self.below(16),
            1 + self.below(12),
            1 + self.below(28),
            self.below(24),
            self.below(60),
            self.below(60),
            self.below(1_000_000)
        )
    }

    fn words(&mut self, count: usize) -> String {
        let words: Vec<&str> = (0..count).map(|_| self.pick(WORDS)).collect();
        words.join(" ")
    }

    fn maybe(&mut self, percent: u64, text: String) -> String {
        if self.below(100) < percent {
            format!("\"{text}\"")
        } else {
            "null".to_owned()
        }
    }

    fn record(&mut self, id: u64) -> String {
        let (given, family) = (self.pick(GIVEN), self.pick(FAMILY));
        let mut text = format!(
            "{{\"id\":{id},\"uuid\":\"{}-{}-4{}-a{}-{}\",\"created\":\"{}\",\"lastUpdated\":\"{}\",\"givenName\":\"{given}\",\
             \"familyName\":\"{family}\",\"displayName\":\"{given} {family}\",\"email\":\"user{id}.{}@example.com\"",
            self.hex(8),
            self.hex(4),
            self.hex(3),
            self.hex(3),
            self.hex(12),
            self.date(),
            self.date(),
            self.hex(4),
        );
        // Writing to a String cannot fail.
        let (verified, about) = (self.date(), self.words(2));
        let _ = write!(
            text,
            ",\"emailVerified\":{},\"gender\":{},\"birthday\":\"19{:02}-{:02}-{:02}\",\"aboutMe\":{}",
            self.maybe(70, verified),
            ["null", "\"female\"", "\"male\"", "\"other\""][self.below(4) as usize],
            40 + self.below(60),
            1 + self.below(12),
            1 + self.below(28),
            self.maybe(60, about),
        );
        let _ = write!(
            text,
            ",\"primaryAddress\":{{\"address1\":\"{} {} St.\",\"address2\":null,\"city\":\"{}\",\"company\":null,\
             \"country\":\"US\",\"mobile\":\"+1{:010}\",\"phone\":null,\"zip\":\"{:05}\",\"zipPlus4\":null}}",
            1 + self.below(9999),
            self.pick(FAMILY),
            self.pick(CITY),
            self.below(10_000_000_000),
            self.below(100_000),
        );
        let _ = write!(
            text,
            ",\"password\":{{\"type\":\"password-bcrypt\",\"value\":\"$2a$10${}\"}}",
            self.hex(53)
        );
        let statuses = self.list(4, |random, at| {
            format!(
                "{{\"id\":{},\"status\":\"{}\",\"statusCreated\":\"{}\"}}",
                id * 10 + at,
                random.pick(&["active", "suspended", "gold", "trial"]),
                random.date()
            )
        });
        let profiles = self.list(3, |random, at| {
            let domain = random.pick(DOMAIN);
            format!(
                "{{\"id\":{},\"accessCredentials\":null,\"domain\":\"{domain}\",\"identifier\":\"https://{domain}/{}\",\
                 \"remote_key\":null,\"profile\":{{\"displayName\":\"{given} {family}\",\"photos\":[{{\"id\":{},\
                 \"type\":\"normal\",\"value\":\"https://img.example.com/{}.jpg\"}}],\"emails\":[{{\"id\":{},\
                 \"primary\":{},\"value\":\"w{}@example.org\"}}],\"accounts\":[],\"urls\":[]}},\"followers\":[]}}",
                id * 10 + at, random.hex(16), random.below(1_000_000), random.hex(24), random.below(1_000_000),
                random.below(2) == 0, random.hex(6)
            )
        });
        let clients = self.list(3, |random, at| {
            format!(
                "{{\"id\":{},\"clientId\":\"{}\",\"channel\":\"web\",\"firstLogin\":\"{}\",\"lastLogin\":\"{}\"}}",
                id * 10 + at, random.hex(32), random.date(), random.date()
            )
        });
        let tags = self.list(5, |_, at| format!("\"t{at}\""));
        let _ = write!(
            text,
            ",\"statuses\":{statuses},\"profiles\":{profiles},\"clients\":{clients},\"optIn\":{{\"status\":{},\
             \"updated\":\"{}\"}},\"score\":{}.{:03},\"lifetimeValue\":{}e-2,\"legacyJson\":{{\"tags\":{tags}}}}}",
            self.below(2) == 0,
            self.date(),
            self.below(100),
            self.below(1000),
            self.below(1_000_000),
        );
        text
    }

    /// Up to so many, less one.
    fn list(&mut self, limit: u64, mut each: impl FnMut(&mut Self, u64) -> String) -> String {
        let count = self.below(limit);
        let items: Vec<String> = (0..count).map(|at| each(self, at)).collect();
        format!("[{}]", items.join(","))
    }
}
