//! [`murmur3`]: a hash that is the same everywhere and for ever.

/// MurmurHash3 for 32 bits (`MurmurHash3_x86_32`), which scikit-learn's `HashingVectorizer` and `FeatureHasher` use with the
/// seed 0. It spreads well and is not made to withstand an attacker. O(length).
///
/// Reference: Appleby (2011), *MurmurHash3*, <https://github.com/aappleby/smhasher>.
///
/// ```
/// assert_eq!(adflux_text::murmur3(b"", 1), 0x514e_28b7);
/// ```
pub fn murmur3(bytes: &[u8], seed: u32) -> u32 {
    let scramble = |word: u32| word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let (words, tail) = bytes.as_chunks::<4>();
    let mut hash = seed;
    for word in words {
        hash = (hash ^ scramble(u32::from_le_bytes(*word))).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    if !tail.is_empty() {
        let mut last = [0; 4];
        last[..tail.len()].copy_from_slice(tail);
        hash ^= scramble(u32::from_le_bytes(last));
    }
    hash ^= bytes.len() as u32;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

/// The column, of `columns`, that the hash of a term falls into, and its sign: scikit-learn's rule, by which terms that share
/// a column cancel out on average instead of adding up.
///
/// The hash is read as a signed number: its sign is the sign, its size modulo `columns` the column.
pub fn signed_column(hash: u32, columns: u32) -> (u32, f64) {
    let signed = hash as i32;
    (signed.unsigned_abs() % columns.max(1), if signed >= 0 { 1.0 } else { -1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the verification values of the reference implementation and scikit-learn's tests/test_murmurhash.py.
    #[test]
    fn hashes_are_those_of_the_reference() {
        assert_eq!(murmur3(b"", 0), 0);
        assert_eq!(murmur3(b"", u32::MAX), 0x81f1_6f39);
        assert_eq!(murmur3(b"foo", 0) as i32, -156_908_512);
        assert_eq!(murmur3(b"foo", 42) as i32, -1_322_301_282);
        assert_eq!(murmur3(b"Hello, world!", 0x9747_b28c), 0x2488_4cba);
    }

    #[test]
    fn the_sign_and_the_column_come_from_the_signed_hash() {
        assert_eq!(signed_column(7, 4), (3, 1.0));
        assert_eq!(signed_column(-7_i32 as u32, 4), (3, -1.0));
        // scikit-learn's special case for the one number without a positive counterpart: 2³¹ modulo n.
        assert_eq!(signed_column(i32::MIN as u32, 10), (8, -1.0));
    }
}
