//! The letters of DIN 91379:2022-08 ("Zeichen und definierte Zeichensequenzen in Unicode für die elektronische
//! Verarbeitung von Namen"), binding for German registers since 1 November 2024: what a name may be written with.
//! Taken from the patterns of the norm's XML schema (data type C) and compared with its published list of letters.

use std::sync::LazyLock;

/// Latin letters that are single characters ("bll", normative).
pub const LETTERS: &str = "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z a b c d e f g h i j k l m n o p q r s t u v w x y z À Á Â \
    Ã Ä Å Æ Ç È É Ê Ë Ì Í Î Ï Ð Ñ Ò Ó Ô Õ Ö Ø Ù Ú Û Ü Ý Þ ß à á â ã ä å æ ç è é ê ë ì í î ï ð ñ ò ó ô õ ö ø ù ú û \
    ü ý þ ÿ Ā ā Ă ă Ą ą Ć ć Ĉ ĉ Ċ ċ Č č Ď ď Đ đ Ē ē Ĕ ĕ Ė ė Ę ę Ě ě Ĝ ĝ Ğ ğ Ġ ġ Ģ ģ Ĥ ĥ Ħ ħ Ĩ ĩ Ī ī Ĭ ĭ Į į İ ı Ĳ \
    ĳ Ĵ ĵ Ķ ķ ĸ Ĺ ĺ Ļ ļ Ľ ľ Ŀ ŀ Ł ł Ń ń Ņ ņ Ň ň ŉ Ŋ ŋ Ō ō Ŏ ŏ Ő ő Œ œ Ŕ ŕ Ŗ ŗ Ř ř Ś ś Ŝ ŝ Ş ş Š š Ţ ţ Ť ť Ŧ ŧ Ũ ũ \
    Ū ū Ŭ ŭ Ů ů Ű ű Ų ų Ŵ ŵ Ŷ ŷ Ÿ Ź ź Ż ż Ž ž Ƈ ƈ Ə Ɨ Ơ ơ Ư ư Ʒ Ǎ ǎ Ǐ ǐ Ǒ ǒ Ǔ ǔ Ǖ ǖ Ǘ ǘ Ǚ ǚ Ǜ ǜ Ǟ ǟ Ǣ ǣ Ǥ ǥ Ǧ ǧ Ǩ \
    ǩ Ǫ ǫ Ǭ ǭ Ǯ ǯ ǰ Ǵ ǵ Ǹ ǹ Ǻ ǻ Ǽ ǽ Ǿ ǿ Ȓ ȓ Ș ș Ț ț Ȟ ȟ ȧ Ȩ ȩ Ȫ ȫ Ȭ ȭ Ȯ ȯ Ȱ ȱ Ȳ ȳ ə ɨ ʒ Ḃ ḃ Ḇ ḇ Ḋ ḋ Ḍ ḍ Ḏ ḏ Ḑ ḑ ḗ \
    Ḝ ḝ Ḟ ḟ Ḡ ḡ Ḣ ḣ Ḥ ḥ Ḧ ḧ Ḩ ḩ Ḫ ḫ ḯ Ḱ ḱ Ḳ ḳ Ḵ ḵ Ḷ ḷ Ḻ ḻ Ṁ ṁ Ṃ ṃ Ṅ ṅ Ṇ ṇ Ṉ ṉ Ṓ ṓ Ṕ ṕ Ṗ ṗ Ṙ ṙ Ṛ ṛ Ṟ ṟ Ṡ ṡ Ṣ ṣ Ṫ ṫ \
    Ṭ ṭ Ṯ ṯ Ẁ ẁ Ẃ ẃ Ẅ ẅ Ẇ ẇ Ẍ ẍ Ẏ ẏ Ẑ ẑ Ẓ ẓ Ẕ ẕ ẖ ẗ ẞ Ạ ạ Ả ả Ấ ấ Ầ ầ Ẩ ẩ Ẫ ẫ Ậ ậ Ắ ắ Ằ ằ Ẳ ẳ Ẵ ẵ Ặ ặ Ẹ ẹ Ẻ ẻ Ẽ ẽ \
    Ế ế Ề ề Ể ể Ễ ễ Ệ ệ Ỉ ỉ Ị ị Ọ ọ Ỏ ỏ Ố ố Ồ ồ Ổ ổ Ỗ ỗ Ộ ộ Ớ ớ Ờ ờ Ở ở Ỡ ỡ Ợ ợ Ụ ụ Ủ ủ Ứ ứ Ừ ừ Ử ử Ữ ữ Ự ự Ỳ ỳ Ỵ \
    ỵ Ỷ ỷ Ỹ ỹ";

/// Latin letters that exist only as a base with combining marks ("bll", normative), in NFC.
pub const SEQUENCES: &str = "A̋ C̀ C̄ C̆ C̈ C̕ C̣ C̦ C̨̆ D̂ F̀ F̄ G̀ H̄ H̦ H̱ J́ J̌ K̀ K̂ K̄ K̇ K̕ K̛ K̦ K͟H K͟h L̂ L̥ L̥̄ L̦ M̀ M̂ M̆ M̐ \
    N̂ N̄ N̆ N̦ P̀ P̄ P̕ P̣ R̆ R̥ R̥̄ S̀ S̄ S̛̄ S̱ T̀ T̄ T̈ T̕ T̛ U̇ Z̀ Z̄ Z̆ Z̈ Z̧ a̋ c̀ c̄ c̆ c̈ c̕ c̣ c̦ c̨̆ d̂ \
    f̀ f̄ g̀ h̄ h̦ j́ k̀ k̂ k̄ k̇ k̕ k̛ k̦ k͟h l̂ l̥ l̥̄ l̦ m̀ m̂ m̆ m̐ n̂ n̄ n̆ n̦ p̀ p̄ p̕ p̣ r̆ r̥ r̥̄ s̀ s̄ \
    s̛̄ s̱ t̀ t̄ t̕ t̛ u̇ z̀ z̄ z̆ z̈ z̧ Ç̆ Û̄ ç̆ û̄ ÿ́ Č̕ Č̣ č̕ č̣ ē̍ Ī́ ī́ ō̍ Ž̦ Ž̧ ž̦ ž̧ Ḳ̄ ḳ̄ Ṣ̄ ṣ̄ Ṭ̄ ṭ̄ Ạ̈ \
    ạ̈ Ọ̈ ọ̈ Ụ̄ Ụ̈ ụ̄ ụ̈";

/// What else stands in names of natural persons ("N1", normative), without the blank.
pub const NON_LETTERS: &str = "' , - . ` ~ ¨ ´ · ʹ ʺ ʾ ʿ ˈ ˌ ’ ‡";

/// All letters, sequences and signs above.
pub fn all() -> impl Iterator<Item = &'static str> {
    LETTERS
        .split(' ')
        .chain(SEQUENCES.split(' '))
        .chain(NON_LETTERS.split(' '))
}

/// Is every character one that the norm has for data type C: Latin letters, signs of European keyboards? Sequences
/// are not parsed: any mark that stands in one of them is known.
pub fn covers(text: &str) -> bool {
    static KNOWN: LazyLock<Vec<bool>> = LazyLock::new(|| {
        let mut known = vec![false; 0x2200];
        all()
            .flat_map(str::chars)
            .chain(' '..='~')
            // N2 and N3
            .chain('\u{A0}'..='\u{AC}')
            .chain('\u{AE}'..='\u{BF}')
            .chain(['×', '÷', '€', '–'])
            .for_each(|c| known[c as usize] = true);
        known
    });
    text.is_ascii()
        || text
            .chars()
            .all(|c| KNOWN.get(c as usize).copied().unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{fold, tidy};

    #[test]
    fn tidying_keeps_every_letter_and_searching_finds_it() {
        assert_eq!(
            (LETTERS.split(' ').count(), SEQUENCES.split(' ').count()),
            (500, 149)
        );
        for letter in all() {
            assert_eq!(tidy(letter), letter);
        }
        for letter in LETTERS.split(' ').chain(SEQUENCES.split(' ')) {
            let folded = fold(letter);
            assert!(!folded.is_empty(), "{letter}");
        }
    }
}
