//! Anything that strangers type or send as text: what is read can be written and read again, and nothing is larger than
//! what was typed.
#![no_main]

use backend::registration::Code;
use domain::{
    accounts::{EmailAddress, check_password},
    letters::code::{QrPayload, UserId, parse_letter_number},
    municipality::{colour::Colour, public_text},
    residents::date,
    surveys::read_choices,
    tables::{Columns, Table},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    // codes of letters
    if let Ok(id) = UserId::parse(&text) {
        let again = UserId::parse(&id.printed());
        assert!(again.is_ok_and(|a| a.printed() == id.printed()), "{text:?}");
    }
    if let Some(code) = QrPayload::parse(&text) {
        let again = QrPayload::parse(&code.printed());
        assert!(again.is_some_and(|a| a.printed() == code.printed()), "{text:?}");
    }
    if let Some(code) = Code::parse(&text) {
        assert!(Code::parse(&code.text()).is_some(), "{text:?}");
    }
    if let Some(number) = parse_letter_number(&text) {
        assert_eq!(parse_letter_number(&number).as_deref(), Some(number.as_str()));
    }
    // addresses, passwords, days
    if let Some(address) = EmailAddress::parse(&text) {
        let shown = address.as_str();
        assert!(!shown.contains(char::is_whitespace) && !shown.contains(char::is_control), "{text:?}");
        assert_eq!(EmailAddress::parse(shown).as_ref(), Some(&address));
    }
    let _ = check_password("password", &text, &["Erika Mustermann", "Lindenau"]);
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap_or_default();
    let _ = date::read(&text, today);
    // what administrators and editors type
    let _ = Colour::parse(&text);
    let _ = public_text::parse(&text);
    assert!(read_choices(&text).len() <= text.len());
    for table in Table::ALL {
        let _ = Columns::parse(table, &text);
    }
});
