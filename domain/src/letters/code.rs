//! The codes of a letter: look-up number, secrets, typed user ID and QR payload.
//!
//! Alphabet: Crockford base 32 (no I, L, O, U). It is GF(32), so two check characters locate a single typo.

use serde::{Deserialize, Serialize};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a typed user ID: 6 look-up, 8 secret, 2 check.
pub const USER_ID_CHARS: usize = 16;
/// Characters of a QR payload: 30 + 128 bit and two zero bits.
pub const PAYLOAD_CHARS: usize = 32;

/// The number by which the portal finds a letter: 30 bit, random, printed only as part of the codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LookupNumber(u32);

impl LookupNumber {
    /// The number of possible look-up numbers.
    pub const SPACE: u32 = 1 << 30;

    /// Keeps the lowest 30 bits of `random`.
    pub fn from_random(random: u32) -> Self {
        Self(random % Self::SPACE)
    }

    /// As stored.
    pub fn get(self) -> i64 {
        i64::from(self.0)
    }

    /// From the store.
    pub fn from_stored(value: i64) -> Option<Self> {
        u32::try_from(value).ok().filter(|v| *v < Self::SPACE).map(Self)
    }
}

/// The secret half of a typed user ID: 40 bit, five tries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TypedSecret(pub [u8; 5]);

/// The secret half of a QR payload: 128 bit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct QrSecret(pub [u8; 16]);

/// What a resident types: `XXXX-XXXX-XXXX-XXXX`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UserId {
    /// Which letter.
    pub lookup: LookupNumber,
    /// Proof that one holds it.
    pub secret: TypedSecret,
}

/// What a QR code carries behind `#`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct QrPayload {
    /// Which letter.
    pub lookup: LookupNumber,
    /// Proof that one holds it.
    pub secret: QrSecret,
}

/// Why a typed user ID cannot be right; said before any attempt is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeProblem {
    /// Nothing was typed.
    Empty,
    /// Too few or too many characters.
    Length {
        /// How many usable characters there are.
        have: usize,
    },
    /// A character that no user ID has.
    Character {
        /// Group 1 to 4.
        group: u8,
    },
    /// The check characters do not fit.
    Typo {
        /// The group (1 to 4) that most probably holds the typo. A hint only: two typos can point at a wrong place,
        /// so it is never corrected silently.
        group: Option<u8>,
    },
}

/// The value of a character as people mean it: `o` is 0, `i` and `l` are 1.
fn value(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    ALPHABET
        .iter()
        .position(|a| char::from(*a) == c)
        .and_then(|i| u8::try_from(i).ok())
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '‐' | '‑' | '–' | '—' | '_' | '.' | '\u{200B}' | '\u{FEFF}'
        )
}

/// GF(32) with the primitive polynomial x^5 + x^2 + 1.
fn times(a: u8, b: u8) -> u8 {
    let (mut a, mut b, mut product) = (a, b, 0);
    while b != 0 {
        if b & 1 != 0 {
            product ^= a;
        }
        a <<= 1;
        if a & 0b10_0000 != 0 {
            a ^= 0b10_0101;
        }
        b >>= 1;
    }
    product
}

/// The generator to the power `n`.
fn power(n: usize) -> u8 {
    (0..n % 31).fold(1, |p, _| times(p, 2))
}

fn inverse(a: u8) -> u8 {
    (0..29).fold(a, |p, _| times(p, a))
}

/// Sum of c_i and sum of c_i·g^i; both are zero for a right user ID.
fn syndromes(values: &[u8]) -> (u8, u8) {
    values
        .iter()
        .enumerate()
        .fold((0, 0), |(s0, s1), (i, c)| (s0 ^ c, s1 ^ times(*c, power(i))))
}

fn with_check(data: [u8; 14]) -> [u8; USER_ID_CHARS] {
    let (s0, s1) = syndromes(&data);
    let (p, q) = (power(14), power(15));
    // c14 + c15 = s0 and c14·p + c15·q = s1
    let last = times(s1 ^ times(s0, p), inverse(p ^ q));
    let mut all = [0; USER_ID_CHARS];
    all[..14].copy_from_slice(&data);
    all[14] = s0 ^ last;
    all[15] = last;
    all
}

fn bits_to_values(bits: u128, count: usize) -> impl Iterator<Item = u8> {
    (0..count)
        .rev()
        .map(move |i| u8::try_from((bits >> (5 * i)) & 31).unwrap_or(0))
}

fn spell(values: impl Iterator<Item = u8>) -> String {
    values
        .map(|v| char::from(ALPHABET[usize::from(v & 31)]))
        .collect()
}

impl UserId {
    /// `XXXX-XXXX-XXXX-XXXX`, as printed.
    pub fn printed(self) -> String {
        let mut secret = [0; 16];
        secret[11..].copy_from_slice(&self.secret.0);
        let bits = (u128::from(self.lookup.0) << 40) | u128::from_be_bytes(secret);
        let mut data = [0; 14];
        for (place, v) in data.iter_mut().zip(bits_to_values(bits, 14)) {
            *place = v;
        }
        grouped(&spell(with_check(data).into_iter()))
    }

    /// Reads what somebody typed or pasted: any case, any grouping, look-alikes as meant.
    pub fn parse(typed: &str) -> Result<Self, CodeProblem> {
        let mut values = Vec::with_capacity(USER_ID_CHARS);
        for c in typed.chars().filter(|c| !is_separator(*c)) {
            match value(c) {
                Some(v) => values.push(v),
                None => {
                    return Err(CodeProblem::Character {
                        group: group_of(values.len()),
                    });
                }
            }
        }
        if values.is_empty() {
            return Err(CodeProblem::Empty);
        }
        if values.len() != USER_ID_CHARS {
            return Err(CodeProblem::Length { have: values.len() });
        }
        let (s0, s1) = syndromes(&values);
        if (s0, s1) != (0, 0) {
            let place = (s0 != 0 && s1 != 0)
                .then(|| times(s1, inverse(s0)))
                .and_then(|ratio| (0..USER_ID_CHARS).find(|i| power(*i) == ratio));
            return Err(CodeProblem::Typo {
                group: place.map(group_of),
            });
        }
        let bits = values[..14]
            .iter()
            .fold(0u128, |bits, v| (bits << 5) | u128::from(*v));
        let mut secret = [0; 5];
        secret.copy_from_slice(&bits.to_be_bytes()[11..]);
        let lookup = u32::try_from(bits >> 40).map_err(|_| CodeProblem::Typo { group: None })?;
        Ok(Self {
            lookup: LookupNumber::from_random(lookup),
            secret: TypedSecret(secret),
        })
    }
}

impl QrPayload {
    /// 32 characters, as printed in the QR code behind `#`.
    pub fn printed(self) -> String {
        // 30 look-up bits, 128 secret bits, 2 zero bits: 160 bits do not fit in a u128, so spell it in two parts.
        let secret = u128::from_be_bytes(self.secret.0);
        let head = spell(bits_to_values(u128::from(self.lookup.0), 6));
        let tail = spell(bits_to_values(secret >> 3, 25));
        let rest = spell(std::iter::once(u8::try_from((secret & 0b111) << 2).unwrap_or(0)));
        head + &tail + &rest
    }

    /// Reads a payload, or a whole link that ends in `#payload`. `None` if it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let payload = text.trim().rsplit('#').next()?;
        if payload.chars().count() != PAYLOAD_CHARS {
            return None;
        }
        let values: Vec<u8> = payload.chars().map(value).collect::<Option<_>>()?;
        let number = |part: &[u8]| part.iter().fold(0u128, |bits, v| (bits << 5) | u128::from(*v));
        let lookup = u32::try_from(number(&values[..6])).ok()?;
        let last = values[31];
        if last & 0b11 != 0 {
            return None;
        }
        let secret = (number(&values[6..31]) << 3) | u128::from(last >> 2);
        Some(Self {
            lookup: LookupNumber::from_random(lookup),
            secret: QrSecret(secret.to_be_bytes()),
        })
    }
}

fn group_of(place: usize) -> u8 {
    u8::try_from(place / 4 + 1).unwrap_or(4).min(4)
}

/// Groups of four with hyphens; used while typing, so it takes any length.
///
/// ```
/// assert_eq!(domain::letters::code::grouped("ab1o2"), "AB10-2");
/// ```
pub fn grouped(typed: &str) -> String {
    let mut out = String::new();
    for (i, c) in typed
        .chars()
        .filter(|c| !is_separator(*c))
        .take(USER_ID_CHARS)
        .enumerate()
    {
        if i > 0 && i % 4 == 0 {
            out.push('-');
        }
        match value(c) {
            Some(v) => out.push(char::from(ALPHABET[usize::from(v)])),
            None => out.push(c),
        }
    }
    out
}

/// The number that is printed for the help desk: `L-XXXX-XXXX`. It proves nothing.
pub fn letter_number(random: u64) -> String {
    let text = spell(bits_to_values(u128::from(random), 8));
    format!("L-{}-{}", &text[..4], &text[4..])
}

/// Brings a typed letter number into the printed form; `None` if it is not one.
pub fn parse_letter_number(typed: &str) -> Option<String> {
    let text: String = typed.chars().filter(|c| !is_separator(*c)).collect();
    // the L in front may be left out: eight characters can be nothing else
    let text = match text.chars().count() {
        8 => text.as_str(),
        _ => text.strip_prefix(['L', 'l']).filter(|t| t.chars().count() == 8)?,
    };
    let values: Vec<u8> = text.chars().map(value).collect::<Option<_>>()?;
    let text = spell(values.into_iter());
    Some(format!("L-{}-{}", &text[..4], &text[4..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(lookup: u32, secret: [u8; 5]) -> UserId {
        UserId {
            lookup: LookupNumber::from_random(lookup),
            secret: TypedSecret(secret),
        }
    }

    fn same(a: UserId, b: UserId) -> bool {
        a == b
    }

    #[test]
    fn reads_what_people_type() {
        let code = id(0x1234_5678, [1, 2, 3, 4, 5]);
        let printed = code.printed();
        assert_eq!(printed.len(), 19);
        for typed in [
            printed.clone(),
            printed.to_lowercase(),
            printed.replace('-', ""),
            printed.replace('-', " – "),
            printed.replace('0', "o").replace('1', "l"),
        ] {
            assert!(UserId::parse(&typed).is_ok_and(|c| same(c, code)), "{typed}");
        }
        assert_eq!(UserId::parse("").err(), Some(CodeProblem::Empty));
        assert_eq!(UserId::parse("ABC").err(), Some(CodeProblem::Length { have: 3 }));
        assert_eq!(
            UserId::parse("ABCD-EFG!").err(),
            Some(CodeProblem::Character { group: 2 })
        );
    }

    #[test]
    fn letter_numbers_are_read_back() {
        let number = letter_number(0x00AB_CDEF_0123);
        assert_eq!(parse_letter_number(&number.to_lowercase()), Some(number.clone()));
        assert_eq!(parse_letter_number(&number[2..]), Some(number));
        assert_eq!(parse_letter_number("L-12"), None);
    }

    proptest! {
        #[test]
        fn printed_is_parsed(lookup in 0u32..LookupNumber::SPACE, secret: [u8; 5], qr: [u8; 16]) {
            let code = id(lookup, secret);
            prop_assert!(UserId::parse(&code.printed()).is_ok_and(|c| same(c, code)));
            let payload = QrPayload { lookup: code.lookup, secret: QrSecret(qr) };
            prop_assert!(QrPayload::parse(&payload.printed()).is_some_and(|p| p == payload));
        }

        #[test]
        fn a_single_typo_is_located(lookup in 0u32..LookupNumber::SPACE, secret: [u8; 5], place in 0usize..16, other in 1u8..32) {
            let printed = id(lookup, secret).printed().replace('-', "");
            let mut values: Vec<u8> = printed.chars().filter_map(value).collect();
            values[place] ^= other;
            let typed = spell(values.into_iter());
            prop_assert_eq!(UserId::parse(&typed).err(), Some(CodeProblem::Typo { group: Some(group_of(place)) }));
        }

        #[test]
        fn neighbours_swapped_are_noticed(lookup in 0u32..LookupNumber::SPACE, secret: [u8; 5], place in 0usize..15) {
            let printed = id(lookup, secret).printed().replace('-', "");
            let mut chars: Vec<char> = printed.chars().collect();
            prop_assume!(chars[place] != chars[place + 1]);
            chars.swap(place, place + 1);
            let typed: String = chars.into_iter().collect();
            let noticed = matches!(UserId::parse(&typed), Err(CodeProblem::Typo { .. }));
            prop_assert!(noticed);
        }

        #[test]
        fn nothing_typed_panics(text in ".{0,60}") {
            let _ = UserId::parse(&text);
            let _ = QrPayload::parse(&text);
            let _ = grouped(&text);
            let _ = parse_letter_number(&text);
        }
    }
}
