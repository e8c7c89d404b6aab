//! Random texts and numbers: request ids, client ids and secrets, revisions, seeds. From the operating system's generator,
//! by way of UUIDs.

use jiff::Timestamp;
use uuid::Uuid;

const LETTERS_AND_DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// `length` lower-case letters and digits, each as likely as any other.
pub(crate) fn text(length: usize) -> String {
    let mut out = String::with_capacity(length);
    while out.len() < length {
        let bytes = Uuid::new_v4().into_bytes();
        let random = bytes
            .into_iter()
            .enumerate()
            // The version and the variant stand in these two.
            .filter(|(place, _)| *place != 6 && *place != 8)
            // 252 is the largest multiple of 36: above it, the first letters would come more often.
            .filter(|(_, byte)| *byte < 252)
            .map(|(_, byte)| char::from(LETTERS_AND_DIGITS[usize::from(byte % 36)]));
        out.extend(random.take(length - out.len()));
    }
    out
}

/// A seed that is easily written down.
pub(crate) fn seed() -> u32 {
    Uuid::new_v4().as_fields().0
}

/// Any number.
pub(crate) fn number() -> i64 {
    let (high, low) = Uuid::new_v4().as_u64_pair();
    // The version and the variant stand in different places of the two halves.
    (high ^ low.rotate_left(32)).cast_signed()
}

/// The uuid of a new record: of version 4, as the service's are, but beginning with the time in milliseconds (our choice).
/// Those of records that are made one after the other stand side by side in the database, so that making one costs the
/// same however many there are.
pub(crate) fn record_uuid(now: Timestamp) -> Uuid {
    let mut bytes = Uuid::new_v4().into_bytes();
    let [_, _, time @ ..] = now.as_millisecond().to_be_bytes();
    bytes[..time.len()].copy_from_slice(&time);
    Uuid::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_of_records_are_of_version_4_and_in_the_order_of_time() {
        let uuid = |millis| record_uuid(Timestamp::from_millisecond(millis).expect("is a time"));
        let uuids: Vec<Uuid> = [0, 1, 255, 1_700_000_000_000, 1_700_000_000_001]
            .map(uuid)
            .to_vec();
        assert!(uuids.is_sorted());
        for uuid in uuids {
            assert_eq!(uuid.get_version(), Some(uuid::Version::Random));
            assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122);
        }
        assert_ne!(uuid(1), uuid(1));
    }

    #[test]
    fn texts_have_their_length_and_differ() {
        for length in [0, 1, 16, 26, 32, 100] {
            let text = text(length);
            assert_eq!(text.len(), length);
            assert!(text.bytes().all(|byte| LETTERS_AND_DIGITS.contains(&byte)));
        }
        assert_ne!(text(32), text(32));
    }
}
