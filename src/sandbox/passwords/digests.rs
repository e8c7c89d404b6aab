//! Passwords kept as the digest of a text, salted or not, and PBKDF2. Used by the check of passwords alone.
//!
//! How the vendor writes these is known from loader samples only: a hexadecimal MD5 or SHA-1, a salt beside it in
//! `salt`. Everything else here is our choice: digests in hexadecimal or base64, and the spellings of PBKDF2.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use md5::Digest;
use md5::Md5;
use sha1::Sha1;
use sha2::Sha256;
use sha2::Sha512;
use subtle::ConstantTimeEq;

use crate::capture::error::ApiError;
use crate::capture::json::Json;
use crate::sandbox::passwords::Effort;
use crate::sandbox::passwords::check_rounds;

/// The longest key that PBKDF2 is asked for, in bytes: longer ones only multiply the work.
const LONGEST_KEY: usize = 128;

/// A digest that passwords are kept as.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Kind {
    fn digest(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => Md5::digest(text).to_vec(),
            Self::Sha1 => Sha1::digest(text).to_vec(),
            Self::Sha256 => Sha256::digest(text).to_vec(),
            Self::Sha512 => Sha512::digest(text).to_vec(),
        }
    }

    /// How PBKDF2's spellings call it.
    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn derive(self, plain: &[u8], salt: &[u8], rounds: u32, length: usize) -> Vec<u8> {
        let mut key = vec![0; length];
        match self {
            Self::Md5 => {}
            Self::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(plain, salt, rounds, &mut key),
            Self::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(plain, salt, rounds, &mut key),
            Self::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(plain, salt, rounds, &mut key),
        }
        key
    }
}

/// Whether `value` is the digest of `plain`. On which side of the password a salt stands is not published for the types
/// that do not say it: either counts (our choice).
pub(super) fn matches(kind: Kind, value: &str, salt: Option<&str>, plain: &str) -> bool {
    let texts = match salt {
        None => vec![plain.to_owned()],
        Some(salt) => vec![[salt, plain].concat(), [plain, salt].concat()],
    };
    let Some(stored) = read_bytes(value) else {
        return false;
    };
    texts
        .iter()
        .any(|text| same(&kind.digest(text.as_bytes()), &stored))
}

/// Whether `value` is `plain` in base64.
pub(super) fn is_base64_of(value: &str, plain: &str) -> bool {
    read_base64(value).is_some_and(|stored| same(plain.as_bytes(), &stored))
}

/// Whether `password` is PBKDF2 of `plain`. Read are (our choice, for the vendor's spelling is not published):
///
/// * `$pbkdf2-sha256$29000$salt$key` and `$pbkdf2-sha256$i=29000,l=32$salt$key`, salt and key in base64; without a
///   digest's name it is SHA-1;
/// * `pbkdf2_sha256$29000$salt$key`, the salt as text;
/// * the key in hexadecimal or base64 as `value`, beside it `salt` and `iterations` (or `rounds`); the salt counts as
///   text, or as the base64 or hexadecimal of its bytes.
pub(super) fn pbkdf2(
    kind: Kind,
    password: &Json,
    value: &str,
    plain: &str,
    effort: Effort,
) -> Result<bool, ApiError> {
    let given = read_modular(kind, value)
        .or_else(|| read_django(kind, value))
        .or_else(|| read_members(password, value));
    let Some(given) = given.filter(|given| given.rounds > 0 && given.key.len() <= LONGEST_KEY)
    else {
        return Ok(false);
    };
    let blocks = given.key.len().div_ceil(kind.digest(&[]).len());
    let rounds = u64::from(given.rounds) * blocks as u64 * given.salts.len() as u64;
    check_rounds(rounds, 0, effort)?;
    Ok(given.salts.iter().any(|salt| {
        let key = kind.derive(plain.as_bytes(), salt, given.rounds, given.key.len());
        same(&key, &given.key)
    }))
}

/// A PBKDF2 hash, with every reading of its salt.
struct Pbkdf2 {
    rounds: u32,
    salts: Vec<Vec<u8>>,
    key: Vec<u8>,
}

fn read_modular(kind: Kind, value: &str) -> Option<Pbkdf2> {
    let mut parts = value.strip_prefix('$')?.split('$');
    let (id, settings) = (parts.next()?, parts.next()?);
    let (salt, key) = (parts.next()?, parts.next()?);
    let named = id.strip_prefix("pbkdf2")?;
    let digest = named.strip_prefix('-').unwrap_or("sha1");
    let rounds = settings
        .split(',')
        .find_map(|setting| match setting.split_once('=') {
            None => Some(setting),
            Some(("i" | "rounds", rounds)) => Some(rounds),
            Some(_) => None,
        })?;
    (digest == kind.name() && parts.next().is_none()).then_some(())?;
    Some(Pbkdf2 {
        rounds: rounds.parse().ok()?,
        salts: vec![read_base64(salt)?],
        key: read_base64(key)?,
    })
}

fn read_django(kind: Kind, value: &str) -> Option<Pbkdf2> {
    let mut parts = value.strip_prefix("pbkdf2_")?.split('$');
    let (digest, rounds) = (parts.next()?, parts.next()?);
    let (salt, key) = (parts.next()?, parts.next()?);
    (digest == kind.name() && parts.next().is_none()).then_some(())?;
    Some(Pbkdf2 {
        rounds: rounds.parse().ok()?,
        salts: vec![salt.as_bytes().to_vec()],
        key: read_base64(key)?,
    })
}

fn read_members(password: &Json, value: &str) -> Option<Pbkdf2> {
    let rounds = password
        .get("iterations")
        .or_else(|| password.get("rounds"))?;
    let rounds = match rounds {
        Json::String(text) => text.parse().ok()?,
        other => u32::try_from(other.as_i64()?).ok()?,
    };
    let salt = password.get("salt").and_then(Json::as_str)?;
    let text = std::iter::once(salt.as_bytes().to_vec());
    let salts = text.chain(read_base64(salt)).chain(read_hex(salt));
    Some(Pbkdf2 {
        rounds,
        salts: salts.collect(),
        key: read_bytes(value)?,
    })
}

/// Whether two digests are the same, in a time that does not tell where they differ. Nothing equals an empty one.
pub(super) fn same(computed: &[u8], stored: &[u8]) -> bool {
    !stored.is_empty() && bool::from(computed.ct_eq(stored))
}

/// Bytes in hexadecimal, of either case, where their number fits a digest; otherwise in base64.
fn read_bytes(text: &str) -> Option<Vec<u8>> {
    let is_digest = [32, 40, 64, 128].contains(&text.len());
    let hex = is_digest.then(|| read_hex(text)).flatten();
    hex.or_else(|| read_base64(text)).or_else(|| read_hex(text))
}

fn read_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}

/// Base64 in its usual alphabet, the one for URLs, or the one with `.` for `+`; with padding or without.
fn read_base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let usual = text.replace(['.', '-'], "+").replace('_', "/");
    LENIENT.decode(usual).ok()
}
