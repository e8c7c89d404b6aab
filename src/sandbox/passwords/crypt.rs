//! Passwords in the modular forms of crypt(3) and phpass: `$1$`, `$5$`, `$6$`, `$P$`, `$H$` and `$S$`. Used by the check
//! of passwords alone. SHA-crypt comes from a crate; for the two MD5 schemes and Drupal's there is none that is kept.

use md5::Digest;
use md5::Md5;
use sha_crypt::Params;
use sha2::Sha512;

use crate::capture::error::ApiError;
use crate::sandbox::passwords::Effort;
use crate::sandbox::passwords::check_rounds;
use crate::sandbox::passwords::digests::same;

/// The digits of crypt's own base64, which writes the low bits first.
pub(super) const DIGITS: &[u8; 64] =
    b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The rounds of MD5-crypt, which cannot be set.
const MD5_ROUNDS: usize = 1_000;

/// In which order the bytes of a digest are written.
const MD5_ORDER: [usize; 16] = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11];
const SHA256_ORDER: [usize; 32] = [
    20, 10, 0, 11, 1, 21, 2, 22, 12, 23, 13, 3, 14, 4, 24, 5, 25, 15, 26, 16, 6, 17, 7, 27, 8, 28,
    18, 29, 19, 9, 30, 31,
];
const SHA512_ORDER: [usize; 64] = [
    42, 21, 0, 1, 43, 22, 23, 2, 44, 45, 24, 3, 4, 46, 25, 26, 5, 47, 48, 27, 6, 7, 49, 28, 29, 8,
    50, 51, 30, 9, 10, 52, 31, 32, 11, 53, 54, 33, 12, 13, 55, 34, 35, 14, 56, 57, 36, 15, 16, 58,
    37, 38, 17, 59, 60, 39, 18, 19, 61, 40, 41, 20, 62, 63,
];

/// MD5-crypt: `$1$salt$hash`.
pub(super) fn md5(value: &str, plain: &str, effort: Effort) -> Result<bool, ApiError> {
    let Some((salt, hash)) = value
        .strip_prefix("$1$")
        .and_then(|rest| rest.split_once('$'))
    else {
        return Ok(false);
    };
    check_rounds(MD5_ROUNDS as u64, plain.len(), effort)?;
    let salt = &salt.as_bytes()[..salt.len().min(8)];
    let digest = md5_crypt(plain.as_bytes(), salt);
    let computed = encode(MD5_ORDER.iter().map(|at| digest[*at]));
    Ok(same(&computed, hash.as_bytes()))
}

fn md5_crypt(plain: &[u8], salt: &[u8]) -> [u8; 16] {
    let inner: [u8; 16] = Md5::new()
        .chain_update(plain)
        .chain_update(salt)
        .chain_update(plain)
        .finalize()
        .into();
    let mut start = Md5::new()
        .chain_update(plain)
        .chain_update(b"$1$")
        .chain_update(salt);
    start.update(repeated(&inner, plain.len()));
    let mut bits = plain.len();
    while bits > 0 {
        let byte = if bits & 1 == 1 { 0 } else { plain[0] };
        start.update([byte]);
        bits >>= 1;
    }
    let mut digest: [u8; 16] = start.finalize().into();
    for round in 0..MD5_ROUNDS {
        let mut next = Md5::new();
        next.update(if round % 2 == 1 { plain } else { &digest });
        if round % 3 != 0 {
            next.update(salt);
        }
        if round % 7 != 0 {
            next.update(plain);
        }
        next.update(if round % 2 == 1 { &digest } else { plain });
        digest = next.finalize().into();
    }
    digest
}

fn repeated(bytes: &[u8], length: usize) -> Vec<u8> {
    bytes.iter().copied().cycle().take(length).collect()
}

/// SHA-256-crypt: `$5$[rounds=n$]salt$hash`.
pub(super) fn sha256(value: &str, plain: &str, effort: Effort) -> Result<bool, ApiError> {
    let Some((params, salt, hash)) = read_sha(value, "$5$", plain, effort)? else {
        return Ok(false);
    };
    let digest = sha_crypt::sha256_crypt(plain.as_bytes(), salt.as_bytes(), params);
    let computed = encode(SHA256_ORDER.iter().map(|at| digest[*at]));
    Ok(same(&computed, hash.as_bytes()))
}

/// SHA-512-crypt: `$6$[rounds=n$]salt$hash`.
pub(super) fn sha512(value: &str, plain: &str, effort: Effort) -> Result<bool, ApiError> {
    let Some((params, salt, hash)) = read_sha(value, "$6$", plain, effort)? else {
        return Ok(false);
    };
    let digest = sha_crypt::sha512_crypt(plain.as_bytes(), salt.as_bytes(), params);
    let computed = encode(SHA512_ORDER.iter().map(|at| digest[*at]));
    Ok(same(&computed, hash.as_bytes()))
}

/// What SHA-crypt needs to know of a hash; rounds below the least count as the least, as in crypt(3).
fn read_sha<'a>(
    value: &'a str,
    prefix: &str,
    plain: &str,
    effort: Effort,
) -> Result<Option<(Params, &'a str, &'a str)>, ApiError> {
    let Some(rest) = value.strip_prefix(prefix) else {
        return Ok(None);
    };
    let (rounds, rest) = match rest
        .strip_prefix("rounds=")
        .and_then(|rest| rest.split_once('$'))
    {
        Some((rounds, rest)) => (rounds.parse().ok(), rest),
        None => (Some(Params::RECOMMENDED_ROUNDS), rest),
    };
    let (Some(rounds), Some((salt, hash))) = (rounds, rest.split_once('$')) else {
        return Ok(None);
    };
    let rounds: u32 = rounds.max(Params::ROUNDS_MIN);
    check_rounds(u64::from(rounds), plain.len(), effort)?;
    Ok(Params::new(rounds).ok().map(|params| (params, salt, hash)))
}

/// The portable hash of phpass, MD5 repeated: `$P$` or `$H$`, then the logarithm of the rounds, eight characters of salt
/// and the digest.
pub(super) fn phpass_md5(value: &str, plain: &str, effort: Effort) -> Result<bool, ApiError> {
    let rest = value
        .strip_prefix("$P$")
        .or_else(|| value.strip_prefix("$H$"));
    rest.map_or(Ok(false), |rest| phpass::<Md5>(rest, 22, plain, effort))
}

/// Drupal 7's form of it, SHA-512 repeated and the whole hash cut to 55 characters: `$S$…`. `U$S$…` is what Drupal made
/// of the plain MD5 digests of its predecessor.
pub(super) fn phpass_sha512(value: &str, plain: &str, effort: Effort) -> Result<bool, ApiError> {
    let length = 55 - "$S$C".len() - 8;
    if let Some(rest) = value.strip_prefix("U$S$") {
        let digest = Md5::digest(plain);
        let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let plain: String = digits
            .filter_map(|digit| char::from_digit(u32::from(digit), 16))
            .collect();
        return phpass::<Sha512>(rest, length, &plain, effort);
    }
    let rest = value.strip_prefix("$S$");
    rest.map_or(Ok(false), |rest| {
        phpass::<Sha512>(rest, length, plain, effort)
    })
}

/// The common part: one digit for the logarithm of the rounds, eight characters of salt, the first `length` digits of
/// the digest.
fn phpass<D: Digest>(
    rest: &str,
    length: usize,
    plain: &str,
    effort: Effort,
) -> Result<bool, ApiError> {
    let (Some((logarithm, rest)), true) = (rest.as_bytes().split_first(), rest.is_ascii()) else {
        return Ok(false);
    };
    let logarithm = DIGITS.iter().position(|digit| digit == logarithm);
    let (Some(logarithm @ 7..=30), Some((salt, hash))) = (logarithm, rest.split_at_checked(8))
    else {
        return Ok(false);
    };
    let rounds = 1_u64 << logarithm;
    check_rounds(rounds, plain.len(), effort)?;
    let mut digest = D::new().chain_update(salt).chain_update(plain).finalize();
    for _ in 0..rounds {
        digest = D::new()
            .chain_update(&digest)
            .chain_update(plain)
            .finalize();
    }
    let mut computed = encode(digest.iter().copied());
    computed.truncate(length);
    Ok(same(&computed, hash))
}

/// `bytes` in crypt's base64, three at a time, the low bits first.
fn encode(bytes: impl Iterator<Item = u8>) -> Vec<u8> {
    let bytes: Vec<u8> = bytes.collect();
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let mut bits = group
            .iter()
            .rev()
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for _ in 0..=group.len() {
            out.push(DIGITS[bits & 63]);
            bits >>= 6;
        }
    }
    out
}
