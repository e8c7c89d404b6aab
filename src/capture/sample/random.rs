//! Numbers that look random and are the same for the same seed: splitmix64, whose every seed is a good one.
//!
//! Used by `sample` only. Not for secrets.

use jiff::civil::Date;

/// A source of numbers.
pub(super) struct Random(u64);

impl Random {
    /// One that gives the same numbers for the same seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which must not be 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        // The upper half of the product: as even as the numbers themselves, without a division.
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    /// Whether something that happens so many times in a hundred happens.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`, of which there must be any.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u64) as usize]
    }

    /// `pattern` with a digit for every `#`.
    pub(super) fn digits(&mut self, pattern: &str) -> String {
        let digit = |c| match c {
            '#' => char::from(b'0' + self.below(10) as u8),
            c => c,
        };
        pattern.chars().map(digit).collect()
    }

    /// A day of this year, a common one of the calendar.
    pub(super) fn day(&mut self, year: i16) -> Date {
        let (month, day) = (1 + self.below(12), 1 + self.below(28));
        Date::constant(year, month as i8, day as i8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of the published algorithm for seed 1234567.
    #[test]
    fn it_is_splitmix64() {
        let mut random = Random::new(1_234_567);
        assert_eq!(
            [random.next(), random.next(), random.next()],
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn numbers_stay_below_and_reach_everything() {
        let mut random = Random::new(0);
        let mut seen = [false; 7];
        for _ in 0..1_000 {
            seen[random.below(7) as usize] = true;
        }
        assert_eq!(seen, [true; 7]);
        assert_eq!(random.digits("+1 ab").as_str(), "+1 ab");
        assert!(random.digits("##").parse::<u8>().is_ok());
    }
}
