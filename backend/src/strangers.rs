//! What reads the files of strangers, for the fuzz targets only.

/// A picture as it would be kept; `None` if it is refused.
pub fn picture(bytes: &[u8]) -> Option<Vec<u8>> {
    crate::picture::clean_now(bytes, Some("Kopie")).ok()
}

/// Is a PDF taken?
pub fn document(bytes: &[u8]) -> bool {
    crate::cases::looks_harmless(bytes)
}

/// Is it artwork that can be printed?
pub fn artwork(bytes: &[u8]) -> bool {
    crate::letters::engine::artwork::Artwork::read(bytes).is_some()
}
