//! Reed-Solomon codes over GF(256) as QR codes use them (ISO/IEC 18004, polynomial 0x11D): errors at unknown places and
//! erasures at known ones. An erasure costs one check byte, an error two.

/// Powers of the generator, twice over, so that sums of logarithms need no remainder.
const EXP: [u8; 510] = {
    let mut table = [0; 510];
    let (mut i, mut x) = (0, 1u16);
    while i < 510 {
        table[i] = x as u8;
        x <<= 1;
        if x & 0x100 != 0 {
            x ^= 0x11D;
        }
        i += 1;
    }
    table
};

const LOG: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 255 {
        table[EXP[i] as usize] = i as u8;
        i += 1;
    }
    table
};

fn mul(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        return 0;
    }
    EXP[usize::from(LOG[usize::from(a)]) + usize::from(LOG[usize::from(b)])]
}

fn inverse(a: u8) -> u8 {
    EXP[255 - usize::from(LOG[usize::from(a)])]
}

/// The value of a polynomial (lowest power first).
fn value(polynomial: &[u8], x: u8) -> u8 {
    polynomial.iter().rev().fold(0, |sum, c| mul(sum, x) ^ c)
}

/// Mends `block`, whose last `check` bytes are check bytes; `erased` are places that are not trusted. Gives how many
/// unknown errors were mended; `None` if it cannot be mended with two check bytes an error and one an erasure, keeping
/// `spare` check bytes as proof.
pub(super) fn mend(block: &mut [u8], check: usize, erased: &[usize], spare: usize) -> Option<usize> {
    let n = block.len();
    let room = check.checked_sub(erased.len() + spare)?;
    let syndromes: Vec<u8> = (0..check)
        .map(|i| block.iter().fold(0, |sum, byte| mul(sum, EXP[i]) ^ byte))
        .collect();
    if syndromes.iter().all(|s| *s == 0) {
        return Some(0);
    }
    // the polynomial whose roots are the places of the erasures, then of errors, too (Berlekamp and Massey)
    let mut locator = vec![1u8];
    for place in erased {
        let x = EXP[n - 1 - place];
        locator.push(0);
        for i in (1..locator.len()).rev() {
            locator[i] ^= mul(locator[i - 1], x);
        }
    }
    let mut before = locator.clone();
    let (mut length, mut gap) = (erased.len(), 1);
    let mut last = 1u8;
    for step in erased.len()..check {
        let mut off = syndromes[step];
        for i in 1..locator.len().min(step + 1) {
            off ^= mul(locator[i], syndromes[step - i]);
        }
        if off == 0 {
            gap += 1;
            continue;
        }
        let scale = mul(off, inverse(last));
        let old = locator.clone();
        if locator.len() < before.len() + gap {
            locator.resize(before.len() + gap, 0);
        }
        for (i, c) in before.iter().enumerate() {
            locator[i + gap] ^= mul(scale, *c);
        }
        if 2 * length <= step + erased.len() {
            length = step + 1 + erased.len() - length;
            before = old;
            last = off;
            gap = 1;
        } else {
            gap += 1;
        }
    }
    let errors = length.checked_sub(erased.len())?;
    if 2 * errors > room {
        return None;
    }
    while locator.last() == Some(&0) {
        locator.pop();
    }
    let places: Vec<usize> = (0..n)
        .filter(|place| value(&locator, EXP[(255 - (n - 1 - place)) % 255]) == 0)
        .collect();
    if places.len() != locator.len() - 1 {
        return None;
    }
    // Forney: how large the errors are
    let mut evaluator = vec![0; check];
    for (i, e) in evaluator.iter_mut().enumerate() {
        for j in 0..=i.min(locator.len() - 1) {
            *e ^= mul(locator[j], syndromes[i - j]);
        }
    }
    for place in places {
        let power = n - 1 - place;
        let back = EXP[(255 - power) % 255];
        let slope: u8 = locator
            .iter()
            .enumerate()
            .skip(1)
            .step_by(2)
            .fold(0, |sum, (i, c)| {
                sum ^ mul(*c, EXP[(i - 1) * usize::from(LOG[usize::from(back)]) % 255])
            });
        if slope == 0 {
            return None;
        }
        block[place] ^= mul(mul(value(&evaluator, back), inverse(slope)), EXP[power]);
    }
    let clean = (0..check).all(|i| block.iter().fold(0, |sum, byte| mul(sum, EXP[i]) ^ byte) == 0);
    clean.then_some(errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appends check bytes by long division.
    fn encode(data: &[u8], check: usize) -> Vec<u8> {
        let mut generator = vec![1u8];
        for root in &EXP[..check] {
            generator.push(0);
            for j in (1..generator.len()).rev() {
                generator[j] ^= mul(generator[j - 1], *root);
            }
        }
        let mut rest = data.to_vec();
        rest.resize(data.len() + check, 0);
        for i in 0..data.len() {
            let lead = rest[i];
            for (j, g) in generator.iter().enumerate() {
                rest[i + j] ^= mul(lead, *g);
            }
        }
        [data, &rest[data.len()..]].concat()
    }

    #[test]
    fn mends_what_the_check_bytes_allow_and_no_more() {
        let data: Vec<u8> = (0..30).map(|i| (i * 37 % 251) as u8).collect();
        let good = encode(&data, 18);
        let mut seed = 7u32;
        let mut random = move |below: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize % below
        };
        let mut wrong = 0;
        for errors in 0..=10 {
            for erasures in 0..=18 {
                let mut places: Vec<usize> = (0..good.len()).collect();
                for i in 0..errors + erasures {
                    let j = i + random(places.len() - i);
                    places.swap(i, j);
                }
                let mut bad = good.clone();
                for place in &places[..errors + erasures] {
                    bad[*place] ^= 1 + random(255) as u8;
                }
                let erased = &places[errors..errors + erasures];
                let mended = mend(&mut bad, 18, erased, 0);
                if 2 * errors + erasures <= 18 {
                    assert_eq!((mended, &bad), (Some(errors), &good), "{errors} {erasures}");
                } else if mended.is_some() && bad != good {
                    wrong += 1;
                }
            }
        }
        // beyond its reach a code may say something else, rarely
        assert!(wrong < 30, "{wrong}");
    }

    #[test]
    fn keeps_spare_bytes_as_proof() {
        let mut bad = encode(b"Lindenau", 10);
        for byte in &mut bad[..4] {
            *byte ^= 0x5A;
        }
        assert_eq!(mend(&mut bad.clone(), 10, &[], 3), None);
        assert_eq!(mend(&mut bad, 10, &[], 2), Some(4));
    }
}
